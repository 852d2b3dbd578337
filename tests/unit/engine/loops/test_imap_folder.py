"""What a visit to a folder decides, against a server that answers well, badly, or lies."""

from dataclasses import replace

import pytest

from qtmail.engine import imap_headers
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.server_details import remembered
from qtmail.errors import Refused, ServerClosed
from qtmail.model import Flag
from qtmail.store import read
from tests.unit.engine.loops.conftest import KEY, World


def test_nothing_new_is_one_question(world: World) -> None:
    world.server.fill(5)
    assert world.sync().new == 5
    world.backend.close()
    world.sync()
    assert world.fake.asked == ["LIST"]


def test_one_unreadable_header_holds_no_other_and_is_had_from_its_body(world: World) -> None:
    world.server.fill(6).broken = {3}
    tally = world.sync()
    assert (tally.new, tally.bodies) == (6, 6)
    assert "Mail 3" in {row.subject for row in world.rows()}
    assert world.problems() == []


def test_a_message_of_which_nothing_can_be_read_has_a_place_and_a_problem(world: World) -> None:
    world.server.fill(4).lost = {2}
    world.sync()
    subjects = {row.subject for row in world.rows()}
    assert imap_headers.UNREADABLE in subjects
    assert len(subjects) == 4
    assert "UID 2" in world.problems()[0].server_words
    world.sync()
    assert len(world.rows()) == 4


def test_a_message_that_a_server_left_out_of_one_answer_is_not_removed(world: World) -> None:
    world.server.fill(40)
    world.sync()
    world.server.hidden = {5, 6, 7}
    del world.server.messages[30]
    world.sync()
    assert len(world.rows()) == 40, "EXISTS says one less, SEARCH four: nothing is removed"
    assert any("contradict" in problem.what for problem in world.problems())
    (caught,) = remembered(world.store.read(), KEY).honesty
    assert (caught.name, caught.times) == ("SEARCH", 1)
    assert "INBOX" in caught.what
    world.server.hidden = set()
    world.events.clear()
    world.sync()
    assert world.problems() == []
    assert len(world.rows()) == 39


@pytest.mark.parametrize("count", [1, 12, 40])
def test_an_exists_0_lie_removes_nothing(world: World, count: int) -> None:
    world.server.fill(count)
    world.sync()
    world.server.says_empty = True
    world.server.fill(count + 1)
    world.sync()
    assert len(world.rows()) == count + 1, "what is new came all the same"
    (caught,) = remembered(world.store.read(), KEY).honesty
    assert caught.name == "EXISTS"
    assert "INBOX was said to be empty" in caught.what


def test_a_folder_that_was_emptied_is_empty_here_when_a_search_agrees(world: World) -> None:
    world.server.fill(12)
    world.sync()
    world.server.messages.clear()
    world.sync()
    assert world.rows() == []
    assert world.fake.asked.count("SEARCH 1") == 1
    assert remembered(world.store.read(), KEY).honesty == ()


def test_a_list_without_the_inbox_lets_go_of_no_folder(world: World) -> None:
    world.server.fill(3)
    world.sync()
    inbox = world.fake.folders_.pop(b"INBOX")
    world.sync()
    assert len(world.rows()) == 3
    (problem,) = world.problems()
    assert problem.retry
    world.fake.folders_[b"INBOX"] = inbox.fill(4)
    world.sync()
    assert len(world.rows()) == 4


def test_a_mass_removal_is_asked_twice(world: World) -> None:
    world.server.fill(60)
    world.sync()
    for uid in range(1, 51):
        del world.server.messages[uid]
    world.sync()
    assert len(world.rows()) == 10
    assert world.fake.asked.count("SEARCH 1") == 2


def test_a_handful_is_removed_after_one_proof(world: World) -> None:
    world.server.fill(60)
    world.sync()
    del world.server.messages[30]
    world.sync()
    assert len(world.rows()) == 59
    assert world.fake.asked.count("SEARCH 1") == 1


def test_without_condstore_flags_are_compared_when_the_unseen_count_changes(world: World) -> None:
    world.server.fill(5)
    world.sync()
    world.server.flags[2] = frozenset({Flag.SEEN, Flag.FLAGGED})
    world.server.messages[6] = b"Subject: New\r\n\r\n"
    world.sync()
    assert {row.subject for row in world.rows() if row.starred} == {"Mail 2"}


def test_a_modseq_that_goes_backwards_hides_no_flag(world: World) -> None:
    world.server.fill(3)
    world.server.highestmodseq = 900
    world.sync()
    world.server.flags[2] = frozenset(("\\Flagged",))
    world.server.highestmodseq = 20
    world.sync()
    assert {row.subject for row in world.rows() if row.starred} == {"Mail 2"}
    (caught,) = remembered(world.store.read(), KEY).honesty
    assert (caught.name, caught.what) == ("CONDSTORE", "HIGHESTMODSEQ of INBOX went backwards.")


def test_what_was_compared_counts_as_proven(world: World) -> None:
    world.server.fill(3)
    world.fake.ledger.note("ESEARCH", "UIDPLUS")
    world.sync()
    found = {one.name: one for one in remembered(world.store.read(), KEY).extensions}
    assert found["ESEARCH"].verified
    assert found["UIDPLUS"].verified
    assert found["MOVE"].advertised
    assert not found["MOVE"].used
    assert not found["MOVE"].verified


def test_a_folder_that_goes_while_it_is_looked_at_holds_no_other(world: World) -> None:
    world.fake.folders_[b"Work"] = type(world.server)().fill(2)
    world.server.fill(3)
    listed = world.fake.folders

    def folders() -> object:
        found = listed()
        world.fake.folders_.pop(b"Work", None)
        return found

    world.fake.folders = folders  # type: ignore[method-assign,assignment]
    assert world.sync().new == 3
    assert world.problems() == []


def test_a_download_cut_in_the_middle_goes_on_without_gaps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.server.fill(1000)
    fetch = world.fake.fetch_headers

    def cut(uids):  # type: ignore[no-untyped-def]
        for number, fetched in enumerate(fetch(uids)):
            if fetched.uid < 700 and number % 7 == 3:
                raise ServerClosed("cut")
            yield fetched

    monkeypatch.setattr(world.fake, "fetch_headers", cut)
    with pytest.raises(ServerClosed):
        world.sync()
    had = len(world.rows())
    assert 200 <= had < 1000
    monkeypatch.undo()
    monkeypatch.setattr("qtmail.net.imap.ImapSession.connect", lambda *_a, **_m: world.fake)
    world.server.messages[1001] = b"Subject: New\r\n\r\n"
    world.sync()
    assert len(world.rows()) == 1001
    assert all(row.has_body for row in world.rows())


def test_a_folder_that_another_connection_found_renumbered_is_opened_anew(world: World) -> None:
    """Else its new UIDs would be told to a server that still has the old folder open here."""
    world.server.fill(3)
    world.sync()
    link = ImapLink(world.desk)
    link.enter(read.folder_state(world.store.read(), world.inbox()))
    world.server.uidvalidity += 1
    world.sync()
    found = read.folder_state(world.store.read(), world.inbox())
    world.fake.asked.clear()
    link.enter(found)
    link.enter(found)
    assert world.fake.asked == ["SELECT INBOX"]
    with pytest.raises(Refused):
        link.enter(replace(found, uidvalidity=found.uidvalidity + 1))
    link.close()
