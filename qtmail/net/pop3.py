"""One POP3 session (RFC 1939, 2449, 3206, 5034, 6856): the maildrop listed, read and cleared, pipelined and limited.

What is marked for deletion is deleted only by `quit()`; every other end of the session deletes nothing.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

from qtmail.errors import BadInput, MailError, Refused, TemporarilyRefused
from qtmail.model import Server
from qtmail.net import pop3_login
from qtmail.net.imap_spool import LARGE, PREFIX
from qtmail.net.imap_values import Spooled
from qtmail.net.pop3_line import PopLine
from qtmail.net.pop3_replies import Capabilities, numbered

T = TypeVar("T")

_WINDOW = 100
"""Commands on the way at a time, at most, where the server takes them so."""
_WINDOW_OCTETS = 2 * 1024 * 1024
"""And so many announced octets."""
_MOST = 512 * 1024 * 1024
_SLACK = 1024 * 1024
"""LIST's sizes are a guess on some servers: four times of it and this much is let through."""


class PopEntry(NamedTuple):
    """One message in the maildrop: its number in this session, its lasting id (UIDL), octets (LIST).

    uidl: "" where the server has no names. size: 0 where it told none; on some servers it is a guess.
    """

    number: int
    uidl: str
    size: int


class PopSession:
    """A logged-in connection. Nothing is deleted on the server before `quit()` returned True.

    A message the server refuses to give or to delete is left out, and its words are in `refused`, by number.
    """

    def __init__(self, line: PopLine, capabilities: Capabilities) -> None:
        """For `connect`; the line is logged in."""
        self._line = line
        self._wire = line.wire
        self._sizes: dict[int, int] = {}
        self.capabilities = frozenset(capabilities)
        self.refused: dict[int, str] = {}
        self.asked_for = 0
        """The number of the message whose answer is awaited or came last: where the line broke, if it did."""

    @classmethod
    def connect(cls, server: Server, secret: str, *, timeout: float = 30) -> "PopSession":
        """Connect, protect, log in. Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused ([IN-USE] ...)."""
        if any(ord(c) < 32 for c in server.username + secret):
            raise BadInput("The user name or the password has a character that cannot be typed.")
        line = PopLine(server, timeout)
        try:
            return cls(line, pop3_login.sign_in(line, secret))
        except BaseException:
            line.wire.close()
            raise

    @property
    def bytes_in(self) -> int:
        """Octets received so far (inside TLS)."""
        return self._wire.bytes_in

    @property
    def bytes_out(self) -> int:
        return self._wire.bytes_out

    @property
    def pipelines(self) -> bool:
        """Whether commands may be sent together (RFC 2449, 6.8)."""
        return "PIPELINING" in self.capabilities

    def uidls(self) -> tuple[PopEntry, ...]:
        """The maildrop in the server's order, oldest first as a rule."""
        line = self._line
        line.settle()
        line.send(*("LIST", "UIDL") if self.pipelines else ("LIST",))
        line.status()
        listing = ((number, words.partition(" ")[0]) for number, words in numbered(line.lines()))
        self._sizes = {number: int(size) for number, size in listing if size.isdigit() and len(size) < 13}
        if not self.pipelines:
            line.send("UIDL")
        try:
            line.status()
        except Refused:
            return tuple(PopEntry(number, "", size) for number, size in self._sizes.items())
        names = dict(numbered(line.lines()))
        return tuple(PopEntry(number, names.get(number, ""), size) for number, size in self._listed(names))

    def _listed(self, names: dict[int, str]) -> list[tuple[int, int]]:
        """Every number that either listing has, with its size, in order."""
        return [(number, self._sizes.get(number, 0)) for number in sorted(self._sizes.keys() | names.keys())]

    # Reading

    def retrieve(self, number: int) -> bytes:
        """The whole message, CRLF lines, dot-stuffing undone. Raises Refused if there is no such message."""
        for _, content in self.retrieve_many([number]):
            assert isinstance(content, bytes)
            return content
        raise Refused("The server refused.", server_words=self.refused.get(number, ""))

    def retrieve_many(self, numbers: Iterable[int], spool: Path | None = None) -> Iterator[tuple[int, bytes | Spooled]]:
        """The same for many, in order; pipelined where the server offers it. Those over LARGE go to files in `spool`,
        if given. Refused ones are left out (`refused`). Raises ProtocolError where one does not end."""
        yield from self._many("RETR {}", numbers, lambda number: self._message(number, spool))

    def tops(self, numbers: Iterable[int], lines: int = 0) -> Iterator[tuple[int, bytes]]:
        """The header and the first lines of the body of many, in order. Refused ones are left out."""
        limit = self._limit
        yield from self._many(
            f"TOP {{}} {lines}", numbers, lambda number: self._wire.read_dotted(limit(number), self._line.ending)
        )

    def top(self, number: int, lines: int = 0) -> bytes:
        """The same for one. Raises Refused where the server has no TOP, or no such message."""
        for _, content in self.tops([number], lines):
            return content
        raise Refused("The server refused.", server_words=self.refused.get(number, ""))

    def _many(self, form: str, numbers: Iterable[int], take: Callable[[int], T]) -> Iterator[tuple[int, T]]:
        """Send a command for each, as many together as the window lets; yield what the answers hold."""
        self._line.settle()
        waiting = iter(numbers)
        asked: list[int] = []
        octets = 0
        while True:
            while more := self._next_part(waiting, len(asked), octets):
                self._line.send(*(form.format(number) for number in more))
                for number in more:
                    self._line.expect(lambda number=number: self._answer(number, take))  # type: ignore[misc]
                    octets += self._sizes.get(number, 0)
                asked += more
            if not asked:
                return
            number = asked.pop(0)
            octets -= self._sizes.get(number, 0)
            found = self._line.answered(lambda number=number: self._answer(number, take))  # type: ignore[misc]
            if found is not None:
                yield number, found

    def _next_part(self, waiting: Iterator[int], on_the_way: int, octets: int) -> list[int]:
        """What to ask for now: nothing while half of the window is open still, lest single lines are sent."""
        if not self.pipelines:
            return list(islice(waiting, 1 - on_the_way)) if not on_the_way else []
        if on_the_way > _WINDOW // 2 or (on_the_way and octets > _WINDOW_OCTETS):
            return []
        part: list[int] = []
        for number in islice(waiting, _WINDOW - on_the_way):
            part.append(number)
            octets += self._sizes.get(number, 0)
            if octets > _WINDOW_OCTETS:
                break
        return part

    def _answer(self, number: int, take: Callable[[int], T]) -> T | None:
        """One answer; None if it was refused."""
        self.asked_for = number
        try:
            self._line.status()
        except (Refused, TemporarilyRefused) as error:
            self.refused[number] = error.server_words
            return None
        self.refused.pop(number, None)
        return take(number)

    def _message(self, number: int, spool: Path | None) -> bytes | Spooled:
        if spool is None or self._sizes.get(number, 0) <= LARGE or self._wire.dotted_here(self._line.ending):
            return self._wire.read_dotted(self._limit(number), self._line.ending)
        return self._spooled(number, spool)

    def _spooled(self, number: int, spool: Path) -> Spooled:
        """Into a file. A disk that is full is told when the message is read past: the line stays in step."""
        digest, size, failed = hashlib.sha256(), 0, None
        file = tempfile.NamedTemporaryFile(dir=spool, prefix=PREFIX, delete=False)  # noqa: SIM115 - outlives this

        def keep(piece: bytes) -> None:
            nonlocal size, failed
            digest.update(piece)
            size += len(piece)
            try:
                if failed is None:
                    file.write(piece)
            except OSError as error:
                failed = error

        kept = Spooled(Path(file.name), 0, b"")
        try:
            with file:
                self._wire.dotted_into(keep, self._limit(number), self._line.ending)
        except BaseException:
            kept.discard()
            raise
        if failed is not None:
            kept.discard()
            raise MailError(
                f"A large message could not be kept on the disk: {failed.strerror or failed}.",
                retry=True,
                hint="Make room on the disk.",
            ) from failed
        return Spooled(kept.path, size, digest.digest())

    def _limit(self, number: int) -> int:
        size = self._sizes.get(number)
        return 4 * size + _SLACK if size else _MOST

    # Deleting and leaving

    def delete(self, number: int) -> None:
        """Mark for deletion; done only by `quit()`. Raises Refused."""
        if not self.delete_many([number]):
            raise Refused("The server refused.", server_words=self.refused.get(number, ""))

    def delete_many(self, numbers: Iterable[int]) -> list[int]:
        """Mark these; -> those the server marked. Done only by `quit()`."""
        return [number for number, _ in self._many("DELE {}", numbers, lambda _number: True)]

    def quit(self) -> bool:
        """Commit the deletions and close. True only if the server said +OK to QUIT."""
        try:
            self._line.command("QUIT")
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
