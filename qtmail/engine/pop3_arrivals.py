"""What a POP3 server gives becomes mail: bytes durable, then message, row and ledger entry in one transaction.

Three threads: one reads the line, one makes bytes durable and summarises, one writes the facts.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from qtmail.engine import clock
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import committed
from qtmail.engine.hushing import hush
from qtmail.engine.indexing import new_messages
from qtmail.engine.overlap import Overlap
from qtmail.events import FolderChanged, StateChanged
from qtmail.model import AccountState, ContentHash, FolderId
from qtmail.net.imap_values import Spooled
from qtmail.net.pop3 import PopEntry, PopSession
from qtmail.store import add, ledger
from qtmail.store.db import Store
from qtmail.store.ledger import NewEntry
from qtmail.store.values import LedgerEntry, NewMessage, Proof

BATCH = 100
BATCH_OCTETS = 8 * 1024 * 1024
FIRST_LINES = 60
"""Of the body of a message that is too large to be fetched whole."""
TELL_S = 0.3


class Came(NamedTuple):
    """One message as the server gave it."""

    entry: PopEntry
    content: bytes | Spooled
    proof: Proof = Proof.WHOLE


Prepared = list[tuple[Came, NewMessage]]


@dataclass(slots=True)
class Progress:
    """How far a pass is, in messages and octets; told now and then."""

    total: int = 0
    octets_total: int = 0
    done: int = 0
    octets: int = 0
    _told: float = field(default=0.0)

    def state(self, desk: Desk, words: str = "Fetching messages") -> StateChanged:
        return StateChanged(
            *(desk.account.key, AccountState.SYNCING, words),
            *(self.done, self.total, min(self.octets, self.octets_total), self.octets_total),
        )

    def tell(self, desk: Desk) -> None:
        """If it is time."""
        if time.monotonic() - self._told > TELL_S:
            self._told = time.monotonic()
            desk.announcer.say([self.state(desk)])


class Arrivals:
    """Takes in messages of one session. `missing`: entries not listed any more, by content: the same bytes under a new
    name are the same message, and get no second row."""

    def __init__(
        self, desk: Desk, store: Store, inbox: FolderId, tally: Tally, missing: Mapping[ContentHash, LedgerEntry]
    ) -> None:
        self._desk = desk
        self._store = store
        self._inbox = inbox
        self._tally = tally
        self._missing = dict(missing)
        self.news = False
        """What comes is new mail, and not the whole of a mailbox seen for the first time."""
        self.progress = Progress()

    def whole(self, session: PopSession, entries: Sequence[PopEntry], spool: Path | None) -> None:
        """Fetch these and keep them. Raises as the session does; what came until then is kept."""
        by_number = {entry.number: entry for entry in entries}
        with self._writer(self._facts) as writer:
            self._read(writer, (Came(by_number[n], raw) for n, raw in session.retrieve_many(by_number, spool)))

    def beginnings(self, session: PopSession, entries: Sequence[PopEntry]) -> None:
        """Only header and first lines of these."""
        by_number = {entry.number: entry for entry in entries}
        with self._writer(self._facts) as writer:
            tops = session.tops(by_number, FIRST_LINES)
            self._read(writer, (Came(by_number[n], raw, Proof.PART) for n, raw in tops))

    def rest(
        self, session: PopSession, entries: Mapping[int, tuple[PopEntry, LedgerEntry]], spool: Path | None
    ) -> None:
        """The whole of messages of which only the beginning is here; by number."""

        def complete(prepared: Prepared) -> None:
            with committed(self._store, self._desk.announcer, "rest") as tx:
                for came, message in prepared:
                    old = entries[came.entry.number][1]
                    add.complete_message(tx, old.row, message, now=clock.now())
                    ledger.completed(tx, self._desk.account.key, came.entry.uidl, message.content, now=clock.now())
            self._tally.bodies += len(prepared)

        with self._writer(complete) as writer:
            self._read(writer, (Came(entries[n][0], raw) for n, raw in session.retrieve_many(entries, spool)))

    def keep(self, came: Sequence[Came]) -> None:
        """These, at once."""
        self._facts(self._prepare(list(came)))

    def _read(self, writer: Overlap[list[Came]], arriving: Iterator[Came]) -> None:
        batch: list[Came] = []
        octets = 0
        try:
            for came in arriving:
                batch.append(came)
                octets += size_of(came)
                self.progress.done += 1
                self.progress.octets += came.entry.size
                if len(batch) >= BATCH or octets >= BATCH_OCTETS:
                    writer.put(batch)
                    batch, octets = [], 0
                    self._desk.control.check()
                self.progress.tell(self._desk)
        finally:
            if batch:
                writer.put(batch)

    @contextmanager
    def _writer(self, write: Callable[[Prepared], None]) -> Iterator[Overlap[list[Came]]]:
        facts = Overlap(write, "facts")
        writer: Overlap[list[Came]] = Overlap(lambda batch: facts.put(self._prepare(batch)), "retrieved")
        with facts, writer:
            yield writer

    def _prepare(self, batch: list[Came]) -> Prepared:
        """The bytes are durable when it returns."""
        now = clock.now()
        try:
            raws = [
                came.content.path.read_bytes() if isinstance(came.content, Spooled) else came.content for came in batch
            ]
            return list(zip(batch, new_messages(self._store.content, raws, now=now, received=now), strict=True))
        finally:
            for came in batch:
                if isinstance(came.content, Spooled):
                    came.content.discard()

    def _facts(self, prepared: Prepared) -> None:
        now, account = clock.now(), self._desk.account.key
        with committed(self._store, self._desk.announcer, "retrieved") as tx:
            fresh: Prepared = []
            for came, message in prepared:
                known = self._missing.pop(message.content, None)
                if known is not None:
                    ledger.rename(tx, account, known.uidl, came.entry.uidl, came.entry.size, came.proof)
                else:
                    fresh.append((came, message))
            rows = add.add_messages(tx, self._inbox, [message for _, message in fresh], now=now)
            ledger.record(
                tx,
                account,
                [
                    NewEntry(came.entry.uidl, message.content, row, came.entry.size, came.proof)
                    for (came, message), row in zip(fresh, rows, strict=True)
                ],
                now=now,
            )
            unread = len(rows) - hush(tx, rows, now=now, remote=())
            if self.news and unread:
                tx.note(FolderChanged(self._inbox, arrived=unread))
        self._tally.new += len(rows)
        self._tally.bodies += sum(1 for came, _ in fresh if came.proof is Proof.WHOLE)


def size_of(came: Came) -> int:
    """Octets of what it holds in memory; what is in a file counts little."""
    return len(came.content) if isinstance(came.content, bytes) else came.content.size // 16
