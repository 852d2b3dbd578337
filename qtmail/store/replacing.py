"""A draft saved anew: the message that takes the place of another, which goes when the new one is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.model import FolderId, OperationId, RowId
from qtmail.store.connection import Reader


@dataclass(frozen=True, slots=True)
class Replaced:
    """What an Append takes the place of, on the server."""

    operation: OperationId
    """The Expunge that waits for it."""
    row: RowId
    uid: int


def replaced_by(reader: Reader, append: OperationId, folder: FolderId, uidvalidity: int) -> Replaced | None:
    """The one message in this folder that goes when the Append is done; None where there is none, or not just one."""
    found: Sequence[tuple[int, int, int | None]] = reader.all(
        """
        SELECT o.id, r.placement, r.uid FROM operation AS o JOIN operation_row AS r ON r.operation = o.id
        WHERE o.after = ? AND o.kind = 'Expunge' AND o.state IN ('pending', 'sent') AND r.done = 0
          AND r.folder = ? AND r.uidvalidity = ?
        """,
        *(append, folder, uidvalidity),
    )
    for operation, row, uid in found:
        if len(found) == 1 and uid is not None:
            return Replaced(OperationId(operation), RowId(row), uid)
    return None
