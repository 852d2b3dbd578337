"""One POP3 connection (RFC 1939, 2449, 2595, 5034, 3206), over poplib: its commands, our wire and limits.

What is marked for deletion is deleted only by `quit()`; every other end of the session deletes nothing.
"""

import contextlib
import poplib
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from qtmail.errors import BadInput, LoginFailed, MailError, ProtocolError, Refused, TemporarilyRefused
from qtmail.model import Security, Server
from qtmail.net import sasl, tls
from qtmail.net.connect import open_wire, refuse_clear_text
from qtmail.net.wire import Wire

T = TypeVar("T")

_WINDOW = 20
"""RETR commands on the way at a time."""
_MOST = 512 * 1024 * 1024
_SLACK = 1024 * 1024
"""LIST's sizes are a guess on some servers: four times of it and this much is let through."""
_CODE = re.compile(r"-ERR\s*(?:\[([A-Z0-9/\-]+)\])?\s*(.*)", re.IGNORECASE | re.DOTALL)
_BUSY = re.compile(r"\block|in use|busy|another session|too many|try (again )?later", re.IGNORECASE)
"""What servers without RESP-CODES say when another program has the maildrop."""


class PopEntry(NamedTuple):
    """One message in the maildrop: its number in this session, its lasting id (UIDL), octets (LIST)."""

    number: int
    uidl: str
    size: int


class _Pop3(poplib.POP3):
    """poplib reading from and writing to our wire, without its limit of 2,048 octets a line."""

    def __init__(self, server: Server, timeout: float) -> None:
        self._server = server
        self.line_ending = b"\r\n"
        try:
            super().__init__(server.host, server.port, timeout)
        except poplib.error_proto:
            self.wire.close()
            raise

    def _create_socket(self, timeout: float) -> Wire:
        self.wire = open_wire(self._server, timeout)
        return self.wire

    def _putline(self, line: bytes) -> None:
        self.wire.begin()
        self.wire.sendall(line + b"\r\n")

    def _getline(self) -> tuple[bytes, int]:
        line = self.wire.readline()
        if not line.endswith(b"\r\n"):
            self.line_ending = b"\n"
        return line.rstrip(b"\r\n"), len(line)

    def reply(self) -> bytes:
        """The next status line. Raises error_proto for -ERR."""
        line: bytes = self._getresp()  # type: ignore[attr-defined]
        return line

    def command(self, line: str) -> bytes:
        """Send one command line; -> its status line."""
        self._putline(line.encode())
        return self.reply()


