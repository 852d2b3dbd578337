"""What the server's folders told: new headers, flags, what vanished. At most some 200 rows a transaction.

Pending operations win: what the user did here and the server does not know yet is never overwritten.
"""

from array import array
from collections.abc import Iterable, Sequence

from qtmail.model import FolderId
from qtmail.store.db import Reader, Tx
from qtmail.store.values import Added, NewFlags, NewHeader


def known_uids(reader: Reader, folder: FolderId) -> "array[int]":
    """array('q'), ascending: every UID of the folder's present UIDVALIDITY that needs no fetching: those of its rows
    and those whose move or expunge the server is still to be told."""
    raise NotImplementedError


def add_headers(tx: Tx, folder: FolderId, uidvalidity: int, items: Sequence[NewHeader], *, now: int) -> Added:
    """Add what is not here yet. A UID in grace comes back as the row it was; a row that waits for its UID (moved,
    copied or appended by us) is met again by Message-ID; sources of open moves and expunges are ignored.
    Raises ValueError unless `uidvalidity` is the folder's (see relink.set_uidvalidity)."""
    raise NotImplementedError


def update_flags(tx: Tx, folder: FolderId, items: Iterable[NewFlags], *, now: int) -> int:
    """What the server says of flags now -> how many rows look different. UIDs not known here are left out."""
    raise NotImplementedError


def mark_vanished(tx: Tx, folder: FolderId, uids: Iterable[int], *, now: int) -> int:
    """These are proven not to be on the server any more: to grace -> how many. Call it with a few hundred at most."""
    raise NotImplementedError
