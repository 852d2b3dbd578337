"""What the user did, in as few commands as it takes: operations of one sort are told together.

An operation joins an earlier batch of its sort only if nothing between them is about one of its rows; so what is done
to one message is done in the order in which the user did it. Nothing is put before the making, renaming or deleting of
a folder, and nothing is removed before what was to be added or copied first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qtmail.model import OperationId, RowId
from qtmail.operations import Append, Copy, Expunge, Move, OnTree, Restore, SetFlag, Subscribe
from qtmail.store.values import FolderState, PendingOperation, PendingRow

MOST_ROWS = 5000
"""Rows in one batch: some commands' worth, after which other things get their turn."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Operations of one sort, in order; at least one. All go to the same target, all were asked before or none."""

    operations: tuple[PendingOperation, ...]

    @property
    def first(self) -> PendingOperation:
        return self.operations[0]

    @property
    def ids(self) -> frozenset[OperationId]:
        return frozenset(pending.id for pending in self.operations)

    @property
    def rows(self) -> tuple[PendingRow, ...]:
        """Of all its operations, each once."""
        return tuple({row.row: row for operation in self.operations for row in operation.rows}.values())

    @property
    def target(self) -> FolderState | None:
        return self.first.target

    @property
    def asked(self) -> bool:
        """The server may have done it, or a part of it, already."""
        return asked_before(self.first)

    def alone(self) -> "Iterator[Batch]":
        """Each operation for itself, after all were asked for together and refused: some may be done in part."""
        return (Batch((replace(operation, state="sent"),)) for operation in self.operations)

    def touched(self) -> set[int]:
        """Ids of all rows this is about."""
        return {id_ for operation in self.operations for id_ in touched(operation)}


def asked_before(pending: PendingOperation) -> bool:
    """The server may have done it, or a part of it, already."""
    return pending.state == "sent" or pending.attempts > 0


def batches(due: Sequence[PendingOperation]) -> list[Batch]:
    """All of these, in an order that leaves every message as if they were done one by one."""
    made: list[list[PendingOperation]] = []
    sizes: list[int] = []
    open_: dict[tuple[object, ...], int] = {}
    last_of_row: dict[int, int] = {}
    floor = 0
    last_added = -1
    for pending in due:
        key = _key(pending)
        ids = touched(pending)
        earliest = max([floor, *(last_of_row[id_] + (key[0] != "flags") for id_ in ids if id_ in last_of_row)])
        if isinstance(pending.operation, Expunge):
            earliest = max(earliest, last_added + 1)
        at = open_.get(key, -1) if key else -1
        if at < earliest or sizes[at] + len(pending.rows) > MOST_ROWS:
            at = len(made)
            made.append([])
            sizes.append(0)
            open_[key] = at
        made[at].append(pending)
        sizes[at] += len(pending.rows)
        last_of_row.update(dict.fromkeys(ids, at))
        if isinstance(pending.operation, OnTree):
            floor = at + 1
        elif isinstance(pending.operation, Append | Restore | Copy):
            last_added = max(last_added, at)
    return [Batch(tuple(operations)) for operations in made]


def flag_changes(batch: Batch) -> dict[tuple[frozenset[str], bool], set[RowId]]:
    """(flags, on) -> the rows to change them on, so that each row ends as the operations, in order, leave it."""
    final: dict[RowId, dict[str, bool]] = {}
    for pending in batch.operations:
        if isinstance(pending.operation, SetFlag):
            for row in pending.rows:
                final.setdefault(row.row, {})[pending.operation.flag] = pending.operation.on
    changes: dict[tuple[frozenset[str], bool], set[RowId]] = {}
    for row_id, flags in final.items():
        for on in (True, False):
            if names := frozenset(flag for flag, wanted in flags.items() if wanted is on):
                changes.setdefault((names, on), set()).add(row_id)
    return changes


def grouped(operations: Iterable[PendingOperation], size: int) -> Iterator[list[PendingOperation]]:
    """Runs of operations with at most `size` rows together (one larger alone)."""
    group: list[PendingOperation] = []
    rows = 0
    for operation in operations:
        count = max(1, len(operation.rows))
        if group and rows + count > size:
            yield group
            group, rows = [], 0
        group.append(operation)
        rows += count
    if group:
        yield group


def _key(pending: PendingOperation) -> tuple[object, ...]:
    """Operations with the same key can be told together."""
    match pending.operation:
        case SetFlag():
            return ("flags",)
        case Expunge():
            return ("expunge",)
        case Subscribe():
            return ("subscribe",)
        case Move() | Copy() | Append() | Restore():
            target = pending.target.id if pending.target is not None else None
            return (type(pending.operation).__name__, target, asked_before(pending))
        case _:
            return (pending.id,)


def touched(pending: PendingOperation) -> set[int]:
    """Ids of the rows this is about, copies included."""
    return {int(row.row) for row in pending.rows} | {int(row.copy) for row in pending.rows if row.copy is not None}
