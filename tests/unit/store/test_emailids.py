"""A message met in another folder under the server's own id is the one we have."""

from qtmail.model import FolderId, RowId
from qtmail.store import bodies, story, sync
from qtmail.store.values import NewHeader
from tests.unit.store.world import NOW, World, header


def message_of(world: World, row: RowId) -> int:
    return int(world.store.read().value("SELECT message FROM placement WHERE id = ?", row))


def missing(world: World, folder: FolderId) -> int:
    return len(bodies.next_bodies(world.store.read(), folder))


def known(uid: int, **more: object) -> NewHeader:
    return header(uid, key="one")._replace(emailid="M1", **more)


def test_a_message_moved_elsewhere_is_not_fetched_again(world: World) -> None:
    (row,) = world.arrive(world.inbox, known(1))
    world.bodies([row])
    with world.store.transaction("as parsed") as tx:
        tx.run("UPDATE message SET message_id = '<one@example.test>'")
    world.write(sync.mark_vanished, world.inbox, [1], now=NOW)
    (moved,) = world.arrive(world.work, known(7))
    assert message_of(world, moved) == message_of(world, row)
    assert missing(world, world.work) == 0
    assert story.story(world.store.read(), moved)[0].what == sync.PUT_ELSEWHERE
    assert world.counts_are_right()


def test_one_that_is_not_whole_is_fetched_once_for_all_its_places(world: World) -> None:
    (row,) = world.arrive(world.inbox, known(1))
    (other,) = world.arrive(world.work, known(7))
    assert message_of(world, other) == message_of(world, row)
    assert missing(world, world.inbox) == missing(world, world.work) == 1
    world.bodies([row])
    assert missing(world, world.inbox) == missing(world, world.work) == 0


def test_an_id_alone_proves_nothing(world: World) -> None:
    (row,) = world.arrive(world.inbox, known(1))
    world.bodies([row])
    with world.store.transaction("as parsed") as tx:
        tx.run("UPDATE message SET message_id = '<one@example.test>'")
    (longer,) = world.arrive(world.work, known(7, size=1001))
    (another,) = world.arrive(world.old, header(9, key="two")._replace(emailid="M1"))
    assert len({message_of(world, one) for one in (row, longer, another)}) == 3
    assert missing(world, world.work) == missing(world, world.old) == 1


def test_an_id_is_one_account_s(world: World) -> None:
    (row,) = world.arrive(world.inbox, known(1))
    (other,) = world.arrive(world.other_inbox, known(1))
    assert message_of(world, other) != message_of(world, row)


def test_an_id_follows_its_message_when_two_turn_out_to_be_one(world: World) -> None:
    (first,) = world.arrive(world.inbox, known(1))
    (second,) = world.arrive(world.work, header(2, key="one")._replace(emailid="M2"))
    world.bodies([first, second], raw=lambda _: b"Message-ID: <one@example.test>\r\n\r\nthe same")
    reader = world.store.read()
    assert message_of(world, first) == message_of(world, second)
    assert reader.column("SELECT message FROM email_id ORDER BY emailid") == [message_of(world, first)] * 2
    with world.store.transaction("gone") as tx:
        tx.run("DELETE FROM placement")
        tx.run("DELETE FROM message")
    assert reader.column("SELECT emailid FROM email_id") == []
