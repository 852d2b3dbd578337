"""Lists of conversations, and the user's word on them."""

from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.model import Flag, FolderId, MessageId, RowId, SortKey
from qtmail.operations import Expunge, Move, Mute, NotUndoable, Regroup, SetFlag
from qtmail.paths import Profile
from qtmail.store import bodies, conversations, regrouping, sync, threads, undo
from qtmail.store.db import Store
from qtmail.store.rescue import rescue
from qtmail.store.values import BodyFacts, NewBody
from tests.unit.store.test_threads import check_conversations, partition, told
from tests.unit.store.world import NOW, REMOTE, World, facts


def ids(world: World, *folders: FolderId, sort: SortKey = SortKey.DATE, descending: bool = True) -> list[int]:
    return list(conversations.ids(world.store.read(), folders, sort, descending=descending))


def seen(world: World, row: RowId, *folders: FolderId) -> conversations.Conversation:
    mine = frozenset(["sender2@example.test"])
    return conversations.conversations(world.store.read(), [row], folders, mine=mine)[row]


def test_a_list_has_the_newest_of_each_conversation(world: World) -> None:
    one, two, three, four = world.arrive(
        world.inbox, told(1, "1"), told(2, "2", ["1"]), told(3, "3"), told(4, "4", ["1", "2"])
    )
    (sent,) = world.arrive(world.work, told(5, "5", ["1", "2", "4"]))
    assert ids(world, world.inbox) == [four, three]
    assert ids(world, world.inbox, descending=False) == [three, four]
    assert ids(world, world.inbox, sort=SortKey.SUBJECT, descending=False) == [three, four]
    assert ids(world, world.inbox, world.work) == [sent, three]
    assert ids(world) == []
    found = seen(world, one, world.inbox)
    assert (found.head, found.rows, found.members) == (four, (four, two, one), (sent, four, two, one))
    assert found.participants == ("Sender 1", "me", "Sender 4", "Sender 5")
    assert (found.count, found.unread, found.starred, found.muted) == (4, 3, False, False)
    assert conversations.heads(world.store.read(), [one, sent, three], [world.inbox]) == {
        one: four,
        sent: four,
        three: three,
    }
    assert conversations.rows_of(world.store.read(), [one], [world.inbox]) == [four, two, one]
    assert threads.thread(world.store.read(), message_of(world, four)) == (one, two, four, sent)


def test_the_list_follows_what_is_done(world: World) -> None:
    rows = world.arrive(world.inbox, *(told(n, f"{n}", ["1"] if n > 1 else []) for n in range(1, 6)))
    world.do(SetFlag((rows[0], rows[4]), Flag.SEEN, True))
    world.do(SetFlag((rows[0],), Flag.FLAGGED, True))
    found = seen(world, rows[4], world.inbox)
    assert (found.unread, found.starred) == (3, True)
    world.do(Move((rows[4],), (), world.trash))
    assert ids(world, world.inbox) == [rows[3]]
    assert ids(world, world.trash) == [rows[4]]
    world.do(Expunge((rows[3], rows[2])))
    assert ids(world, world.inbox) == [rows[1]]
    check_conversations(world)
    for _ in range(2):
        undo.undo(world.store, now=NOW, remote=REMOTE)
    assert ids(world, world.inbox) == [rows[4]]
    assert ids(world, world.trash) == []
    world.write(sync.mark_vanished, world.inbox, range(1, 6), now=NOW)
    assert ids(world, world.inbox) == []
    check_conversations(world)


def test_what_turns_out_to_answer_something_else_changes_its_conversation(world: World) -> None:
    first, second, third = world.arrive(world.inbox, told(1, "1"), told(2, "2"), told(3, "3", ["2"]))
    content = world.store.content.put(b"whole", now=NOW)
    whole = NewBody(third, content, 5, replace(facts("3", date=NOW - 997), refs="<1@example.test>"), BodyFacts())
    world.write(bodies.store_bodies, [whole], now=NOW)
    assert threads.behind(world.store.read())
    world.write(threads.catch_up)
    assert partition(world.store, world.inbox) == {frozenset([1, 3]), frozenset([2])}
    assert ids(world, world.inbox) == [third, second]
    assert first not in ids(world, world.inbox)
    check_conversations(world)


def test_mail_from_before_conversations_is_threaded_in_steps(world: World) -> None:
    mails = [told(n, f"{n}", [f"{n - 1}"] if n % 4 else []) for n in range(1, 41)]
    world.arrive(world.inbox, *mails)
    before = partition(world.store, world.inbox)
    with world.store.transaction("as it was") as tx:
        tx.run("UPDATE message SET thread = 0")
        for table in ("thread_node", "thread_tangle", "conversation"):
            tx.run(f"DELETE FROM {table}")
        tx.run("UPDATE thread_state SET below = (SELECT max(id) + 1 FROM message)")
    world.arrive(world.inbox, told(41, "41", ["40"]))
    steps = 0
    while world.write(threads.catch_up, 7):
        steps += 1
    assert steps == 6
    assert not threads.behind(world.store.read())
    last = next(group for group in before if 40 in group)
    assert partition(world.store, world.inbox) == (before - {last}) | {last | {41}}
    check_conversations(world)


