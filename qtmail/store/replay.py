"""What the engine asks of the journal: what to tell the server, and what came of it."""

from collections.abc import Collection, Mapping

from qtmail.model import AccountKey, FolderId, OperationId, RowId
from qtmail.store.db import Reader, Tx
from qtmail.store.values import PendingOperation


def open_operations(reader: Reader, account: AccountKey, *, now: int, limit: int = 50) -> list[PendingOperation]:
    """Those ready to be replayed, in the order they must be. Left out: deferred ones, those that wait for another,
    and everything that touches the same rows or folders as one of these."""
    raise NotImplementedError


def next_attempt(reader: Reader, account: AccountKey) -> int | None:
    """When the earliest open operation may be tried; None: there is none."""
    raise NotImplementedError


def mark_sent(tx: Tx, operation: OperationId) -> None:
    """About to be told to the server: from now on it is never silently cancelled. Commit this before sending."""
    raise NotImplementedError


def confirm(
    tx: Tx,
    operation: OperationId,
    placed: Mapping[RowId, tuple[int, int] | None] | None = None,
    *,
    missing: Collection[RowId] = (),
    now: int,
) -> None:
    """The server did it.

    placed: operation's rows that are done -> (UIDVALIDITY, UID) each now has (for a Copy: its copy has), None where
    the server did not say (sync finds it by Message-ID). For SetFlag and Expunge the values mean nothing. `placed`
    None: all its rows. missing: rows the server did not have any more: a Move or Copy of it comes to nothing and the
    row goes to grace as vanished. Rows in neither stay open, and with them the operation.
    """
    raise NotImplementedError


def confirm_folder(tx: Tx, operation: OperationId, wire_names: Mapping[FolderId, bytes], *, now: int) -> None:
    """The server created or renamed (with those below) or deleted (pass {}) a folder: these are their names there."""
    raise NotImplementedError


def refuse(tx: Tx, operation: OperationId, words: str, *, now: int) -> None:
    """The server will not: take the effect back here, except where that would hide the only copy of something (a
    refused Append stays as a local row). Operations that depend on it are refused too."""
    raise NotImplementedError


def defer(tx: Tx, operation: OperationId, *, not_before: int, words: str) -> None:
    """Failed for now: pending again, not before this time."""
    raise NotImplementedError


def pending_uids(reader: Reader, folder: FolderId, uidvalidity: int) -> set[int]:
    """UIDs that are still on the server in this folder, but not in the user's eyes: sources of open moves and
    expunges. Sync leaves them alone."""
    raise NotImplementedError
