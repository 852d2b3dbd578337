"""Taking gestures back: what no server was told is cancelled, the rest is done the other way round."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from qtmail.model import AccountKey, FolderId, GestureId, OperationId, RowId
from qtmail.operations import (
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    NotUndoable,
    OnFolder,
    Operation,
    RenameFolder,
    Restore,
    Send,
    SetFlag,
    Subscribe,
    decode,
    rows_of,
)
from qtmail.store import effects, outbox, refusal
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Store, Tx
from qtmail.store.journal import CHUNK, Recorder, joined
from qtmail.store.values import Performed


@dataclass(frozen=True, slots=True)
class Gesture:
    """One act of the user's."""

    id: GestureId
    at: int
    label: str


@dataclass(frozen=True, slots=True)
class _Past:
    """One operation to be taken back."""

    id: OperationId
    operation: Operation
    state: str
    attempts: int
    after: OperationId | None


def last(reader: Reader) -> Gesture | None:
    """What undo would take back: the latest gesture that is not quiet, not an undo and not taken back."""
    record = reader.one(
        "SELECT id, at, label FROM gesture WHERE undone = 0 AND quiet = 0 AND undoes IS NULL ORDER BY id DESC LIMIT 1"
    )
    return None if record is None else Gesture(*record)


def undo(store: Store, gesture: GestureId | None = None, *, now: int, remote: Container[AccountKey]) -> Performed:
    """Take back this gesture, or `last`. Rows that went or were changed again meanwhile stay as they are.

    Raises NotUndoable, with nothing changed: there is nothing, it was taken back, it left the machine, or nothing of
    it is as it was. Killed in between, undoing it again takes back the rest.
    """
    chosen = _chosen(store.read(), gesture)
    past = _past(store.read(), chosen.id)
    label = f"Undo: {chosen.label}"
    done = Performed(None, label)
    undone = 0
    inverses: dict[OperationId, OperationId] = {}
    for batch in _batches(past):
        with store.transaction("undo") as tx:
            recorder = Recorder(tx, now, remote, label, gesture=done.gesture, undoes=chosen.id)
            for one in batch:
                undone += _take_back(tx, recorder, one, inverses, now)
                tx.run("UPDATE operation SET undone = 1 WHERE id = ?", one.id)
            part = recorder.performed()
        done = joined(done, replace(part, gesture=recorder.gesture), tx.events)
    with store.transaction("undo") as tx:
        tx.run("UPDATE gesture SET undone = 1 WHERE id = ?", chosen.id)
    if not undone:
        raise NotUndoable(f"“{chosen.label}” cannot be undone any more: it was changed since.")
    return done


def _chosen(reader: Reader, gesture: GestureId | None) -> Gesture:
    if gesture is None:
        found = last(reader)
        if found is None:
            raise NotUndoable("There is nothing to undo.")
        return found
    record = reader.one("SELECT id, at, label, undoes, undone FROM gesture WHERE id = ?", gesture)
    if record is None:
        raise NotUndoable("There is nothing to undo.")
    *fields, undoes, undone = record
    if undone or undoes is not None:
        raise NotUndoable("This was undone already." if undone else "An undo cannot be undone; do it again instead.")
    return Gesture(*fields)


def _past(reader: Reader, gesture: GestureId) -> list[_Past]:
    """What is to be taken back, latest first. Raises NotUndoable."""
    past = [
        _Past(OperationId(id_), decode(kind, payload), state, attempts, None if after is None else OperationId(after))
        for id_, kind, payload, state, attempts, after in reader.all(
            """
            SELECT id, kind, payload, state, attempts, after FROM operation
            WHERE gesture = ? AND undone = 0 AND state NOT IN ('refused', 'cancelled') ORDER BY id DESC
            """,
            gesture,
        )
    ]
    for one in past:
        one.operation.inverse()
        if isinstance(one.operation, Send):
            outbox.may_be_taken_back(reader, one.operation.item)
    return past


def _batches(past: list[_Past]) -> Iterator[list[_Past]]:
    batch: list[_Past] = []
    rows = 0
    for one in past:
        size = len(rows_of(one.operation))
        if batch and rows + size > CHUNK:
            yield batch
            batch, rows = [], 0
        batch.append(one)
        rows += size
    if batch:
        yield batch


def _take_back(tx: Tx, recorder: Recorder, one: _Past, inverses: dict[OperationId, OperationId], now: int) -> bool:
    """One operation -> whether anything was taken back."""
    state = tx.value("SELECT state FROM operation WHERE id = ? AND attempts = 0", one.id)  # told meanwhile?
    if state == "pending" and _is_last_word(tx, one):
        recorder.begin("Undo")
        refusal.take_back(tx, one.id, one.operation, "cancelled", now=now)
        tx.run("UPDATE operation SET state = 'cancelled', ended_at = ? WHERE id = ?", now, one.id)
        tx.run("UPDATE operation_row SET done = 1 WHERE operation = ?", one.id)
        return True
    awaited = tx.value("SELECT id FROM operation WHERE after = ? ORDER BY id DESC", one.id)
    recorded: list[OperationId] = []
    for inverse in _inverses(tx, one):
        recorded += recorder.do(inverse, after=inverses.get(awaited) if awaited is not None else None)
    if recorded:
        inverses[one.id] = recorded[-1]
    return bool(recorded)


