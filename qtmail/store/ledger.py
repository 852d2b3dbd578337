"""POP3: which messages of the server we have (UIDL, RFC 1939), what was decided about them, and what was done.

An entry is written in the transaction of its row: so nothing is deleted on a server that is not stored here.
"""

from collections.abc import Collection, Iterable, Mapping

from qtmail.model import AccountKey, ContentHash, PopPolicy, RowId
from qtmail.store.db import Reader, Tx
from qtmail.store.values import LedgerEntry


def known(reader: Reader, account: AccountKey) -> dict[str, LedgerEntry]:
    """Every entry by UIDL, but those gone from the server and proven so."""
    raise NotImplementedError


def record(tx: Tx, account: AccountKey, uidl: str, content: ContentHash, row: RowId, *, now: int) -> None:
    """We have this one. Its content is durable already; the row is of this transaction."""
    raise NotImplementedError


def due_for_deletion(
    reader: Reader, account: AccountKey, policy: PopPolicy, listed: Collection[str], *, now: int
) -> dict[str, tuple[LedgerEntry, str]]:
    """What the policy says to delete of what the server lists: UIDL -> (entry, the reason in words). The caller
    re-reads and hashes each content before DELE. Includes those asked before whose QUIT was not answered."""
    raise NotImplementedError


def asked(tx: Tx, account: AccountKey, decided: Mapping[str, str]) -> None:
    """DELE is about to be sent for these: UIDL -> reason. Commit first."""
    raise NotImplementedError


def deleted(tx: Tx, account: AccountKey, uidls: Iterable[str], *, now: int) -> None:
    """QUIT was answered +OK: they are deleted on the server."""
    raise NotImplementedError


def gone(tx: Tx, account: AccountKey, uidls: Iterable[str], *, now: int) -> None:
    """Not listed any more: deleted elsewhere, or by us without seeing the answer."""
    raise NotImplementedError
