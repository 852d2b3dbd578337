"""The server said no: the effect of an operation is taken back here, as far as nothing later builds on it."""

from collections.abc import Callable

from qtmail.model import FolderId, OperationId, RowId
from qtmail.operations import (
    Copy,
    CreateFolder,
    DeleteFolder,
    Move,
    Operation,
    RenameFolder,
    SetFlag,
    Subscribe,
    decode,
)
from qtmail.store import effects
from qtmail.store.coordinates import close_rows, place, rekey
from qtmail.store.db import Tx
from qtmail.store.effects import LOCAL_ONLY


def refuse(tx: Tx, operation: OperationId, words: str, *, now: int) -> None:
    """The server will not: take the effect back here, except where that would hide the only copy of something (a
    refused Append or Restore stays as a local row). Operations that depend on it are refused too."""
    record = tx.one("SELECT kind, payload FROM operation WHERE id = ? AND state IN ('pending', 'sent')", operation)
    if record is None:
        return
    what = decode(*record)
    for dependent in dependents(tx, operation, what):
        refuse(tx, dependent, words, now=now)
    take_back(tx, operation, what, "refused", now=now)
    tx.run("UPDATE operation SET state = 'refused', words = ?, ended_at = ? WHERE id = ?", words, now, operation)
    tx.run("UPDATE operation_row SET done = 1 WHERE operation = ?", operation)


def dependents(tx: Tx, operation: OperationId, what: Operation) -> list[OperationId]:
    """Open operations that make no sense without this one, latest first."""
    found = tx.column(
        "SELECT id FROM operation WHERE after = ? AND state IN ('pending', 'sent') ORDER BY id DESC", operation
    )
    if isinstance(what, CreateFolder):
        found += tx.column(
            """
            SELECT id FROM operation WHERE account = ? AND id > ? AND state IN ('pending', 'sent')
              AND kind IN ('Move', 'Copy') AND json_extract(payload, '$.to') = ? ORDER BY id DESC
            """,
            *(what.account, operation, what.folder),
        )
    return [OperationId(id_) for id_ in found]


def take_back(tx: Tx, operation: OperationId, what: Operation, why: str, *, now: int) -> None:
    """Undo the local effect on the rows that are not done yet. why: "refused" or "cancelled"."""
    rows = tx.all(
        "SELECT placement, folder, uidvalidity, uid, copy FROM operation_row WHERE operation = ? AND done = 0",
        operation,
    )
    match what:
        case SetFlag():
            _flags_back(tx, operation, what, [RowId(row[0]) for row in rows])
        case Move():
            _leave_grace(tx, [RowId(row[0]) for row in rows], what.to)
            for row, folder, uidvalidity, uid, _copy in rows:
                tx.touched(what.to)
                if rekey(tx, RowId(row), operation, what.to, FolderId(folder), uidvalidity, uid):
                    place(tx, RowId(row), FolderId(folder), uidvalidity, uid, now=now)
        case Copy():
            _hide(tx, [RowId(row[4]) for row in rows], why, now)
        case CreateFolder():
            effects.delete_folder(tx, what.folder, now=now)
            tx.touched(what.folder)
        case RenameFolder():
            effects.rename_folder(tx, what.folder, what.new, what.old)
            tx.touched(what.folder)
        case DeleteFolder():
            effects.create_folder(tx, what.folder, what.path)
            tx.touched(what.folder)
        case Subscribe():
            effects.subscribe(tx, what.folder, not what.on)
            tx.touched(what.folder)
        case _:
            _BACK[type(what).__name__](tx, operation, rows, why, now)


def _leave_grace(tx: Tx, rows: list[RowId], folder: FolderId) -> None:
    """They went with this folder, in which they never were on the server."""
    tx.many(
        "UPDATE placement SET gone_at = NULL, gone_why = '' WHERE id = ? AND folder = ? AND gone_why = 'folder'",
        [(row, folder) for row in rows],
    )


def _flags_back(tx: Tx, operation: OperationId, what: SetFlag, rows: list[RowId]) -> None:
    later = set(
        tx.column(
            """
            SELECT r.placement FROM operation AS o JOIN operation_row AS r ON r.operation = o.id
            WHERE o.id > ? AND o.state IN ('pending', 'sent') AND o.kind = 'SetFlag' AND r.done = 0
              AND json_extract(o.payload, '$.flag') = ?
              AND r.placement IN (SELECT placement FROM operation_row WHERE operation = ?)
            """,
            *(operation, what.flag, operation),
        )
    )
    mine = [row for row in rows if row not in later]
    live = effects.sources_of(tx, mine)
    gone = effects.sources_of(tx, mine, gone=True)
    effects.put_flag(tx, [*live, *gone], what.flag, not what.on)


def _append_back(tx: Tx, operation: OperationId, rows: list[tuple[int, ...]], why: str, now: int) -> None:
    """Cancelled, or one half of a move across accounts: the row goes. Refused otherwise (a newer form of a draft, too):
    it stays, only here."""
    of_a_move = tx.value(
        """
        SELECT 1 FROM operation AS o JOIN operation_row AS r ON r.operation = o.id
        WHERE o.after = ?1 AND r.folder NOT IN (SELECT folder FROM operation_row WHERE operation = ?1)
        """,
        operation,
    )
    if why == "cancelled" or of_a_move:
        _hide(tx, [RowId(row[0]) for row in rows], why, now)
    else:
        _keep_local(tx, rows, now)


def _restore_back(tx: Tx, operation: OperationId, rows: list[tuple[int, ...]], why: str, now: int) -> None:
    if why != "cancelled":
        _keep_local(tx, rows, now)
        return
    for row, folder, uidvalidity, uid, _copy in rows:
        _hide(tx, [RowId(row)], "expunged", now)
        place(tx, RowId(row), FolderId(folder), uidvalidity, uid, now=now)


def _expunge_back(tx: Tx, operation: OperationId, rows: list[tuple[int, ...]], why: str, now: int) -> None:
    for row, folder, *_ in rows:
        tx.run("UPDATE placement SET gone_at = NULL, gone_why = '' WHERE id = ? AND gone_why = 'expunged'", row)
        tx.touched(FolderId(folder))


_BACK: dict[str, Callable[[Tx, OperationId, list[tuple[int, ...]], str, int], None]] = {
    "Append": _append_back,
    "Restore": _restore_back,
    "Expunge": _expunge_back,
}


def _hide(tx: Tx, rows: list[RowId], why: str, now: int) -> None:
    """These never were on the server, or will not be: nothing is told about them any more."""
    effects.to_grace(tx, effects.sources_of(tx, rows), why, now=now)
    close_rows(tx, rows, "cancelled", now=now)


def _keep_local(tx: Tx, rows: list[tuple[int, ...]], now: int) -> None:
    tx.many(
        "UPDATE placement SET uid = NULL, uidvalidity = ? WHERE id = ? AND uid IS NULL",
        [(LOCAL_ONLY, row[0]) for row in rows],
    )
    close_rows(tx, [RowId(row[0]) for row in rows], "done", now=now)
