"""Undo restores exactly what was, for every kind of operation, told to the server or not."""

from contextlib import AbstractContextManager

import pytest

from qtmail.model import Address, Draft, DraftId, OutboxId, RowId, SendState
from qtmail.operations import (
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    NotUndoable,
    Operation,
    RenameFolder,
    Restore,
    Send,
    SetFlag,
    Subscribe,
)
from qtmail.store import drafts, folders, journal, outbox, replay, undo
from qtmail.store.db import Tx
from qtmail.store.values import Performed
from tests.unit.store.world import IMAP, NOW, POP, REMOTE, World, header

KINDS = ("flag", "unflag", "move", "copy", "expunge", "create", "rename", "delete", "subscribe", "several")


def _operations(world: World, kind: str) -> list[Operation]:
    rows = world.arrive(world.inbox, header(1), header(2, "\\Seen"), header(3, "\\Flagged"))
    match kind:
        case "flag":
            return [SetFlag(rows, "\\Flagged", True)]
        case "unflag":
            return [SetFlag(rows, "\\Seen", False)]
        case "move":
            return [Move(rows, (), world.trash)]
        case "copy":
            return [Copy(rows, world.work, ())]
        case "expunge":
            return [Expunge(rows)]
        case "create":
            folder = world.write(journal.reserve_folder, IMAP, "New", now=NOW)
            return [CreateFolder(IMAP, folder, "New")]
        case "rename":
            return [RenameFolder(IMAP, world.work, "Work", "Play")]
        case "delete":
            return [DeleteFolder(IMAP, world.old, "Work/Old")]
        case "subscribe":
            return [Subscribe(IMAP, world.old, "Work/Old", False), Subscribe(IMAP, world.work, "Work", False)]
        case _:
            return [
                SetFlag(rows, "\\Seen", True),
                SetFlag(rows, "$Junk", True),
                Move(rows, (), world.work),
                Expunge(rows[:1]),
            ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_server_was_told_is_cancelled_without_a_trace(world: World, kind: str) -> None:
    operations = _operations(world, kind)
    before = world.picture()
    done = world.do(*operations)
    assert world.picture() != before
    undo.undo(world.store, done.gesture, now=NOW + 1, remote=REMOTE)
    assert world.picture() == before
    assert replay.open_operations(world.store.read(), IMAP, now=NOW + 9) == []
    assert world.counts_are_right()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_server_did_is_done_the_other_way_round(world: World, kind: str) -> None:
    operations = _operations(world, kind)
    before = world.seen()
    done = world.do(*operations)
    for number, operation in enumerate(done.operations):
        _confirm(world, operation, 500 + 10 * number)
    undo.undo(world.store, done.gesture, now=NOW + 1, remote=REMOTE)
    assert world.seen() == before
    assert replay.open_operations(world.store.read(), IMAP, now=NOW + 9) != []
    assert world.counts_are_right()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_server_was_asked_is_never_just_cancelled(world: World, kind: str) -> None:
    operations = _operations(world, kind)
    before = world.seen()
    done = world.do(*operations)
    for operation in done.operations:
        world.write(replay.mark_sent, operation)
    undo.undo(world.store, done.gesture, now=NOW + 1, remote=REMOTE)
    assert world.seen() == before
    states = world.store.read().column("SELECT state FROM operation ORDER BY id")
    assert states[: len(done.operations)] == ["sent"] * len(done.operations)
    assert "pending" in states[len(done.operations) :]


def _confirm(world: World, operation: int, uid: int) -> None:
    rows = world.store.read().all("SELECT placement FROM operation_row WHERE operation = ?", operation)
    target = world.store.read().value("SELECT json_extract(payload, '$.to') FROM operation WHERE id = ?", operation)
    uidvalidity = world.uidvalidity(target) if target else 0
    placed = {RowId(row): (uidvalidity, uid + n) for n, (row,) in enumerate(rows)}
    world.write(replay.mark_sent, operation)
    world.write(replay.confirm, operation, placed, now=NOW)


def test_local_acts_are_done_at_once_and_undone_at_once(world: World) -> None:
    inbox = world.write(folders.ensure_folder, POP, "INBOX")
    trash = world.write(folders.ensure_folder, POP, "Trash")
    row = world.own(inbox, "pop")
    before = world.picture()
    for operation in (
        Move((row,), (), trash),
        SetFlag((row,), "\\Seen", True),
        Expunge((row,)),
        Copy((row,), trash, ()),
    ):
        done = world.do(operation)
        assert world.store.read().column("SELECT DISTINCT state FROM operation") == ["done"]
        undo.undo(world.store, done.gesture, now=NOW, remote=REMOTE)
        assert world.picture() == before


def test_append_and_restore_are_undone(world: World) -> None:
    row = world.own(world.work, "draft")
    appended = world.do(Append((row,)))
    undo.undo(world.store, appended.gesture, now=NOW, remote=REMOTE)
    assert world.picture()["rows"] == []
    (other,) = world.arrive(world.inbox, header(1))
    expunged = world.do(Expunge((other,)))
    for operation in expunged.operations:
        world.write(replay.confirm, operation, now=NOW)
    restored = world.do(Restore((other,)))
    assert [row[0] for row in world.picture()["rows"]] == [other]
    undo.undo(world.store, restored.gesture, now=NOW, remote=REMOTE)
    assert world.picture()["rows"] == []


def test_last_skips_quiet_gestures_undos_and_what_was_undone(world: World) -> None:
    rows = world.arrive(world.inbox, header(1), header(2))
    first = world.do(Move(rows[:1], (), world.trash))
    world.do(SetFlag(rows[1:], "\\Seen", True), quiet=True)
    last = undo.last(world.store.read())
    assert last is not None
    assert (last.id, last.label) == (first.gesture, "Move 1 message")
    undo.undo(world.store, now=NOW, remote=REMOTE)
    assert undo.last(world.store.read()) is None
    with pytest.raises(NotUndoable, match="nothing to undo"):
        undo.undo(world.store, now=NOW, remote=REMOTE)
    with pytest.raises(NotUndoable, match="already"):
        undo.undo(world.store, first.gesture, now=NOW, remote=REMOTE)


def test_what_was_changed_since_is_refused_as_a_whole_and_changes_nothing(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(1))
    first = world.do(Move((row,), (), world.work))
    world.do(Move((row,), (), world.trash))
    before = world.picture()
    with pytest.raises(NotUndoable, match="changed since"):
        undo.undo(world.store, first.gesture, now=NOW, remote=REMOTE)
    assert world.picture() == before


def test_rows_changed_since_stay_and_the_others_come_back(world: World) -> None:
    rows = world.arrive(world.inbox, header(1), header(2))
    first = world.do(Move(rows, (), world.work))
    world.do(Move(rows[:1], (), world.trash))
    undo.undo(world.store, first.gesture, now=NOW, remote=REMOTE)
    where = {row[0]: row[1] for row in world.picture()["rows"]}
    assert where == {rows[0]: world.trash, rows[1]: world.inbox}


def test_a_big_gesture_is_one_gesture_and_comes_back_whole(world: World) -> None:
    rows = world.fill(world.inbox, 450)
    before = world.picture()
    done = world.do(Move(rows, (), world.trash))
    assert len(done.operations) == 3
    assert done.label == "Move 450 messages"
    undo.undo(world.store, done.gesture, now=NOW, remote=REMOTE)
    assert world.picture() == before


def test_an_undo_that_was_cut_off_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = world.fill(world.inbox, 450)
    before = world.picture()
    done = world.do(Move(rows, (), world.trash))

    class Cut(Exception):
        pass

    real, calls = world.store.transaction, [0]

    def cut(name: str) -> AbstractContextManager[Tx]:
        calls[0] += 1
        if calls[0] == 3:
            raise Cut
        return real(name)

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "transaction", cut)
        with pytest.raises(Cut):
            undo.undo(world.store, done.gesture, now=NOW, remote=REMOTE)
    assert 0 < len([row for row in world.picture()["rows"] if row[1] == world.trash]) < 450
    undo.undo(world.store, now=NOW, remote=REMOTE)
    assert world.picture() == before


