"""A folder's UIDs mean other messages than before: find our rows again among them, without downloading anything.

Rows to be relinked are those of another UIDVALIDITY than their folder's; so an interrupted relink goes on where it was.
Where the server gave UIDs anew without a new UIDVALIDITY (a mailbox put back from a backup), the folder is doubted: its
rows get a UIDVALIDITY that no server can have.
"""

from collections.abc import Sequence

from qtmail.model import AccountKey, FolderId, RowId
from qtmail.store import coordinates, facts, replay
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx
from qtmail.store.flags import pack
from qtmail.store.story import tell
from qtmail.store.values import Relinkable, Relinked

_OLD = """
    {0}.folder = ?1 AND {0}.uid IS NOT NULL AND {0}.uidvalidity > 0
    AND {0}.uidvalidity <> (SELECT uidvalidity FROM folder WHERE id = ?1)
"""
"""A row, or what an open operation knows of one, that still has its old UID."""


def set_uidvalidity(tx: Tx, folder: FolderId, uidvalidity: int) -> bool:
    """The folder has this UIDVALIDITY now -> whether rows must be relinked. They stay in the list meanwhile; uidnext,
    highestmodseq and verified_at start anew. The first one ever needs no relinking."""
    before = tx.value("SELECT uidvalidity FROM folder WHERE id = ?", folder)
    if before != uidvalidity:
        tx.run(
            """
            UPDATE folder SET uidvalidity = ?, uidnext = 0, highestmodseq = 0, verified_at = NULL WHERE id = ?
            """,
            *(uidvalidity, folder),
        )
        if before:
            tx.touched(folder)
    return needs_relink(tx, folder)


NO_SERVERS = 1 << 32
"""Added to the UIDVALIDITY of a row whose UID is not believed any more; servers count to 2**32 - 1."""


def suspect(tx: Tx, folder: FolderId) -> None:
    """It may be another folder under the same name and UIDVALIDITY: to be looked into at the next visit."""
    facts.put(tx, _account(tx, folder), f"suspect:{folder}", "yes")
    tx.run("UPDATE folder SET verified_at = NULL WHERE id = ?", folder)


def is_suspect(reader: Reader, folder: FolderId) -> bool:
    """See `suspect`."""
    return facts.get(reader, _account(reader, folder), f"suspect:{folder}") == "yes"


def clear_suspicion(tx: Tx, folder: FolderId, *, uidnext: int) -> None:
    """Its messages are what they were, as far as it has them; what comes gets this UID or a higher one."""
    facts.put(tx, _account(tx, folder), f"suspect:{folder}", "")
    tx.run("UPDATE folder SET uidnext = min(uidnext, ?), verified_at = NULL WHERE id = ?", uidnext, folder)


def begin_doubt(tx: Tx, folder: FolderId) -> None:
    """No UID of its rows is believed any more: call `doubt_some` until it is done, then `relink` all."""
    account = _account(tx, folder)
    facts.put(tx, account, f"suspect:{folder}", "")
    facts.put(tx, account, f"doubted:{folder}", "yes")
    tx.run("UPDATE folder SET uidnext = 0, highestmodseq = 0, verified_at = NULL WHERE id = ?", folder)
    tx.touched(folder)


def is_doubted(reader: Reader, folder: FolderId) -> bool:
    """`begin_doubt` was called, and `doubt_some` is not done."""
    return facts.get(reader, _account(reader, folder), f"doubted:{folder}") == "yes"


def doubt_some(tx: Tx, folder: FolderId, limit: int) -> bool:
    """A part of the rows -> True: that was all; what is open on them follows them."""
    if tx.run(
        """
        UPDATE placement SET uidvalidity = uidvalidity + ?1 WHERE id IN (
          SELECT p.id FROM folder AS f JOIN placement AS p ON p.folder = f.id AND p.uidvalidity = f.uidvalidity
          WHERE f.id = ?2 AND p.uid IS NOT NULL LIMIT ?3)
        """,
        *(NO_SERVERS, folder, limit),
    ):
        return False
    tx.run(
        """
        UPDATE operation_row SET uidvalidity = uidvalidity + ?1 WHERE folder = ?2 AND done = 0 AND uid IS NOT NULL
          AND uidvalidity = (SELECT uidvalidity FROM folder WHERE id = ?2)
        """,
        *(NO_SERVERS, folder),
    )
    facts.put(tx, _account(tx, folder), f"doubted:{folder}", "")
    return True


def identities(reader: Reader, folder: FolderId, uids: Sequence[int]) -> dict[int, tuple[str, int, int]]:
    """UID -> (Message-ID, arrival, size) of the rows that have these UIDs now."""
    return {
        uid: (message_id, received, size)
        for uid, message_id, received, size in reader.all(
            """
            SELECT p.uid, m.message_id, p.received, m.size
            FROM folder AS f JOIN placement AS p ON p.folder = f.id AND p.uidvalidity = f.uidvalidity
            JOIN message AS m ON m.id = p.message
            WHERE f.id = ? AND p.uid IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL
            """,
            *(folder, listed(uids)),
        )
    }


