"""What is remembered of a server: used and proven stay, what was caught stays and is counted."""

import pytest

from qtmail.engine import server_limits
from qtmail.engine.mail import Mail
from qtmail.engine.server_details import (
    Caught,
    Evidence,
    ServerDetails,
    distrusted,
    remember,
    remembered,
    value,
)
from qtmail.engine.server_limits import Limits
from qtmail.model import AccountKey
from qtmail.net.imap_extensions import Ledger
from qtmail.net.imap_values import Quota
from qtmail.store.db import Store

WORK = AccountKey("w")
HOST = "imap.example.test:993"
NOW = 1_795_428_000
DAY = 24 * 3600


@pytest.fixture
def store(mail: Mail) -> Store:
    return mail._store


def states(details: ServerDetails) -> dict[str, tuple[bool, bool, bool]]:
    return {one.name: (one.advertised, one.used, one.verified) for one in details.extensions}


def passed(store: Store, ledger: Ledger, evidence: Evidence | None = None, server: str = HOST, now: int = NOW) -> None:
    remember(store, WORK, server, "Dovecot", ledger.standing(), evidence or Evidence(), now=now)


def test_nothing_is_known_before_a_pass(mail: Mail) -> None:
    assert mail.server_details(WORK) == ServerDetails()
    told = value(mail.server_details(WORK))
    assert (told["extensions"], told["honesty"], told["quirks"], told["quota"]) == ([], [], [], [])


def test_used_and_proven_are_remembered_from_pass_to_pass(store: Store) -> None:
    offered = ("ESEARCH", "CONDSTORE", "ENABLE", "QUOTA")
    first = Ledger(offered)
    first.note("ESEARCH", "ENABLE")
    evidence = Evidence()
    evidence.prove("ESEARCH", "MOVE")
    passed(store, first, evidence)
    second = Ledger(offered)
    second.note("CONDSTORE")
    passed(store, second, now=NOW + 60)
    found = states(remembered(store.read(), WORK))
    assert found["ESEARCH"] == (True, True, True)
    assert found["ENABLE"] == (True, True, True), "an answer is its proof"
    assert found["CONDSTORE"] == (True, True, False)
    assert found["QUOTA"] == (True, False, False)
    assert found["MOVE"] == (False, False, False), "not offered is not verified"
    assert not evidence.proven


def test_what_is_no_longer_offered_is_not_used(store: Store) -> None:
    first = Ledger(("ENABLE",))
    first.note("ENABLE")
    passed(store, first)
    passed(store, Ledger(()))
    assert states(remembered(store.read(), WORK))["ENABLE"] == (False, False, False)


def test_what_was_caught_is_counted_and_never_verified_again(store: Store) -> None:
    ledger = Ledger(("CONDSTORE",))
    ledger.note("CONDSTORE")
    evidence = Evidence()
    for number in range(3):
        evidence.catch("CONDSTORE", "It went backwards.", "All is compared.")
        evidence.prove("CONDSTORE")
        passed(store, ledger, evidence, now=NOW + number)
    details = remembered(store.read(), WORK)
    assert details.honesty == (Caught("CONDSTORE", "It went backwards.", "All is compared.", 3, NOW + 2),)
    assert states(details)["CONDSTORE"] == (True, True, False)
    assert value(details)["honesty"][0]["times"] == 3


def test_what_a_session_gave_up_is_told_once(store: Store) -> None:
    for number in range(2):
        ledger = Ledger(("NOTIFY",))
        ledger.give_up("NOTIFY", "The server refused it: no.")
        passed(store, ledger, now=NOW + number)
    details = remembered(store.read(), WORK)
    assert details.honesty == (Caught("NOTIFY", "The server refused it: no.", "It is not used.", 1, NOW),)
    assert states(details)["NOTIFY"] == (True, False, False)


def test_a_pass_that_finds_nothing_new_writes_once_a_day(store: Store) -> None:
    ledger = Ledger(("ENABLE",))
    passed(store, ledger)
    passed(store, ledger, now=NOW + DAY - 1)
    assert remembered(store.read(), WORK).at == NOW
    passed(store, ledger, now=NOW + DAY)
    assert remembered(store.read(), WORK).at == NOW + DAY


