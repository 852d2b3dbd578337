"""What the engine is given to tell the server, and what its answers do here."""

from qtmail.model import OperationId, RowId
from qtmail.operations import Append, Copy, CreateFolder, DeleteFolder, Expunge, Move, RenameFolder, SetFlag
from qtmail.store import bodies, folders, journal, replay, sync, undo
from qtmail.store.values import NewFlags, PendingOperation, ServerFolder
from tests.unit.store.world import IMAP, LISTED, NOW, OTHER, REMOTE, World, header


def ready(world: World, now: int = NOW) -> list[PendingOperation]:
    return replay.open_operations(world.store.read(), IMAP, now=now)


def place(world: World, row: int) -> tuple[int, int, int | None]:
    return world.store.read().one("SELECT folder, uidvalidity, uid FROM placement WHERE id = ?", row)  # type: ignore[return-value]


def confirm(world: World, operation: OperationId, placed: object = None, **more: object) -> None:
    world.write(replay.confirm, operation, placed, now=NOW, **more)


def refuse(world: World, operation: OperationId, words: str = "NO") -> None:
    world.write(replay.refuse, operation, words, now=NOW)


def states(world: World) -> list[str]:
    return world.store.read().column("SELECT state FROM operation ORDER BY id")


def test_an_operation_says_where_its_rows_are_on_the_server(world: World) -> None:
    rows = world.arrive(world.inbox, header(8), header(5))
    world.do(Move(rows, (), world.trash))
    (operation,) = ready(world)
    assert [(row.row, row.folder, row.uidvalidity, row.uid) for row in operation.rows] == [
        (rows[1], world.inbox, 100, 5),
        (rows[0], world.inbox, 100, 8),
    ]
    assert isinstance(operation.operation, Move)
    assert operation.target is not None
    assert operation.target.wire_name == b"Trash"
    assert (operation.state, operation.attempts) == ("pending", 0)


