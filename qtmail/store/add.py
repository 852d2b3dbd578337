"""Whole messages: from POP3, imports, drafts, copies of what was sent."""

from collections.abc import Sequence

from qtmail.model import FolderId, RowId
from qtmail.store.db import Tx
from qtmail.store.values import NewMessage


def add_messages(
    tx: Tx, folder: FolderId, messages: Sequence[NewMessage], *, now: int, why: str = "Arrived"
) -> tuple[RowId, ...]:
    """Rows for these in a folder, in their order. The same bytes are one message however often they are placed.

    Local only: perform(Append(rows)) in the same transaction if a server is to have them. why: for the biography.
    """
    raise NotImplementedError
