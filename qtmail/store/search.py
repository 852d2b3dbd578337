"""Full text: keeping the index, and finding rows. The index and the messages change in one transaction."""

from array import array
from collections.abc import Sequence

from qtmail.model import Address, FolderId, MessageId
from qtmail.store.db import Reader, Tx


def search(reader: Reader, query: str, folders: Sequence[FolderId] = (), *, limit: int = 1000) -> "array[int]":
    """array('q') of RowId, newest first, each message once. Raises BadInput: what is wrong in the query.

    Words are all required; `"a phrase"`, `word*`, `-not`; `from: to: cc: subject: body: file:` narrow a word or
    phrase; `is:unread is:read is:starred has:attachment`. The last word is a prefix. Diacritics and case do not count.
    """
    raise NotImplementedError


def index(
    tx: Tx,
    message: MessageId,
    *,
    subject: str,
    sender: Address,
    recipients: Sequence[Address],
    body: str = "",
    files: str = "",
) -> None:
    """(Re)index one message."""
    raise NotImplementedError


def unindex(tx: Tx, message: MessageId) -> None:
    """Forget its words."""
    raise NotImplementedError
