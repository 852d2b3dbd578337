"""Calendars and headers as programs send them."""

ZONE = """BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""

EVENT = """ORGANIZER;CN="Doe, Bo":mailto:bo@example.org
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Alice:mailto:a
 lice@example.test
ATTENDEE;PARTSTAT=ACCEPTED;CN=Cy:mailto:cy@example.org
ATTENDEE;PARTSTAT=DECLINED;ROLE=OPT-PARTICIPANT:mailto:di@example.org
UID:040000008200E00074C5B7101A82E008
SUMMARY:Planning\\, weekly
DTSTART;TZID="W. Europe Standard Time":20261201T140000
DTEND;TZID="W. Europe Standard Time":20261201T150000
RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20270314T120000Z
LOCATION:Room 5
SEQUENCE:2
X-GOOGLE-CONFERENCE:https://meet.example.org/abc
BEGIN:VALARM
TRIGGER:-PT15M
DESCRIPTION:REMINDER
END:VALARM
DESCRIPTION:Bring\\nthe plan
"""


def calendar(event: str = EVENT, method: str = "REQUEST", zone: str = ZONE) -> str:
    """A calendar of one event."""
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\n{zone}BEGIN:VEVENT\n{event}END:VEVENT\nEND:VCALENDAR\n"


def invited(ics: str | None = None, method: str = "REQUEST", to: str = "alice@example.test") -> bytes:
    """A mail with it, as Outlook and others send it."""
    written = calendar(method=method) if ics is None else ics
    return (
        (
            f"From: Bo Doe <bo@example.org>\nTo: {to}\nSubject: Planning, weekly\nMessage-ID: <plan@example.org>\n"
            "Date: Mon, 23 Nov 2026 09:00:00 +0000\nMIME-Version: 1.0\n"
            "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nYou are invited.\n"
            f"--b\nContent-Type: text/calendar; charset=utf-8; method={method}\n\n{written}\n--b--\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )
