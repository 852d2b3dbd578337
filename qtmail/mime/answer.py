"""The answer to an invitation (METHOD:REPLY, RFC 5546, 3.2.3), and the mail that carries it (RFC 6047)."""

from datetime import UTC, datetime

from qtmail import __version__
from qtmail.errors import BadInput
from qtmail.mime import ical
from qtmail.mime.encode import Body, join, text_part
from qtmail.mime.invitation import Answer, Found, Invitation, Method, taken_apart
from qtmail.model import Address

WORDS: dict[Answer, str] = {
    Answer.ACCEPTED: "Accepted",
    Answer.TENTATIVE: "Tentative",
    Answer.DECLINED: "Declined",
}
_KEPT = ("RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "SEQUENCE", "ORGANIZER", "UID")
"""Lines of the invitation that the answer repeats as they were written; all but the times are asked for."""


def calendar(invited: bytes, charset: str, me: Address, answer: Answer, now: int) -> bytes:
    """The calendar of an answer: of those invited only me. `now`: seconds since the epoch. Raises BadInput."""
    found = taken_apart(invited, charset)
    if not found.event or found.first("UID") is None or found.first("ORGANIZER") is None:
        raise BadInput("This invitation cannot be answered.", hint="Write to its author instead.")
    kept = [line for name in _KEPT if (line := found.first(name)) is not None]
    needed = {line.parameters["TZID"] for line in kept if "TZID" in line.parameters}
    zones = [written for name in sorted(needed) for written in _zone(found, name)]
    name = f';CN="{me.name.replace(chr(34), chr(39))}"' if me.name else ""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    event = [
        "BEGIN:VEVENT",
        *(line.written for line in kept),
        f"ATTENDEE;PARTSTAT={answer.value}{ical.plain(name)}:mailto:{me.address}",
        f"DTSTAMP:{stamp}",
        "END:VEVENT",
    ]
    head = ["BEGIN:VCALENDAR", f"PRODID:-//qtmail//{__version__}//EN", "VERSION:2.0", f"METHOD:{Method.REPLY.value}"]
    return ical.folded([*head, *zones, *event, "END:VCALENDAR"])


def _zone(found: Found, name: str) -> list[str]:
    written = found.written.get(name, [])
    return written if written[-1:] and written[-1].strip().upper() == "END:VTIMEZONE" else []


def subject(one: Invitation, answer: Answer) -> str:
    """ "Accepted: Planning"."""
    return f"{WORDS[answer]}: {one.summary or 'Invitation'}"


def sentence(one: Invitation, me: Address, answer: Answer) -> str:
    """What people read whose program knows nothing of calendars."""
    what = {Answer.ACCEPTED: "accepts", Answer.TENTATIVE: "may come to", Answer.DECLINED: "declines"}[answer]
    return f"{me.name or me.address} {what}: {one.summary or 'your invitation'}\n"


def body(text: str, answer: bytes) -> Body:
    """Both as alternatives of each other: so calendars of all makers find it."""
    as_text = text_part(answer.decode("utf-8"), "calendar")
    lines = tuple(f"{line}; method=REPLY" if line.startswith("Content-Type:") else line for line in as_text.lines)
    return join("alternative", [text_part(text, "plain"), Body(lines, as_text.content, as_text.kind)])
