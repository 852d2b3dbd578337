"""What the user does: the local effect, the gesture and its operations, in one transaction.

An operation is recorded as effective: only the rows it changes, each with where it was on the server. Those of remote
accounts wait for replay (replay.py); those of POP3 and local ones are done at once.

    pending --mark_sent--> sent --confirm--> done
       |  \\________________/ |  \\--refuse--> refused (the effect is taken back here)
       \\--undo--> cancelled  \\--defer--> pending, not before some time
"""

from collections.abc import Container, Sequence

from qtmail.model import AccountKey, FolderId, GestureId, Role, RowId
from qtmail.operations import Operation
from qtmail.store.db import Store, Tx
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
    likewise. quiet: not offered by undo (marked read by looking at it).
    -> gesture None when nothing changed. Raises BadInput for a folder that is gone or a Move to another account.
    """
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


def reserve_folder(tx: Tx, account: AccountKey, path: str, role: Role = Role.NONE, *, now: int) -> FolderId:
    """The id for a CreateFolder: a folder that is not there yet (it counts as gone). Raises BadInput when taken."""
    raise NotImplementedError
