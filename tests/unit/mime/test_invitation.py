"""Invitations: what they say, in every way of saying it; nothing hostile takes long or raises."""

from datetime import date

import pytest

from qtmail.mime import answer, parts
from qtmail.mime.invitation import Answer, Invitation, Method, invitation, taken_apart
from qtmail.mime.repeats import repeats
from qtmail.model import Address
from tests.unit.mime.invitations import EVENT, ZONE, calendar, invited

ALICE = Address('Alice "A" Doe', "alice@example.test")


def read(ics: str) -> Invitation:
    raw = invited(ics)
    found = invitation(raw, parts.cut(raw).leaves)
    assert found is not None
    return found


def test_all_that_is_told_of_an_event() -> None:
    one = read(calendar())
    assert (one.method, one.summary, one.where) == (Method.REQUEST, "Planning, weekly", "Room 5")
    assert one.start is not None
    assert one.end is not None
    assert one.start.at == 1_796_130_000  # 14:00 in winter, an hour east of UTC
    assert one.end.at == one.start.at + 3600
    assert one.repeats == "every Tuesday until 14 March 2027"
    assert one.organiser == Address("Doe, Bo", "bo@example.org")
    assert [(who.who.address, who.answer, who.optional) for who in one.attendees] == [
        ("alice@example.test", Answer.NONE, False),
        ("cy@example.org", Answer.ACCEPTED, False),
        ("di@example.org", Answer.DECLINED, True),
    ]
    assert one.details == "Bring\nthe plan"
    assert one.link == "https://meet.example.org/abc"
    assert one.sequence == 2
    assert one.wants_answer
    assert one.part == 1


@pytest.mark.parametrize(
    ("line", "zone", "at", "known"),
    [
        ('DTSTART;TZID="W. Europe Standard Time":20260701T140000', ZONE, 1_782_907_200, True),
        ('DTSTART;TZID="W. Europe Standard Time":20260701T140000', "", 1_782_907_200, True),  # as Windows names it
        ("DTSTART;TZID=Asia/Tokyo:20260701T140000", "", 1_782_882_000, True),
        ("DTSTART;TZID=/example.org/2026/Asia/Tokyo:20260701T140000", "", 1_782_882_000, True),
        ("DTSTART:20260701T140000Z", "", 1_782_914_400, True),
        ("DTSTART;TZID=../../etc/passwd:20260701T140000", "", None, False),
        ("DTSTART;TZID=Nowhere:20260701T140000", "BEGIN:VTIMEZONE\nTZID:Nowhere\nEND:VTIMEZONE\n", None, False),
    ],
)
def test_times_are_those_of_their_zone(line: str, zone: str, at: int | None, known: bool) -> None:
    start = read(calendar(f"{line}\nUID:1\n", zone=zone)).start
    assert start is not None
    assert start.zone_known is known
    assert start.at == at or (at is None and start.at is not None)


def test_days_lengths_and_times_that_are_none() -> None:
    whole = read(calendar("DTSTART;VALUE=DATE:20261224\nUID:1\n"))
    assert whole.start is not None
    assert whole.end is not None
    assert (whole.start.at, whole.start.day, whole.end.day) == (None, date(2026, 12, 24), date(2026, 12, 25))
    lasts = read(calendar("DTSTART:20261224T100000Z\nDURATION:PT1H30M\nUID:1\n"))
    assert lasts.start is not None
    assert lasts.end is not None
    assert lasts.end.at == (lasts.start.at or 0) + 5400
    for wrong in ("20261399", "x", "00000000T000000Z", "99991231T235959Z", ""):
        read(calendar(f"DTSTART:{wrong}\nDURATION:P9999W\nUID:1\n"))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=4", "every 3 days, 4 times"),
        ("FREQ=WEEKLY", "every Tuesday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,MO", "every 2 weeks on Monday and Wednesday"),
        ("FREQ=MONTHLY", "every month on the 1st"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-1", "every month on the last Tuesday"),
        ("FREQ=YEARLY", "every year on 1 December"),
        ("FREQ=YEARLY;BYDAY=4TH;BYMONTH=11", "every year on the fourth Thursday of November"),
        ("FREQ=SECONDLY", "every second"),
        ("FREQ=OFTEN", ""),
        ("", ""),
        ("FREQ=WEEKLY;INTERVAL=-1;BYDAY=99XX;UNTIL=x;COUNT=-5", "every Tuesday"),
    ],
)
def test_how_it_repeats_in_words(rule: str, words: str) -> None:
    assert repeats(rule, date(2026, 12, 1)) == words


def test_the_event_itself_is_told_not_one_of_its_exceptions() -> None:
    moved = "END:VEVENT\nBEGIN:VEVENT\n"
    one = read(calendar("UID:1\nRECURRENCE-ID:20260101T000000Z\nSUMMARY:moved\n" + moved + "UID:1\nSUMMARY:all\n"))
    assert (one.summary, one.more, one.one_of) == ("all", 1, False)
    assert read(calendar("UID:1\nRECURRENCE-ID:20260101T000000Z\n")).one_of


def test_an_answer_says_what_the_rfc_asks_for_and_nothing_of_others() -> None:
    written = answer.calendar(calendar().encode(), "", ALICE, Answer.TENTATIVE, 1_795_492_516)
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    found = taken_apart(written)
    assert found.method == "REPLY"
    assert found.text("UID") == "040000008200E00074C5B7101A82E008"
    assert found.text("SEQUENCE") == "2"
    assert found.text("DTSTAMP") == "20261124T035516Z"
    people = [line for line in found.event if line.name == "ATTENDEE"]
    assert [line.value for line in people] == ["mailto:alice@example.test"]
    assert people[0].parameters == {"PARTSTAT": "TENTATIVE", "CN": "Alice 'A' Doe"}
    assert "W. Europe Standard Time" in found.changes
    assert b"cy@example.org" not in written
    assert b"Room" not in written
    one_date = calendar(EVENT.replace("SEQUENCE", "RECURRENCE-ID:20261208T130000Z\nSEQUENCE"))
    again = answer.calendar(one_date.encode(), "", ALICE, Answer.ACCEPTED, 0)
    assert taken_apart(again).text("RECURRENCE-ID") == "20261208T130000Z"


def test_what_is_hostile_is_bounded() -> None:
    event = "UID:1\nDTSTART:20260101T000000Z\nSUMMARY:x\nRRULE:FREQ=SECONDLY\n"
    hostile = {
        "huge": "ATTACH:" + "x" * 10_000_000 + "\n" + event,
        "many": event + "END:VEVENT\nBEGIN:VEVENT\n" * 100_000,
        "people": event + "ATTENDEE:mailto:a@example.org\n" * 50_000,
        "parameters": event + "A" + ";a" * 400_000 + "\n" + 'A;b="' * 50_000 + "\n",
        "nested": "BEGIN:VALARM\n" * 50_000 + event,
        "folded": event + "SUMMARY:a\n" + " b\n" * 300_000,
    }
    for name, ics in hostile.items():
        raw = invited(calendar(ics, zone=""))
        found = invitation(raw, parts.cut(raw).leaves)
        assert found is None or len(found.attendees) <= 500, name
    zones = "".join(ZONE.replace("W. Europe", str(n)).replace("YEARLY", "SECONDLY") for n in range(2_000))
    assert len(taken_apart(calendar(zone=zones).encode()).changes) == 20
    assert read(calendar(hostile["huge"], zone="")).summary == "x"
