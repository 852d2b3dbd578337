"""The POP3 ledger: what is written down of each message of the server, and that nothing of it is lost on the way."""

import pytest

from qtmail.model import ContentHash, FolderId, Role, RowId
from qtmail.operations import Expunge, Move
from qtmail.store import add, facts, folders, grace, ledger, lists, verify
from qtmail.store.ledger import NewEntry
from qtmail.store.values import BodyFacts, LedgerEntry, NewMessage, PopWish, Proof
from tests.unit.store.world import NOW, POP, World
from tests.unit.store.world import facts as header_of

Mail = dict[str, RowId]


@pytest.fixture
def inbox(world: World) -> FolderId:
    made: FolderId = world.write(folders.ensure_folder, POP, "INBOX")
    return made


@pytest.fixture
def mail(world: World, inbox: FolderId) -> Mail:
    rows = {name: world.own(inbox, name) for name in ("one", "two")}
    for name, row in rows.items():
        record(world, name, row)
    return rows


def content_of(world: World, row: RowId) -> ContentHash:
    sql = "SELECT m.content FROM placement AS p JOIN message AS m ON m.id = p.message WHERE p.id = ?"
    return ContentHash(world.store.read().value(sql, row))


def record(world: World, uidl: str, row: RowId, proof: Proof = Proof.WHOLE) -> None:
    world.write(ledger.record, POP, [NewEntry(uidl, content_of(world, row), row, 500, proof)], now=NOW)


def entry(world: World, uidl: str) -> LedgerEntry:
    return ledger.known(world.store.read(), POP)[uidl]


def test_from_stored_to_deleted(world: World, mail: Mail) -> None:
    first = entry(world, "one")
    assert (first.state, first.proof, first.size, first.wish) == ("kept", Proof.WHOLE, 500, PopWish.NONE)
    assert first.open
    assert first.stored == len(world.store.content.get(first.content))
    world.write(ledger.asked, POP, {"one": "because"}, now=NOW + 5)
    assert (entry(world, "one").state, entry(world, "one").decided) == ("asked", "because")
    world.write(ledger.deleted, POP, ["one"], now=NOW + 6)
    last = entry(world, "one")
    assert (last.state, last.asked_at, last.answered_at, last.ended_at) == ("deleted", NOW + 5, NOW + 6, NOW + 6)
    world.write(ledger.asked, POP, {"one": "again"}, now=NOW + 7)
    assert entry(world, "one") == last
    assert entry(world, "two").open
    assert ledger.of_rows(world.store.read(), [mail["one"]]) == {mail["one"]: last}


def test_a_quit_without_an_answer_is_weighed_anew(world: World, mail: Mail) -> None:
    world.write(ledger.asked, POP, {"one": "because"}, now=NOW)
    world.write(ledger.decide, POP, {"one": "you want it kept there"})
    assert (entry(world, "one").state, entry(world, "one").decided) == ("kept", "you want it kept there")
    assert mail


def test_what_is_not_listed_any_more_is_closed_and_may_come_back(world: World, mail: Mail) -> None:
    world.write(ledger.asked, POP, {"one": "because"}, now=NOW)
    world.write(ledger.gone, POP, ["one", "two"], now=NOW + 1)
    assert (entry(world, "one").state, entry(world, "two").state) == ("deleted", "gone")
    assert entry(world, "one").answered_at is None
    world.write(ledger.back, POP, ["two"])
    assert (entry(world, "two").state, entry(world, "two").ended_at) == ("kept", None)
    assert mail


def test_deleted_here_means_trash_or_gone(world: World, mail: Mail) -> None:
    trash: FolderId = world.write(folders.ensure_folder, POP, "Trash", Role.TRASH)
    assert not entry(world, "one").deleted_here
    world.do(Move((mail["one"],), (), trash))
    world.do(Expunge((mail["two"],)))
    assert entry(world, "one").deleted_here
    assert entry(world, "two").deleted_here


def test_a_copy_that_was_dropped_here_is_told(world: World, mail: Mail) -> None:
    world.do(Expunge((mail["two"],)))
    grace.collect(world.store, now=NOW + 40 * grace.DAY)
    assert entry(world, "two").stored is None
    assert entry(world, "one").stored is not None


def test_a_new_name_for_what_is_here(world: World, mail: Mail) -> None:
    world.write(ledger.gone, POP, ["one"], now=NOW)
    world.write(ledger.rename, POP, "one", "uno", 501, Proof.MATCHED)
    known = ledger.known(world.store.read(), POP)
    assert set(known) == {"uno", "two"}
    assert (known["uno"].row, known["uno"].proof, known["uno"].size) == (mail["one"], Proof.MATCHED, 501)
    assert known["uno"].open
    world.write(ledger.proven, POP, ["uno"])
    assert entry(world, "uno").proof is Proof.WHOLE


def test_places_follow_the_server(world: World, mail: Mail) -> None:
    world.write(ledger.put_in_order, POP, ["two", "one"], 7)
    assert [(uidl, e.place) for uidl, e in ledger.known(world.store.read(), POP).items()] == [("two", 7), ("one", 8)]
    assert mail


def test_wishes_are_for_what_is_still_there(world: World, mail: Mail) -> None:
    world.write(ledger.gone, POP, ["two"], now=NOW)
    assert world.write(ledger.set_wish, list(mail.values()), PopWish.REMOVE) == 1
    assert (entry(world, "one").wish, entry(world, "two").wish) == (PopWish.REMOVE, PopWish.NONE)


def test_a_beginning_that_becomes_whole(world: World, inbox: FolderId) -> None:
    row = world.own(inbox, "beginning")
    record(world, "big", row, Proof.PART)
    copy = world.own(world.write(folders.ensure_folder, POP, "Archive"), "beginning")
    assert world.write(ledger.want, [row]) == 1
    assert list(ledger.wanted(world.store.read(), POP)) == ["big"]
    raw = b"Subject: the whole of it\r\n\r\nwords\r\n"
    content = world.store.content.put(raw, now=NOW)
    whole = NewMessage(content, len(raw), NOW, header_of("whole"), BodyFacts("words", 0, "", "words"))
    world.write(add.complete_message, row, whole, now=NOW)
    world.write(ledger.completed, POP, "big", whole.content, now=NOW)
    shown = lists.rows(world.store.read(), [row, copy])
    assert {one.subject for one in shown.values()} == {whole.facts.subject}
    done = entry(world, "big")
    assert (done.proof, done.wanted, done.stored) == (Proof.WHOLE, False, whole.size)
    assert verify.verify(world.store).problems == ()


def test_small_facts(world: World) -> None:
    world.write(facts.put, POP, "files_sent", "yes")
    world.write(facts.put, POP, "files_sent", "no")
    assert facts.get(world.store.read(), POP, "files_sent") == "no"
    assert facts.every(world.store.read(), POP) == {"files_sent": "no"}
    world.write(facts.put, POP, "files_sent", "")
    assert facts.get(world.store.read(), POP, "files_sent", "unknown") == "unknown"
