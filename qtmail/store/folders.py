"""Folders: the server's list of them, our own ones, and what sync remembers of each."""

from collections.abc import Sequence

from qtmail.model import AccountKey, FolderId, Role
from qtmail.store.db import Store, Tx
from qtmail.store.values import FoldersUpdate, ServerFolder


def ensure_folder(tx: Tx, account: AccountKey, path: str, role: Role = Role.NONE) -> FolderId:
    """The folder of this path, made if it is not there; locally only, without an operation."""
    raise NotImplementedError


def update_folders(tx: Tx, account: AccountKey, listed: Sequence[ServerFolder], *, now: int) -> FoldersUpdate:
    """Make ours what the server lists (complete). Folders with an open create, rename or delete keep the user's
    will; one that is not listed any more goes to grace with its rows; one listed again comes back with them. A folder
    that never had a server's name (made offline, standard folders) meets its namesake by path or by role."""
    raise NotImplementedError


def set_role(tx: Tx, folder: FolderId, role: Role) -> None:
    """Say what a folder is for."""
    raise NotImplementedError


def set_state(
    tx: Tx,
    folder: FolderId,
    *,
    uidnext: int | None = None,
    highestmodseq: int | None = None,
    server_total: int | None = None,
    verified_at: int | None = None,
) -> None:
    """Remember how far sync has come; None: leave as it is."""
    raise NotImplementedError


def forget_account(store: Store, account: AccountKey, *, now: int) -> None:
    """The account was removed: its folders and rows go to grace, its open operations are cancelled, its ledger and
    facts are dropped."""
    raise NotImplementedError
