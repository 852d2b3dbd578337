"""The two databases of a profile, and the transactions that change the facts.

Readers are query-only and one per thread; the writer is one per process, behind a lock, BEGIN IMMEDIATE, and waits for
the other process's writer. WAL, synchronous=FULL: what was committed survives a power cut.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from qtmail.events import Event, FolderChanged, FoldersChanged
from qtmail.model import AccountKey, FolderId
from qtmail.paths import Profile
from qtmail.store.connection import Database, Immediate, Reader, Record, meaning
from qtmail.store.content import Content

__all__ = ["Reader", "Record", "Store", "Tx"]

_log = logging.getLogger(__name__)


class Tx(Reader):
    """A transaction under way. Reading sees what it wrote. `events` tells what changed: use them after commit."""

    __slots__ = ("_events", "_store")

    def __init__(self, store: "Store", sqlite: apsw.Connection) -> None:
        super().__init__(sqlite)
        self._store = store
        self._events: dict[Event, None] = {}

    @property
    def events(self) -> tuple[Event, ...]:
        """What changed, each once; empty if the transaction failed."""
        return tuple(self._events)

    def run(self, sql: str, *values: Any) -> int:
        """Execute one statement -> how many records it changed (triggers not counted)."""
        try:
            self._sqlite.execute(sql, values)
        except apsw.Error as error:
            raise meaning(error) from error
        return self._sqlite.changes()

    def insert(self, sql: str, *values: Any) -> int:
        """Execute one INSERT -> the id it gave."""
        try:
            self._sqlite.execute(sql, values)
        except apsw.Error as error:
            raise meaning(error) from error
        return self._sqlite.last_insert_rowid()

    def many(self, sql: str, records: Iterable[Record]) -> None:
        """Execute one statement for each record."""
        try:
            self._sqlite.executemany(sql, records)
        except apsw.Error as error:
            raise meaning(error) from error

    def note(self, event: Event) -> None:
        """Tell this after commit."""
        self._events[event] = None

    def touched(self, *folders: FolderId) -> None:
        """Rows of these folders changed: notes FolderChanged, and FoldersChanged for their accounts."""
        for folder in folders:
            self._events[FolderChanged(folder)] = None
            self._events[FoldersChanged(self._store.account_of_folder(folder, self))] = None

    def forget(self) -> None:
        """It failed: nothing happened."""
        self._events.clear()


class Store:
    """Both databases of one profile."""

    def __init__(self, facts: Database, content: Content, slow: float) -> None:
        self._facts = facts
        self.content = content
        self._slow = slow
        self._accounts: dict[FolderId, AccountKey] = {}
        self._writing = False

    @classmethod
    def open(cls, profile: Profile, *, slow: float = 0.05) -> "Store":
        """Open, creating or migrating as needed. Transactions longer than `slow` seconds are logged.

        Raises StoreError: newer than this program, damaged (see rescue.py), not ours, no room, no permission.
        """
        facts = Database(profile.facts, "facts")
        try:
            content = Content(profile.content)
        except Exception:
            facts.close()
            raise
        return cls(facts, content, slow)

    @property
    def path(self) -> Path:
        """Where the facts are."""
        return self._facts.path

    def read(self) -> Reader:
        """This thread's reader."""
        return self._facts.read()

    def hurry(self, seconds: float) -> None:
        """From now on this thread waits at most so long for others that write; see `transaction`."""
        self._facts.hurry(seconds)
        self.content.hurry(seconds)

    @contextmanager
    def transaction(self, name: str) -> Iterator[Tx]:
        """One write transaction: committed at the end of the block, rolled back if it raises. Not nested.

        Keep it to about 200 rows; do no waiting inside. Raises StoreBusy where others write for too long.
        """
        asked = time.perf_counter()
        with self._facts.turn() as writer:
            if self._writing:
                raise RuntimeError(f"transaction {name!r} inside another one")
            tx = Tx(self, writer)
            self._writing = True
            try:
                with Immediate(writer):
                    began = time.perf_counter()
                    yield tx
            except apsw.Error as error:
                tx.forget()
                raise meaning(error) from error
            except BaseException:
                tx.forget()
                raise
            finally:
                self._writing = False
            took = time.perf_counter() - began
        if took > self._slow:
            _log.info("slow transaction %s: %.0f ms, after waiting %.0f ms", name, took * 1e3, (began - asked) * 1e3)

    def close(self) -> None:
        """Close every connection of this process and fold the WAL into the databases. Closing twice is fine."""
        self._facts.close()
        self.content.close()

    def account_of_folder(self, folder: FolderId, reader: Reader | None = None) -> AccountKey:
        """From memory where it can be: a folder never changes its account. Raises KeyError for no such folder."""
        known = self._accounts.get(folder)
        if known is None:
            known = (reader or self.read()).value("SELECT account FROM folder WHERE id = ?", folder)
            if known is None:
                raise KeyError(folder)
            self._accounts[folder] = AccountKey(known)
        return known