def test_a_gesture_that_was_cut_off_is_whole_with_fewer_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = world.fill(world.inbox, 450)
    before = world.picture()
    real, calls = world.store.transaction, [0]

    def cut(name: str) -> AbstractContextManager[Tx]:
        calls[0] += 1
        if calls[0] == 3:
            raise KeyboardInterrupt
        return real(name)

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "transaction", cut)
        with pytest.raises(KeyboardInterrupt):
            world.do(Move(rows, (), world.trash))
    assert len([row for row in world.picture()["rows"] if row[1] == world.trash]) == 400
    undo.undo(world.store, now=NOW, remote=REMOTE)
    assert world.picture() == before


def test_move_across_accounts_is_undone_in_the_opposite_order(world: World) -> None:
    rows = world.fill(world.inbox, 2)
    before = world.seen()
    moved = journal.move_across(world.store, rows, world.other_inbox, now=NOW, remote=REMOTE)
    append, expunge = moved.operations
    assert len(moved.copies) == 2
    for operation in (append, expunge):
        _confirm(world, operation, 900)
    undo.undo(world.store, moved.gesture, now=NOW, remote=REMOTE)
    assert world.seen() == before
    kinds = world.store.read().all("SELECT id, kind, after FROM operation WHERE id > ? ORDER BY id", expunge)
    assert [kind for _, kind, _ in kinds] == ["Restore", "Expunge"]
    assert kinds[1][2] == kinds[0][0]


def test_sending_is_taken_back_only_while_it_is_here(world: World) -> None:
    def queue(name: str) -> tuple[OutboxId, Performed]:
        row = world.own(world.work, name)
        content = world.store.read().value(
            "SELECT m.content FROM message AS m JOIN placement AS p ON p.message = m.id WHERE p.id = ?", row
        )
        draft = Draft(DraftId(7), IMAP, Address("Me", "me@example.test"), subject=name)
        item = world.write(
            lambda tx: outbox.insert(
                tx, IMAP, row, content, message_id="<x>", envelope_from="me@example.test",
                recipients=["bob@example.test"], draft=draft, now=NOW,
            )
        )  # fmt: skip
        return item, world.do(Send((row,), item))

    item, sent = queue("first")
    undo.undo(world.store, sent.gesture, now=NOW, remote=REMOTE)
    assert outbox.items(world.store.read()) == ()
    assert [draft.subject for draft in drafts.open_drafts(world.store.read())] == ["first"]
    item, sent = queue("second")
    world.write(outbox.advance, item, SendState.CONNECTING, now=NOW)
    with pytest.raises(NotUndoable, match="called back"):
        undo.undo(world.store, sent.gesture, now=NOW, remote=REMOTE)
    assert [entry.id for entry in outbox.items(world.store.read())] == [item]
