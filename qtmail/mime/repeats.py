"""How an event repeats (RRULE, RFC 5545, 3.3.10), in words: "every second Tuesday until 14 March 2027"."""

from collections.abc import Sequence
from datetime import date

from qtmail.mime import zones

_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour",
          "MINUTELY": "minute", "SECONDLY": "second"}  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_WHICH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second last"}


def repeats(rule: str, start: date | None) -> str:
    """Empty where there is no rule, or none that can be told."""
    told = zones.rule_of(rule)
    unit = _UNITS.get(told.get("FREQ", ""))
    if not unit:
        return ""
    every = _number(told.get("INTERVAL", "")) or 1
    return _when(told, unit, every, start) + _until(told)


def day_words(day: date) -> str:
    """ "14 March 2027"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _when(told: dict[str, str], unit: str, every: int, start: date | None) -> str:
    often = f"every {unit}" if every == 1 else f"every {every:,} {unit}s"
    days = zones.by_day(told)
    names = [_day(which, weekday) for which, weekday in days]
    match unit:
        case "week" if names or start:
            weekdays = sorted({weekday for _, weekday in days}) or [start.weekday() if start else 0]
            if weekdays == [0, 1, 2, 3, 4] and every == 1:
                return "every weekday"
            if len(weekdays) == 7 and every == 1:
                return "every day"
            named = _joined([_DAYS[one] for one in weekdays])
            return f"every {named}" if every == 1 else f"{often} on {named}"
        case "month" if names:
            place = _number(told.get("BYSETPOS", "").lstrip("-")) * (-1 if told.get("BYSETPOS", "")[:1] == "-" else 1)
            which = f"the {_WHICH[place]} " if place in _WHICH else ""
            weekday = {one for _, one in days}
            named = "weekday" if which and weekday == {0, 1, 2, 3, 4} else _joined(names)
            return f"{often} on {which}{named}"
        case "month":
            written = [one for one in told.get("BYMONTHDAY", "").split(",")[:31] if _number(one.lstrip("-"))]
            numbers = [_of_month(int(one)) for one in written] or ([_of_month(start.day)] if start else [])
            return f"{often} on the {_joined(numbers)}" if numbers else often
        case "year" if start and not names:
            return f"{often} on {start.day} {_MONTHS[start.month - 1]}"
        case "year" if names:
            month = _number(told.get("BYMONTH", ""))
            of = f" of {_MONTHS[month - 1]}" if 1 <= month <= 12 else ""
            return f"{often} on {_joined(names)}{of}"
        case "day" if names and every == 1:
            return f"every {_joined(names)}" if len(days) < 7 else "every day"
    return often


def _until(told: dict[str, str]) -> str:
    last = zones.parsed(told.get("UNTIL", ""))
    if last is not None:
        return f" until {day_words(last.date())}"
    count = _number(told.get("COUNT", ""))
    return f", {count:,} times" if count else ""


def _day(which: int, weekday: int) -> str:
    return f"the {_WHICH[which]} {_DAYS[weekday]}" if which in _WHICH else _DAYS[weekday]


def _of_month(number: int) -> str:
    if number < 0:
        return "last day" if number == -1 else f"{_ordinal(-number)} last day"
    return _ordinal(number)


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _joined(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
