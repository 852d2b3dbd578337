"""Folders: the server's list of them, our own ones, and what sync remembers of each."""

from collections.abc import Sequence
from functools import partial

from qtmail.events import FoldersChanged
from qtmail.model import AccountKey, FolderId, Role
from qtmail.store import mailboxids, renames
from qtmail.store.connection import Reader, Record
from qtmail.store.connection import listed as listed_ids
from qtmail.store.db import Store, Tx
from qtmail.store.values import FoldersUpdate, ServerFolder


def ensure_folder(tx: Tx, account: AccountKey, path: str, role: Role = Role.NONE) -> FolderId:
    """The folder of this path, made if it is not there; locally only, without an operation."""
    found = tx.value("SELECT id FROM folder WHERE account = ? AND path = ? AND gone_at IS NULL", account, path)
    if found is not None:
        return FolderId(found)
    tx.note(FoldersChanged(account))
    return FolderId(tx.insert("INSERT INTO folder (account, path, role) VALUES (?, ?, ?)", account, path, role.value))


def update_folders(tx: Tx, account: AccountKey, listed: Sequence[ServerFolder], *, now: int) -> FoldersUpdate:
    """Make ours what the server lists (complete). Folders with an open create, rename or delete keep the user's
    will; one that is not listed any more goes to grace with its rows; one listed again comes back with them. A folder
    that never had a server's name (made offline, standard folders) meets its namesake by path or by role."""
    vanish = partial(_vanish, tx, now=now)
    renamed = mailboxids.settle_renames(tx, account, listed, vanish)
    renamed += renames.settle_by_uidvalidity(tx, account, listed, vanish)
    match = _Matcher(tx, account)
    claimed = {remote.role.value for remote in listed if remote.role}
    new: list[FolderId] = []
    changed: list[FolderId] = list(renamed)
    for remote in listed:
        folder, revived = match.find(remote)
        if folder is None:
            new.append(_create(tx, account, remote))
        elif folder in match.deleting:
            continue
        else:
            if revived:
                _revive(tx, folder, remote.path)
                new.append(folder)
            keep_subscribed = folder in match.subscribing
            if _update(tx, folder, remote, bool(match.renaming), claimed, keep_subscribed=keep_subscribed):
                changed.append(folder)
    known = {remote.wire_name for remote in listed}
    vanished = [
        id_
        for id_, wire_name, _path, _role in match.live
        if wire_name and wire_name not in known and id_ not in match.met
    ]
    for folder in vanished:
        _vanish(tx, folder, now=now)
    mailboxids.remember(tx, account, listed)
    if new or changed or vanished:
        tx.note(FoldersChanged(account))
    return FoldersUpdate(tuple(new), tuple(vanished), tuple(changed))


def names(reader: Reader, account: AccountKey) -> list[Record]:
    """All that `update_folders` compares with the server's list: equal before and after, there is nothing to do."""
    return reader.all(
        """
        SELECT id, wire_name, path, role, selectable, subscribed, gone_at FROM folder
        WHERE account = ? ORDER BY id
        """,
        account,
    )


def set_role(tx: Tx, folder: FolderId, role: Role) -> None:
    """Say what a folder is for."""
    if tx.run("UPDATE folder SET role = ?1 WHERE id = ?2 AND role <> ?1", role.value, folder):
        tx.touched(folder)


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
    tx.run(
        """
        UPDATE folder SET uidnext = coalesce(?, uidnext), highestmodseq = coalesce(?, highestmodseq),
          server_total = coalesce(?, server_total), verified_at = coalesce(?, verified_at)
        WHERE id = ?
        """,
        *(uidnext, highestmodseq, server_total, verified_at, folder),
    )


def forget_account(store: Store, account: AccountKey, *, now: int) -> None:
    """The account was removed: its folders and rows go to grace, its open operations are cancelled, its ledger and
    facts are dropped."""
    while True:
        with store.transaction("forget account") as tx:
            if not tx.run(
                """
                UPDATE placement SET gone_at = ?, gone_why = 'account' WHERE id IN (
                  SELECT p.id FROM folder AS f JOIN placement AS p ON p.folder = f.id
                  WHERE f.account = ? AND p.gone_at IS NULL LIMIT 200)
                """,
                *(now, account),
            ):
                break
    with store.transaction("forget account") as tx:
        tx.run(
            """
            UPDATE operation_row SET done = 1 WHERE operation IN (
              SELECT id FROM operation WHERE account = ? AND state IN ('pending', 'sent'))
            """,
            account,
        )
        tx.run(
            """
            UPDATE operation SET state = 'cancelled', ended_at = ?
            WHERE account = ? AND state IN ('pending', 'sent')
            """,
            *(now, account),
        )
        tx.run("DELETE FROM pop_ledger WHERE account = ?", account)
        tx.run("DELETE FROM account_fact WHERE account = ?", account)
        tx.run("UPDATE folder SET gone_at = ? WHERE account = ? AND gone_at IS NULL", now, account)
        tx.note(FoldersChanged(account))


