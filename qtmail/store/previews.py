"""The first words of messages whose content is not kept here, as the server tells them (PREVIEW, RFC 8970)."""

from collections.abc import Sequence

from qtmail.model import AccountKey, FolderId, MessageId
from qtmail.store.connection import Reader
from qtmail.store.db import Tx


def wanted(reader: Reader, account: AccountKey, *, added_from: int, limit: int) -> dict[FolderId, dict[int, MessageId]]:
    """Of what came at that time or later, newest first: folder -> UID -> message. Only what stays without content."""
    found: dict[FolderId, dict[int, MessageId]] = {}
    for folder, uid, message in reader.all(
        """
        SELECT p.folder, p.uid, p.message
        FROM folder AS f JOIN body_wanted AS b ON b.folder = f.id AND b.left_out = 1
          JOIN placement AS p ON p.id = b.placement JOIN message AS m ON m.id = p.message
        WHERE f.account = ? AND f.gone_at IS NULL AND p.added_at >= ? AND p.uid IS NOT NULL
          AND p.uidvalidity = f.uidvalidity AND m.preview = '' AND m.content IS NULL
        ORDER BY b.date DESC LIMIT ?
        """,
        *(account, added_from, limit),
    ):
        found.setdefault(FolderId(folder), {})[uid] = MessageId(message)
    return found


def store(tx: Tx, folder: FolderId, told: Sequence[tuple[MessageId, str]]) -> None:
    """These are their first words, until the content itself is here."""
    tx.many(
        "UPDATE message SET preview = ?2 WHERE id = ?1 AND preview = '' AND content IS NULL",
        [(message, text) for message, text in told],
    )
    if told:
        tx.touched(folder)
