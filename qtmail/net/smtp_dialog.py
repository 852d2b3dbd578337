"""SMTP's lines on our wire (RFC 5321, 4.2): commands out, replies in, each within limits and an overall time."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from qtmail.errors import ProtocolError
from qtmail.net.wire import Wire

LINE_LIMIT = 8192
"""Octets in a reply line: RFC 5321 allows 512, extensions more."""
MOST_LINES = 500
"""Lines in one reply."""
BATCH = 100
"""Commands sent ahead of their replies (RFC 2920): more could fill both sides' buffers, and block for ever."""

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")


class Reply(NamedTuple):
    """One reply: its code, the enhanced status ("5.1.1", RFC 3463; may be empty), its lines without code and status."""

    code: int
    status: str
    lines: tuple[str, ...]

    @property
    def words(self) -> str:
        """All on one line."""
        return " ".join(" ".join(self.lines).split())

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.code), self.status, self.words)))


class Dialog:
    """Asks and answers. Raises what the wire raises, and ProtocolError for what is no SMTP reply."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def reply(self) -> Reply:
        """The next one, whole: a reply may have many lines, and come in any pieces."""
        self.wire.begin()
        lines: list[str] = []
        status = ""
        for _ in range(MOST_LINES):
            line = self.wire.readline(LINE_LIMIT).decode("utf-8", "replace").rstrip("\r\n")
            code, mark, text = line[:3], line[3:4], line[4:]
            if not (code.isascii() and code.isdigit() and mark in ("-", " ", "")):
                self.wire.close()
                raise ProtocolError(f"{self.wire.where} answered what is not SMTP.", server_words=line[:200])
            if found := _STATUS.match(text):
                status, text = found[1], text[found.end() :]
            lines.append(text)
            if mark != "-":
                return Reply(int(code), status, tuple(lines))
        self.wire.close()
        raise ProtocolError(f"{self.wire.where} does not come to an end with its answer.")

    def ask(self, line: str) -> Reply:
        """One command and its reply."""
        self.tell([line])
        return self.reply()

    def tell(self, lines: Iterable[str]) -> None:
        """Send these in one go; each will be answered, in order."""
        self.wire.sendall("".join(f"{line}\r\n" for line in lines).encode("utf-8"))

    def ask_all(self, lines: list[str], *, ahead: bool) -> Iterator[Reply]:
        """The replies to all of these, in order. `ahead`: sent without waiting for each (PIPELINING); then every
        reply of a batch must be taken before anything else is asked."""
        step = BATCH if ahead else 1
        for start in range(0, len(lines), step):
            batch = lines[start : start + step]
            self.tell(batch)
            for _ in batch:
                yield self.reply()
