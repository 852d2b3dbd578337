"""Stored draft messages, ours or another client's, opened in the composer again."""

from collections.abc import Callable

from qtmail.model import Account, ContentHash, Draft, RowId


def draft_from(
    raw: bytes, account: Account, keep: Callable[[bytes], ContentHash], *, replaces: RowId | None = None
) -> Draft:
    """The draft in these bytes. Never raises on any bytes (what `keep` raises passes through).

    keep: stores an attachment's bytes and gives their hash.
    """
    raise NotImplementedError
