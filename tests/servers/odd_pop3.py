"""A POP3 server with the faults that people meet: each a field, so that a test names just what is wrong."""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from qtmail.model import Account, AccountKey, PopPolicy, Protocol, Security, Server
from tests.servers.process import HOST


@dataclass
class OddPop3:
    """Serves `mail` (name -> message, oldest first) to anybody; one session after the other."""

    mail: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What UIDL says in place of a name; two may say the same."""
    sizes: dict[str, int] = field(default_factory=dict)
    """What LIST says in place of the truth."""
    capabilities: tuple[str, ...] = ("TOP", "UIDL", "USER", "PIPELINING")
    unknown: frozenset[str] = frozenset()
    """Commands it does not know."""
    gone: frozenset[str] = frozenset()
    """Listed, and refused when asked for."""
    endless: frozenset[str] = frozenset()
    """Never come to their end."""
    undotted: frozenset[str] = frozenset()
    """Come without the final dot, and then nothing."""
    refused_login: str = ""
    quit_answer: str = "+OK bye"
    log: list[str] = field(default_factory=list)
    """Every command, in order."""

    def __enter__(self) -> "OddPop3":
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="odd-pop3")
        self._sock: socket.socket | None = None
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sock in (self._listener, self._sock):
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def account(self, policy: PopPolicy | None = None) -> Account:
        server = Server(HOST, self.port, Security.NONE, "alice")
        address = "alice@example.test"
        return Account(
            AccountKey("alice"), "Alice", address, "", Protocol.POP3, server, None, pop=policy or PopPolicy()
        )

    def asked(self, command: str) -> int:
        """How often, since the beginning."""
        return sum(line.split(" ")[0] == command for line in self.log)

    def _serve(self) -> None:
        while True:
            try:
                self._sock, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), self._sock:
                _Session(self, self._sock).run()


class _Session:
    def __init__(self, owner: OddPop3, sock: socket.socket) -> None:
        self._owner = owner
        self._sock = sock
        self._listed = list(owner.mail)
        self._marked: list[str] = []

    def run(self) -> None:
        self._say("+OK hello")
        with self._sock.makefile("rb") as lines:
            for raw in lines:
                line = raw.decode().strip()
                self._owner.log.append(line)
                command, *words = line.split(" ")
                if command.upper() in self._owner.unknown:
                    self._say("-ERR unknown command")
                elif not self._answer(command.upper(), words):
                    return

    def _answer(self, command: str, words: list[str]) -> bool:
        """-> False: the session is over."""
        odd = self._owner
        match command:
            case "CAPA":
                self._lines(list(odd.capabilities))
            case "PASS" if odd.refused_login:
                self._say(odd.refused_login)
            case "LIST":
                self._lines([f"{n} {odd.sizes.get(name, len(odd.mail[name]))}" for n, name in self._numbered()])
            case "UIDL":
                self._lines([f"{n} {odd.names.get(name, name)}" for n, name in self._numbered()])
            case "RETR":
                return self._message(words, lambda raw: raw)
            case "TOP":
                head_and_lines = int(words[1])
                return self._message(words, lambda raw: _top(raw, head_and_lines))
            case "DELE":
                self._marked.append(self._listed[int(words[0]) - 1])
                self._say("+OK marked")
            case "QUIT":
                if odd.quit_answer.startswith("+OK"):
                    for name in self._marked:
                        del odd.mail[name]
                self._say(odd.quit_answer)
                return False
            case _:
                self._say("+OK")
        return True

    def _numbered(self) -> list[tuple[int, str]]:
        return list(enumerate(self._listed, 1))

    def _message(self, words: list[str], cut: Callable[[bytes], bytes]) -> bool:
        odd, name = self._owner, self._listed[int(words[0]) - 1]
        if name in odd.gone:
            self._say("-ERR no such message")
            return True
        self._say("+OK")
        raw = cut(odd.mail[name])
        if name in odd.endless:
            with contextlib.suppress(OSError):
                while True:
                    self._sock.sendall(b"and so on\r\n" * 5000)
            return False
        self._sock.sendall(raw.replace(b"\r\n.", b"\r\n.."))
        if name in odd.undotted:
            return False
        self._sock.sendall(b".\r\n")
        return True

    def _lines(self, lines: list[str]) -> None:
        self._say("\r\n".join(["+OK", *lines, "."]))

    def _say(self, line: str) -> None:
        self._sock.sendall(line.encode() + b"\r\n")


def _top(raw: bytes, lines: int) -> bytes:
    head, _, body = raw.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + b"".join(line + b"\r\n" for line in body.split(b"\r\n")[:lines])
