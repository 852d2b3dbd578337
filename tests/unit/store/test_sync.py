"""What the server tells becomes rows; what it tells again changes nothing; what the user did wins."""

import pytest

from qtmail.events import BodiesArrived, FolderChanged
from qtmail.model import FolderId, RowId
from qtmail.operations import Expunge, Move, SetFlag
from qtmail.store import bodies, lists, read, relink, replay, search, story, sync
from qtmail.store.values import BodyFacts, NewBody, NewFlags, Relinkable
from tests.unit.store.world import IMAP, NOW, World, facts, header


def flags_of(world: World, row: int) -> str:
    return str(world.store.read().value("SELECT flags FROM placement WHERE id = ?", row))


def test_headers_become_rows_once(world: World) -> None:
    rows = world.arrive(world.inbox, header(3, "\\Seen", "\\Recent", "\\flagged"), header(2), header(2))
    assert len(rows) == 2
    assert world.arrive(world.inbox, header(2), header(3)) == ()
    row = lists.rows(world.store.read(), rows[:1])[rows[0]]
    assert (row.subject, row.correspondent, row.address) == ("Re: Subject 3", "Sender 3", "sender3@example.test")
    assert row.flags == {"\\Seen", "\\Flagged"}
    assert not row.has_body
    assert list(sync.known_uids(world.store.read(), world.inbox)) == [2, 3]
    folder = read.folder(world.store.read(), world.inbox)
    assert folder is not None
    assert (folder.total, folder.unread, folder.bodies_missing) == (2, 1, 2)


def test_adding_tells_which_folder_changed(world: World) -> None:
    with world.store.transaction("add") as tx:
        sync.add_headers(tx, world.inbox, 100, [header(1)], now=NOW)
    assert FolderChanged(world.inbox) in tx.events
    with world.store.transaction("again") as tx:
        sync.add_headers(tx, world.inbox, 100, [header(1)], now=NOW)
    assert tx.events == ()


def test_a_wrong_uidvalidity_is_a_bug(world: World) -> None:
    with pytest.raises(ValueError, match="UIDVALIDITY 99"):
        world.write(sync.add_headers, world.inbox, 99, [header(1)], now=NOW)


def test_what_vanished_is_in_grace_and_comes_back_as_the_same_row(world: World) -> None:
    rows = world.arrive(world.inbox, header(1), header(2))
    assert world.write(sync.mark_vanished, world.inbox, [1, 77], now=NOW + 5) == 1
    assert list(lists.ids(world.store.read(), [world.inbox])) == [rows[1]]
    assert list(sync.known_uids(world.store.read(), world.inbox)) == [2]
    added = world.write(sync.add_headers, world.inbox, 100, [header(1, "\\Seen")], now=NOW + 9)
    assert added.revived == (rows[0],)
    assert flags_of(world, rows[0]) == "\\Seen"
    assert "came back" in " ".join(step.what for step in story.story(world.store.read(), rows[0]))
    assert world.counts_are_right()


def test_flags_read_elsewhere_are_shown_and_told(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(1))
    news = [NewFlags(1, frozenset({"\\Seen", "\\Flagged"}), 9), NewFlags(50, frozenset())]
    assert world.write(sync.update_flags, world.inbox, news, now=NOW + 3) == 1
    assert flags_of(world, row) == "\\Flagged \\Seen"
    assert world.write(sync.update_flags, world.inbox, news, now=NOW + 4) == 0
    told = [step.what for step in story.story(world.store.read(), row)]
    assert told == ["Arrived", "Read elsewhere", "Starred elsewhere"]
    assert world.counts_are_right()


def test_what_the_user_did_wins_until_the_server_was_told(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(1, "\\Seen"))
    world.do(SetFlag((row,), "\\Seen", False), SetFlag((row,), "\\Flagged", True))
    news = [NewFlags(1, frozenset({"\\Seen", "\\Answered"}), 9)]
    world.write(sync.update_flags, world.inbox, news, now=NOW)
    assert flags_of(world, row) == "\\Answered \\Flagged"


def test_rows_moved_away_are_not_vanished(world: World) -> None:
    rows = world.arrive(world.inbox, header(1), header(2))
    world.do(Move(rows[:1], (), world.trash), Expunge(rows[1:]))
    assert world.write(sync.mark_vanished, world.inbox, [1, 2], now=NOW) == 0


def test_bodies_complete_their_rows(world: World) -> None:
    rows = world.arrive(world.inbox, header(1, date=NOW - 50), header(2, date=NOW))
    reader = world.store.read()
    assert [(wanted.row, wanted.uid) for wanted in bodies.next_bodies(reader, world.inbox)] == [
        (rows[1], 2),
        (rows[0], 1),
    ]
    content = world.store.content.put(b"whole", now=NOW)
    with world.store.transaction("body") as tx:
        messages = bodies.store_bodies(
            tx, [NewBody(rows[1], content, 5, facts(2), BodyFacts("Hello", 2, "plan.pdf", "hello there"))], now=NOW
        )
    assert BodiesArrived(messages) in tx.events
    row = lists.rows(reader, rows)[rows[1]]
    assert (row.has_body, row.preview, row.attachments, row.size) == (True, "Hello", 2, 5)
    opened = read.opened(reader, rows[1])
    assert opened is not None
    assert (opened.content, opened.header) == (content, b"")
    assert bodies.missing(reader, IMAP) == {world.inbox: 1}
    assert list(search.search(reader, "file:plan")) == [rows[1]]
    assert list(search.search(reader, "subject")) == [rows[1], rows[0]]


