"""What the engine asks of the journal: what to tell the server, and what came of it."""

from collections.abc import Collection, Iterator, Mapping

from qtmail.model import AccountKey, ContentHash, FolderId, OperationId, RowId
from qtmail.operations import (
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    OnTree,
    Operation,
    RenameFolder,
    Restore,
    SetFlag,
    Subscribe,
    decode,
)
from qtmail.store import effects, read
from qtmail.store.connection import Reader, Record, listed
from qtmail.store.coordinates import close_if_done, close_rows, pending_uids, settle
from qtmail.store.db import Tx
from qtmail.store.flags import canonical, pack, unpack
from qtmail.store.refusal import refuse
from qtmail.store.values import FolderState, PendingOperation, PendingRow

__all__ = [
    "arrived",
    "confirm",
    "confirm_folder",
    "defer",
    "due_in",
    "flag_wishes",
    "mark_sent",
    "next_attempt",
    "next_deferred",
    "open_operations",
    "pending_uids",
    "refuse",
    "with_more_to_tell",
    "with_wishes",
]

LONGEST_WAIT_S = 24 * 3600
"""Nothing is deferred for longer: what seems to be was deferred by a clock that ran ahead, and is due."""
_NEEDS_UID = ("SetFlag", "Move", "Copy", "Expunge")


def open_operations(
    reader: Reader, account: AccountKey, *, now: int, limit: int = 2000, most_rows: int = 10_000
) -> list[PendingOperation]:
    """Those ready to be replayed, in the order they must be. Left out: deferred ones, those that wait for another,
    and everything that touches the same rows or folders as one of these. A row whose UID is not known yet (a move
    without COPYUID that sync has not met) is left out of its operation until it is.
    """
    ready: list[PendingOperation] = []
    held = _Held()
    rows_ready = 0
    for id_, kind, payload, state, attempts, not_before, awaited in reader.all(
        """
        SELECT o.id, o.kind, o.payload, o.state, o.attempts, o.not_before, a.state
        FROM operation AS o LEFT JOIN operation AS a ON a.id = o.after
        WHERE o.account = ? AND o.state IN ('pending', 'sent') ORDER BY o.id
        """,
        account,
    ):
        operation = decode(kind, payload)
        every = list(_rows(reader, id_))
        rows = tuple(row for row in every if row.uid is not None or kind not in _NEEDS_UID)
        waits = (
            due_in(not_before, now=now) > 0 or (awaited is not None and awaited != "done") or (bool(every) and not rows)
        )
        if waits or held.concerns(operation, every):
            held.add(operation, every)
            continue
        target = _target(reader, operation, every)
        ready.append(PendingOperation(OperationId(id_), account, operation, rows, state, attempts, target))
        rows_ready += len(rows)
        if len(ready) >= limit or rows_ready >= most_rows:
            break
    return ready


class _Held:
    """What operations that cannot be replayed yet touch: later ones must not overtake them."""

    def __init__(self) -> None:
        self._rows: set[int] = set()
        self._made: set[int] = set()
        self._used: set[int] = set()

    def concerns(self, operation: Operation, rows: list[PendingRow]) -> bool:
        """Whether this operation has to wait for one of those."""
        if isinstance(operation, OnTree) and self._made:
            return True
        if isinstance(operation, DeleteFolder) and operation.folder in self._used:
            return True
        needed = _target_folders(operation) | {int(row.folder) for row in rows}
        return bool(needed & self._made or _touched(rows) & self._rows)

    def add(self, operation: Operation, rows: list[PendingRow]) -> None:
        self._rows |= _touched(rows)
        self._used |= _target_folders(operation) | {int(row.folder) for row in rows}
        if isinstance(operation, OnTree):
            self._made.add(operation.folder)


def _touched(rows: list[PendingRow]) -> set[int]:
    return {int(row.row) for row in rows} | {int(row.copy) for row in rows if row.copy is not None}


def next_attempt(reader: Reader, account: AccountKey) -> int | None:
    """When the earliest open operation may be tried; None: there is none."""
    when: int | None = reader.value(
        "SELECT min(not_before) FROM operation WHERE account = ? AND state IN ('pending', 'sent')", account
    )
    return when


def next_deferred(reader: Reader, account: AccountKey, *, now: int) -> int | None:
    """When the first of the deferred ones may be tried; None: none is deferred now."""
    when: int | None = reader.value(
        """
        SELECT min(not_before) FROM operation
        WHERE account = ? AND state IN ('pending', 'sent') AND not_before > ? AND not_before <= ?
        """,
        *(account, now, now + LONGEST_WAIT_S),
    )
    return when


