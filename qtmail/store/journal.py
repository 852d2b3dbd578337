"""What the user does: the local effect, the gesture and its operations, in one transaction.

An operation is recorded as effective: only the rows it changes, each with where it was on the server. Those of remote
accounts wait for replay (replay.py); those of POP3 and local ones are done at once.

    pending --mark_sent--> sent --confirm--> done
       |  \\________________/ |  \\--refuse--> refused (the effect is taken back here)
       \\--undo--> cancelled  \\--defer--> pending, not before some time
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from qtmail.errors import BadInput
from qtmail.events import Event
from qtmail.model import AccountKey, FolderId, GestureId, OperationId, Role, RowId
from qtmail.operations import (
    Append,
    Copy,
    Expunge,
    KeepSearch,
    Move,
    OnFolder,
    OnThreads,
    Operation,
    Send,
    Unsend,
    encode,
)
from qtmail.store import effects
from qtmail.store.db import Store, Tx
from qtmail.store.effects import Effect
from qtmail.store.values import Performed

CHUNK = 200
"""Rows of one operation, and of one transaction, at most."""


def perform(
    tx: Tx,
    operations: Sequence[Operation],
    *,
    now: int,
    remote: Container[AccountKey],
    label: str = "",
    quiet: bool = False,
    gesture: GestureId | None = None,
) -> Performed:
    """Do these inside a transaction of the caller's, as one gesture (a further part of `gesture`, if given).

    remote: the accounts whose changes a server must be told (IMAP). Rows that are gone or would not change are left
    out; operations are split by account and into CHUNK rows. `Copy.copies` is filled in here: pass (). `Move.sources`
    likewise: pass () (given, only rows that are still there are moved). quiet: not offered by undo (marked read by
    looking at it).
    -> gesture None when nothing changed. Raises BadInput for a folder that is gone or a Move to another account.
    """
    recorder = Recorder(tx, now, remote, label or _label_of(operations), quiet, gesture)
    for operation in operations:
        for piece in pieces(operation):
            recorder.do(piece)
    return recorder.performed()


def act(
    store: Store,
    operations: Sequence[Operation],
    *,
    now: int,
    remote: Container[AccountKey],
    label: str = "",
    quiet: bool = False,
) -> Performed:
    """`perform` with transactions of its own, CHUNK rows each: one gesture however many rows. Killed in between, what
    was committed is a whole gesture of fewer rows."""
    label = label or _label_of(operations)
    done = Performed(None, label)
    for batch in _batches([piece for operation in operations for piece in pieces(operation)]):
        with store.transaction(f"act {type(batch[0]).__name__}") as tx:
            part = perform(tx, batch, now=now, remote=remote, label=label, quiet=quiet, gesture=done.gesture)
        done = joined(done, part, tx.events)
    return done


def put_in_place(
    tx: Tx, rows: Sequence[RowId], of: RowId, *, now: int, remote: Container[AccountKey], label: str
) -> Performed:
    """New messages of a folder that take the place of an older one, quietly: an Append, and an Expunge of the older one
    that waits until the server has them. In a transaction of the caller's."""
    recorder = Recorder(tx, now, remote, label, True, None)
    appended = recorder.do(Append(tuple(rows)))
    recorder.do(Expunge((of,)), after=appended[-1] if appended else None)
    return recorder.performed()


def move_across(
    store: Store,
    rows: Sequence[RowId],
    to: FolderId,
    *,
    now: int,
    remote: Container[AccountKey],
    keep: bool = False,
    label: str = "",
    gesture: GestureId | None = None,
) -> Performed:
    """Move (`keep`: copy) rows to a folder of another account: a row there with an Append, and an Expunge here that
    waits until the Append is done. Undone in the opposite order."""
    label = label or (Copy(tuple(rows), to, ()) if keep else Move(tuple(rows), (), to)).label()
    done = Performed(gesture, label)
    for start in range(0, len(rows), CHUNK):
        with store.transaction("move across") as tx:
            sources = effects.sources_of(tx, rows[start : start + CHUNK])
            if tx.value("SELECT 1 FROM folder WHERE id = ? AND gone_at IS NULL", to) is None:
                raise BadInput("That folder is gone.", hint="Choose another one.")
            copies = effects.make_copies(tx, [s._replace(uidvalidity=0) for s in sources], to, now=now)
            recorder = Recorder(tx, now, remote, label, False, done.gesture)
            appended = recorder.do(Append(tuple(copies)))
            if not keep:
                recorder.do(Expunge(tuple(source.row for source in sources)), after=appended[-1] if appended else None)
            part = replace(recorder.performed(), copies=tuple(copies))
        done = joined(done, part, tx.events)
    return done


