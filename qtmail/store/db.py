"""Connections, transactions and migrations: everything that is SQLite and not mail.

Readers are query-only and one per thread; the writer is one per process, behind a lock, BEGIN IMMEDIATE, and waits for
the other process's writer. WAL, synchronous=FULL: what was committed survives a power cut.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qtmail.events import Event
from qtmail.model import AccountKey, FolderId
from qtmail.paths import Profile
from qtmail.store.content import Content

Record = tuple[Any, ...]


class Reader:
    """One connection that reads. Every method raises StoreError for what the world did (full, locked, damaged)."""

    def all(self, sql: str, *values: Any) -> list[Record]:
        """Every record of the answer."""
        raise NotImplementedError

    def one(self, sql: str, *values: Any) -> Record | None:
        """The first record, None if there is none."""
        raise NotImplementedError

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first record, None if there is none."""
        raise NotImplementedError

    def column(self, sql: str, *values: Any) -> list[Any]:
        """The first column of every record."""
        raise NotImplementedError


class Tx(Reader):
    """A transaction under way. Reading sees what it wrote. `events` tells what changed: use them after commit."""

    @property
    def events(self) -> tuple[Event, ...]:
        """What changed, each once; empty if the transaction failed."""
        raise NotImplementedError

    def run(self, sql: str, *values: Any) -> int:
        """Execute one statement -> how many records it changed."""
        raise NotImplementedError

    def insert(self, sql: str, *values: Any) -> int:
        """Execute one INSERT -> the id it gave."""
        raise NotImplementedError

    def many(self, sql: str, records: Iterable[Record]) -> None:
        """Execute one statement for each record."""
        raise NotImplementedError

    def note(self, event: Event) -> None:
        """Tell this after commit."""
        raise NotImplementedError

    def touched(self, *folders: FolderId) -> None:
        """Rows of these folders changed: notes FolderChanged, and FoldersChanged for their accounts."""
        raise NotImplementedError


class Store:
    """Both databases of one profile."""

    content: Content

    @classmethod
    def open(cls, profile: Profile, *, slow: float = 0.05) -> "Store":
        """Open, creating or migrating as needed. Transactions longer than `slow` seconds are logged.

        Raises StoreError: newer than this program, damaged (see rescue.py), not ours, no room, no permission.
        """
        raise NotImplementedError

    def read(self) -> Reader:
        """This thread's reader."""
        raise NotImplementedError

    @contextmanager
    def transaction(self, name: str) -> Iterator[Tx]:
        """One write transaction: committed at the end of the block, rolled back if it raises. Not nested.

        Keep it to about 200 rows; do no waiting inside.
        """
        raise NotImplementedError
        yield

    def close(self) -> None:
        """Close every connection of this process and fold the WAL into the databases. Closing twice is fine."""
        raise NotImplementedError

    @property
    def path(self) -> Path:
        """Where the facts are."""
        raise NotImplementedError

    def account_of_folder(self, folder: FolderId) -> AccountKey:
        """From memory where it can be: a folder never changes its account."""
        raise NotImplementedError
