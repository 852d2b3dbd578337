"""Folders that another client renamed, on servers whose folders have no ids: known by the UIDVALIDITY they kept."""

from collections import Counter
from collections.abc import Callable, Sequence

from qtmail.model import AccountKey, FolderId
from qtmail.store import relink
from qtmail.store.db import Tx
from qtmail.store.mailboxids import free_path
from qtmail.store.values import ServerFolder


def settle_by_uidvalidity(
    tx: Tx, account: AccountKey, listed: Sequence[ServerFolder], vanish: Callable[[FolderId], None]
) -> tuple[FolderId, ...]:
    """Give these their new names -> those folders. Only where the number is that of one folder, here and there; it is a
    guess all the same, so each is looked into before its UIDs are used (`relink.suspect`). `vanish`: lets go of one of
    ours whose name a renamed one has now, while its own number is nowhere."""
    live = tx.all(
        """
        SELECT id, wire_name, uidvalidity, uidnext FROM folder
        WHERE account = ? AND gone_at IS NULL AND wire_name <> x'' AND uidvalidity > 0
        """,
        account,
    )
    times_here = Counter(uidvalidity for _id, _name, uidvalidity, _uidnext in live)
    times_there = Counter(remote.uidvalidity for remote in listed)
    there = {(remote.wire_name, remote.uidvalidity) for remote in listed}
    staying = {bytes(name) for _id, name, uidvalidity, _uidnext in live if (bytes(name), uidvalidity) in there}
    appeared = {
        remote.uidvalidity: remote
        for remote in listed
        if remote.wire_name not in staying and not remote.mailboxid and times_there[remote.uidvalidity] == 1
    }
    renamed = []
    for id_, name, uidvalidity, uidnext in live:
        remote = appeared.get(uidvalidity)
        if remote is None or times_here[uidvalidity] > 1 or remote.uidnext < uidnext:
            continue
        if (bytes(name), uidvalidity) not in there and remote.uidvalidity:
            renamed.append((FolderId(id_), remote))
    names, followed = {remote.wire_name for _folder, remote in renamed}, {folder for folder, _remote in renamed}
    for id_, name, _uidvalidity, _uidnext in live:
        if bytes(name) in names and id_ not in followed:
            vanish(FolderId(id_))
    for folder, _remote in renamed:
        tx.run("UPDATE folder SET path = char(0) || id WHERE id = ?", folder)
    for folder, remote in renamed:
        path = free_path(tx, account, remote.path)
        tx.run("UPDATE folder SET wire_name = ?, path = ? WHERE id = ?", remote.wire_name, path, folder)
        relink.suspect(tx, folder)
        tx.touched(folder)
    return tuple(folder for folder, _remote in renamed)


def keep_for_appends(tx: Tx, folder: FolderId) -> frozenset[int]:
    """A folder that is gone from the server, and mail that is nowhere else was still to be put there: it is to be made
    anew -> the rows that stay in it."""
    rows = tx.column(
        """
        SELECT r.placement FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
        JOIN placement AS p ON p.id = r.placement
        WHERE p.folder = ? AND p.gone_at IS NULL AND r.done = 0 AND o.state IN ('pending', 'sent')
          AND o.kind IN ('Append', 'Restore')
        """,
        folder,
    )
    if rows:
        tx.run(
            """
            UPDATE folder SET wire_name = x'', uidvalidity = 0, uidnext = 0, highestmodseq = 0, verified_at = NULL
            WHERE id = ?
            """,
            folder,
        )
    return frozenset(rows)
