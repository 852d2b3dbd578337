"""POP3: which messages of the server we have (UIDL, RFC 1939), what was decided about them, and what was done.

An entry is written in the transaction of its row: so nothing is deleted on a server that is not stored here.

    kept --asked (DELE sent)--> asked --QUIT answered--> deleted
      \\____________ not listed any more ____\\________--> gone
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qtmail.model import AccountKey, ContentHash, RowId
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx
from qtmail.store.values import LedgerEntry, PopWish, Proof

BATCH = 200
"""Entries of one transaction, at most."""

_ENTRY = """
    SELECT l.uidl, l.content, l.placement, l.stored_at, l.state, l.decided, l.size, l.proof, l.wish, l.wanted, l.place,
           l.asked_at, l.answered_at, l.ended_at, m.size,
           p.id IS NULL OR p.gone_at IS NOT NULL OR f.role = 'trash', l.account
    FROM pop_ledger AS l LEFT JOIN message AS m ON m.content = l.content
    LEFT JOIN placement AS p ON p.id = l.placement LEFT JOIN folder AS f ON f.id = p.folder
"""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A message of the server that has a row now. `size`: as the server announced it."""

    uidl: str
    content: ContentHash
    row: RowId
    size: int
    proof: Proof = Proof.WHOLE


def known(reader: Reader, account: AccountKey) -> dict[str, LedgerEntry]:
    """Every entry by UIDL, those deleted too: what is in here is never downloaded again. In the server's order."""
    return {entry.uidl: entry for entry in _entries(reader, "WHERE l.account = ? ORDER BY l.place", account)}


def of_rows(reader: Reader, rows: Sequence[RowId]) -> dict[RowId, LedgerEntry]:
    """The entries of those of these rows that came by POP3."""
    sql = "WHERE l.placement IN (SELECT value FROM json_each(?)) ORDER BY l.stored_at"
    return {entry.row: entry for entry in _entries(reader, sql, listed(rows))}


def wanted(reader: Reader, account: AccountKey) -> dict[str, LedgerEntry]:
    """Those of which there is only the beginning, and the user wants the rest."""
    sql = "WHERE l.account = ? AND l.wanted = 1 AND l.proof = 'part'"
    return {entry.uidl: entry for entry in _entries(reader, sql, account)}


def _entries(reader: Reader, sql: str, *values: object) -> list[LedgerEntry]:
    return [_entry(*record) for record in reader.all(_ENTRY + sql, *values)]


def _entry(uidl: str, content: bytes, row: int, *fields: Any) -> LedgerEntry:
    """In the order of the columns of _ENTRY."""
    stored_at, state, decided, size, proof, wish, wants_rest, place, *times, stored, deleted_here, account = fields
    asked_at, answered_at, ended_at = times
    return LedgerEntry(
        *(uidl, ContentHash(content), RowId(row), stored_at, state, decided, size, Proof(proof), PopWish(wish)),
        *(bool(wants_rest), place, asked_at, answered_at, ended_at, stored, bool(deleted_here), AccountKey(account)),
    )


def record(tx: Tx, account: AccountKey, entries: Sequence[NewEntry], *, now: int) -> None:
    """We have these. Their content is durable already; their rows are of this transaction."""
    tx.many(
        """
        INSERT INTO pop_ledger (account, uidl, content, placement, stored_at, decided, state, size, proof)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'kept', ?7, ?8)
        ON CONFLICT (account, uidl) DO UPDATE SET content = excluded.content, placement = excluded.placement,
          stored_at = excluded.stored_at, decided = excluded.decided, state = 'kept', ended_at = NULL,
          size = excluded.size, proof = excluded.proof, asked_at = NULL, answered_at = NULL, wanted = 0
        """,
        [
            (account, new.uidl, new.content, new.row, now, _FIRST_WORDS[new.proof], new.size, new.proof.value)
            for new in entries
        ],
    )


_FIRST_WORDS = {
    Proof.WHOLE: "stored here, kept there",
    Proof.MATCHED: "stored here, kept there",
    Proof.PART: "its beginning is stored here, kept there",
}


def completed(tx: Tx, account: AccountKey, uidl: str, content: ContentHash, *, now: int) -> None:
    """The rest of it came; its row shows the whole message already."""
    tx.run(
        """
        UPDATE pop_ledger SET content = ?, proof = 'whole', wanted = 0, stored_at = ?,
          decided = 'stored here, kept there'
        WHERE account = ? AND uidl = ?
        """,
        *(content, now, account, uidl),
    )


