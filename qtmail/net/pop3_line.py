"""The POP3 conversation itself (RFC 1939, 3): commands, status lines, answers of many lines; not their meaning."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from qtmail.errors import MailError
from qtmail.model import Server
from qtmail.net.connect import open_wire
from qtmail.net.contacts import Why
from qtmail.net.pop3_replies import failure, is_ok

T = TypeVar("T")

_STATUS_LIMIT = 64 * 1024
_LISTING_LIMIT = 256 * 1024 * 1024
"""Room for the names of two million messages, not for an endless listing."""


class PopLine:
    """One connection, and what was asked and not answered yet: commands go out together, answers come in order."""

    def __init__(self, server: Server, timeout: float) -> None:
        """Connect and hear the greeting. Raises Unreachable, TlsFailed, TemporarilyRefused, ProtocolError."""
        self.server = server
        self.wire = open_wire(server, timeout, Why.POP3)
        self.ending = b"\r\n"
        """How this server ends its lines; some know only LF."""
        self._open: list[Callable[[], object]] = []
        try:
            self.greeting = self.raw_status()
            if not is_ok(self.greeting):
                raise failure(self.wire.where, self.greeting, greeting=True)
        except MailError:
            self.wire.close()
            raise

    def send(self, *commands: str) -> None:
        """Send these together, without waiting."""
        self.wire.begin()
        self.wire.sendall("".join(f"{command}\r\n" for command in commands).encode())

    def expect(self, take: Callable[[], object]) -> None:
        """`take` reads the answer to a command on its way, and forgets it: see `settle`."""
        self._open.append(take)

    def answered(self, take: Callable[[], T]) -> T:
        """The oldest answer on its way is read by this, in place of what `expect` was given."""
        self._open.pop(0)
        self.wire.begin()
        return take()

    def settle(self) -> None:
        """Read past what is on its way and nobody waits for any more."""
        while self._open:
            self.wire.begin()
            self._open.pop(0)()

    def status(self) -> bytes:
        """The next status line, if it says +OK. Raises what -ERR means; ProtocolError for anything else."""
        line = self.raw_status()
        if not is_ok(line):
            raise failure(self.wire.where, line)
        return line

    def raw_status(self) -> bytes:
        """The next line, whatever it says."""
        line = self.wire.readline(_STATUS_LIMIT)
        self.ending = b"\r\n" if line.endswith(b"\r\n") else b"\n"
        return line.rstrip(b"\r\n")

    def command(self, line: str) -> bytes:
        """Send one and wait for its status."""
        self.settle()
        self.send(line)
        return self.status()

    def lines(self) -> Sequence[bytes]:
        """What comes before the final dot, after a status line."""
        return self.wire.read_dotted(_LISTING_LIMIT, self.ending).split(self.ending)[:-1]
