"""QRESYNC is a hint: what it names as gone is taken out where a search and the numbers bear it out, and not else."""

from array import array

import pytest

from qtmail.engine.server_details import distrusted, remembered
from qtmail.model import Flag
from qtmail.net.imap_values import FetchedFlags, Resynced
from tests.unit.engine.loops.conftest import KEY, World

MONTH = 30 * 24 * 3600


def told(world: World, *vanished: int, changed: tuple[FetchedFlags, ...] = ()) -> None:
    world.server.highestmodseq += 10
    world.server.resynced = Resynced(array("I", vanished), changed)


@pytest.fixture
def full(world: World) -> World:
    world.server.fill(60).highestmodseq = 100
    world.sync()
    return world


def test_one_round_trip_tells_flags_and_one_more_proves_what_is_gone(full: World) -> None:
    for uid in (7, 8):
        del full.server.messages[uid]
    told(full, 7, 8, 999, changed=(FetchedFlags(9, frozenset({Flag.FLAGGED}), 110),))
    full.sync()
    assert full.asked() == ["LIST", "SELECT INBOX", "PRESENT"]
    assert len(full.rows()) == 58
    assert {row.subject for row in full.rows() if row.starred} == {"Mail 9"}
    assert {one.name for one in remembered(full.store.read(), KEY).extensions if one.name == "QRESYNC"}
    full.sync()
    assert full.asked() == ["LIST"]


def test_new_ones_are_asked_for_only_where_there_are_some(full: World) -> None:
    full.server.messages[61] = b"Subject: New\r\n\r\n"
    told(full)
    assert full.sync().new == 1
    assert full.asked()[:2] == ["LIST", "SELECT INBOX"]
    assert full.asked().count("SEARCH 61") == 1
    assert "SEARCH 1" not in full.asked()


def test_a_lie_removes_nothing_and_is_not_believed_again(full: World) -> None:
    del full.server.messages[9]
    told(full, 7, 8, 9)
    full.sync()
    assert len(full.rows()) == 59, "what is gone went; what is there stayed"
    (caught,) = remembered(full.store.read(), KEY).honesty
    assert (caught.name, caught.what) == ("QRESYNC", "2 of 3 messages named as gone in INBOX are there.")
    assert not full.fake.supports("QRESYNC")
    assert distrusted(full.store.read(), KEY, now=caught.at + MONTH - 1) == {"QRESYNC"}
    assert distrusted(full.store.read(), KEY, now=caught.at + MONTH + 1) == frozenset()


def test_what_it_does_not_tell_is_found_by_counting(full: World) -> None:
    del full.server.messages[9]
    told(full)
    full.sync()
    assert len(full.rows()) == 59
    assert full.asked().count("SEARCH 1") == 1


def test_a_mass_removal_needs_the_numbers_too(full: World) -> None:
    for uid in range(1, 51):
        del full.server.messages[uid]
    told(full, *range(1, 51))
    full.sync()
    assert len(full.rows()) == 10
    assert full.asked() == ["LIST", "SELECT INBOX", "PRESENT"], "VANISHED, a search and EXISTS agree"
    full.server.hidden = set(full.server.messages)
    told(full, *range(51, 61))
    full.sync()
    assert len(full.rows()) == 10 - 10, "a handful is believed after one search"


def test_a_mass_removal_that_exists_contradicts_removes_nothing(full: World) -> None:
    full.server.hidden = set(range(1, 51))
    told(full, *range(1, 51))
    full.sync()
    assert len(full.rows()) == 60
    assert any("contradict" in problem.what for problem in full.problems())
