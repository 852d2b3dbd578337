"""Small things remembered per account: capabilities seen, whether the server files sent mail itself, last problem."""

from qtmail.model import AccountKey
from qtmail.store.connection import Reader
from qtmail.store.db import Tx


def get(reader: Reader, account: AccountKey, key: str, default: str = "") -> str:
    """The value, or the default."""
    value = reader.value("SELECT value FROM account_fact WHERE account = ? AND key = ?", account, key)
    return default if value is None else str(value)


def put(tx: Tx, account: AccountKey, key: str, value: str) -> None:
    """Remember; an empty value forgets."""
    if value:
        tx.run(
            """
            INSERT INTO account_fact (account, key, value) VALUES (?, ?, ?)
            ON CONFLICT (account, key) DO UPDATE SET value = excluded.value
            """,
            *(account, key, value),
        )
    else:
        tx.run("DELETE FROM account_fact WHERE account = ? AND key = ?", account, key)


def every(reader: Reader, account: AccountKey) -> dict[str, str]:
    """All that is remembered of the account."""
    return {key: value for key, value in reader.all("SELECT key, value FROM account_fact WHERE account = ?", account)}  # noqa: C416
