"""Days as people say them: "2024-03", "15.3.2024", "yesterday", "last week", "march" -> from when to when."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from qtmail.errors import BadInput

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
SPANS = ("today", "yesterday", "this week", "last week", "this month", "last month", "this year", "last year")
"""Those with a name of their own."""

_YEAR = re.compile(r"(\d{4})")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_NAMED = re.compile(r"([a-z]{3,9})\.?(?: (\d{4}))?")
_AGO = re.compile(r"(\d{1,5}) ?(h|d|w|m|y|hours?|days?|weeks?|months?|years?)")

Span = tuple[int, int]
"""Seconds since the epoch: the first one, and the first one after."""


def span(said: str, now: int) -> Span:
    """From when to when that is, in local time. Raises BadInput."""
    words = " ".join(re.split(r"[\s_-]+", said.strip().lower())) if not said[:1].isdigit() else said.strip()
    today = _midnight(datetime.fromtimestamp(now))
    try:
        found = _numbered(words) or _named(words, today)
        if found is not None:
            return int(found[0].timestamp()), int(found[1].timestamp())
    except (ValueError, OverflowError, OSError):
        pass
    hint = "Say a day as 2024-03-15, a month as 2024-03, a year as 2024, or today, yesterday, “last week”, march."
    raise BadInput(f"“{said}” is no day.", hint=hint)


def ago(said: str, now: int) -> int:
    """The moment so long before now: "3d", "2w", "6m", "1y", "3 days". Raises BadInput."""
    found = _AGO.fullmatch(said.strip().lower())
    try:
        if found is not None:
            return int(_before(datetime.fromtimestamp(now), int(found[1]), found[2][0]).timestamp())
    except (ValueError, OverflowError, OSError):
        return 0
    raise BadInput(f"“{said}” is no length of time.", hint="Say 3d, 2w, 6m or 1y: days, weeks, months or years.")


def _before(moment: datetime, number: int, unit: str) -> datetime:
    if unit in "my":
        months = moment.year * 12 + moment.month - 1 - number * (12 if unit == "y" else 1)
        first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
        last_day = (_month_after(first) - timedelta(days=1)).day
        return first.replace(day=min(moment.day, last_day))
    return moment - number * {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[unit]


def _numbered(said: str) -> tuple[datetime, datetime] | None:
    if found := _DAY.fullmatch(said):
        return _one_day(datetime(int(found[1]), int(found[2]), int(found[3])))
    if found := _DAY_FIRST.fullmatch(said):
        return _one_day(datetime(int(found[3]), int(found[2]), int(found[1])))
    if found := _MONTH.fullmatch(said):
        return _one_month(datetime(int(found[1]), int(found[2]), 1))
    if found := _YEAR.fullmatch(said):
        return datetime(int(found[1]), 1, 1), datetime(int(found[1]) + 1, 1, 1)
    return None


def _named(said: str, today: datetime) -> tuple[datetime, datetime] | None:
    """`today`: its midnight. Days and months that have a name alone are the latest ones."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    known: dict[str, Callable[[], tuple[datetime, datetime]]] = {
        "today": lambda: _one_day(today),
        "yesterday": lambda: _one_day(today - timedelta(days=1)),
        "this week": lambda: (monday, monday + timedelta(days=7)),
        "last week": lambda: (monday - timedelta(days=7), monday),
        "this month": lambda: _one_month(first),
        "last month": lambda: _one_month((first - timedelta(days=1)).replace(day=1)),
        "this year": lambda: (today.replace(month=1, day=1), datetime(today.year + 1, 1, 1)),
        "last year": lambda: (datetime(today.year - 1, 1, 1), datetime(today.year, 1, 1)),
    }
    if said in known:
        return known[said]()
    found = _NAMED.fullmatch(said)
    if found is None:
        return None
    name, year = found[1], found[2]
    for number, day in enumerate(DAYS):
        if day.startswith(name) and not year:
            return _one_day(today - timedelta(days=(today.weekday() - number) % 7))
    for number, month in enumerate(MONTHS, 1):
        if month.startswith(name):
            return _one_month(datetime(int(year or (today.year - (number > today.month))), number, 1))
    return None


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _one_day(day: datetime) -> tuple[datetime, datetime]:
    return day, day + timedelta(days=1)


def _one_month(first: datetime) -> tuple[datetime, datetime]:
    return first, _month_after(first)


def _month_after(first: datetime) -> datetime:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
