"""imapclient on our wire: greeting, capabilities and STARTTLS are its own; commands and replies go through `run`.

imaplib reads line by line into dictionaries and loses response codes; here a reply keeps its code (RFC 5530), and
the untagged data of a command stay in order, with literals apart from text.
"""

import imaplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import imapclient

from qtmail.errors import (
    ProtocolError,
)
from qtmail.model import Server
from qtmail.net.connect import open_wire
from qtmail.net.contacts import Why
from qtmail.net.imap_answers import Reply, bye, no_greeting, printable, refusal, tagged
from qtmail.net.imap_tokens import literal_size, quoted
from qtmail.net.wire import Wire

LITERAL_LIMIT = 512 * 1024 * 1024
"""Octets of a literal that are kept in memory; what is larger is read past."""
LITERALS_LIMIT = 1000
"""Literals in one reply; a LIST or FETCH reply of ours has one."""
REPLY_LIMIT = 256 * 1024 * 1024
"""Octets that come before the end of one command, kept: the flags of two million messages."""
SMALL = 64 * 1024
"""Octets of a literal that are sent without waiting; of a larger one the server may say first that it is too big."""


@dataclass(frozen=True, slots=True)
class Literal:
    """An argument sent as a literal (RFC 9051, 4.3): any octets, NUL only if `binary` (RFC 3516)."""

    content: bytes
    binary: bool = False
    before: bytes = b""
    after: bytes = b""
    """What stands around it without a space between: parentheses."""


class Granted(Exception):
    """A tagged OK where a continuation was awaited: the exchange is over. Never leaves net."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.words)
        self.reply = reply


class Imap4(imaplib.IMAP4):
    """imaplib reading from and writing to our wire."""

    def __init__(self, server: Server, timeout: float) -> None:
        self._server = server
        self._patience = timeout
        self._greeting = b""
        super().__init__(server.host, server.port, timeout)

    def _connect(self) -> None:
        """Greeting and capabilities; what is no IMAP greeting is said in words."""
        try:
            super()._connect()  # type: ignore[misc]
        except self.error as error:
            raise no_greeting(self._greeting, self.wire.where) from error

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.wire = open_wire(self._server, self._patience, Why.IMAP)
        self.sock = self.wire  # type: ignore[assignment]

    def read(self, size: int) -> bytes:
        if size > LITERAL_LIMIT:
            raise ProtocolError(f"{self.wire.where} sent a literal of {size:,} bytes.")
        return self.wire.read(size)

    def readline(self) -> bytes:
        line = self.wire.readline()
        self._greeting = self._greeting or line
        return line

    def send(self, data: bytes) -> None:  # type: ignore[override]
        self.wire.begin()
        self.wire.sendall(data)

    def shutdown(self) -> None:
        self.wire.close()

    def starttls(self, ssl_context: object = None) -> Any:
        """imaplib's own, without its makefile (read-only since Python 3.14). Forgets the clear-text capabilities."""
        status, words = self._simple_command("STARTTLS")
        if status != "OK":
            raise self.error("STARTTLS refused: " + repr(words))
        self.wire.protect()
        self.untagged_responses.clear()
        self._get_capabilities()
        return self._untagged_response(status, words, "STARTTLS")

    def _get_capabilities(self) -> None:
        """Those of the greeting where it tells them, which saves a round trip; never a UnicodeDecodeError."""
        told = self.untagged_responses.get("CAPABILITY") or self.capability()[1]
        if not told or not isinstance(told[-1], bytes):
            raise self.error("no CAPABILITY response from server")
        names = told[-1].decode("ascii", "replace").upper().split()
        # imaplib only talks to IMAP4rev1; of a server of IMAP4rev2 alone (RFC 9051) it sees no difference.
        self.capabilities = tuple(names + ["IMAP4REV1"] * ("IMAP4REV2" in names))


