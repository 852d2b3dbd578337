"""Invitations to events (iTIP, RFC 5546, in mail: RFC 6047): what, when, where, who, in values that can be shown.

Only the first event is read, within the bounds of `ical.lines`; how it repeats is said in words and never unrolled.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from qtmail.mime import headers, ical, parts, zones
from qtmail.mime.ical import Line
from qtmail.mime.parts import Leaf
from qtmail.mime.repeats import repeats
from qtmail.model import Address

TYPES = frozenset({"text/calendar", "application/ics"})
_MOST_PEOPLE = 500
_MOST_ZONES = 20
_MOST_CHANGES = 40
_MOST_WORDS = 20_000
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$")
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)


class Method(StrEnum):
    """What the mail is about (RFC 5546, 1.4)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    REPLY = "REPLY"
    COUNTER = "COUNTER"
    DECLINE_COUNTER = "DECLINECOUNTER"
    ADD = "ADD"
    REFRESH = "REFRESH"
    PUBLISH = "PUBLISH"


class Answer(StrEnum):
    """What somebody said to it (PARTSTAT)."""

    NONE = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"
    DELEGATED = "DELEGATED"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of an event. `at`: seconds since the epoch; None for a whole day, which is `day` everywhere."""

    day: date
    at: int | None = None
    zone: str = ""
    """As the calendar names it; empty for UTC and for times of no zone."""
    zone_known: bool = True
    """False: nobody knows that zone, and the time is taken as one of here."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """One who is invited."""

    who: Address
    answer: Answer = Answer.NONE
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """The first event of a calendar in a mail."""

    method: Method
    summary: str = ""
    start: Moment | None = None
    end: Moment | None = None
    """Exclusive, as it is written: a whole day ends at the beginning of the next."""
    repeats: str = ""
    """ "every Tuesday until 14 March 2027"; empty: it does not."""
    one_of: bool = False
    """It is about one date of an event that repeats."""
    where: str = ""
    link: str = ""
    """An http(s) address to take part at."""
    details: str = ""
    comment: str = ""
    organiser: Address = Address("", "")
    attendees: tuple[Attendee, ...] = ()
    cancelled: bool = False
    uid: str = ""
    sequence: int = 0
    more: int = 0
    """How many further events are in the calendar."""
    part: int = -1
    """Which part of the message it is (`model.Part.index`)."""
    wants_answer: bool = False
    """Answers make sense: an organiser asked for them."""


@dataclass(slots=True)
class Found:
    """A calendar taken apart: the lines of its first event, and its zones with what they were written as."""

    method: str = ""
    event: list[Line] = field(default_factory=list)
    events: int = 0
    changes: dict[str, list[zones.Change]] = field(default_factory=dict)
    written: dict[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> Line | None:
        return next((line for line in self.event if line.name == name), None)

    def text(self, name: str) -> str:
        line = self.first(name)
        return line.text[:_MOST_WORDS] if line else ""


def invitation(raw: bytes, leaves: Sequence[Leaf]) -> Invitation | None:
    """The event that this mail is about; None where there is none. Never raises."""
    for index, leaf in enumerate(leaves[:200]):
        if leaf.type in TYPES or (leaf.type == "application/octet-stream" and leaf.name.lower().endswith(".ics")):
            found = taken_apart(parts.content(raw, leaf), leaf.parameters.get("charset", ""))
            if found.event:
                return _told(found, leaf.parameters.get("method", ""), index)
    return None


def taken_apart(data: bytes, charset: str = "") -> Found:
    """The calendar's zones and its first event: the repeating one where exceptions stand beside it. Never raises."""
    found = Found()
    within: list[str] = []
    zone: list[Line] = []
    event: list[Line] = []
    for line in ical.lines(data, charset):
        if line.name == "BEGIN":
            within.append(line.value.strip().upper())
            event, zone = ([] if within[-1] == "VEVENT" else event), ([] if within[-1] == "VTIMEZONE" else zone)
        if "VTIMEZONE" in within[:4]:
            zone.append(line)
        elif within[-1:] == ["VEVENT"] and line.name not in ("BEGIN", "END"):
            event.append(line)
        elif line.name == "METHOD" and len(within) <= 1:
            found.method = line.value.strip().upper()
        if line.name == "END" and within:
            ended = within.pop()
            if ended == "VTIMEZONE":
                _take_zone(found, zone)
            elif ended == "VEVENT":
                _take_event(found, event)
                event = []
    if event:  # cut off, or never ended
        _take_event(found, event)
    return found


def _take_event(found: Found, event: list[Line]) -> None:
    found.events += 1
    master = all(line.name != "RECURRENCE-ID" for line in event)
    if not found.event or (master and found.first("RECURRENCE-ID") and _same_uid(found.event, event)):
        found.event = event


def _same_uid(one: list[Line], other: list[Line]) -> bool:
    return {line.value for line in one if line.name == "UID"} == {line.value for line in other if line.name == "UID"}


