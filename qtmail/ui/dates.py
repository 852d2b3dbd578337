"""How moments are told in lists: today's time, a weekday, a date; and where the groups of a list by date begin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from PySide6.QtCore import QDateTime, QLocale

FIRST, LAST = 0, 250_000_000_000
"""What a Date header may claim and still be told: 1970 to the year 9892."""


@dataclass(frozen=True, slots=True)
class Group:
    """A span of time with a heading: everything from `start` (seconds since the epoch) up to the group before it."""

    title: str
    start: int


def short(moment: int, now: datetime | None = None) -> str:
    """“14:05” today, “Mon” within the last six days, “12 Nov” this year, else “12 Nov 2024”; the locale's order."""
    moment = min(max(moment, FIRST), LAST)
    at = datetime.fromtimestamp(moment)
    now = now or datetime.now()
    locale = QLocale()
    days = (now.date() - at.date()).days
    when = QDateTime.fromSecsSinceEpoch(moment)
    if days == 0:
        return locale.toString(when.time(), QLocale.FormatType.ShortFormat)
    if 0 < days < 7:
        return locale.toString(when, "ddd")
    if at.year == now.year:
        return locale.toString(when, _day_and_month(locale.name()))
    return locale.toString(when, f"{_day_and_month(locale.name())} yyyy")


def medium(moment: int, now: datetime | None = None) -> str:
    """For one message alone: “14:05” today, else “Mon 12 Nov, 14:05”, with the year if it is another one."""
    moment = min(max(moment, FIRST), LAST)
    at, now = datetime.fromtimestamp(moment), now or datetime.now()
    locale = QLocale()
    when = QDateTime.fromSecsSinceEpoch(moment)
    time = locale.toString(when.time(), QLocale.FormatType.ShortFormat)
    if at.date() == now.date():
        return time
    year = "" if at.year == now.year else " yyyy"
    return f"{locale.toString(when, f'ddd {_day_and_month(locale.name())}{year}')}, {time}"


def full(moment: int) -> str:
    """The whole of it, for tooltips: “Monday, 23 November 2026 14:05”."""
    when = QDateTime.fromSecsSinceEpoch(moment)
    locale = QLocale()
    day = locale.toString(when.date(), QLocale.FormatType.LongFormat)
    return f"{day} {locale.toString(when.time(), QLocale.FormatType.ShortFormat)}"


def ago(seconds: int) -> str:
    """“just now”, “2 min ago”, “3 h ago”, “4 days ago”."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 86400:
        return f"{seconds // 3600} h ago"
    days = seconds // 86400
    return "1 day ago" if days == 1 else f"{days} days ago"


def groups(now: datetime, years: int = 40) -> tuple[Group, ...]:
    """Newest first: Later (for dates ahead), Today, Yesterday, This week, Last week, months of this year, years."""
    locale = QLocale()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first_day = locale.firstDayOfWeek().value
    week = today - timedelta(days=(today.isoweekday() - first_day) % 7)
    made = [
        Group("Later", _seconds(today + timedelta(days=1))),
        Group("Today", _seconds(today)),
        Group("Yesterday", _seconds(today - timedelta(days=1))),
        Group("This week", _seconds(week)),
        Group("Last week", _seconds(week - timedelta(days=7))),
    ]
    month = today.replace(day=1)
    for _ in range(12):
        title = locale.standaloneMonthName(month.month)
        made.append(Group(title if month.year == now.year else f"{title} {month.year}", _seconds(month)))
        month = (month - timedelta(days=1)).replace(day=1)
    year = (month + timedelta(days=31)).year
    made += [Group(str(y), _seconds(datetime(y, 1, 1))) for y in range(year, max(year - years, 1970), -1)]
    made.append(Group("Long ago", -(2**62)))
    return tuple(_falling(made))


def _falling(made: list[Group]) -> list[Group]:
    """Without those that begin no earlier than the one before (“This week” on a Monday)."""
    kept = made[:1]
    for group in made[1:]:
        if group.start < kept[-1].start:
            kept.append(group)
    return kept


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@lru_cache(maxsize=8)
def _day_and_month(locale_name: str) -> str:
    short_format = QLocale(locale_name).dateFormat(QLocale.FormatType.ShortFormat)
    day_first = short_format.find("d") < short_format.find("M")
    return "d MMM" if day_first else "MMM d"
