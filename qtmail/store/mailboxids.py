"""What the server tells of its folders beyond their names: ids that outlive a rename (RFC 8474), and whose they are."""

from collections import Counter
from collections.abc import Callable, Sequence

from qtmail.events import FoldersChanged
from qtmail.model import AccountKey, FolderId, Keep
from qtmail.store import keeping
from qtmail.store.db import Tx
from qtmail.store.values import ServerFolder


def settle_renames(
    tx: Tx, account: AccountKey, listed: Sequence[ServerFolder], vanish: Callable[[FolderId], None]
) -> tuple[FolderId, ...]:
    """Give folders that another client renamed their new names, by the id they kept -> those folders.

    Their rows stay as they are: nothing is fetched again. What the user is renaming here keeps the user's path. Ids
    that the server gives to several folders are not believed. `vanish`: lets go of one of ours whose name a renamed
    one has now.
    """
    times = Counter(remote.mailboxid for remote in listed)
    remotes = {remote.mailboxid: remote for remote in listed if remote.mailboxid and times[remote.mailboxid] == 1}
    if not remotes:
        return ()
    live = tx.all(
        "SELECT id, wire_name, mailboxid FROM folder WHERE account = ? AND gone_at IS NULL AND wire_name <> x''",
        account,
    )
    moved = {
        FolderId(id_): remotes[mailboxid]
        for id_, wire_name, mailboxid in live
        if mailboxid in remotes and bytes(wire_name) != remotes[mailboxid].wire_name
    }
    if not moved:
        return ()
    names = {remote.wire_name for remote in moved.values()}
    for id_, wire_name, _mailboxid in live:
        if bytes(wire_name) in names and id_ not in moved:
            vanish(FolderId(id_))
    tx.many("UPDATE folder SET wire_name = ? WHERE id = ?", [(moved[folder].wire_name, folder) for folder in moved])
    following = {folder: remote.path for folder, remote in moved.items() if folder not in _changed_here(tx, account)}
    tx.many("UPDATE folder SET path = ? WHERE id = ?", [(f"\0{folder}", folder) for folder in following])
    for folder, path in following.items():
        tx.run("UPDATE folder SET path = ? WHERE id = ?", free_path(tx, account, path), folder)
    tx.note(FoldersChanged(account))
    return tuple(moved)


def remember(tx: Tx, account: AccountKey, listed: Sequence[ServerFolder]) -> None:
    """Whose each folder is, and its id; an id the server does not tell this time is kept. Of the mail of others only
    headers are kept here, until the user says otherwise for a folder."""
    told = {remote.wire_name: remote for remote in listed}
    changed = []
    strange = []
    for id_, wire_name, shared, owner, mailboxid in tx.all(
        "SELECT id, wire_name, shared, owner, mailboxid FROM folder WHERE account = ? AND gone_at IS NULL", account
    ):
        remote = told.get(bytes(wire_name))
        if remote is None:
            continue
        now = (int(remote.shared), remote.owner, remote.mailboxid or mailboxid)
        if now != (shared, owner, mailboxid):
            changed.append((*now, id_))
            if remote.shared and not shared:
                strange.append((str(Keep(0)), keeping.NEVER, id_))
    if changed:
        tx.many("UPDATE folder SET keep = ?, keep_since = ? WHERE id = ? AND keep = ''", strange)
        tx.many("UPDATE folder SET shared = ?, owner = ?, mailboxid = ? WHERE id = ?", changed)
        tx.note(FoldersChanged(account))


def _changed_here(tx: Tx, account: AccountKey) -> set[int]:
    return set(
        tx.column(
            """
            SELECT json_extract(payload, '$.folder') FROM operation
            WHERE account = ? AND state IN ('pending', 'sent') AND kind IN ('RenameFolder', 'DeleteFolder')
            """,
            account,
        )
    )


def free_path(tx: Tx, account: AccountKey, path: str) -> str:
    """The path, or the nearest like it: one made here while offline may have it already."""
    wanted, number = path, 2
    while tx.value("SELECT 1 FROM folder WHERE account = ? AND path = ? AND gone_at IS NULL", account, wanted):
        wanted = f"{path} ({number})"
        number += 1
    return wanted
