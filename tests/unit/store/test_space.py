"""Room: what is counted, what may be dropped, and what the keep rules make of it."""

import base64

from qtmail.model import AccountKey, Address, AttachmentRef, Draft, Keep
from qtmail.operations import Copy, Move, SetFlag
from qtmail.store import bodies, drafts, keeping, mending, read, search, space, verify
from tests.unit.store.world import IMAP, NOW, POP, World, header

OLD = NOW - 100


def _texts(world: World) -> dict[str, int]:
    found = space.measure(world.store)
    return {f"{one.account}/{one.path}": one.octets for one in found.folders if one.octets}


def _droppable(world: World, account: AccountKey = IMAP, before: int = NOW) -> list[int]:
    return sorted(one.row for one in space.droppable(world.store, account, before))


def test_what_stands_in_several_folders_counts_once(world: World) -> None:
    first = world.arrive(world.inbox, header(1, key="same"))
    second = world.arrive(world.work, header(1, key="same"))
    for rows in (first, second):
        world.bodies(rows, raw=lambda row: b"Subject: same\r\n\r\n" + b"x" * 1000)
    world.arrive(world.work, header(2))
    steps: list[tuple[int, int]] = []
    found = space.measure(world.store, lambda *step: steps.append(step))
    assert {one.path: (one.messages, one.octets, one.away) for one in found.folders} == {
        "INBOX": (1, 1017, 0),
        "Work": (0, 0, 1),
    }
    assert found.content > 0 <= found.unused
    assert steps[-1][0] == steps[-1][1]


def test_only_what_a_server_alone_is_enough_for_may_be_dropped(world: World) -> None:
    rows = world.fill(world.inbox, 8)
    world.arrive(world.work, header(1))
    world.own(world.work, "not told to the server yet")
    pop = world.write(lambda tx: tx.insert("INSERT INTO folder (account, path) VALUES (?, 'INBOX')", POP))
    world.own(pop, "pop")
    world.do(SetFlag(rows[0:1], "\\Seen", True))
    world.do(Copy(rows[1:2], world.trash, ()))
    world.do(Move(rows[2:3], (), world.trash))
    content = world.store.read().value("SELECT content FROM message WHERE id = 4")
    ref = AttachmentRef("a.txt", "text/plain", 16, content)
    world.write(drafts.save, Draft(None, IMAP, Address("", "me@example.test"), attachments=(ref,)), now=NOW)
    with world.store.transaction("pop ledger") as tx:
        tx.run(
            "INSERT INTO pop_ledger (account, uidl, content, placement, stored_at, decided, state) "
            "SELECT 'pop', 'u', content, 1, 0, '', 'kept' FROM message WHERE id = 5"
        )
    assert _droppable(world) == [*rows[3:4], *rows[5:]]  # a draft's attachment is kept when its content is dropped
    assert _droppable(world, POP) == []
    assert _droppable(world, before=NOW - 10_000) == []
    assert base64.b64encode(content).decode() in world.store.read().value("SELECT payload FROM draft")


def test_dropped_content_can_be_fetched_found_and_is_left_out_until_more_is_kept(world: World) -> None:
    rows = world.fill(world.inbox, 3)
    messages = world.store.read().column("SELECT id FROM message ORDER BY id")
    raw = {id_: b"Subject: %d\r\n\r\n" % id_ for id_ in messages}
    dropped = world.write(space.drop, IMAP, [(id_, raw[id_]) for id_ in messages[:2]], now=NOW)
    assert len(dropped) == 2
    assert world.store.content.drop(dropped, before=NOW) == 0  # put a moment ago: left to the daily collection
    assert world.store.content.drop(dropped) == 2
    reader = world.store.read()
    assert verify.verify(world.store).problems == ()
    assert mending.wishes(world.store) == 0
    (folder,) = [one for one in read.folders(reader) if one.id == world.inbox]
    assert (folder.bodies_missing, folder.left_out) == (0, 2)
    assert bodies.next_bodies(reader, world.inbox) == []
    assert [one.row for one in bodies.wanted(reader, messages[:2])] == list(rows[:2])
    assert len(search.search(reader, "words")) == 3
    opened = read.opened(reader, rows[0])
    assert opened is not None
    assert (opened.content, opened.header) == (None, raw[messages[0]])
    assert world.write(space.drop, IMAP, [(messages[0], b"")], now=NOW) == []
    _enforce(world, Keep())
    assert bodies.next_bodies(world.store.read(), world.inbox) == []
    _enforce(world, Keep(0))
    _enforce(world, Keep())
    assert {one.row for one in bodies.next_bodies(world.store.read(), world.inbox)} == set(rows[:2])
    world.bodies(rows[:2])
    assert len(search.search(world.store.read(), "words")) == 3
    assert verify.verify(world.store).problems == ()


def _enforce(world: World, keep: Keep) -> None:
    for change in keeping.due(world.store.read(), IMAP, keep, 0, now=NOW + 5):
        world.write(keeping.put_in_force, change)
        world.write(keeping.bring_in_line, change.folder, keeping.out_of_line(world.store.read(), change))
        world.write(keeping.done, change.folder)
