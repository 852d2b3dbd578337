"""Traces of a message that may have been sent: a copy in Sent or the inbox, an answer to it, its bounce."""

from dataclasses import dataclass

from qtmail.model import AccountKey, ContentHash, Role, RowId
from qtmail.store.connection import Reader

NEWEST = 200
"""So many of the latest arrivals are looked into."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of the account's inbox that has its content."""

    row: RowId
    content: ContentHash
    path: str
    subject: str


def copy_in(reader: Reader, account: AccountKey, message_id: str, *, besides: RowId) -> str:
    """The path of the account's Sent or inbox that has a message of this Message-ID; empty: none."""
    path = reader.value(
        """
        SELECT f.path FROM message AS m JOIN placement AS p ON p.message = m.id JOIN folder AS f ON f.id = p.folder
        WHERE m.message_id = ? AND f.account = ? AND f.role IN (?, ?) AND p.id <> ? AND p.gone_at IS NULL LIMIT 1
        """,
        *(message_id, account, Role.SENT.value, Role.INBOX.value, besides),
    )
    return path or ""


def waits_for_server(reader: Reader, row: RowId) -> bool:
    """Its server is still to be given this row: it is only here yet."""
    return bool(
        reader.value(
            """
            SELECT EXISTS (
              SELECT 1 FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
              WHERE r.placement = ? AND r.done = 0 AND o.kind = 'Append' AND o.state IN ('pending', 'sent'))
            """,
            row,
        )
    )


def arrivals(reader: Reader, account: AccountKey, *, since: int) -> tuple[Arrival, ...]:
    """What was seen in the account's inbox or Junk since then, newest first."""
    return tuple(
        Arrival(RowId(row), ContentHash(content), path, subject)
        for row, content, path, subject in reader.all(
            """
            SELECT p.id, m.content, f.path, m.subject
            FROM folder AS f JOIN placement AS p ON p.folder = f.id JOIN message AS m ON m.id = p.message
            WHERE f.account = ? AND f.role IN (?, ?) AND p.gone_at IS NULL AND m.content IS NOT NULL
              AND p.added_at >= ?
            ORDER BY p.date DESC LIMIT ?
            """,
            *(account, Role.INBOX.value, Role.JUNK.value, since, NEWEST),
        )
    )