def test_another_server_starts_anew(store: Store) -> None:
    ledger = Ledger(("ENABLE", "ESEARCH"))
    ledger.note("ENABLE")
    evidence = Evidence()
    evidence.catch("SEARCH", "It lied.", "It is asked twice.")
    passed(store, ledger, evidence)
    passed(store, Ledger(("ENABLE",)), server="other.example.test:993")
    details = remembered(store.read(), WORK)
    assert (details.server, details.honesty) == ("other.example.test:993", ())
    assert states(details)["ENABLE"] == (True, False, False)


def test_why_an_extension_is_not_used_stands_with_it(store: Store) -> None:
    ledger = Ledger(("QRESYNC", "NOTIFY", "ESEARCH"), set_aside=["QRESYNC"])
    ledger.give_up("NOTIFY", "The server refused it: no.")
    ledger.note("ESEARCH")
    evidence = Evidence()
    evidence.catch("ESEARCH", "Numbers differ.", "It is asked twice.")
    passed(store, ledger, evidence)
    details = remembered(store.read(), WORK)
    assert {one["name"]: one["trouble"] for one in value(details)["extensions"] if one["trouble"]} == {
        "ESEARCH": "It is asked twice.",
        "NOTIFY": "The server refused it: no.",
        "QRESYNC": "It is not trusted on this server.",
    }
    assert {one.name for one in details.honesty} == {"ESEARCH", "NOTIFY"}, "what is set aside was told before"
    assert details.troubled


def test_forgetting_gives_the_server_another_chance(mail: Mail, store: Store) -> None:
    evidence = Evidence()
    evidence.distrust("QRESYNC", "VANISHED named what is there.")
    passed(store, Ledger(("QRESYNC",)), evidence)
    assert distrusted(store.read(), WORK, now=NOW) == {"QRESYNC"}
    mail.forget_findings(WORK)
    assert distrusted(store.read(), WORK, now=NOW) == frozenset()
    assert mail.server_details(WORK) == ServerDetails()


@pytest.mark.parametrize(
    ("used", "limit", "words", "nearly_full"),
    [
        (3_100_000_000, 15_000_000_000, "3.1 of 15 GB used", False),
        (960_000, 1_000_000, "960 kB of 1 MB used", True),
        (950_000, 1_000_000, "950 kB of 1 MB used", False),
        (0, 2_000_000_000_000, "0 bytes of 2 TB used", False),
        (5, 0, "", False),
    ],
)
def test_room_in_words(store: Store, used: int, limit: int, words: str, nearly_full: bool) -> None:
    told = Limits(NOW, (Quota("", "MESSAGE", 9, 10), Quota("", "STORAGE", used, limit)), None, 35_000_000, nearly_full)
    with store.transaction("limits") as tx:
        server_limits.remember(tx, WORK, told)
    found = server_limits.remembered(store.read(), WORK)
    assert found == told
    assert (found.words, found.nearly_full) == (words, nearly_full)
    with store.transaction("full") as tx:
        server_limits.ask_again(tx, WORK)
    again = server_limits.remembered(store.read(), WORK)
    assert (again.at, again.words, again.warned) == (0, words, nearly_full)


def test_a_distrusted_extension_gets_another_chance_after_a_month(store: Store) -> None:
    evidence = Evidence()
    evidence.distrust("QRESYNC", "VANISHED named what is there.")
    passed(store, Ledger(("QRESYNC",)), evidence)
    passed(store, Ledger(("QRESYNC",)), now=NOW + 31 * DAY)
    assert distrusted(store.read(), WORK, now=NOW + 31 * DAY) == frozenset()
    (row,) = [one for one in remembered(store.read(), WORK).extensions if one.name == "QRESYNC"]
    assert row.trouble == ""


def test_what_is_known_of_a_provider_is_shown_with_its_server(store: Store) -> None:
    passed(store, Ledger(()), server="imap.gmail.com:993")
    details = remembered(store.read(), WORK)
    assert [quirk.provider for quirk in details.quirks] == ["Gmail"]
    assert value(details)["quirks"][0]["extension"] == "X-GM-EXT-1"
    assert not details.troubled