def reserve_folder(tx: Tx, account: AccountKey, path: str, role: Role = Role.NONE, *, now: int) -> FolderId:
    """The id for a CreateFolder: a folder that is not there yet (it counts as gone). Raises BadInput when taken."""
    if tx.value("SELECT 1 FROM folder WHERE account = ? AND path = ? AND gone_at IS NULL", account, path):
        raise BadInput(f"There is already a folder “{path}”.", hint="Choose another name.")
    return FolderId(
        tx.insert("INSERT INTO folder (account, path, role, gone_at) VALUES (?, ?, ?, ?)", account, path, role, now)
    )


class Recorder:
    """Writes one gesture: made with its first operation that changes something."""

    def __init__(
        self,
        tx: Tx,
        now: int,
        remote: Container[AccountKey],
        label: str,
        quiet: bool = False,
        gesture: GestureId | None = None,
        undoes: GestureId | None = None,
    ) -> None:
        self._tx = tx
        self._now = now
        self._remote = remote
        self._label = label
        self._quiet = quiet
        self._undoes = undoes
        self._operations: list[OperationId] = []
        self._copies: list[RowId] = []
        self.gesture = gesture

    def do(self, operation: Operation, *, after: OperationId | None = None) -> list[OperationId]:
        """Apply and record one operation of at most CHUNK rows -> the operations it became, one an account."""
        recorded = []
        for effect in effects.apply(self._tx, operation, now=self._now):
            recorded.append(self._record(effect, after))
            self._copies += [source.copy for source in effect.sources if source.copy is not None]
        self._operations += recorded
        return recorded

    def begin(self, fallback: str) -> GestureId:
        """The gesture, made if it is not there yet."""
        if self.gesture is None:
            self._label = self._label or fallback
            self.gesture = GestureId(
                self._tx.insert(
                    "INSERT INTO gesture (at, label, undoes, quiet) VALUES (?, ?, ?, ?)",
                    *(self._now, self._label, self._undoes, self._quiet),
                )
            )
        return self.gesture

    def performed(self) -> Performed:
        """What became of it. The events are the transaction's."""
        gesture = self.gesture if self._operations else None
        return Performed(gesture, self._label, (), tuple(self._operations), tuple(self._copies))

    def _record(self, effect: Effect, after: OperationId | None) -> OperationId:
        gesture = self.begin(effect.operation.label())
        waits = effect.account in self._remote and not effect.local
        kind, payload = encode(effect.operation)
        id_ = self._tx.insert(
            """
            INSERT INTO operation (gesture, account, kind, payload, state, after, at, ended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            *(gesture, effect.account, kind, payload, "pending" if waits else "done"),
            *(after, self._now, None if waits else self._now),
        )
        self._tx.many(
            """
            INSERT INTO operation_row (operation, placement, folder, uidvalidity, uid, copy, done)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [(id_, s.row, s.folder, s.uidvalidity, s.uid, s.copy, not waits) for s in effect.sources],
        )
        return OperationId(id_)


def pieces(operation: Operation) -> Iterator[Operation]:
    """The same in operations of at most CHUNK rows."""
    if isinstance(operation, OnFolder | Send | Unsend | KeepSearch | OnThreads):
        yield operation
        return
    for start in range(0, len(operation.rows), CHUNK):
        part = slice(start, start + CHUNK)
        if isinstance(operation, Move):
            yield replace(operation, rows=operation.rows[part], sources=operation.sources[part])
        elif isinstance(operation, Copy):
            yield replace(operation, rows=operation.rows[part], copies=())
        else:
            yield replace(operation, rows=operation.rows[part])


def joined(done: Performed, part: Performed, events: tuple[Event, ...]) -> Performed:
    """Two parts of one gesture together."""
    return Performed(
        done.gesture or part.gesture,
        done.label or part.label,
        tuple(dict.fromkeys(done.events + events)),
        done.operations + part.operations,
        done.copies + part.copies,
    )


def _batches(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Runs of operations that together touch at most CHUNK rows."""
    batch: list[Operation] = []
    rows = 0
    for operation in operations:
        size = len(getattr(operation, "rows", ()))
        if batch and rows + size > CHUNK:
            yield batch
            batch, rows = [], 0
        batch.append(operation)
        rows += size
    if batch:
        yield batch


def _label_of(operations: Sequence[Operation]) -> str:
    return operations[0].label() if operations else ""
