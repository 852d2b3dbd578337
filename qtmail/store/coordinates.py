"""Where rows are on the server while operations on them are open: re-keying what is still to be told, and meeting rows
that sync made before we knew that they are ours."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from qtmail.model import FolderId, MessageId, OperationId, RowId
from qtmail.operations import decode, encode
from qtmail.store.connection import Reader
from qtmail.store.db import Tx
from qtmail.store.messages import drop_messages

_STRUCTURAL = ("Move", "Restore")
"""Kinds after which a row's place is another one than before."""


def pending_uids(reader: Reader, folder: FolderId, uidvalidity: int) -> set[int]:
    """UIDs that are still on the server in this folder, but not in the user's eyes: sources of open moves and
    expunges. Sync leaves them alone."""
    return set(
        reader.column(
            """
            SELECT r.uid FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
            WHERE r.folder = ? AND r.uidvalidity = ? AND r.uid IS NOT NULL AND r.done = 0
              AND o.kind IN ('Move', 'Expunge') AND o.state IN ('pending', 'sent')
            """,
            folder,
            uidvalidity,
        )
    )


def rekey(
    tx: Tx, row: RowId, after: OperationId, was: FolderId, folder: FolderId, uidvalidity: int, uid: int | None
) -> bool:
    """Open operations later than `after` that found the row in `was` find it here -> whether it is still there now
    (and not moved on by one of them)."""
    for operation, kind, found in tx.all(
        """
        SELECT o.id, o.kind, r.folder FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
        WHERE r.placement = ? AND o.id > ? AND r.done = 0 AND o.state IN ('pending', 'sent') ORDER BY o.id
        """,
        row,
        after,
    ):
        if found != was:
            return False
        tx.run(
            "UPDATE operation_row SET folder = ?, uidvalidity = ?, uid = ? WHERE operation = ? AND placement = ?",
            *(folder, uidvalidity, uid, operation, row),
        )
        if kind in _STRUCTURAL:
            return False
    return True


def settle(tx: Tx, row: RowId, after: OperationId, folder: FolderId, uidvalidity: int, uid: int, *, now: int) -> None:
    """The server has the row here since operation `after`: tell later operations, and the row if it still is here."""
    if rekey(tx, row, after, folder, folder, uidvalidity, uid):
        place(tx, row, folder, uidvalidity, uid, now=now)


def place(tx: Tx, row: RowId, folder: FolderId, uidvalidity: int, uid: int | None, *, now: int) -> None:
    """Give a row its place on the server. If sync made another row for it meanwhile, the two become this one."""
    if uid is not None:
        twin = tx.value(
            "SELECT id FROM placement WHERE folder = ? AND uidvalidity = ? AND uid = ? AND id <> ?",
            *(folder, uidvalidity, uid, row),
        )
        if twin is not None:
            _merge(tx, row, RowId(twin))
    tx.run(
        "UPDATE placement SET folder = ?, uidvalidity = ?, uid = ? WHERE id = ?",
        *(folder, uidvalidity, uid, row),
    )
    tx.touched(folder)


def close_rows(tx: Tx, rows: Iterable[RowId], state: str, *, now: int) -> None:
    """Nothing more is to be told about these rows; operations that have no other rows end with this state."""
    for row in rows:
        for operation in tx.column(
            """
            SELECT r.operation FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
            WHERE r.placement = ? AND r.done = 0 AND o.state IN ('pending', 'sent')
            """,
            row,
        ):
            tx.run("UPDATE operation_row SET done = 1 WHERE operation = ? AND placement = ?", operation, row)
            close_if_done(tx, OperationId(operation), state, now=now)


def close_if_done(tx: Tx, operation: OperationId, state: str = "done", *, now: int) -> None:
    """End an operation that has nothing more to be told."""
    tx.run(
        """
        UPDATE operation SET state = ?2, ended_at = ?3 WHERE id = ?1 AND state IN ('pending', 'sent')
          AND NOT EXISTS (SELECT 1 FROM operation_row WHERE operation = ?1 AND done = 0)
        """,
        *(operation, state, now),
    )


def _merge(tx: Tx, keep: RowId, drop: RowId) -> None:
    """All that is known of `drop` becomes known of `keep`."""
    record = tx.one(
        """
        SELECT p.message, m.content, p.server_flags, p.modseq, p.gone_at, p.gone_why, p.flags, p.folder
        FROM placement AS p JOIN message AS m ON m.id = p.message WHERE p.id = ?
        """,
        drop,
    )
    assert record is not None
    message, content, server_flags, modseq, gone_at, gone_why, flags, folder = record
    own, own_content = tx.all(
        "SELECT m.id, m.content FROM placement AS p JOIN message AS m ON m.id = p.message WHERE p.id = ?", keep
    )[0]
    if content is not None and own_content is None:
        tx.run(
            "UPDATE placement SET message = ?1, date = (SELECT date FROM message WHERE id = ?1) WHERE message = ?2",
            message,
            own,
        )
    if tx.value("SELECT 1 FROM operation_row WHERE placement = ? AND done = 0", drop):
        tx.run("UPDATE placement SET flags = ?, gone_at = ?, gone_why = ? WHERE id = ?", flags, gone_at, gone_why, keep)
    tx.run("UPDATE placement SET server_flags = ?, modseq = ? WHERE id = ?", server_flags, modseq, keep)
    _readdress(tx, keep, drop)
    tx.run("DELETE FROM placement WHERE id = ?", drop)
    if content is not None and own_content is None:
        tx.run("DELETE FROM body_wanted WHERE placement IN (SELECT id FROM placement WHERE message = ?)", message)
    drop_messages(tx, [MessageId(message), MessageId(own)])
    tx.touched(FolderId(folder))


def _readdress(tx: Tx, keep: RowId, drop: RowId) -> None:
    """What referred to `drop` refers to `keep`."""
    for operation, kind, payload in tx.all(
        """
        SELECT id, kind, payload FROM operation
        WHERE id IN (SELECT operation FROM operation_row WHERE placement = ?1 OR copy = ?1)
        """,
        drop,
    ):
        tx.run("UPDATE operation SET payload = ? WHERE id = ?", _renamed(kind, payload, keep, drop), operation)
    tx.run("UPDATE OR REPLACE operation_row SET placement = ? WHERE placement = ?", keep, drop)
    tx.run("UPDATE operation_row SET copy = ? WHERE copy = ?", keep, drop)
    tx.run("UPDATE history SET placement = ? WHERE placement = ?", keep, drop)
    tx.run("UPDATE outbox SET placement = ? WHERE placement = ?", keep, drop)
    tx.run("UPDATE pop_ledger SET placement = ? WHERE placement = ?", keep, drop)


def _renamed(kind: str, payload: str, keep: RowId, drop: RowId) -> str:
    operation = decode(kind, payload)
    changed: dict[str, Any] = {
        name: tuple(keep if row == drop else row for row in getattr(operation, name))
        for name in ("rows", "copies")
        if hasattr(operation, name)
    }
    return encode(replace(operation, **changed))[1]
