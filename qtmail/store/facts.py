"""Small things remembered per account: capabilities seen, whether the server files sent mail itself, last problem."""

from qtmail.model import AccountKey
from qtmail.store.db import Reader, Tx


def get(reader: Reader, account: AccountKey, key: str, default: str = "") -> str:
    """The value, or the default."""
    raise NotImplementedError


def put(tx: Tx, account: AccountKey, key: str, value: str) -> None:
    """Remember; an empty value forgets."""
    raise NotImplementedError


def every(reader: Reader, account: AccountKey) -> dict[str, str]:
    """All that is remembered of the account."""
    raise NotImplementedError
