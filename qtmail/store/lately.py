"""What came into a folder lately."""

from qtmail.model import FolderId
from qtmail.store.connection import Reader


def arrived(reader: Reader, folder: FolderId, *, added_from: int, after: int, before: int) -> int:
    """How many messages were first seen here at `added_from` or later, though the server had them between `after` and
    `before` already (INTERNALDATE)."""
    return int(
        reader.value(
            """
            SELECT count(*) FROM placement
            WHERE folder = ? AND gone_at IS NULL AND uid IS NOT NULL AND added_why = 'Arrived'
              AND added_at >= ? AND received > ? AND received < ?
            """,
            *(folder, added_from, after, before),
        )
    )