def due_in(not_before: int, *, now: int) -> int:
    """Seconds until what was deferred to that time may be tried; 0: now."""
    return not_before - now if now < not_before <= now + LONGEST_WAIT_S else 0


def mark_sent(tx: Tx, operation: OperationId) -> bool:
    """About to be told to the server: from now on it is never silently cancelled. Commit this before sending.
    -> False when it was taken back meanwhile: do not send it."""
    return bool(
        tx.run(
            """
            UPDATE operation SET state = 'sent', attempts = attempts + 1 WHERE id = ? AND state IN ('pending', 'sent')
            """,
            operation,
        )
    )


def confirm(
    tx: Tx,
    operation: OperationId,
    placed: Mapping[RowId, tuple[int, int] | None] | None = None,
    *,
    missing: Collection[RowId] = (),
    now: int,
) -> None:
    """The server did it.

    placed: the operation's rows that are done -> (UIDVALIDITY, UID) each now has (for a Copy: its copy has), None
    where the server did not say (sync finds it by Message-ID). For SetFlag and Expunge the values mean nothing.
    `placed` None: all its rows. missing: rows the server did not have any more: a Move or Copy of it comes to nothing
    and the row goes to grace as vanished. Rows in neither stay open, and with them the operation.
    """
    record = tx.one("SELECT kind, payload FROM operation WHERE id = ? AND state IN ('pending', 'sent')", operation)
    if record is None:
        return
    what = decode(*record)
    for row_record in tx.all(
        "SELECT placement, folder, copy FROM operation_row WHERE operation = ? AND done = 0", operation
    ):
        row, _folder, copy = row_record
        if row in missing:
            _lost(tx, operation, what, row, copy, now)
        elif placed is None or row in placed:
            _done(tx, operation, what, row_record, placed.get(row) if placed is not None else None, now=now)
        else:
            continue
        tx.run("UPDATE operation_row SET done = 1 WHERE operation = ? AND placement = ?", operation, row)
    close_if_done(tx, operation, now=now)


def confirm_folder(tx: Tx, operation: OperationId, wire_names: Mapping[FolderId, bytes], *, now: int) -> None:
    """The server created or renamed (with those below) or deleted (pass {}) a folder: these are their names there."""
    tx.many("UPDATE folder SET wire_name = ? WHERE id = ?", [(name, folder) for folder, name in wire_names.items()])
    close_if_done(tx, operation, now=now)


def defer(tx: Tx, operation: OperationId, *, not_before: int, words: str, undone: bool = True) -> None:
    """Not before this time again. undone: it is surely not done; else it stays "sent", and is looked for first."""
    tx.run(
        """
        UPDATE operation SET state = iif(?, 'pending', 'sent'), not_before = ?, words = ?, attempts = max(attempts, 1)
        WHERE id = ? AND state IN ('pending', 'sent')
        """,
        *(undone, not_before, words, operation),
    )


def arrived(tx: Tx, row: RowId, uidvalidity: int, uid: int, *, now: int) -> None:
    """Sync met a row that waited for its UID: an operation asked and not answered was done, then."""
    record = tx.one(
        """
        SELECT o.id, r.placement FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
        WHERE (r.placement = ?1 AND o.kind <> 'Copy' OR r.copy = ?1) AND r.done = 0 AND o.state = 'sent'
          AND o.kind IN ('Move', 'Copy', 'Append', 'Restore') ORDER BY o.id DESC LIMIT 1
        """,
        row,
    )
    asked = OperationId(record[0] if record is not None else 0)
    folder = tx.value("SELECT folder FROM placement WHERE id = ?", row)
    settle(tx, row, asked, folder, uidvalidity, uid, now=now)
    if record is not None:
        tx.run("UPDATE operation_row SET done = 1 WHERE operation = ? AND placement = ?", *record)
        close_if_done(tx, asked, now=now)


def with_more_to_tell(reader: Reader, rows: Collection[RowId], told: Collection[OperationId]) -> set[RowId]:
    """Those of these rows that open operations other than `told` are about, too."""
    return {
        RowId(row)
        for row in reader.column(
            """
            SELECT r.placement FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
            WHERE r.placement IN (SELECT value FROM json_each(?)) AND r.done = 0 AND o.state IN ('pending', 'sent')
              AND o.id NOT IN (SELECT value FROM json_each(?))
            """,
            *(listed(list(rows)), listed(list(told))),
        )
    }