def _account(reader: Reader, folder: FolderId) -> AccountKey:
    return AccountKey(reader.value("SELECT account FROM folder WHERE id = ?", folder))


def needs_relink(reader: Reader, folder: FolderId) -> bool:
    """Rows of an earlier UIDVALIDITY are still without a new UID (an interrupted relink)."""
    return bool(
        reader.value(
            f"""
            SELECT EXISTS (SELECT 1 FROM placement AS p WHERE p.gone_at IS NULL AND {_OLD.format("p")})
                OR EXISTS (SELECT 1 FROM operation_row AS r WHERE r.done = 0 AND {_OLD.format("r")})
            """,  # noqa: S608 - literals
            folder,
        )
    )


def relink(tx: Tx, folder: FolderId, items: Sequence[Relinkable], *, now: int) -> Relinked:
    """Give rows their new UIDs: same Message-ID, and size or arrival; each row and UID once. Pending operations are
    re-keyed. Call it for all UIDs of the folder, a few hundred at a time, then `drop_unlinked`."""
    uidvalidity = int(tx.value("SELECT uidvalidity FROM folder WHERE id = ?", folder))
    known = set(
        tx.column(
            """
            SELECT uid FROM placement WHERE folder = ? AND uidvalidity = ?
              AND uid IN (SELECT value FROM json_each(?))
            """,
            *(folder, uidvalidity, listed([item.uid for item in items])),
        )
    )
    known |= coordinates.pending_uids(tx, folder, uidvalidity)
    wishes = replay.flag_wishes(tx, folder)
    found = 0
    unknown: list[int] = []
    for item in items:
        if item.uid in known:
            continue
        row = _candidate(tx, folder, item)
        if row is None:
            unknown.append(item.uid)
            continue
        found += 1
        _link(tx, folder, uidvalidity, row, item, wishes.get(row, []))
    if found:
        tx.touched(folder)
    return Relinked(found, tuple(unknown))


def drop_unlinked(tx: Tx, folder: FolderId, *, now: int) -> int:
    """After all UIDs were offered: rows of the old UIDVALIDITY that found none are proven gone -> how many."""
    rows = [
        RowId(row)
        for row in tx.column(
            f"SELECT id FROM placement AS p WHERE p.gone_at IS NULL AND {_OLD.format('p')}",  # noqa: S608
            folder,
        )
    ]
    for row in rows:
        tell(tx, row, "The server numbered this folder anew, and had this message no more", now=now)
    tx.many("UPDATE placement SET gone_at = ?, gone_why = 'vanished' WHERE id = ?", [(now, row) for row in rows])
    elsewhere = tx.column(
        f"SELECT placement FROM operation_row AS r WHERE r.done = 0 AND {_OLD.format('r')}",  # noqa: S608
        folder,
    )
    coordinates.close_rows(tx, {*rows, *map(RowId, elsewhere)}, "done", now=now)
    if rows:
        tx.touched(folder)
    return len(rows)


def _candidate(tx: Tx, folder: FolderId, item: Relinkable) -> RowId | None:
    """A row of this folder, or one that an open move or expunge found here; still without its new UID. Servers round
    sizes, and give restored mail a new arrival: one of the two is enough, with a Message-ID."""
    found = tx.value(
        f"""
        SELECT p.id FROM message AS m JOIN placement AS p ON p.message = m.id
        WHERE m.message_id = ?2 AND (m.size = ?3) + (p.received = ?4) >= iif(?2 = '', 2, 1) AND (
          {_OLD.format("p")}
          OR EXISTS (SELECT 1 FROM operation_row AS r WHERE r.placement = p.id AND r.done = 0 AND {_OLD.format("r")}))
        ORDER BY p.gone_at IS NOT NULL, (m.size = ?3) + (p.received = ?4) DESC, p.id LIMIT 1
        """,  # noqa: S608 - literals
        *(folder, item.message_id, item.size, item.received),
    )
    return None if found is None else RowId(found)


def _link(
    tx: Tx, folder: FolderId, uidvalidity: int, row: RowId, item: Relinkable, wishes: list[tuple[str, bool]]
) -> None:
    said = pack(item.flags)
    tx.run(
        """
        UPDATE placement SET uidvalidity = ?, uid = ?, flags = ?, server_flags = ?, modseq = ?
        WHERE id = ? AND folder = ? AND uid IS NOT NULL AND uidvalidity > 0
        """,
        *(uidvalidity, item.uid, replay.with_wishes(said, wishes), said, item.modseq, row, folder),
    )
    tx.run(
        """
        UPDATE operation_row SET uidvalidity = ?, uid = ?
        WHERE placement = ? AND folder = ? AND done = 0 AND uid IS NOT NULL AND uidvalidity > 0
        """,
        *(uidvalidity, item.uid, row, folder),
    )