def test_splitting_and_joining_is_undone_and_holds_for_what_comes(world: World) -> None:
    rows = world.arrive(
        world.inbox, told(1, "1"), told(2, "2", ["1"]), told(3, "3", ["1", "2"]), told(4, "4"), told(5, "5", ["gone"])
    )
    words = regrouping.split(world.store.read(), rows[1])
    world.do(Regroup(*words, "Split"))
    assert partition(world.store, world.inbox) == {frozenset([1]), frozenset([2, 3]), frozenset([4]), frozenset([5])}
    assert regrouping.split(world.store.read(), rows[1]) == ((), ())
    world.arrive(world.inbox, told(6, "6", ["1", "2", "3"]))
    world.do(Regroup(*regrouping.join(world.store.read(), [rows[0], rows[4]], rows[3]), "Join"))
    assert partition(world.store, world.inbox) == {frozenset([1, 4, 5]), frozenset([2, 3, 6])}
    world.arrive(world.inbox, told(7, "7", ["gone"]))
    check_conversations(world)
    assert undo.undo(world.store, now=NOW, remote=REMOTE).label == "Undo: Join conversations"
    assert partition(world.store, world.inbox) == {
        frozenset([1]),
        frozenset([2, 3, 6]),
        frozenset([4]),
        frozenset([5, 7]),
    }
    undo.undo(world.store, now=NOW, remote=REMOTE)
    assert partition(world.store, world.inbox) == {frozenset([1, 2, 3, 6]), frozenset([4]), frozenset([5, 7])}
    check_conversations(world)
    with pytest.raises(NotUndoable):
        undo.undo(world.store, now=NOW, remote=REMOTE)


def test_the_users_word_outlives_the_mail(world: World) -> None:
    """The folder is emptied and fetched again, as after a new database that was given the words of the old one."""
    mails = [told(1, "1"), told(2, "2", ["1"]), told(3, "3")]
    rows = world.arrive(world.inbox, *mails)
    world.do(Regroup(*regrouping.split(world.store.read(), rows[1]), "Split"))
    world.do(Regroup(*regrouping.join(world.store.read(), [rows[2]], rows[1]), "Join"))
    world.do(Mute(regrouping.to_mute(world.store.read(), [rows[2]], True), True))
    with world.store.transaction("a new database") as tx:
        for table in ("conversation", "thread_node", "thread_tangle", "body_wanted", "placement", "message"):
            tx.run(f"DELETE FROM {table}")
    for mail in reversed(mails):
        world.arrive(world.inbox, mail)
    assert partition(world.store, world.inbox) == {frozenset([1]), frozenset([2, 3])}
    heads = [RowId(row) for row in ids(world, world.inbox)]
    found = conversations.conversations(world.store.read(), heads, [world.inbox])
    assert [found[head].muted for head in heads] == [True, False]


def test_a_muted_conversation_is_named_by_what_it_begins_with(world: World) -> None:
    rows = world.arrive(world.inbox, told(1, "1"), told(2, "2", ["1"]), told(3, "3"))
    nodes = regrouping.to_mute(world.store.read(), [rows[1], rows[0]], True)
    assert len(nodes) == 1
    world.do(Mute(nodes, True))
    later = world.arrive(world.inbox, told(4, "4", ["1", "2"]), told(5, "5", ["3"]))
    assert regrouping.muted_of(world.store.read(), later) == (later[0],)
    assert seen(world, later[0], world.inbox).muted
    assert regrouping.to_mute(world.store.read(), rows, True) == regrouping.to_mute(world.store.read(), [rows[2]], True)
    world.do(Mute(regrouping.to_mute(world.store.read(), [later[0]], False), False))
    assert not regrouping.muted_of(world.store.read(), later)


def message_of(world: World, row: RowId) -> MessageId:
    return MessageId(world.store.read().value("SELECT message FROM placement WHERE id = ?", row))


def test_a_rescue_keeps_the_users_word(profile: Profile, tmp_path: Path) -> None:
    world = World(Store.open(profile))
    rows = world.arrive(world.inbox, told(1, "1"), told(2, "2", ["1"]))
    world.do(Regroup(*regrouping.split(world.store.read(), rows[1]), "Split"))
    world.do(Mute(regrouping.to_mute(world.store.read(), [rows[1]], True), True))
    world.store.close()
    rescue(profile, tmp_path / "saved", now=NOW)
    world = World(Store.open(profile))
    rows = world.arrive(world.inbox, told(2, "2", ["1"]), told(1, "1"))
    assert partition(world.store, world.inbox) == {frozenset([1]), frozenset([2])}
    assert regrouping.muted_of(world.store.read(), rows) == (rows[0],)
    world.store.close()