class ImapClient(imapclient.IMAPClient):  # type: ignore[misc]
    """imapclient over `Imap4`, with `run`. Construction connects and reads greeting and capabilities.

    Raises Unreachable, TlsFailed, TemporarilyRefused, ProtocolError.
    """

    def __init__(self, server: Server, timeout: float) -> None:
        self._server = server
        self._seconds = timeout
        self.without_waiting = 0
        """Octets of a literal that the server takes unasked (RFC 7888); 0: none."""
        self.said_more = False
        """The first answer of a login went with its command (SASL-IR, RFC 4959)."""
        super().__init__(server.host, server.port, ssl=False, timeout=timeout)
        # imapclient sets 5: imaplib then formats every literal twice though nothing is logged (4 times the CPU).
        self._imap.debug = 0

    def _create_IMAP4(self) -> Imap4:
        return Imap4(self._server, self._seconds)

    def capabilities(self) -> tuple[bytes, ...]:
        """imapclient's own, but after STARTTLS those that were asked for within it: no second round trip."""
        if self._starttls_done and self._imap.state == "NONAUTH":
            return tuple(name.encode() for name in self._imap.capabilities)
        told: tuple[bytes, ...] = super().capabilities()
        return told

    def _set_read_timeout(self) -> None:
        """The wire has its own."""

    @property
    def wire(self) -> Wire:
        wire: Wire = self._imap.wire
        return wire

    def next_tag(self) -> bytes:
        tag: bytes = self._imap._new_tag()
        self._imap.tagged_commands.pop(tag, None)
        return tag

    def send(self, *arguments: bytes | Literal) -> bytes:
        """Send one command, literals included. -> its tag. Raises what a server says that refuses a literal."""
        tag = self.next_tag()
        line = bytearray(tag)
        self.wire.begin()
        for argument in arguments:
            line += b" "
            if isinstance(argument, Literal):
                plus = len(argument.content) <= self.without_waiting
                line += argument.before + (b"~" if argument.binary else b"")
                line += b"{%d%s}\r\n" % (len(argument.content), b"+" if plus else b"")
                if plus:
                    line += argument.content + argument.after
                    continue
                self.wire.sendall(bytes(line))
                self.await_continuation(tag)
                self.wire.sendall(argument.content)
                line[:] = argument.after
            else:
                line += argument
        self.wire.sendall(bytes(line + b"\r\n"))
        return tag

    def await_continuation(self, tag: bytes) -> bytes:
        """The text after "+". Raises what a tagged NO or BAD in its place means, Granted for a tagged OK."""
        untagged: list[tuple[bytes, ...]] = []
        while True:
            parts = self.read_response()
            if parts[0].startswith(b"+"):
                return parts[0][1:].strip()
            if parts[0].startswith(tag + b" "):
                end = tagged(parts[0], tuple(untagged))
                raise Granted(end) if end.status == "OK" else refusal(end, self.wire.where)
            self._take(parts, untagged)

    def on_untagged(self, parts: tuple[bytes, ...]) -> None:
        """Told every untagged reply; the session replaces it to keep what concerns it."""

    def read_response(self) -> tuple[bytes, ...]:
        """One reply, complete: text, literal, text ... The first starts with "* ", "+" or a tag."""
        line = self.wire.readline()
        size = literal_size(line)
        if size is None:
            return (line,)
        parts = [line]
        while size is not None:
            if size > LITERAL_LIMIT or len(parts) > LITERALS_LIMIT:
                self.wire.close()
                raise ProtocolError(f"{self.wire.where} sent more than anybody asked for.")
            parts.append(self.wire.read(size))
            line = self.wire.readline()
            parts.append(line)
            size = literal_size(line)
        return tuple(parts)

    def finish(self, tag: bytes) -> Reply:
        """Read to the end of the command with this tag. Raises ProtocolError where it never comes."""
        untagged: list[tuple[bytes, ...]] = []
        octets = 0
        while True:
            parts = self.read_response()
            if parts[0].startswith(tag + b" "):
                return tagged(parts[0], tuple(untagged))
            self._take(parts, untagged)
            octets += 100 + sum(map(len, parts))
            if octets > REPLY_LIMIT:
                self.wire.close()
                raise ProtocolError(f"{self.wire.where} does not come to an end.", hint="The connection was given up.")

    def take_one(self, tag: bytes) -> bool:
        """Read one reply while a command runs (IDLE). True if it was the end of that command."""
        parts = self.read_response()
        if parts[0].startswith(tag + b" "):
            return True
        self._take(parts, [])
        return False

    def _take(self, parts: tuple[bytes, ...], untagged: list[tuple[bytes, ...]]) -> None:
        """Keep one untagged reply. Raises what a BYE means, ProtocolError for what is no reply."""
        head = parts[0]
        if ended := bye(parts, self.wire.where):
            self.wire.close()
            raise ended
        if head.startswith(b"* "):
            self.on_untagged(parts)
            untagged.append((head[2:], *parts[1:]))
        elif not head.startswith(b"+") and head.strip():
            self.wire.close()
            raise ProtocolError(f"{self.wire.where} answered what is not IMAP.", server_words=printable(head))

    def run(self, *arguments: bytes | Literal) -> Reply:
        """One command and its reply. Raises what NO and BAD mean."""
        reply = self.finish(self.send(*arguments))
        if reply.status != "OK":
            raise refusal(reply, self.wire.where)
        return reply

    def run_all(self, commands: Sequence[Sequence[bytes | Literal]]) -> Iterator[Reply]:
        """Several commands in one round trip; the replies in order, whatever they say."""
        tags = [self.send(*command) for command in commands]
        for tag in tags:
            yield self.finish(tag)


def astring(text: bytes) -> bytes | Literal:
    """An argument of any octets: quoted where that is possible."""
    return quoted(text) or Literal(text)
