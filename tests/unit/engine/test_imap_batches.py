"""Whatever the user did, telling it in few commands leaves every message as telling it one by one."""

from hypothesis import given
from hypothesis import strategies as st

from qtmail.engine.imap_batches import MOST_ROWS, Batch, batches, flag_changes, grouped
from qtmail.model import AccountKey, FolderId, OperationId, Role, RowId
from qtmail.operations import Append, Copy, CreateFolder, Expunge, Move, Operation, SetFlag
from qtmail.store.values import FolderState, PendingOperation, PendingRow

ACCOUNT = AccountKey("a")


def _row(number: int, copy: int | None = None) -> PendingRow:
    made = None if copy is None else RowId(copy)
    return PendingRow(RowId(number), FolderId(1), 1, number, made, None, frozenset(), 0, "", 0)


def _folder(number: int) -> FolderState:
    return FolderState(FolderId(number), ACCOUNT, str(number), Role.NONE, b"x", True, 1, 1, 0, 0, 0, None)


def pending(
    number: int, operation: Operation, rows: tuple[PendingRow, ...], state: str = "pending"
) -> PendingOperation:
    target = _folder(operation.to) if isinstance(operation, Move | Copy) else None
    return PendingOperation(OperationId(number), ACCOUNT, operation, rows, state, 0, target)


def _operations(drawn: tuple[str, frozenset[int], int, bool], number: int) -> PendingOperation:
    kind, numbers, which, on = drawn
    ids = tuple(RowId(n) for n in sorted(numbers))
    rows = tuple(_row(n) for n in ids)
    match kind:
        case "flag":
            return pending(number, SetFlag(ids, "\\Seen" if which else "\\Flagged", on), rows)
        case "move":
            return pending(number, Move(ids, (), FolderId(which + 1)), rows, "sent" if on else "pending")
        case "copy":
            copies = tuple(RowId(1000 * (number + 1) + n) for n in ids)
            made = tuple(_row(n, copy) for n, copy in zip(ids, copies, strict=True))
            return pending(number, Copy(ids, FolderId(which + 1), copies), made)
        case "expunge":
            return pending(number, Expunge(ids), rows)
        case "append":
            return pending(number, Append(ids), rows)
        case _:
            return pending(number, CreateFolder(ACCOUNT, FolderId(9), "new"), ())


_KINDS = st.sampled_from(["flag", "flag", "move", "copy", "expunge", "append", "folder"])
_DRAWN = st.tuples(_KINDS, st.frozensets(st.integers(1, 6), min_size=1, max_size=3), st.integers(0, 1), st.booleans())


def _told(row: int, told: list[PendingOperation]) -> list[tuple[int, ...]]:
    """What happens to one row, in order; flags only as they are in the end before each other thing."""
    seen: list[tuple[int, ...]] = []
    flags: dict[str, int] = {}
    for one in told:
        if all(row != entry.row for entry in one.rows):
            continue
        if isinstance(one.operation, SetFlag):
            flags[one.operation.flag] = one.operation.on
        else:
            seen += [tuple(flags.get(flag, -1) for flag in ("\\Seen", "\\Flagged")), (one.id,)]
    return [*seen, tuple(flags.get(flag, -1) for flag in ("\\Seen", "\\Flagged"))]


@given(st.lists(_DRAWN, max_size=25))
def test_each_message_meets_the_same_in_the_same_order(drawn: list[tuple[str, frozenset[int], int, bool]]) -> None:
    due = [_operations(one, number) for number, one in enumerate(drawn)]
    made = batches(due)
    told = [one for batch in made for one in batch.operations]
    assert sorted(one.id for one in told) == [one.id for one in due]
    for row in range(1, 7):
        assert _told(row, told) == _told(row, due)
    for batch in made:
        assert len({(type(one.operation), one.state, one.target and one.target.id) for one in batch.operations}) == 1
        if not isinstance(batch.first.operation, SetFlag):
            assert sum(len(one.rows) for one in batch.operations) == len(batch.rows)
    at = {one.id: number for number, one in enumerate(told)}
    for earlier in due:
        for later in due[earlier.id + 1 :]:
            if isinstance(earlier.operation, CreateFolder) or isinstance(later.operation, CreateFolder):
                assert at[earlier.id] < at[later.id]
            if isinstance(earlier.operation, Append | Copy) and isinstance(later.operation, Expunge):
                assert at[earlier.id] < at[later.id]


@given(st.lists(st.tuples(st.frozensets(st.integers(1, 5), min_size=1), st.integers(0, 1), st.booleans()), min_size=1))
def test_flags_end_as_the_clicks_leave_them(clicks: list[tuple[frozenset[int], int, bool]]) -> None:
    due = [_operations(("flag", *click), number) for number, click in enumerate(clicks)]
    (batch,) = batches(due)
    wanted: dict[tuple[int, str], bool] = {}
    for one in due:
        assert isinstance(one.operation, SetFlag)
        wanted |= {(row.row, one.operation.flag): one.operation.on for row in one.rows}
    changes = flag_changes(batch)
    found = {(row, flag): on for (flags, on), rows in changes.items() for row in rows for flag in flags}
    assert found == wanted
    assert len(changes) <= 2 * 3
    assert sum(len(rows) * len(flags) for (flags, _on), rows in changes.items()) == len(wanted)


def test_a_batch_is_not_endless() -> None:
    due = [pending(n, SetFlag((), "x", True), tuple(_row(n * 200 + i) for i in range(200))) for n in range(60)]
    made = batches(due)
    assert [len(batch.rows) for batch in made] == [MOST_ROWS, MOST_ROWS, 2000]
    assert [len(group) for group in grouped(due[:5], 450)] == [2, 2, 1]


def test_what_was_refused_together_is_looked_for_before_it_is_asked_again() -> None:
    batch = Batch(tuple(pending(n, Move((RowId(n),), (), FolderId(2)), (_row(n),)) for n in range(3)))
    assert not batch.asked
    assert all(alone.asked and len(alone.operations) == 1 for alone in batch.alone())