def rename(tx: Tx, account: AccountKey, old: str, new: str, size: int, proof: Proof) -> None:
    """The server calls this message by another name now, and has it."""
    tx.run("DELETE FROM pop_ledger WHERE account = ? AND uidl = ?", account, new)
    tx.run(
        """
        UPDATE pop_ledger SET uidl = ?, size = ?, proof = ?, state = 'kept', ended_at = NULL, asked_at = NULL,
          answered_at = NULL, decided = 'known again under a new name, kept there'
        WHERE account = ? AND uidl = ?
        """,
        *(new, size, proof.value, account, old),
    )


def proven(tx: Tx, account: AccountKey, uidls: Iterable[str]) -> None:
    """Their bytes on the server are those that are stored here."""
    tx.many("UPDATE pop_ledger SET proof = 'whole' WHERE account = ? AND uidl = ?", [(account, uidl) for uidl in uidls])


def put_in_order(tx: Tx, account: AccountKey, uidls: Sequence[str], first: int) -> None:
    """These follow each other on the server, the first in place `first`."""
    tx.many(
        "UPDATE pop_ledger SET place = ? WHERE account = ? AND uidl = ?",
        [(first + offset, account, uidl) for offset, uidl in enumerate(uidls)],
    )


def decide(tx: Tx, account: AccountKey, decided: Mapping[str, str]) -> None:
    """They stay for now, and why: UIDL -> words. A DELE that QUIT did not confirm is forgotten."""
    tx.many(
        """
        UPDATE pop_ledger SET state = 'kept', decided = ?
        WHERE account = ? AND uidl = ? AND state IN ('kept', 'asked')
        """,
        [(words, account, uidl) for uidl, words in decided.items()],
    )


def asked(tx: Tx, account: AccountKey, decided: Mapping[str, str], *, now: int) -> None:
    """DELE is about to be sent for these: UIDL -> reason. Commit first."""
    tx.many(
        """
        UPDATE pop_ledger SET state = 'asked', decided = ?, asked_at = ?
        WHERE account = ? AND uidl = ? AND state IN ('kept', 'asked')
        """,
        [(reason, now, account, uidl) for uidl, reason in decided.items()],
    )


def deleted(tx: Tx, account: AccountKey, uidls: Iterable[str], *, now: int) -> None:
    """QUIT was answered +OK: they are deleted on the server."""
    tx.many(
        "UPDATE pop_ledger SET state = 'deleted', ended_at = ?1, answered_at = ?1 WHERE account = ?2 AND uidl = ?3",
        [(now, account, uidl) for uidl in uidls],
    )


def gone(tx: Tx, account: AccountKey, uidls: Iterable[str], *, now: int) -> None:
    """Not listed any more: deleted elsewhere, or by us without seeing the answer."""
    tx.many(
        """
        UPDATE pop_ledger SET state = iif(state = 'asked', 'deleted', 'gone'), ended_at = ?, wanted = 0
        WHERE account = ? AND uidl = ? AND state IN ('kept', 'asked')
        """,
        [(now, account, uidl) for uidl in uidls],
    )


def back(tx: Tx, account: AccountKey, uidls: Iterable[str]) -> None:
    """Listed again under the name they had."""
    tx.many(
        """
        UPDATE pop_ledger SET state = 'kept', ended_at = NULL, decided = 'listed again, kept there'
        WHERE account = ? AND uidl = ? AND state IN ('gone', 'deleted')
        """,
        [(account, uidl) for uidl in uidls],
    )


def set_wish(tx: Tx, rows: Sequence[RowId], wish: PopWish) -> int:
    """The user's word on these, above the policy -> how many it concerns: those that are on a server still."""
    return tx.run(
        """
        UPDATE pop_ledger SET wish = ? WHERE state IN ('kept', 'asked')
          AND placement IN (SELECT value FROM json_each(?))
        """,
        *(wish.value, listed(rows)),
    )


def want(tx: Tx, rows: Sequence[RowId]) -> int:
    """The rest of these is to be downloaded -> how many there are."""
    return tx.run(
        """
        UPDATE pop_ledger SET wanted = 1 WHERE state IN ('kept', 'asked') AND proof = 'part'
          AND placement IN (SELECT value FROM json_each(?))
        """,
        listed(rows),
    )


def rows_of_messages(reader: Reader, account: AccountKey, messages: Sequence[int]) -> list[RowId]:
    """The rows these messages came by from this account, as far as only their beginning is here."""
    return [
        RowId(row)
        for row in reader.column(
            """
            SELECT l.placement FROM pop_ledger AS l JOIN placement AS p ON p.id = l.placement
            WHERE l.account = ? AND l.proof = 'part' AND p.message IN (SELECT value FROM json_each(?))
            """,
            *(account, listed(messages)),
        )
    ]
