"""POP3: which messages of the server we have (UIDL, RFC 1939), what was decided about them, and what was done.

An entry is written in the transaction of its row: so nothing is deleted on a server that is not stored here.

    kept --asked (DELE sent)--> asked --QUIT answered--> deleted
      \\____________ not listed any more ____\\________--> gone
"""

from collections.abc import Collection, Iterable, Mapping

from qtmail.model import AccountKey, ContentHash, PopPolicy, RowId
from qtmail.store.connection import Reader
from qtmail.store.db import Tx
from qtmail.store.values import LedgerEntry

DAY = 86_400


def known(reader: Reader, account: AccountKey) -> dict[str, LedgerEntry]:
    """Every entry by UIDL, those deleted too: what is in here is never downloaded again."""
    return {
        uidl: LedgerEntry(uidl, ContentHash(content), RowId(row), stored_at, state, decided)
        for uidl, content, row, stored_at, state, decided in reader.all(
            "SELECT uidl, content, placement, stored_at, state, decided FROM pop_ledger WHERE account = ?", account
        )
    }


def record(tx: Tx, account: AccountKey, uidl: str, content: ContentHash, row: RowId, *, now: int) -> None:
    """We have this one. Its content is durable already; the row is of this transaction."""
    tx.run(
        """
        INSERT INTO pop_ledger (account, uidl, content, placement, stored_at, decided, state)
        VALUES (?, ?, ?, ?, ?, 'stored here, kept there', 'kept')
        ON CONFLICT (account, uidl) DO UPDATE SET content = excluded.content, placement = excluded.placement,
          stored_at = excluded.stored_at, decided = excluded.decided, state = 'kept', ended_at = NULL
        """,
        *(account, uidl, content, row, now),
    )


def due_for_deletion(
    reader: Reader, account: AccountKey, policy: PopPolicy, listed: Collection[str], *, now: int
) -> dict[str, tuple[LedgerEntry, str]]:
    """What the policy says to delete of what the server lists: UIDL -> (entry, the reason in words). The caller
    re-reads and hashes each content before DELE. Includes those asked before whose QUIT was not answered."""
    entries = known(reader, account)
    deleted_here = set(
        reader.column(
            """
            SELECT l.uidl FROM pop_ledger AS l LEFT JOIN placement AS p ON p.id = l.placement
            LEFT JOIN folder AS f ON f.id = p.folder
            WHERE l.account = ? AND (p.id IS NULL OR p.gone_at IS NOT NULL OR f.role = 'trash')
            """,
            account,
        )
        if policy.delete_when_deleted
        else ()
    )
    due: dict[str, tuple[LedgerEntry, str]] = {}
    for uidl in listed:
        entry = entries.get(uidl)
        if entry is not None and (reason := _reason(policy, entry, uidl in deleted_here, now)):
            due[uidl] = (entry, reason)
    return due


def _reason(policy: PopPolicy, entry: LedgerEntry, deleted_here: bool, now: int) -> str:
    """Why it goes from the server; empty: it stays."""
    if entry.state == "asked":
        return entry.decided
    if deleted_here:
        return "deleted here"
    days = policy.delete_after_days
    if days is None:
        return "" if policy.keep_on_server else "stored here"
    if now - entry.stored_at >= days * DAY:
        return "stored here" if days == 0 else f"stored here for {days} days"
    return ""


def asked(tx: Tx, account: AccountKey, decided: Mapping[str, str]) -> None:
    """DELE is about to be sent for these: UIDL -> reason. Commit first."""
    tx.many(
        """
        UPDATE pop_ledger SET state = 'asked', decided = ?
        WHERE account = ? AND uidl = ? AND state IN ('kept', 'asked')
        """,
        [(reason, account, uidl) for uidl, reason in decided.items()],
    )


def deleted(tx: Tx, account: AccountKey, uidls: Iterable[str], *, now: int) -> None:
    """QUIT was answered +OK: they are deleted on the server."""
    tx.many(
        "UPDATE pop_ledger SET state = 'deleted', ended_at = ? WHERE account = ? AND uidl = ?",
        [(now, account, uidl) for uidl in uidls],
    )


def gone(tx: Tx, account: AccountKey, uidls: Iterable[str], *, now: int) -> None:
    """Not listed any more: deleted elsewhere, or by us without seeing the answer."""
    tx.many(
        """
        UPDATE pop_ledger SET state = iif(state = 'asked', 'deleted', 'gone'), ended_at = ?
        WHERE account = ? AND uidl = ? AND state IN ('kept', 'asked')
        """,
        [(now, account, uidl) for uidl in uidls],
    )
