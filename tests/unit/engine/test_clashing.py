"""Conflicts with the user's own calendar: what repeats counts, what is free does not, what is broken says nothing."""

import threading
from pathlib import Path

from qtmail.engine.clashing import clashes
from qtmail.engine.clashing_process import Question, look
from qtmail.mime import parts
from qtmail.mime.invitation import Invitation, invitation
from tests.unit.mime.invitations import calendar, invited

AT = 1_796_130_000
"""Tuesday 1 December 2026, 13:00 UTC: the first of the invitation."""


def event(lines: str) -> str:
    return (
        calendar(f"DTSTAMP:20260101T000000Z\n{lines}\n", zone="").replace("METHOD:REQUEST\n", "").replace("\n", "\r\n")
    )


def asked() -> Invitation:
    raw = invited()
    found = invitation(raw, parts.cut(raw).leaves)
    assert found is not None
    return found


def test_what_is_at_that_time_is_told(tmp_path: Path) -> None:
    events = {
        "weekly": "UID:1\nSUMMARY:Swimming\nDTSTART:20251202T123000Z\nDTEND:20251202T133000Z\nRRULE:FREQ=WEEKLY",
        "before": "UID:2\nSUMMARY:Before\nDTSTART:20261201T120000Z\nDTEND:20261201T130000Z",
        "after": "UID:3\nSUMMARY:After\nDTSTART:20261201T140000Z\nDTEND:20261201T150000Z",
        "free": "UID:4\nSUMMARY:Free\nTRANSP:TRANSPARENT\nDTSTART:20261201T130000Z\nDTEND:20261201T150000Z",
        "off": "UID:5\nSUMMARY:Off\nSTATUS:CANCELLED\nDTSTART:20261201T130000Z\nDTEND:20261201T150000Z",
        "itself": f"UID:{asked().uid}\nSUMMARY:Itself\nDTSTART:20261201T130000Z\nDTEND:20261201T140000Z",
        "day": "UID:6\nSUMMARY:Holiday\nDTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261202",
    }
    for name, lines in events.items():
        (tmp_path / f"{name}.ics").write_bytes(event(lines).encode())
    (tmp_path / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:x\r\n\xff")
    found = look(Question(str(tmp_path), AT, AT + 3600, asked().uid))
    assert [(one.summary, one.whole_day) for one in found] == [("Holiday", True), ("Swimming", False)]


def test_it_is_asked_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.ics"
    path.write_bytes(event("UID:1\nSUMMARY:Dentist\nDTSTART:20261201T133000Z\nDTEND:20261201T143000Z").encode())
    assert [one.summary for one in clashes(str(path), asked(), threading.Event())] == ["Dentist"]
    assert clashes("", asked(), threading.Event()) == ()
    stopped = threading.Event()
    stopped.set()
    assert clashes(str(path), asked(), stopped) == ()
    assert clashes(str(tmp_path / "none.ics"), asked(), threading.Event()) == ()