class _Matcher:
    """Which of our folders a listed one is: by the server's name, then by path, then by role."""

    def __init__(self, tx: Tx, account: AccountKey) -> None:
        self.live = tx.all(
            "SELECT id, wire_name, path, role FROM folder WHERE account = ? AND gone_at IS NULL", account
        )
        gone = tx.all(
            "SELECT id, wire_name, path FROM folder WHERE account = ? AND gone_at IS NOT NULL ORDER BY id", account
        )
        self._by_wire = {bytes(wire_name): id_ for id_, wire_name, _path, _role in self.live if wire_name}
        self._by_path = {path: id_ for id_, _wire, path, _role in self.live}
        self._unnamed = {role: id_ for id_, wire_name, _path, role in self.live if role and not wire_name}
        self._gone_by_wire = {bytes(wire_name): id_ for id_, wire_name, _path in gone if wire_name}
        self.met: set[int] = set()
        open_: dict[str, set[int]] = {
            kind: set() for kind in ("CreateFolder", "RenameFolder", "DeleteFolder", "Subscribe")
        }
        for kind, folder in tx.all(
            """
            SELECT kind, json_extract(payload, '$.folder') FROM operation
            WHERE account = ? AND state IN ('pending', 'sent')
              AND kind IN ('CreateFolder', 'RenameFolder', 'DeleteFolder', 'Subscribe')
            """,
            account,
        ):
            open_[kind].add(folder)
        self.renaming = open_["RenameFolder"]
        self.deleting = open_["DeleteFolder"]
        self.subscribing = open_["Subscribe"]

    def find(self, remote: ServerFolder) -> tuple[FolderId | None, bool]:
        """(our folder, whether it is to be brought back to life)."""
        found = self._by_wire.get(remote.wire_name)
        if found is None:
            found = self._by_path.get(remote.path)
        if found is None and remote.role:
            found = self._unnamed.get(remote.role.value)
        if found is not None and found not in self.met:
            self.met.add(found)
            return FolderId(found), False
        found = self._gone_by_wire.get(remote.wire_name)
        if found is not None and found not in self.met:
            self.met.add(found)
            return FolderId(found), found not in self.deleting
        return None, False


def _create(tx: Tx, account: AccountKey, remote: ServerFolder) -> FolderId:
    return FolderId(
        tx.insert(
            "INSERT INTO folder (account, path, wire_name, role, selectable, subscribed) VALUES (?, ?, ?, ?, ?, ?)",
            *(account, remote.path, remote.wire_name, remote.role.value, remote.selectable, remote.subscribed),
        )
    )


def _revive(tx: Tx, folder: FolderId, path: str) -> None:
    tx.run("UPDATE folder SET gone_at = NULL, path = ? WHERE id = ?", path, folder)
    tx.run(
        "UPDATE placement SET gone_at = NULL, gone_why = '' WHERE folder = ? AND gone_why = 'folder'",
        folder,
    )
    tx.touched(folder)


def _update(
    tx: Tx, folder: FolderId, remote: ServerFolder, keep_path: bool, claimed: set[str], *, keep_subscribed: bool
) -> bool:
    ours = tx.all("SELECT account, path, role, subscribed FROM folder WHERE id = ?", folder)
    account, path, role, subscribed = ours[0]
    subscribed = subscribed if keep_subscribed else remote.subscribed
    taken = tx.value(
        "SELECT 1 FROM folder WHERE account = ? AND path = ? AND gone_at IS NULL AND id <> ?",
        *(account, remote.path, folder),
    )
    path = path if keep_path or taken else remote.path
    role = remote.role.value or ("" if role in claimed else role)
    return bool(
        tx.run(
            """
            UPDATE folder SET wire_name = ?2, path = ?3, role = ?4, selectable = ?5, subscribed = ?6
            WHERE id = ?1 AND (wire_name, path, role, selectable, subscribed) <> (?2, ?3, ?4, ?5, ?6)
            """,
            *(folder, remote.wire_name, path, role, remote.selectable, subscribed),
        )
    )


def _vanish(tx: Tx, folder: FolderId, *, now: int) -> None:
    tx.touched(folder)
    staying = renames.keep_for_appends(tx, folder)
    if not staying:
        tx.run("UPDATE folder SET gone_at = ? WHERE id = ?", now, folder)
    tx.run(
        """
        UPDATE placement SET gone_at = ?, gone_why = 'folder'
        WHERE folder = ? AND gone_at IS NULL AND id NOT IN (SELECT value FROM json_each(?))
        """,
        *(now, folder, listed_ids(tuple(staying))),
    )