def test_the_same_bytes_in_two_folders_are_one_message(world: World) -> None:
    first = world.arrive(world.inbox, header(1))
    second = world.arrive(world.work, header(1))
    world.bodies(first, raw=lambda row: b"same")
    world.bodies(second, raw=lambda row: b"same")
    reader = world.store.read()
    assert reader.value("SELECT count(*) FROM message") == 1
    assert reader.column("SELECT id FROM placement ORDER BY id") == [*first, *second]
    assert len(search.search(reader, "words")) == 1
    both = world.arrive(world.old, header(1), header(2))
    world.bodies(both, raw=lambda row: b"other twins")
    assert reader.value("SELECT count(*) FROM message") == 2


def test_a_body_that_fails_too_often_waits_for_the_user(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(1))
    for _ in range(bodies.MAX_ATTEMPTS):
        assert len(bodies.next_bodies(world.store.read(), world.inbox)) == 1
        world.write(bodies.failed, row, "closed mid-literal")
    assert bodies.next_bodies(world.store.read(), world.inbox) == []
    message = world.store.read().value("SELECT message FROM placement WHERE id = ?", row)
    assert [wanted.attempts for wanted in bodies.wanted(world.store.read(), [message])] == [bodies.MAX_ATTEMPTS]


def test_rows_in_grace_want_no_body(world: World) -> None:
    world.arrive(world.inbox, header(1))
    world.write(sync.mark_vanished, world.inbox, [1], now=NOW)
    assert bodies.next_bodies(world.store.read(), world.inbox) == []
    assert bodies.missing(world.store.read(), IMAP) == {}


# UIDVALIDITY


def offered(world: World, rows: tuple[RowId, ...], first: int) -> list[Relinkable]:
    sql = """
        SELECT m.message_id, m.size, p.received FROM placement AS p JOIN message AS m ON m.id = p.message WHERE p.id = ?
    """
    items = []
    for uid, row in enumerate(rows, first):
        message_id, size, received = world.store.read().all(sql, row)[0]
        items.append(Relinkable(uid, message_id, size, received, frozenset({"\\Seen"})))
    return items


def set_uidvalidity(world: World, folder: FolderId, uidvalidity: int) -> bool:
    return bool(world.write(relink.set_uidvalidity, folder, uidvalidity))


def test_a_new_uidvalidity_relinks_without_a_download(world: World) -> None:
    rows = world.fill(world.inbox, 3)
    assert set_uidvalidity(world, world.inbox, 555)
    assert len(lists.ids(world.store.read(), [world.inbox])) == 3
    assert list(sync.known_uids(world.store.read(), world.inbox)) == []
    items = [*offered(world, rows[:2], 21), Relinkable(40, "<new@x>", 1, 1, frozenset())]
    found = world.write(relink.relink, world.inbox, items, now=NOW)
    assert (found.found, found.unknown) == (2, (40,))
    assert world.write(relink.needs_relink, world.inbox)
    assert world.write(relink.drop_unlinked, world.inbox, now=NOW) == 1
    assert not world.write(relink.needs_relink, world.inbox)
    assert list(sync.known_uids(world.store.read(), world.inbox)) == [21, 22]
    assert flags_of(world, rows[0]) == "\\Seen"
    assert world.store.read().value("SELECT count(*) FROM body_wanted") == 0
    assert world.counts_are_right()


def test_twins_are_relinked_one_to_one(world: World) -> None:
    rows = world.arrive(world.inbox, header(1, key="twin", date=NOW), header(2, key="twin", date=NOW))
    world.store._facts.writer.execute("UPDATE placement SET received = 5")
    set_uidvalidity(world, world.inbox, 555)
    items = offered(world, rows, 31)
    assert world.write(relink.relink, world.inbox, [*items, *items], now=NOW).found == 2
    assert list(sync.known_uids(world.store.read(), world.inbox)) == [31, 32]


def test_open_operations_are_re_keyed(world: World) -> None:
    rows = world.fill(world.inbox, 3)
    world.do(SetFlag(rows[:1], "\\Flagged", True), Move(rows[1:2], (), world.trash), Expunge(rows[2:]))
    items = offered(world, rows, 21)
    set_uidvalidity(world, world.inbox, 555)
    assert replay.open_operations(world.store.read(), IMAP, now=NOW) == []
    world.write(relink.relink, world.inbox, items, now=NOW)
    ready = replay.open_operations(world.store.read(), IMAP, now=NOW)
    assert [(o.rows[0].uidvalidity, o.rows[0].uid) for o in ready] == [(555, 21), (555, 22), (555, 23)]
    assert flags_of(world, rows[0]) == "\\Flagged \\Seen"
    assert list(sync.known_uids(world.store.read(), world.inbox)) == [21, 22, 23]


def test_operations_on_what_is_gone_are_closed(world: World) -> None:
    rows = world.fill(world.inbox, 2)
    world.do(SetFlag(rows[:1], "\\Flagged", True), Move(rows[1:2], (), world.trash))
    set_uidvalidity(world, world.inbox, 555)
    world.write(relink.drop_unlinked, world.inbox, now=NOW)
    assert world.store.read().column("SELECT state FROM operation") == ["done", "done"]
    assert not world.write(relink.needs_relink, world.inbox)
