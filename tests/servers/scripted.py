"""Servers that misbehave on purpose, for what no real server will do.

A script reads like the transcript in an RFC; each connection plays the next script of the list (the last one again
and again). Lines:

    S: text        send the line; "$" stands for the tag of the client's latest tagged command, "$2" for the one
                   before it ("$1" is the latest); {{expression}} for bytes made by Python
    C: text        the client must send this line; "$" matches any tag, "..." at the end any rest
    RAW text       send without a line end (Python escapes)
    READ n         take n octets from the client, whatever they are
    SKIP           take one line from the client, whatever it is
    STARTTLS       shake hands now (needs `tls`)
    DROP           close at once
    HOLD           say nothing until the client hangs up
    DRIP n text    send the text n times, an octet at a time, as long as the client stays

A client that departs from the script is noted: leaving the `with` block raises AssertionError.
"""

import codecs
import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Sequence
from types import TracebackType

from qtmail.model import Security, Server
from tests.servers.process import HOST

_PATIENCE = 20.0


class Departed(Exception):
    """The client did not do what the script says."""


class ScriptedServer:
    """Plays `scripts` on a free port. `received` is every octet clients sent, in clear after any handshake."""

    def __init__(self, *scripts: str, tls: ssl.SSLContext | None = None, implicit_tls: bool = False) -> None:
        self._scripts: Sequence[str] = scripts
        self._tls = tls
        self._implicit = implicit_tls
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.received = bytearray()
        self.connections = 0
        self.faults: list[str] = []
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, name="scripted-server")

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive(), "the scripted server hangs"
        if error is None:
            assert not self.faults, "; ".join(self.faults)

    def server(self, username: str = "alice", security: Security = Security.NONE, ca_file: str = "") -> Server:
        return Server(HOST, self.port, security, username, ca_file=ca_file)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            self._open.append(connection)
            try:
                _Player(self, connection, script, self._tls, self._implicit).play()
            except Departed as fault:
                self.faults.append(str(fault))
            except OSError:
                """The client hung up, or will not shake hands: the test looks at what it made of that."""


class _Player:
    """One connection and its script."""

    def __init__(
        self, owner: ScriptedServer, sock: socket.socket, script: str, tls: ssl.SSLContext | None, implicit: bool
    ) -> None:
        self._owner = owner
        self._sock = sock
        self._tls = tls
        self._implicit = implicit
        self._lines = [line.strip() for line in script.strip().splitlines() if line.strip()]
        self._tags: list[bytes] = []
        self._buffer = b""

    def play(self) -> None:
        self._sock.settimeout(_PATIENCE)
        try:
            if self._implicit:
                self._shake_hands()
            for line in self._lines:
                self._step(line)
                if line == "DROP":
                    return
        finally:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
            self._sock.close()

    def _step(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        match word:
            case "S:":
                self._sock.sendall(self._filled(rest) + b"\r\n")
            case "C:":
                self._expect(rest)
            case "RAW":
                self._sock.sendall(self._filled(rest, escapes=True))
            case "READ":
                self._take(int(rest))
            case "SKIP":
                self._line()
            case "STARTTLS":
                self._shake_hands()
            case "HOLD":
                while self._sock.recv(4096):
                    """Whatever comes is not answered."""
            case "DRIP":
                count, _, text = rest.partition(" ")
                self._drip(int(count), text)
            case "DROP":
                return
            case _:
                raise Departed(f"the script says {line!r}, which means nothing")

    def _drip(self, count: int, text: str) -> None:
        payload = self._filled(text, escapes=True)
        for _ in range(count):
            self._sock.sendall(payload)

    def _filled(self, text: str, *, escapes: bool = False) -> bytes:
        raw = codecs.escape_decode(text.encode())[0] if escapes else text.encode()
        filled = re.sub(rb"\{\{(.*?)\}\}", lambda found: bytes(eval(found[1])), raw)
        if self._tags:
            filled = re.sub(rb"\$(\d?)(?= )", lambda found: self._tags[-int(found[1] or 1)], filled)
        return bytes(filled)

    def _expect(self, text: str) -> None:
        line = self._line()
        pattern = re.escape(text.removesuffix("...").encode())
        pattern = re.sub(rb"^\\\$", rb"(?P<tag>\\S+)", pattern)
        found = re.match(pattern + (b"" if text.endswith("...") else rb"\Z"), line, re.IGNORECASE)
        if not found:
            raise Departed(f"the client said {line!r} where the script has {text!r}")
        if "tag" in found.groupdict():
            self._tags.append(found["tag"])

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            self._receive()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.removesuffix(b"\r")

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._receive()
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _receive(self) -> None:
        chunk = self._sock.recv(65536)
        if not chunk:
            raise ConnectionError("the client hung up")
        self._owner.received += chunk
        self._buffer += chunk

    def _shake_hands(self) -> None:
        assert self._tls, "the script wants TLS, but the server was given no context"
        self._sock = self._tls.wrap_socket(self._sock, server_side=True)
        self._owner._open.append(self._sock)
