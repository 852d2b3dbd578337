"""Who wrote a message, whatever folder its row is in: what lists show in Sent is the recipient."""

from collections.abc import Iterable

from qtmail.model import Address, RowId
from qtmail.store.connection import Reader, listed


def authors(reader: Reader, rows: Iterable[RowId]) -> dict[RowId, Address]:
    """The (first) author of each row; those that are gone are left out."""
    records = reader.all(
        """
        SELECT p.id, m.from_name, m.from_addr
        FROM placement AS p JOIN message AS m ON m.id = p.message
        WHERE p.id IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL
        """,
        listed(rows),
    )
    return {RowId(row): Address(name, address) for row, name, address in records}