def flag_wishes(reader: Reader, folder: FolderId) -> dict[int, list[tuple[str, bool]]]:
    """What open operations want of the flags of rows that are now in this folder: row -> [(flag, on)], in order."""
    wishes: dict[int, list[tuple[str, bool]]] = {}
    for row, flag, on in reader.all(
        """
        SELECT r.placement, json_extract(o.payload, '$.flag'), json_extract(o.payload, '$.on')
        FROM operation AS o JOIN operation_row AS r ON r.operation = o.id JOIN placement AS p ON p.id = r.placement
        WHERE o.account = (SELECT account FROM folder WHERE id = ?1) AND o.state IN ('pending', 'sent')
          AND o.kind = 'SetFlag' AND r.done = 0 AND p.folder = ?1 ORDER BY o.id
        """,
        folder,
    ):
        wishes.setdefault(row, []).append((flag, bool(on)))
    return wishes


def with_wishes(flags: str, wishes: Collection[tuple[str, bool]]) -> str:
    """Flags as the user is to see them."""
    if not wishes:
        return flags
    shown = set(unpack(flags))
    for flag, on in wishes:
        (shown.add if on else shown.discard)(canonical(flag))
    return pack(frozenset(shown))


def _rows(reader: Reader, operation: int) -> Iterator[PendingRow]:
    for record in reader.all(
        """
        SELECT r.placement, r.folder, r.uidvalidity, iif(r.uidvalidity = f.uidvalidity, r.uid, NULL), r.copy,
               m.content, p.flags, p.received, m.message_id, m.size
        FROM operation_row AS r JOIN placement AS p ON p.id = r.placement JOIN message AS m ON m.id = p.message
        JOIN folder AS f ON f.id = r.folder
        WHERE r.operation = ? AND r.done = 0 ORDER BY r.uid, r.placement
        """,
        operation,
    ):
        yield _row(record)


def _row(record: Record) -> PendingRow:
    row, folder, uidvalidity, uid, copy, content, flags, received, message_id, size = record
    return PendingRow(
        row=RowId(row),
        folder=FolderId(folder),
        uidvalidity=uidvalidity,
        uid=uid,
        copy=None if copy is None else RowId(copy),
        content=None if content is None else ContentHash(content),
        flags=unpack(flags),
        received=received,
        message_id=message_id,
        size=size,
    )


def _target(reader: Reader, operation: Operation, rows: list[PendingRow]) -> FolderState | None:
    folders = _target_folders(operation)
    if not folders and rows:
        folders = {int(rows[0].folder)}
    return read.folder_state(reader, FolderId(folders.pop())) if folders else None


def _target_folders(operation: Operation) -> set[int]:
    match operation:
        case CreateFolder() | RenameFolder() | DeleteFolder() | Subscribe():
            return {operation.folder}
        case Move() | Copy():
            return {operation.to}
        case _:
            return set()


def _done(
    tx: Tx, operation: OperationId, what: Operation, record: Record, at: tuple[int, int] | None, *, now: int
) -> None:
    """One row's part of an operation is proven."""
    row, folder, copy = record
    match what:
        case SetFlag():
            said = tx.value("SELECT server_flags FROM placement WHERE id = ?", row)
            if said is not None:
                said = with_wishes(said, [(what.flag, what.on)])
                tx.run("UPDATE placement SET server_flags = ? WHERE id = ?", said, row)
        case Move() if at is not None:
            settle(tx, row, operation, what.to, *at, now=now)
        case Copy() if at is not None and copy is not None:
            settle(tx, copy, operation, what.to, *at, now=now)
        case Append() | Restore() if at is not None:
            settle(tx, row, operation, folder, *at, now=now)
        case Expunge():
            _forget_uid(tx, operation, row)
        case _:
            return


def _forget_uid(tx: Tx, operation: OperationId, row: RowId) -> None:
    """It is not on the server any more; a Restore that is open need not look for it."""
    tx.run("UPDATE placement SET uid = NULL, uidvalidity = 0 WHERE id = ? AND gone_at IS NOT NULL", row)
    tx.run("UPDATE operation_row SET uid = NULL WHERE placement = ? AND operation > ? AND done = 0", row, operation)


def _lost(tx: Tx, operation: OperationId, what: Operation, row: RowId, copy: RowId | None, now: int) -> None:
    """The server did not have this row: what is open on it is closed, and it goes to grace."""
    match what:
        case Append() | Restore():
            return
        case Expunge():
            _forget_uid(tx, operation, row)
        case _:
            gone = [row] if copy is None else [row, copy]
            effects.to_grace(tx, effects.sources_of(tx, gone), "vanished", now=now)
            close_rows(tx, gone, "done", now=now)
