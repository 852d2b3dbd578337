"""Results to stdout, everything else to stderr, whatever the locale; one JSON value a line where one is asked for."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

# Control characters but tab and newline: a mail must not be able to steer the terminal.
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}
_CONTROLS[0x0D] = ""


class Output:
    """Where a command writes."""

    def json(self, value: Any) -> None:
        """One JSON value on one line, as UTF-8 whatever the locale."""
        text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
        # A lone surrogate has no UTF-8; backslashreplace writes it the way JSON does.
        self.raw(text.encode("utf-8", "backslashreplace") + b"\n")

    def text(self, text: str) -> None:
        """Text for people, a newline after it."""
        encoding = sys.stdout.encoding or "utf-8"
        self.raw((plain(text) + "\n").encode(encoding, "replace"))

    def raw(self, content: bytes) -> None:
        """Bytes as they are."""
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()

    def table(self, lines: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> None:
        """Columns of equal width, the last one free; `right`: those that are numbers."""
        rows = [[one_line(cell) for cell in line] for line in lines]
        if not rows:
            return
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        for row in rows:
            cells = [
                cell.rjust(width) if i in right else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            self.text("  ".join(cells).rstrip())

    def say(self, text: str) -> None:
        """Progress and remarks, on stderr."""
        say(text)


def say(text: str) -> None:
    """One line on stderr; never fails."""
    try:
        print(
            plain(text)
            .encode(sys.stderr.encoding or "utf-8", "backslashreplace")
            .decode(sys.stderr.encoding or "utf-8"),
            file=sys.stderr,
            flush=True,
        )
    except OSError:
        # Nobody reads stderr any more; the exit code still tells.
        return


def plain(text: str) -> str:
    """The text without control characters other than tab and newline."""
    return text.translate(_CONTROLS)


def one_line(text: str) -> str:
    """The text as one line."""
    return " ".join(plain(text).split())


def clip(text: str, width: int) -> str:
    """At most `width` characters, an ellipsis where something was cut."""
    return text if len(text) <= width else text[: width - 1] + "…"


def counted(number: int, noun: str) -> str:
    """ "1 message", "1,234 messages"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def iso(at: int | None, zone: int = 0) -> str | None:
    """Seconds since the epoch as ISO 8601 ("2026-11-23T10:00:00Z"); `zone`: minutes east of UTC to write it in."""
    if at is None:
        return None
    try:
        moment = datetime.fromtimestamp(at, UTC).astimezone(timezone(timedelta(minutes=zone)))
    except (OverflowError, ValueError, OSError):
        return None
    return moment.isoformat().replace("+00:00", "Z")


def local_time(at: int | None) -> str:
    """For people: local date and time, to the minute."""
    if at is None:
        return ""
    try:
        return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return ""


def octets(size: int) -> str:
    """ "812 B", "46.1 kB", "3.0 MB"."""
    if size < 1000:
        return f"{size} B"
    for unit, scale in (("kB", 1e3), ("MB", 1e6)):
        if size < scale * 1000:
            return f"{size / scale:.1f} {unit}"
    return f"{size / 1e9:.1f} GB"
