"""One POP3 connection (RFC 1939, 2449, 2595, 5034, 3206)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from qtmail.model import Server


class PopEntry(NamedTuple):
    """One message in the maildrop: its number in this session, its lasting id (UIDL), octets (LIST)."""

    number: int
    uidl: str
    size: int


class PopSession:
    """A logged-in connection. Nothing is deleted on the server before `quit()` returned True."""

    bytes_in: int
    bytes_out: int

    @classmethod
    def connect(cls, server: Server, password: str, *, timeout: float = 30) -> "PopSession":
        """Connect, protect, log in. Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused ([IN-USE] ...)."""
        raise NotImplementedError

    def uidls(self) -> tuple[PopEntry, ...]:
        """The maildrop in the server's order. Raises Refused where the server has no UIDL."""
        raise NotImplementedError

    def retrieve(self, number: int) -> bytes:
        """The whole message, CRLF lines, dot-stuffing undone. Raises Refused if there is no such message."""
        raise NotImplementedError

    def retrieve_many(self, numbers: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """The same for many, in order; pipelined where the server offers it. Refused ones are left out."""
        raise NotImplementedError

    def top(self, number: int, lines: int = 0) -> bytes:
        """The header and the first lines of the body."""
        raise NotImplementedError

    def delete(self, number: int) -> None:
        """Mark for deletion; done only by `quit()`."""
        raise NotImplementedError

    def quit(self) -> bool:
        """Commit the deletions and close. True only if the server said +OK to QUIT."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Close without QUIT: nothing is deleted (RFC 1939, 6). Never raises; may be called twice."""
        raise NotImplementedError
