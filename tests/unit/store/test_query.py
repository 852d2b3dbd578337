"""The language of the search box: what each operator finds, how they combine, and days as people say them."""

import time
from datetime import datetime

import pytest

from qtmail.errors import BadInput
from qtmail.model import AccountKey, Address, RowId
from qtmail.operations import SetFlag
from qtmail.store import add, search
from qtmail.store.query import Terms, dates, fixed, parse, unfinished
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage
from tests.unit.store.world import IMAP, NOW, World

DAY = 24 * 3600
KB = 1024

MAIL = {
    # subject, sender, words, files, octets, age in days, folder
    "plan": ("The building plan", "Anna", "see the drawing", "plan.pdf", 3000 * KB, 400, "inbox"),
    "tea": ("Tea", "Bo", "building blocks", "", 2 * KB, 40, "inbox"),
    "trip": ("Trip to Oslo", "Anna", "tickets inside", "tickets.pdf, map.png", 700 * KB, 1, "work"),
    "secret": ("…", "Cy", "", "encrypted.asc", 4 * KB, 0, "work"),
}


@pytest.fixture
def rows(world: World) -> dict[str, RowId]:
    now = int(time.time())
    made: dict[str, RowId] = {}
    for name, (subject, sender, text, files, size, age, place) in MAIL.items():
        content = world.store.content.put(name.encode(), now=NOW)
        facts = HeaderFacts(
            date=now - age * DAY, message_id=f"<{name}>", subject=subject, sender=Address(sender, f"{sender}@a.test")
        )
        message = NewMessage(
            content, size, now, facts, BodyFacts("", len(files.split(",")) if files else 0, files, text)
        )
        with world.store.transaction("mail") as tx:
            (made[name],) = add.add_messages(tx, getattr(world, place), [message], now=NOW)
    world.do(SetFlag((made["trip"],), "\\Flagged", True))
    world.do(SetFlag((made["tea"],), "$Forwarded", True))
    world.do(SetFlag((made["plan"],), "holiday", True))
    return made


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("building OR tickets", ["trip", "tea", "plan"]),
        ("from:anna (building OR tickets)", ["trip", "plan"]),
        ("from:(anna OR bo)", ["trip", "tea", "plan"]),
        ("from:(anna OR bo) -building", ["trip"]),
        ("-(building OR tickets)", ["secret"]),
        ("-from:anna -from:bo", ["secret"]),
        ("building OR is:starred", ["trip", "tea", "plan"]),
        ("(building is:forwarded) OR is:starred", ["trip", "tea"]),
        ("-(building is:forwarded)", ["secret", "trip", "plan"]),
        ("anna AND building", ["plan"]),
        ("(building", ["tea", "plan"]),
        ("building)", ["tea", "plan"]),
        ("building OR", ["tea", "plan"]),
        ("OR building", ["tea", "plan"]),
        ("larger:1M", ["plan"]),
        ("larger:500k smaller:1.5mb", ["trip"]),
        ("type:pdf", ["trip", "plan"]),
        ("type:.pdf", ["trip", "plan"]),
        ("type:image", ["trip"]),
        ("type:images", ["trip"]),
        ("filename:tickets", ["trip"]),
        ("has:attachment -type:pdf", ["secret"]),
        ("is:encrypted", ["secret"]),
        ("is:forwarded", ["tea"]),
        ("tag:holiday", ["plan"]),
        ("tag:Holiday", ["plan"]),
        ("in:inbox", ["tea", "plan"]),
        ("in:INBOX building", ["tea", "plan"]),
        ("in:anywhere building", ["tea", "plan"]),
        ("-in:inbox", ["secret", "trip"]),
        ("in:mine/inbox", ["tea", "plan"]),
        ("account:mine building", ["tea", "plan"]),
        ("account:me@a.test building", ["tea", "plan"]),
        ("older:1y", ["plan"]),
        ("older:30d newer:2y", ["tea", "plan"]),
        ("newer:2w", ["secret", "trip"]),
        ("before:today after:2000", ["trip", "tea", "plan"]),
        ("on:yesterday", ["trip"]),
        ('newer:"3 days"', ["secret", "trip"]),
        ("after:2100-01-01", []),
    ],
)
def test_what_is_found(world: World, rows: dict[str, RowId], typed: str, found: list[str]) -> None:
    names: dict[int, str] = {row: name for name, row in rows.items()}
    accounts = {"mine": IMAP, "me@a.test": IMAP}
    assert [names[row] for row in search.search(world.store.read(), typed, accounts=accounts)] == found


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("on:someday", "“someday” is no day"),
        ("on:2024-13-45", "is no day"),
        ("older:soon", "“soon” is no length of time"),
        ("larger:huge", "“huge” is no size"),
        ("account:nobody", "There is no account “nobody”"),
        ("type:-", "is no type of file"),
        ("larger:", "missing after “larger:”"),
        ("(" * 50 + "a", "too many parentheses"),
        ("()", "nothing to look for"),
        ("is:purple", "does not know “is:purple”"),
    ],
)
def test_a_wrong_query_says_why(typed: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        parse(typed, Terms(NOW, {"work": AccountKey("w")}))


def test_emoji_alone_are_found_in_subjects_and_beginnings(world: World) -> None:
    made = []
    for number, (subject, preview) in enumerate(
        (("Party 🎉", ""), ("Hello", "see you at the 🎉 and ☕"), ("Tea ☕️", ""))
    ):
        content = world.store.content.put(subject.encode(), now=NOW)
        facts = HeaderFacts(date=NOW - number, message_id=f"<{number}>", subject=subject)
        with world.store.transaction("mail") as tx:
            message = NewMessage(content, 1, NOW, facts, BodyFacts(preview, 0, "", preview))
            made += add.add_messages(tx, world.inbox, [message], now=NOW)
    for typed, found in (("🎉", made[:2]), ("☕️", made[1:]), ("🎉 ☕", made[1:2]), ("🎉 party", made[:1]), ("🦆", [])):
        assert list(search.search(world.store.read(), typed)) == found, typed


AT = int(datetime(2026, 11, 23, 15, 30).timestamp())  # a Monday


@pytest.mark.parametrize(
    ("said", "first", "after"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-03", "2024-03-01", "2024-04-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024/3/5", "2024-03-05", "2024-03-06"),
        ("5.3.2024", "2024-03-05", "2024-03-06"),
        ("today", "2026-11-23", "2026-11-24"),
        ("Yesterday", "2026-11-22", "2026-11-23"),
        ("last week", "2026-11-16", "2026-11-23"),
        ("this-week", "2026-11-23", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("this year", "2026-01-01", "2027-01-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("monday", "2026-11-23", "2026-11-24"),
        ("tue", "2026-11-17", "2026-11-18"),
        ("march", "2026-03-01", "2026-04-01"),
        ("december", "2025-12-01", "2026-01-01"),
        ("dec 2023", "2023-12-01", "2024-01-01"),
        ("feb-2024", "2024-02-01", "2024-03-01"),
    ],
)
def test_days_as_people_say_them(said: str, first: str, after: str) -> None:
    begins, ends = dates.span(said, AT)
    assert (datetime.fromtimestamp(begins).isoformat()[:16], datetime.fromtimestamp(ends).isoformat()[:16]) == (
        f"{first}T00:00",
        f"{after}T00:00",
    )


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("1d", "2026-11-22T15:30"),
        ("2w", "2026-11-09T15:30"),
        ("1m", "2026-10-23T15:30"),
        ("9m", "2026-02-23T15:30"),
        ("1 year", "2025-11-23T15:30"),
        ("3 hours", "2026-11-23T12:30"),
    ],
)
def test_how_long_ago(said: str, moment: str) -> None:
    assert datetime.fromtimestamp(dates.ago(said, AT)).isoformat()[:16] == moment


def test_a_month_before_the_31st_is_the_last_day_of_a_shorter_one() -> None:
    at = int(datetime(2026, 3, 31, 12).timestamp())
    assert datetime.fromtimestamp(dates.ago("1m", at)) == datetime(2026, 2, 28, 12)


def test_longer_ago_than_there_were_days_is_the_beginning() -> None:
    assert dates.ago("9999y", AT) == 0


def test_words_are_asked_of_the_index_in_one_go() -> None:
    wanted = parse("a1 b1 (c1 OR from:d1) -e1 is:unread x", Terms(NOW, {}))
    assert wanted.match == '(("a1" AND "b1" AND ("c1" OR sender : "d1") AND "x") NOT ("e1"))'
    assert [condition.sql for condition in wanted.conditions] == ["p.seen = 0"]


@pytest.mark.parametrize(
    ("typed", "start", "offered"),
    [
        ("tea un", 4, ["is:unread"]),
        ("tea -un", 5, ["is:unread"]),
        ("f", 0, []),
        ("fr", 0, ["from:"]),
        ("has:", 0, ["has:attachment"]),
        ("type:sp", 0, ["type:spreadsheet"]),
        ("on:last", 0, ['on:"last week"', 'on:"last month"', 'on:"last year"']),
        ('on:"last w', 0, ['on:"last week"']),
        ("tea ", 4, []),
        ("", 0, []),
        ("is:unread", 0, []),
        ("(fr", 1, ["from:"]),
    ],
)
def test_how_a_query_may_go_on(typed: str, start: int, offered: list[str]) -> None:
    word = unfinished(typed)
    assert word.start == start
    assert [one.text for one in fixed(word)] == offered