def _take_zone(found: Found, zone: list[Line]) -> None:
    name = next((line.text for line in zone if line.name == "TZID"), "")
    if not name or name in found.changes or len(found.changes) >= _MOST_ZONES:
        return
    changes: list[zones.Change] = []
    current: dict[str, str] = {}
    dates: list[datetime] = []
    for line in zone[: 12 * _MOST_CHANGES]:
        if line.name == "BEGIN":
            current, dates = {}, []
        elif line.name == "RDATE":
            dates += [when for value in line.value.split(",")[:200] if (when := zones.parsed(value))]
        elif line.name == "END" and line.value.strip().upper() in ("STANDARD", "DAYLIGHT"):
            changes += [change] if (change := _change(current, dates)) else []
        else:
            current[line.name] = line.value
    found.changes[name] = changes[:_MOST_CHANGES]
    found.written[name] = [line.written for line in zone[: 12 * _MOST_CHANGES]]


def _change(told: dict[str, str], dates: list[datetime]) -> zones.Change | None:
    since, after = zones.parsed(told.get("DTSTART", "")), zones.offset(told.get("TZOFFSETTO", ""))
    if since is None or after is None:
        return None
    before = zones.offset(told.get("TZOFFSETFROM", ""))
    rule = zones.rule_of(told.get("RRULE", ""))
    return zones.Change(since, after if before is None else before, after, rule, tuple(dates[:200]))


def _told(found: Found, method: str, index: int) -> Invitation:
    start = moment(found, found.first("DTSTART"))
    end = moment(found, found.first("DTEND")) or _ends(start, found.text("DURATION"))
    organiser = _person(found.first("ORGANIZER"))
    people = tuple(_attendee(line) for line in found.event if line.name == "ATTENDEE")[:_MOST_PEOPLE]
    kind = _method(found.method or method.strip().upper())
    rule = found.first("RRULE")
    cancelled = kind is Method.CANCEL or found.text("STATUS").upper() == "CANCELLED"
    sequence = found.text("SEQUENCE")[:9]
    return Invitation(
        method=kind,
        summary=headers.clean(found.text("SUMMARY"))[:500],
        start=start,
        end=end,
        repeats=repeats(rule.value if rule else "", start.day if start else None),
        one_of=found.first("RECURRENCE-ID") is not None,
        where=headers.clean(found.text("LOCATION"))[:500],
        link=_link(found),
        details=found.text("DESCRIPTION"),
        comment=headers.clean(found.text("COMMENT"))[:500],
        organiser=organiser,
        attendees=people,
        cancelled=cancelled,
        uid=found.text("UID")[:1000],
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() else 0,
        more=max(found.events - 1, 0),
        part=index,
        wants_answer=kind in (Method.REQUEST, Method.ADD)
        and not cancelled
        and "@" in organiser.address
        and bool(found.text("UID")),
    )


def _method(written: str) -> Method:
    return Method(written) if written in list(Method) else Method.PUBLISH


def moment(found: Found, line: Line | None) -> Moment | None:
    """A date or a time of the calendar; None for what is none, or too far away for any clock."""
    when = zones.parsed(line.value) if line else None
    if line is None or when is None:
        return None
    if "T" not in line.value.upper():
        return Moment(when.date())
    zone, known = line.parameters.get("TZID", ""), True
    try:
        if line.value.strip().upper().endswith("Z"):
            return Moment(when.date(), int(when.replace(tzinfo=UTC).timestamp()))
        east = zones.offset_at(found.changes.get(zone, ()), when) if zone else None
        if east is not None:
            return Moment(when.date(), int((when.replace(tzinfo=UTC) - east).timestamp()), zone)
        place = zones.named(zone) if zone else None
        known = place is not None or not zone
        return Moment(when.date(), int(when.replace(tzinfo=place).timestamp()), zone, known)
    except (OverflowError, ValueError, OSError):
        return None


def _ends(start: Moment | None, duration: str) -> Moment | None:
    """Of an event that says how long it is; one that says nothing lasts its day, or no time (RFC 5545, 3.6.1)."""
    if start is None:
        return None
    found = _DURATION.match(duration.strip().lstrip("+").upper())
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups()) if found else (0, 0, 0, 0, 0)
    try:
        if start.at is None:
            return Moment(start.day + timedelta(days=7 * weeks + days or 1))
        lasts = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return Moment(start.day, start.at + int(lasts.total_seconds()), start.zone, start.zone_known)
    except OverflowError:
        return None


def _person(line: Line | None) -> Address:
    if line is None:
        return Address("", "")
    address = headers.clean(_MAILTO.sub("", line.value.strip(), count=1))[:320]
    if "@" not in address:
        address = headers.clean(line.parameters.get("EMAIL", ""))[:320]
    name = headers.clean(line.parameters.get("CN", ""))[:200]
    return Address("" if name.casefold() == address.casefold() else name, address)


def _attendee(line: Line) -> Attendee:
    said = line.parameters.get("PARTSTAT", "").upper()
    answer = Answer(said) if said in list(Answer) else Answer.NONE
    return Attendee(_person(line), answer, line.parameters.get("ROLE", "").upper() == "OPT-PARTICIPANT")


def _link(found: Found) -> str:
    for name in ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "CONFERENCE", "URL"):
        link = found.text(name)
        if link.startswith(("https://", "http://")) and len(link) < 2000 and not re.search(r"\s", link):
            return link
    return ""
