"""The process that looks into the user's own calendar files: a question in on stdin, what there is at that time out.

Calendars are large, and unrolled by libraries in Python: in the window's process that would be felt. It only reads,
has no network, and the window's side ends it when it takes too long.
"""

import contextlib
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

ARGUMENT = "--clashes"
"""How a bundle, which has no `python -m`, starts this."""
MOST_OCTETS = 30_000_000
"""Of all calendars together; what is beyond is not looked into."""
_MOST_FILES = 2_000
_MOST_FOUND = 5


class Question(msgspec.Struct):
    """Times are seconds since the epoch; `uid` is the event itself, which does not clash with itself."""

    path: str
    start: int
    end: int
    uid: str = ""


class Clash(msgspec.Struct, frozen=True):
    """Something else at that time; `whole_day`: it has no hour."""

    summary: str
    start: int
    whole_day: bool = False


def main() -> int:
    """Answer one question."""
    logging.disable()  # libraries complain about every odd calendar, at length
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    sys.stdout.buffer.write(msgspec.json.encode(look(question)))
    return 0


def look(question: Question) -> list[Clash]:
    """What there is, the first five. A calendar that cannot be read has nothing."""
    found: list[Clash] = []
    for data in _calendars(Path(question.path).expanduser()):
        with contextlib.suppress(Exception):  # whatever the libraries trip over in a file of some other program
            found += _in(data, question)
    return sorted(found, key=lambda one: one.start)[:_MOST_FOUND]


def _calendars(path: Path) -> Iterator[bytes]:
    left = MOST_OCTETS
    files = sorted(path.rglob("*.ics"))[:_MOST_FILES] if path.is_dir() else [path]
    for file in files:
        with contextlib.suppress(OSError):
            if (size := file.stat().st_size) <= left:
                left -= size
                yield file.read_bytes()


def _in(data: bytes, question: Question) -> Iterator[Clash]:
    import icalendar
    import recurring_ical_events

    begin, end = (datetime.fromtimestamp(at, UTC) for at in (question.start, max(question.end, question.start + 1)))
    for calendar in icalendar.Calendar.from_ical(data, multiple=True):
        events: Any = recurring_ical_events.of(calendar, skip_bad_series=True).between(begin, end)
        for event in events:
            free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
            off = str(event.get("STATUS", "")).upper() == "CANCELLED"
            if free or off or str(event.get("UID", "")) == question.uid:
                continue
            when: date = event["DTSTART"].dt
            whole = not isinstance(when, datetime)
            at = when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)
            until = event["DTEND"].dt if "DTEND" in event else at
            if isinstance(until, datetime) and until.tzinfo is not None and until <= begin:
                continue
            yield Clash(str(event.get("SUMMARY", ""))[:200], int(at.timestamp()), whole)


if __name__ == "__main__":
    sys.exit(main())
