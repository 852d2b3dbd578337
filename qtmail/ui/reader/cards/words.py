"""Invitations in words: when in the time of here, who said what, what the mail is about."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate, QDateTime, QLocale

from qtmail.engine.answering import Beyond
from qtmail.engine.clashing import Clash
from qtmail.mime.invitation import Answer, Attendee, Invitation, Method, Moment
from qtmail.model import Address
from qtmail.ui.dates import FIRST, LAST

_SAID = {
    Answer.ACCEPTED: "accepted",
    Answer.TENTATIVE: "may come",
    Answer.DECLINED: "declined",
    Answer.DELEGATED: "sends somebody else",
    Answer.NONE: "no answer yet",
}
_NAMED = 8
_LONGEST = 40


def when(one: Invitation) -> str:
    """ "Tuesday, 1 December 2026, 14:00 – 15:00"; empty where nobody can tell."""
    start, end = one.start, one.end
    if start is None:
        return ""
    if start.at is None:
        last = end.day - timedelta(days=1) if end is not None and end.day > start.day else start.day
        return _day(start.day) if last == start.day else f"{_day(start.day)} – {_day(last)}"
    first = _here(start.at)
    said = f"{_day(_date(first))}, {_time(first)}"
    if end is None or end.at is None or end.at <= start.at:
        return said
    until = _here(end.at)
    return (
        f"{said} – {_time(until)}" if _date(first) == _date(until) else f"{said} – {_day(_date(until))}, {_time(until)}"
    )


def zone_words(one: Invitation) -> str:
    """What to know of the calendar's own time zone; empty where its clock shows what ours does."""
    start = one.start
    if start is None or start.at is None or not start.zone:
        return ""
    if not start.zone_known:
        return f"The time zone “{start.zone[:_LONGEST]}” is not known here: the time may be another one."
    if not _clock_differs(start):
        return ""
    return f"Shown in your time; it was set up in {start.zone[:_LONGEST]}."


def _clock_differs(start: Moment) -> bool:
    from qtmail.mime import zones

    place = zones.named(start.zone)
    if place is None or start.at is None:
        return False
    there = datetime.fromtimestamp(start.at, place)
    return there.utcoffset() != datetime.fromtimestamp(start.at).astimezone().utcoffset()


def tile(one: Invitation) -> tuple[str, str, str]:
    """(month, day, weekday) as a calendar's leaf has them; empty ones where there is no date."""
    start = one.start
    if start is None:
        return "", "", ""
    day = start.day if start.at is None else _date(_here(start.at))
    locale, at = QLocale(), QDate(day.year, day.month, day.day)
    return locale.toString(at, "MMM"), str(day.day), locale.toString(at, "ddd")


def about(found: Beyond) -> str:
    """What the mail says of the event, in one line; empty for a plain invitation."""
    one = found.invitation
    assert one is not None
    name = _short(one.organiser)
    who = next((person for person in one.attendees), None)
    other = _short(who.who) if who else "Somebody"
    match one.method:
        case Method.REPLY:
            said = _SAID[who.answer] if who else "answered"
            return f"{other}: {said}." + (f" “{one.comment}”" if one.comment else "")
        case Method.COUNTER:
            return f"{other} proposes this time instead."
        case Method.DECLINE_COUNTER:
            return "Another time that was proposed is declined."
        case Method.REFRESH:
            return f"{other} asks for the invitation again."
        case _ if one.cancelled:
            return (
                f"{name or 'The organiser'} has cancelled this date."
                if one.one_of
                else f"{name or 'The organiser'} has cancelled this."
            )
        case Method.REQUEST if one.sequence and found.answered is None:
            return "This invitation was changed."
    return ""


def people(one: Invitation) -> str:
    """ "Bo invites 12 people: 3 accepted, 1 declined"; empty where nobody is named."""
    name = _short(one.organiser)
    if not one.attendees or one.method in (Method.REPLY, Method.COUNTER):
        return f"Organised by {name}" if name else ""
    counts = Counter(who.answer for who in one.attendees)
    told = [
        f"{counts[answer]:,} {words}" for answer, words in _SAID.items() if counts[answer] and answer is not Answer.NONE
    ]
    number = len(one.attendees)
    invited = "1 person" if number == 1 else f"{number:,} people"
    lead = f"{name} invites {invited}" if name else f"{invited} invited"
    return f"{lead}: {', '.join(told)}" if told else lead


def names(one: Invitation) -> str:
    """Everybody with what they said, a line each; the rest by number."""
    lines = [f"{_person(who)}: {_SAID[who.answer]}" for who in one.attendees[:_NAMED]]
    more = len(one.attendees) - _NAMED
    return "\n".join([*lines, f"and {more:,} more"] if more > 0 else lines)


def conflicts(found: Sequence[Clash]) -> str:
    """ "At that time you have: Dentist (14:30)"; empty: nothing."""
    named = [
        f"{one.summary or 'something without a title'} ({'all day' if one.whole_day else _time(_here(one.start))})"
        for one in found
    ]
    return f"At that time you have: {', '.join(named)}" if named else ""


def answered(found: Beyond) -> str:
    """What the user said; empty: nothing yet."""
    if found.answered is None:
        return ""
    said = {Answer.ACCEPTED: "You accepted.", Answer.TENTATIVE: "You said maybe.", Answer.DECLINED: "You declined."}
    return said.get(found.answered, "")


def _short(person: Address) -> str:
    name = person.name or person.address
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _person(who: Attendee) -> str:
    name = str(who.who) if who.who.name else who.who.address or "Somebody"
    return f"{name} (optional)" if who.optional else name


def _here(at: int) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(min(max(at, FIRST), LAST))


def _date(at: QDateTime) -> date:
    day = at.date()
    return date(day.year(), day.month(), day.day())


def _day(day: date) -> str:
    return QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.LongFormat)


def _time(at: QDateTime) -> str:
    return QLocale().toString(at.time(), QLocale.FormatType.ShortFormat)
