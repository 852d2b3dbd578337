"""A folder's UIDVALIDITY changed: find our rows again among the new UIDs, without downloading anything."""

from collections.abc import Sequence

from qtmail.model import FolderId
from qtmail.store.db import Tx
from qtmail.store.values import Relinkable, Relinked


def set_uidvalidity(tx: Tx, folder: FolderId, uidvalidity: int) -> bool:
    """The folder has this UIDVALIDITY now -> whether rows must be relinked. Rows stay in the list, without UID;
    uidnext, highestmodseq and verified_at start anew. The first one ever needs no relinking."""
    raise NotImplementedError


def needs_relink(tx: Tx, folder: FolderId) -> bool:
    """Rows of an earlier UIDVALIDITY are still without a new UID (an interrupted relink)."""
    raise NotImplementedError


def relink(tx: Tx, folder: FolderId, items: Sequence[Relinkable], *, now: int) -> Relinked:
    """Give rows their new UIDs: same Message-ID, size and arrival; each row and UID once. Pending operations are
    re-keyed. Call it for all UIDs of the folder, a few hundred at a time, then `drop_unlinked`."""
    raise NotImplementedError


def drop_unlinked(tx: Tx, folder: FolderId, *, now: int) -> int:
    """After all UIDs were offered: rows of the old UIDVALIDITY that found none are proven gone -> how many."""
    raise NotImplementedError