class PopSession:
    """A logged-in connection. Nothing is deleted on the server before `quit()` returned True."""

    def __init__(self, client: _Pop3) -> None:
        """For `connect`; the client is logged in."""
        self._client = client
        self._wire = client.wire
        self._flying = 0
        self._sizes: dict[int, int] = {}
        self.capabilities: frozenset[str] = frozenset()

    @classmethod
    def connect(cls, server: Server, password: str, *, timeout: float = 30) -> "PopSession":
        """Connect, protect, log in. Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused ([IN-USE] ...)."""
        refuse_clear_text(server)
        if any(ord(c) < 32 for c in server.username + password):
            raise BadInput("The user name or the password has a character that cannot be typed.")
        client = _translated(lambda: _Pop3(server, timeout), server)
        try:
            if server.security is Security.STARTTLS:
                _protect(client, server)
            _log_in(client, server, password)
            session = cls(client)
            session.capabilities = frozenset(_capa(client))
        except MailError:
            client.wire.close()
            raise
        return session

    @property
    def bytes_in(self) -> int:
        """Octets received so far (inside TLS)."""
        return self._wire.bytes_in

    @property
    def bytes_out(self) -> int:
        return self._wire.bytes_out

    def uidls(self) -> tuple[PopEntry, ...]:
        """The maildrop in the server's order. Raises Refused where the server has no UIDL."""
        self._settle()
        try:
            sizes = dict(_pairs(self._do(lambda: self._client.list()[1])))
            uidls = list(_pairs(self._do(lambda: self._client.uidl()[1])))
        except Refused as error:
            raise Refused(
                f"{self._wire.where} does not name its messages (no UIDL).",
                hint="Use IMAP for this account: without names, mail cannot be told apart from what is here already.",
                server_words=error.server_words,
            ) from error
        self._sizes = {number: int(size) for number, size in sizes.items() if size.isdigit()}
        return tuple(PopEntry(number, uidl, self._sizes.get(number, 0)) for number, uidl in uidls)

    def retrieve(self, number: int) -> bytes:
        """The whole message, CRLF lines, dot-stuffing undone. Raises Refused if there is no such message."""
        self._settle()
        self._do(lambda: self._client.command(f"RETR {number}"))
        return self._message(number)

    def retrieve_many(self, numbers: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """The same for many, in order; pipelined where the server offers it. Refused ones are left out."""
        self._settle()
        waiting = iter(numbers)
        window = _WINDOW if "PIPELINING" in self.capabilities else 1
        asked: list[int] = []
        while True:
            more = list(islice(waiting, window - len(asked)))
            if more:
                self._wire.begin()
                self._wire.sendall(b"".join(b"RETR %d\r\n" % number for number in more))
                asked += more
                self._flying += len(more)
            if not asked:
                return
            number = asked.pop(0)
            content = self._next(number)
            if content is not None:
                yield number, content

    def _next(self, number: int) -> bytes | None:
        """The answer to the oldest RETR on the way; None if it was refused."""
        self._wire.begin()
        self._flying -= 1
        try:
            self._do(self._client.reply)
        except Refused:
            return None
        return self._message(number)

    def _message(self, number: int) -> bytes:
        size = self._sizes.get(number)
        return self._wire.read_dotted(_MOST if size is None else 4 * size + _SLACK, self._client.line_ending)

    def _settle(self) -> None:
        """Read past the answers an iterator that was left early did not take."""
        while self._flying:
            self._next(0)

    def top(self, number: int, lines: int = 0) -> bytes:
        """The header and the first lines of the body."""
        self._settle()
        self._do(lambda: self._client.command(f"TOP {number} {lines}"))
        return self._wire.read_dotted(_MOST, self._client.line_ending)

    def delete(self, number: int) -> None:
        """Mark for deletion; done only by `quit()`."""
        self._settle()
        self._do(lambda: self._client.dele(number))

    def quit(self) -> bool:
        """Commit the deletions and close. True only if the server said +OK to QUIT."""
        try:
            self._settle()
            self._do(lambda: self._client.command("QUIT"))
        except MailError:
            return False
        finally:
            self._wire.close()
        return True

    def abort(self) -> None:
        """Cut the connection at once; may be called from any thread. What waits for it fails with ServerClosed."""
        self._wire.abort()

    def abandon(self) -> None:
        """Close without QUIT: nothing is deleted (RFC 1939, 6). Never raises; may be called twice."""
        self._wire.close()

    def _do(self, action: Callable[[], T]) -> T:
        return _translated(action, self._client._server)


def _protect(client: _Pop3, server: Server) -> None:
    if "STLS" not in _capa(client):
        raise tls.no_starttls(server, "STLS")
    _translated(lambda: client.stls(client.wire), server)  # type: ignore[arg-type]


def _log_in(client: _Pop3, server: Server, password: str) -> None:
    """SASL where CAPA offers it (RFC 5034), else USER and PASS, else APOP. One attempt only."""
    capabilities = _capa(client)
    mechanism = sasl.choose(capabilities.get("SASL", ()), server.username, password)
    try:
        if mechanism:
            _translated(lambda: _authenticate(client, mechanism), server)
        elif "USER" in capabilities or not capabilities:
            _translated(lambda: client.user(server.username), server)
            _translated(lambda: client.pass_(password), server)
        elif b"<" in client.welcome:
            _translated(lambda: client.apop(server.username, password), server)
        else:
            raise LoginFailed(f"{server.host} offers no login that is known here.", hint="Choose TLS or STARTTLS.")
    except Refused as error:
        raise sasl.wrong(client.wire.where, error.server_words) from error


def _authenticate(client: _Pop3, mechanism: sasl.Mechanism) -> None:
    first = " " + sasl.encode(mechanism.respond(b"")).decode() if mechanism.client_first else ""
    reply = client.command(f"AUTH {mechanism.name}{first}")
    while reply.startswith(b"+ ") or reply == b"+":
        reply = client.command(sasl.encode(mechanism.respond(sasl.decode(reply[1:].strip()))).decode())


def _capa(client: _Pop3) -> dict[str, list[str]]:
    """CAPA (RFC 2449), keys in capitals; empty where it is not known."""
    try:
        return {key.upper(): values for key, values in client.capa().items()}
    except (poplib.error_proto, UnicodeDecodeError, IndexError):  # poplib's parser knows no blank or odd lines
        return {}


def _pairs(lines: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Of "number rest" lines; what is not like that is left out."""
    for line in lines:
        number, _, rest = line.strip().partition(b" ")
        if number.isdigit() and rest:
            yield int(number), rest.strip().decode("ascii", "backslashreplace")


def _translated(action: Callable[[], T], server: Server) -> T:
    """Run it; what poplib raises becomes what -ERR means (RFC 2449, 8; RFC 3206)."""
    where = f"{server.host}:{server.port}"
    try:
        return action()
    except poplib.error_proto as error:
        raw = error.args[0] if error.args else b""
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
        found = _CODE.match(text)
        if not found:
            raise ProtocolError(
                f"{where} does not speak POP3.", retry=False, hint="Check the port.", server_words=text[:200]
            ) from error
        code, words = (found[1] or "").upper(), found[2].strip()
        with contextlib.suppress(KeyError):
            raise _KINDS[code](where, words) from error
        if _BUSY.search(words):
            raise _busy(where, words) from error
        raise Refused("The server refused.", server_words=words) from error


def _busy(where: str, words: str) -> MailError:
    return TemporarilyRefused(
        f"{where}: another program is reading this mailbox.", server_words=words, hint="It will be tried again."
    )


def _later(where: str, words: str) -> MailError:
    return TemporarilyRefused(f"{where} cannot do it now.", server_words=words, hint="It will be tried again.")


_KINDS: dict[str, Callable[[str, str], MailError]] = {
    "IN-USE": _busy,
    "LOGIN-DELAY": _later,
    "SYS/TEMP": _later,
    "SYS/PERM": lambda where, words: Refused(f"{where} has a fault with this mailbox.", server_words=words),
    "AUTH": sasl.wrong,
}