def test_a_confirmed_move_gives_the_row_its_new_uid(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    done = world.do(Move((row,), (), world.trash))
    assert place(world, row) == (world.trash, 0, None)
    confirm(world, done.operations[0], {row: (101, 77)})
    assert place(world, row) == (world.trash, 101, 77)
    assert ready(world) == []
    assert states(world) == ["done"]


def test_what_follows_a_move_is_told_the_new_uid(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    first = world.do(Move((row,), (), world.trash)).operations[0]
    world.do(SetFlag((row,), "\\Seen", True))
    world.do(Move((row,), (), world.work))
    world.do(SetFlag((row,), "\\Flagged", True))
    assert [type(operation.operation).__name__ for operation in ready(world)] == ["Move"]
    confirm(world, first, {row: (101, 77)})
    assert [(o.rows[0].folder, o.rows[0].uid) for o in ready(world)] == [(world.trash, 77), (world.trash, 77)]
    assert place(world, row) == (world.work, 0, None)
    confirm(world, ready(world)[0].id)
    confirm(world, ready(world)[0].id, {row: (102, 3)})
    assert [(o.rows[0].folder, o.rows[0].uid) for o in ready(world)] == [(world.work, 3)]
    assert place(world, row) == (world.work, 102, 3)


def test_a_move_without_copyuid_is_met_again_by_sync(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    done = world.do(Move((row,), (), world.trash), SetFlag((row,), "\\Flagged", True))
    world.write(replay.mark_sent, done.operations[0])
    confirm(world, done.operations[0], {row: None})
    assert ready(world) == []
    added = world.write(sync.add_headers, world.trash, 101, [header(9, "\\Seen", key=5)], now=NOW)
    assert (added.rows, added.adopted) == ((), (row,))
    assert place(world, row) == (world.trash, 101, 9)
    (flag,) = ready(world)
    assert flag.rows[0].uid == 9
    flags = world.store.read().one("SELECT flags, server_flags FROM placement WHERE id = ?", row)
    assert flags == ("\\Flagged \\Seen", "\\Seen")


def test_a_move_asked_and_not_answered_is_done_when_sync_meets_the_row(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    done = world.do(Move((row,), (), world.trash))
    world.write(replay.mark_sent, done.operations[0])
    world.arrive(world.trash, header(9, key=5))
    assert states(world) == ["done"]
    assert place(world, row) == (world.trash, 101, 9)


def test_a_move_never_asked_does_not_take_somebody_elses_copy(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    world.do(Move((row,), (), world.trash))
    (foreign,) = world.arrive(world.trash, header(9, key=5))
    assert foreign != row
    assert place(world, row) == (world.trash, 0, None)


def test_the_row_sync_made_too_early_becomes_the_one_that_was_moved(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    done = world.do(Move((row,), (), world.trash))
    (early,) = world.arrive(world.trash, header(9, "\\Answered", key=5))
    world.do(SetFlag((early,), "\\Flagged", True))
    confirm(world, done.operations[0], {row: (101, 9)})
    assert [record[0] for record in world.picture()["rows"]] == [row]
    assert place(world, row) == (world.trash, 101, 9)
    (flag,) = ready(world)
    assert flag.operation == SetFlag((row,), "\\Flagged", True)
    assert "\\Flagged" in world.store.read().value("SELECT flags FROM placement WHERE id = ?", row)
    assert world.counts_are_right()
    assert world.store.read().value("SELECT count(*) FROM message") == 1


def test_sources_of_open_moves_and_expunges_are_not_new_mail(world: World) -> None:
    rows = world.arrive(world.inbox, header(5), header(6), header(7))
    world.do(Move(rows[:1], (), world.trash), Expunge(rows[1:2]))
    assert list(sync.known_uids(world.store.read(), world.inbox)) == [5, 6, 7]
    assert world.arrive(world.inbox, header(5), header(6)) == ()


def test_rows_the_server_lost_go_to_grace_and_close_what_is_open(world: World) -> None:
    rows = world.arrive(world.inbox, header(5), header(6))
    done = world.do(SetFlag(rows, "\\Seen", True), Move(rows, (), world.trash))
    confirm(world, done.operations[0], {rows[0]: None}, missing=[rows[1]])
    assert [record[0] for record in world.picture()["rows"]] == [rows[0]]
    confirm(world, done.operations[1], {rows[0]: (101, 4)})
    assert states(world) == ["done", "done"]
    assert world.counts_are_right()


def test_confirming_some_rows_leaves_the_others_open(world: World) -> None:
    rows = world.arrive(world.inbox, header(5), header(6))
    done = world.do(Move(rows, (), world.trash))
    confirm(world, done.operations[0], {rows[0]: (101, 4)})
    (operation,) = ready(world)
    assert [row.row for row in operation.rows] == [rows[1]]


def test_a_refused_move_comes_back_where_it_was(world: World) -> None:
    rows = world.arrive(world.inbox, header(5), header(6))
    before = world.picture()
    done = world.do(Move(rows, (), world.trash))
    refuse(world, done.operations[0], "over quota")
    assert world.picture() == before
    assert world.store.read().one("SELECT state, words FROM operation") == ("refused", "over quota")


def test_a_refused_move_lets_the_later_one_start_at_the_source(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    first = world.do(Move((row,), (), world.trash)).operations[0]
    world.do(Move((row,), (), world.work))
    refuse(world, first)
    (second,) = ready(world)
    assert (second.rows[0].folder, second.rows[0].uid) == (world.inbox, 5)
    assert place(world, row)[0] == world.work


def test_a_refused_flag_is_taken_back_unless_set_again(world: World) -> None:
    rows = world.arrive(world.inbox, header(5), header(6))
    first = world.do(SetFlag(rows, "\\Seen", True)).operations[0]
    world.do(SetFlag(rows[:1], "\\Seen", False))
    world.do(SetFlag(rows[:1], "\\Seen", True))
    refuse(world, first)
    flags: dict[int, str] = dict(world.store.read().all("SELECT id, flags FROM placement"))
    assert flags == {rows[0]: "\\Seen", rows[1]: ""}


def test_a_refused_append_stays_as_a_local_row(world: World) -> None:
    row = world.own(world.work, "draft")
    done = world.do(Append((row,)), SetFlag((row,), "\\Flagged", True))
    refuse(world, done.operations[0])
    assert ready(world) == []
    assert place(world, row) == (world.work, -1, None)
    world.do(SetFlag((row,), "\\Seen", True))
    world.do(Move((row,), (), world.trash))
    assert ready(world) == []
    assert world.write(sync.drop_unmet, world.trash, now=NOW) == 0


def test_half_a_move_across_accounts_refused_brings_all_back(world: World) -> None:
    rows = world.fill(world.inbox, 2)
    before = world.picture()
    moved = journal.move_across(world.store, rows, world.other_inbox, now=NOW, remote=REMOTE)
    assert ready(world) == []  # the expunge waits for the append
    (append,) = replay.open_operations(world.store.read(), OTHER, now=NOW)
    assert all(row.content is not None for row in append.rows)
    refuse(world, append.id, "over quota")
    assert world.picture() == before
    assert states(world) == ["refused", "refused"]
    assert moved.label == "Move 2 messages"


def test_the_source_is_expunged_only_when_the_copy_is_there(world: World) -> None:
    rows = world.fill(world.inbox, 1)
    journal.move_across(world.store, rows, world.other_inbox, now=NOW, remote=REMOTE)
    (append,) = replay.open_operations(world.store.read(), OTHER, now=NOW)
    confirm(world, append.id, {append.rows[0].row: (100, 50)})
    (expunge,) = ready(world)
    assert isinstance(expunge.operation, Expunge)
    assert expunge.rows[0].uid == 1


def test_a_headless_move_across_accounts_can_still_fetch_its_body(world: World) -> None:
    rows = world.arrive(world.inbox, header(1))
    journal.move_across(world.store, rows, world.other_inbox, now=NOW, remote=REMOTE)
    (append,) = replay.open_operations(world.store.read(), OTHER, now=NOW)
    assert append.rows[0].content is None
    message = world.store.read().value("SELECT message FROM placement WHERE id = ?", append.rows[0].row)
    (wanted,) = bodies.wanted(world.store.read(), [message])
    assert (wanted.row, wanted.uid) == (rows[0], 1)
    world.bodies(rows)
    (append,) = replay.open_operations(world.store.read(), OTHER, now=NOW)
    assert append.rows[0].content is not None


def test_what_a_clock_that_ran_ahead_deferred_is_due(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    operation = world.do(Move((row,), (), world.trash)).operations[0]
    world.write(replay.defer, operation, not_before=NOW + 95 * 365 * 86_400, words="try later")
    assert [one.id for one in ready(world)] == [operation]


def test_deferred_operations_hold_what_touches_the_same(world: World) -> None:
    rows = world.arrive(world.inbox, header(5), header(6))
    first = world.do(Move(rows[:1], (), world.old)).operations[0]
    world.do(SetFlag(rows[:1], "\\Seen", True))
    other = world.do(SetFlag(rows[1:], "\\Seen", True)).operations[0]
    world.write(replay.defer, first, not_before=NOW + 60, words="try later")
    assert [operation.id for operation in ready(world)] == [other]
    assert replay.next_attempt(world.store.read(), IMAP) == 0
    assert [operation.id for operation in ready(world, NOW + 60)] == [first, other]


def test_a_folder_is_created_before_and_deleted_after_what_needs_it(world: World) -> None:
    (row,) = world.arrive(world.old, header(5))
    new = world.write(journal.reserve_folder, IMAP, "New", now=NOW)
    create, move, delete = world.do(
        CreateFolder(IMAP, new, "New"), Move((row,), (), new), DeleteFolder(IMAP, world.old, "Work/Old")
    ).operations
    assert [operation.id for operation in ready(world)] == [create, move, delete]
    world.write(replay.defer, create, not_before=NOW + 60, words="")
    assert ready(world) == []
    world.write(replay.confirm_folder, create, {new: b"New"}, now=NOW)
    world.write(replay.defer, move, not_before=NOW + 60, words="")
    assert ready(world) == []
    assert ready(world, NOW + 60)[0].target.wire_name == b"New"  # type: ignore[union-attr]


def test_a_refused_folder_takes_back_what_was_moved_into_it(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    before = world.picture()
    new = world.write(journal.reserve_folder, IMAP, "New", now=NOW)
    create, _ = world.do(CreateFolder(IMAP, new, "New"), Move((row,), (), new)).operations
    refuse(world, create, "no permission")
    assert world.picture() == before


def test_refused_renames_and_deletes_come_back(world: World) -> None:
    before = world.picture()
    done = world.do(RenameFolder(IMAP, world.work, "Work", "Play"), DeleteFolder(IMAP, world.old, "Play/Old"))
    for operation in reversed(done.operations):
        refuse(world, operation)
    assert world.picture() == before


def test_a_refused_copy_and_a_refused_expunge(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    before = world.picture()
    copied = world.do(Copy((row,), world.work, ()))
    refuse(world, copied.operations[0])
    assert world.picture() == before
    expunged = world.do(Expunge((row,)))
    refuse(world, expunged.operations[0])
    assert world.picture() == before


def test_a_confirmed_copy_gives_its_uid_to_the_copy(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    copied = world.do(Copy((row,), world.work, ()))
    (copy,) = copied.copies
    (operation,) = ready(world)
    assert (operation.rows[0].row, operation.rows[0].copy, operation.rows[0].uid) == (row, copy, 5)
    world.do(SetFlag((copy,), "\\Seen", True))
    confirm(world, copied.operations[0], {row: (102, 1)})
    assert place(world, copy) == (world.work, 102, 1)
    assert ready(world)[0].rows[0].uid == 1


def test_taken_back_meanwhile_is_not_sent(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    done = world.do(SetFlag((row,), "\\Seen", True))
    undo.undo(world.store, now=NOW, remote=REMOTE)
    assert world.write(replay.mark_sent, done.operations[0]) is False


def test_restoring_what_was_expunged_asks_for_an_append(world: World) -> None:
    (row,) = world.fill(world.inbox, 1)
    done = world.do(Expunge((row,)))
    world.write(replay.mark_sent, done.operations[0])
    undo.undo(world.store, now=NOW, remote=REMOTE)
    # asked, answer not seen: the restore has to wait for it, then knows that nothing is left there
    confirm(world, done.operations[0])
    (restore,) = ready(world)
    assert restore.rows[0].uid is None
    assert restore.rows[0].content is not None
    confirm(world, restore.id, {row: (100, 99)})
    assert place(world, row) == (world.inbox, 100, 99)


def test_our_own_flag_is_not_read_elsewhere(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(5))
    done = world.do(SetFlag((row,), "\\Seen", True))
    update = [NewFlags(5, frozenset(), 3)]
    assert world.write(sync.update_flags, world.inbox, update, now=NOW) == 0
    confirm(world, done.operations[0])
    update = [NewFlags(5, frozenset({"\\Seen"}), 4)]
    assert world.write(sync.update_flags, world.inbox, update, now=NOW) == 0
    assert world.store.read().column("SELECT what FROM history") == []


def test_a_pending_rename_survives_the_servers_list(world: World) -> None:
    world.do(RenameFolder(IMAP, world.work, "Work", "Play"))
    world.write(folders.update_folders, IMAP, LISTED, now=NOW)
    paths = world.store.read().column("SELECT path FROM folder WHERE account = 'imap' ORDER BY id")
    assert paths == ["INBOX", "Trash", "Play", "Play/Old"]
    renamed = [*LISTED[:2], ServerFolder(b"Play", "Play"), ServerFolder(b"Play.Old", "Play/Old")]
    update = world.write(folders.update_folders, IMAP, renamed, now=NOW)
    assert (update.new, update.gone) == ((), ())
    assert world.store.read().value("SELECT wire_name FROM folder WHERE id = ?", world.work) == b"Play"


def test_a_row_of_no_server_is_local(world: World) -> None:
    row = world.own(world.work, "draft")
    world.do(Append((row,)))
    (append,) = ready(world)
    assert append.target is not None
    assert append.target.id == world.work
    assert (append.rows[0].uid, append.rows[0].message_id) == (None, "<draft@example.test>")
    confirm(world, append.id, {RowId(row): (102, 8)})
    assert place(world, row) == (world.work, 102, 8)
