"""New mail of muted conversations: read as it comes, and not told of."""

from collections.abc import Container, Sequence

from qtmail.model import AccountKey, Flag, RowId
from qtmail.operations import SetFlag
from qtmail.store import journal, regrouping
from qtmail.store.db import Tx


def hush(tx: Tx, rows: Sequence[RowId], *, now: int, remote: Container[AccountKey]) -> int:
    """Mark what came for muted conversations read, here and at the next occasion on the server -> how many."""
    muted = regrouping.muted_of(tx, rows)
    if muted:
        journal.perform(tx, [SetFlag(muted, Flag.SEEN, True)], now=now, remote=remote, quiet=True)
    return len(muted)
