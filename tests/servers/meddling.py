"""A line to a real IMAP server on which somebody reads along, and changes what is said."""

import contextlib
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType

from tests.servers.process import HOST

Command = Callable[[bytes], bytes | None]
"""Given what a client asks for (without its tag, with the line's end) -> what the server hears; None: cut the line."""
Answer = Callable[[bytes, bytes], bytes | None]
"""Given the oldest command not answered yet (b"": the greeting; for a tagged line its own) and one line of the server
-> what the client hears; None: cut the line. What a literal holds is passed on as it is."""

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")


class MeddlingProxy:
    """Passes everything on to `port` by lines. `commands` is all that clients asked for, without tags."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.command: Command = lambda line: line
        self.answer: Answer = lambda _command, line: line
        self.commands: list[bytes] = []
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> "MeddlingProxy":
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join(10)
        for sock in self._sockets:
            sock.close()

    def honest(self) -> None:
        """Change nothing from now on; what was asked so far is forgotten."""
        self.command = lambda line: line
        self.answer = lambda _command, line: line
        self.commands.clear()

    def cut_before(self, name: str) -> None:
        """Cut when this is asked for, before the server hears of it."""
        wanted = re.compile(name.encode())
        self.command = lambda line: None if wanted.match(line) else line

    def cut_after(self, name: str) -> None:
        """Cut when the server has done this, before the client hears of it."""
        wanted = re.compile(name.encode())
        self.answer = lambda command, line: (
            None if wanted.match(command) and not line.startswith((b"*", b"+")) else line
        )

    def asked(self, name: str) -> int:
        """How many commands began like this."""
        wanted = re.compile(name.encode())
        return sum(bool(wanted.match(command)) for command in self.commands)

    def _spawn(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="meddling-proxy")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection((HOST, self._target))
            except OSError:
                return
            for sock in (client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets.append(sock)
            line = _Line(self, client, server)
            self._spawn(line.up)
            self._spawn(line.down)


class _Line:
    """One connection: a thread for each direction."""

    def __init__(self, owner: MeddlingProxy, client: socket.socket, server: socket.socket) -> None:
        self._owner = owner
        self._client = client
        self._server = server
        self._open: deque[tuple[bytes, bytes]] = deque()

    def up(self) -> None:
        """From the client: a tag and a command; the rest of it after a literal; or an answer to "+"."""
        with self._both_closed(), self._client.makefile("rb") as lines:
            begins = True
            while line := lines.readline():
                tag, _, command = line.partition(b" ")
                if begins and command and tag[:1].isalpha():
                    self._owner.commands.append(command.rstrip(b"\r\n"))
                    self._open.append((tag, command))
                    changed = self._owner.command(command)
                    if changed is None:
                        return
                    line = tag + b" " + changed if changed else b""
                self._server.sendall(line)
                literal = _LITERAL.search(line)
                begins = literal is None
                if literal:
                    self._server.sendall(lines.read(int(literal[1])))

    def down(self) -> None:
        """From the server."""
        with self._both_closed(), self._server.makefile("rb") as lines:
            begins = True
            while line := lines.readline():
                literal = _LITERAL.search(line)
                changed: bytes | None = line
                if begins:
                    changed = self._owner.answer(self._command_of(line), line)
                if changed is None:
                    return
                self._client.sendall(changed)
                begins = literal is None
                if literal:
                    rest = lines.read(int(literal[1]))
                    if changed:
                        self._client.sendall(rest)

    def _command_of(self, line: bytes) -> bytes:
        tag = line.partition(b" ")[0]
        for entry in tuple(self._open):
            if entry[0] == tag:
                self._open.remove(entry)
                return entry[1]
        return self._open[0][1] if self._open else b""

    @contextlib.contextmanager
    def _both_closed(self) -> Iterator[None]:
        try:
            with contextlib.suppress(OSError, ValueError):
                yield
        finally:
            for sock in (self._client, self._server):
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