def _is_last_word(tx: Tx, one: _Past) -> bool:
    """Nothing later, and not told to the server yet, builds on this operation: leaving it out leaves no trace."""
    match one.operation:
        case CreateFolder(folder=folder) | RenameFolder(folder=folder) | DeleteFolder(folder=folder):
            return _folder_is_as_left(tx, one, folder)
        case Subscribe():
            return not tx.value(_SUBSCRIBED_LATER, one.id, one.operation.folder)
        case SetFlag():
            return not _later(
                tx, one, "o.kind = 'SetFlag' AND json_extract(o.payload, '$.flag') = ?2", one.operation.flag
            )
        case Move():
            if _later(tx, one, "o.kind NOT IN ('SetFlag', 'Copy') AND ?2 = ''", ""):
                return False
            return _still(tx, one.operation.rows, one.operation.to, "uid IS NULL AND gone_at IS NULL")
        case Copy():
            return not _later(tx, one, "?2 = ''", "") and _still(
                tx, one.operation.copies, one.operation.to, "gone_at IS NULL"
            )
        case Append():
            return not _later(tx, one, "o.kind <> 'SetFlag' AND ?2 = ''", "") and _still(
                tx, one.operation.rows, None, "uid IS NULL AND gone_at IS NULL"
            )
        case Expunge():
            return not _later(tx, one, "?2 = ''", "") and _still(tx, one.operation.rows, None, "gone_why = 'expunged'")
        case Restore():
            return not _later(tx, one, "?2 = ''", "") and _still(tx, one.operation.rows, None, "gone_at IS NULL")
        case _:
            return False


_SUBSCRIBED_LATER = """
    SELECT EXISTS (
      SELECT 1 FROM operation
      WHERE id > ? AND kind = 'Subscribe' AND state IN ('pending', 'sent') AND json_extract(payload, '$.folder') = ?)
"""


def _later(tx: Tx, one: _Past, which: str, value: str) -> bool:
    """Is there a later open operation of this sort on the same rows, or on the copies made?"""
    return bool(
        tx.value(
            f"""
            SELECT EXISTS (
              SELECT 1 FROM operation_row AS mine
              JOIN operation_row AS r ON r.placement IN (mine.placement, mine.copy)
              JOIN operation AS o ON o.id = r.operation
              WHERE mine.operation = ?1 AND o.id > ?1 AND o.state IN ('pending', 'sent') AND r.done = 0 AND {which})
            """,  # noqa: S608 - the literals above
            *(one.id, value),
        )
    )


def _still(tx: Tx, rows: tuple[RowId, ...], folder: FolderId | None, how: str) -> bool:
    """All these rows are still as the operation left them."""
    count = tx.value(
        f"""
        SELECT count(*) FROM placement
        WHERE id IN (SELECT value FROM json_each(?)) AND folder = coalesce(?, folder) AND {how}
        """,  # noqa: S608 - the literals above
        *(listed(rows), folder),
    )
    return bool(count == len(rows))


def _folder_is_as_left(tx: Tx, one: _Past, folder: FolderId) -> bool:
    """No later open operation is about this folder, and what was created is empty."""
    if isinstance(one.operation, CreateFolder) and tx.value("SELECT total FROM folder WHERE id = ?", folder):
        return False
    return not tx.value(
        """
        SELECT EXISTS (SELECT 1 FROM operation WHERE id > ?1 AND account = ?3 AND state IN ('pending', 'sent') AND (
          kind IN ('CreateFolder', 'RenameFolder', 'DeleteFolder')
          OR kind IN ('Move', 'Copy') AND json_extract(payload, '$.to') = ?2))
        """,
        *(one.id, folder, _account(one.operation)),
    )


def _account(operation: Operation) -> AccountKey:
    return operation.account if isinstance(operation, OnFolder) else AccountKey("")


def _inverses(tx: Tx, one: _Past) -> Iterator[Operation]:
    """The inverse operations, of the rows that are still as this one left them."""
    for inverse in one.operation.inverse():
        match inverse:
            case Expunge():
                yield replace(inverse, rows=_where_put(tx, one, inverse.rows))
            case Restore():
                gone = effects.sources_of(tx, inverse.rows, gone=True)
                mine = set(tx.column(_EXPUNGED, listed([source.row for source in gone])))
                yield replace(inverse, rows=tuple(source.row for source in gone if source.row in mine))
            case _:
                yield inverse


_EXPUNGED = """
    SELECT id FROM placement WHERE id IN (SELECT value FROM json_each(?)) AND gone_why = 'expunged'
"""


def _where_put(tx: Tx, one: _Past, rows: tuple[RowId, ...]) -> tuple[RowId, ...]:
    """Those that still are in the folder where the operation put them."""
    match one.operation:
        case Copy(to=to):
            put = dict.fromkeys(rows, to)
        case _:
            put = dict(tx.all("SELECT placement, folder FROM operation_row WHERE operation = ?", one.id))
    return tuple(source.row for source in effects.sources_of(tx, rows) if put.get(source.row) == source.folder)
