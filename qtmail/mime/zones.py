"""Time zones of calendars: as the calendar itself describes them (VTIMEZONE, RFC 5545, 3.6.5), else by their name.

Nothing is unrolled: the last change before a moment is worked out for its own year, so that no rule can take long.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?$")
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$")


@dataclass(frozen=True, slots=True)
class Change:
    """One STANDARD or DAYLIGHT of a zone."""

    since: datetime
    before: timedelta
    after: timedelta
    rule: Mapping[str, str]
    dates: tuple[datetime, ...] = ()

    def last(self, moment: datetime) -> datetime | None:
        """When it last took effect before this local time; None: not yet."""
        onsets = [self.since, *self.dates]
        if self.rule.get("FREQ") == "YEARLY":
            onsets += [onset for year in (moment.year - 1, moment.year) if (onset := self._in(year))]
        return max((onset for onset in onsets if self.since <= onset <= moment), default=None)

    def _in(self, year: int) -> datetime | None:
        """Its onset in a year; None where the rule gives none."""
        until = parsed(self.rule.get("UNTIL", ""))
        found = _day_of(self.rule, year, self.since)
        if found is None:
            return None
        onset = datetime.combine(found, self.since.time())
        return None if until is not None and onset > until + timedelta(days=1) else onset


def rule_of(value: str) -> dict[str, str]:
    """A recurrence rule as its pieces."""
    pieces = (piece.partition("=") for piece in value.upper().split(";")[:20])
    return {name.strip(): told.strip()[:500] for name, _, told in pieces if told}


def parsed(value: str) -> datetime | None:
    """The numbers of a date or a time as written, without a zone; None for what is none."""
    found = re.match(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?", value.strip())
    if not found:
        return None
    year, month, day, hour, minute, second = (int(number or 0) for number in found.groups())
    try:
        return datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None


def offset(value: str) -> timedelta | None:
    """ "+0200"."""
    found = _OFFSET.match(value.strip())
    if not found or int(found[2]) > 23:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -size if found[1] == "-" else size


def by_day(rule: Mapping[str, str]) -> list[tuple[int, int]]:
    """BYDAY as (which of the month, 0: each; weekday, 0 is Monday)."""
    found = [_BY_DAY.match(piece.strip()) for piece in rule.get("BYDAY", "").split(",")[:20]]
    return [(int(one[1] or 0), WEEKDAYS.index(one[2])) for one in found if one]


def _day_of(rule: Mapping[str, str], year: int, since: datetime) -> date | None:
    try:
        month = int(rule.get("BYMONTH", "") or since.month)
        days = by_day(rule)
        in_month = [int(one) for one in rule.get("BYMONTHDAY", "").split(",")[:31] if one.strip("-").isdigit()]
        if not days:
            return date(year, month, in_month[0] if in_month else since.day)
        which, weekday = days[0]
        every = [day for day in _days(year, month) if day.weekday() == weekday]
        every = [day for day in every if day.day in in_month] if in_month else every
        return every[which - 1 if which > 0 else which]
    except (ValueError, IndexError, OverflowError):
        return None


def _days(year: int, month: int) -> list[date]:
    first = date(year, month, 1)
    every = (first + timedelta(days=number) for number in range(31))
    return [day for day in every if day.month == month]


def offset_at(changes: Sequence[Change], moment: datetime) -> timedelta | None:
    """What such a zone is east of UTC at this local time; None for a zone of nothing."""
    if not changes:
        return None
    reached = [(when, change) for change in changes if (when := change.last(moment)) is not None]
    if not reached:
        return min(changes, key=lambda change: change.since).before
    return max(reached, key=lambda one: one[0])[1].after


def named(name: str) -> tzinfo | None:
    """The zone of this name: of the Olson database, or as Windows calls it; None where nobody knows it."""
    name = name.strip().strip('"')
    if name.upper() in ("UTC", "GMT", "Z", "ETC/UTC"):
        return UTC
    # Some write "/example.org/20260101/Europe/Berlin" (globally unique, RFC 5545, 3.2.19).
    for tried in (name, "/".join(name.split("/")[-2:])):
        try:
            return ZoneInfo(tried)
        except (ValueError, OSError, KeyError):
            continue
    return _of_windows(name)


def _of_windows(name: str) -> tzinfo | None:
    if not re.fullmatch(r"[A-Za-z0-9 .()+-]{4,60}", name) or " " not in name:
        return None
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # 0.1 s, for calendars without their zone

    olson = WINDOWS_TO_OLSON.get(name)
    return ZoneInfo(olson) if olson else None
