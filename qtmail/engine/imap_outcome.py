"""What becomes of operations that the server was asked for: confirmed, put off, refused; here and told to the user."""

import logging
from collections.abc import Collection, Iterable, Mapping

from qtmail.engine import clock, server_limits
from qtmail.engine.backend import Desk
from qtmail.engine.backoff import pause
from qtmail.engine.imap_batches import Batch, grouped
from qtmail.engine.imap_rows import Unproven
from qtmail.errors import MailboxFull, MailError
from qtmail.events import Problem
from qtmail.model import RowId
from qtmail.store import replay
from qtmail.store.db import Store
from qtmail.store.values import PendingOperation

log = logging.getLogger(__name__)

ROWS = 200
"""Rows of one transaction, at most: a click's write never waits long."""
FIRST_S = 20.0
FULL_S = 300.0
"""A full mailbox is asked again after so long, at first."""
Placed = Mapping[RowId, tuple[int, int] | None]


class Outcome:
    """Writes it down and tells it, in transactions of at most ROWS rows or one operation."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    def asked(self, batch: Batch) -> Batch | None:
        """From now on the server may hear of it. -> without what was taken back meanwhile; None: nothing is left."""
        left: list[PendingOperation] = []
        for part in grouped(batch.operations, ROWS):
            with self._store.transaction("operations sent") as tx:
                left += [pending for pending in part if replay.mark_sent(tx, pending.id)]
        return Batch(tuple(left)) if left else None

    def confirm(self, batch: Batch, placed: Placed, missing: Collection[RowId] = ()) -> None:
        """The server did it for the rows in `placed`, and does not have those in `missing` (see `replay.confirm`)."""
        rows = placed.keys() | set(missing)
        concerned = [one for one in batch.operations if any(row.row in rows for row in one.rows)]
        for part in grouped(concerned, ROWS):
            with self._store.transaction("confirm") as tx:
                for pending in part:
                    replay.confirm(tx, pending.id, placed, missing=missing, now=clock.now())
            self._desk.announcer.say(tx.events)

    def have_more(self, batch: Batch, rows: Collection[RowId]) -> set[RowId]:
        """Those of these rows that something later waits for."""
        return replay.with_more_to_tell(self._store.read(), rows, batch.ids) if rows else set()

    def done(self, operations: Iterable[PendingOperation]) -> None:
        """All of them, whole."""
        for part in grouped(operations, ROWS):
            with self._store.transaction("confirm") as tx:
                for pending in part:
                    replay.confirm(tx, pending.id, now=clock.now())
            self._desk.announcer.say(tx.events)

    def defer(self, operations: Iterable[PendingOperation], error: MailError) -> None:
        """Try these again later; a full mailbox is told, because only the user can do something about it."""
        words = error.server_words or str(error)
        first = FULL_S if isinstance(error, MailboxFull) else FIRST_S
        for part in grouped(operations, ROWS):
            with self._store.transaction("defer") as tx:
                for pending in part:
                    at = clock.now() + int(pause(pending.attempts + 1, first=first)) + 1
                    replay.defer(tx, pending.id, not_before=at, words=words, undone=not isinstance(error, Unproven))
            self._desk.announcer.say(tx.events)
            log.info("%d operations from %d on are tried again later: %s", len(part), part[0].id, words)
            if isinstance(error, MailboxFull):
                with self._store.transaction("full") as tx:
                    server_limits.ask_again(tx, self._desk.account.key)
                what = f"“{part[0].operation.label()}” waits: the mailbox on the server is full."
                hint = "Delete something there; it goes on by itself."
                self._problem(what, hint, error.server_words, retry=True)

    def refuse(self, pending: PendingOperation, error: MailError) -> None:
        """Take it back here, and say why."""
        with self._store.transaction("refuse") as tx:
            replay.refuse(tx, pending.id, error.server_words or str(error), now=clock.now())
        self._desk.announcer.say(tx.events)
        what = f"“{pending.operation.label()}” was not possible: {error}"
        hint = error.hint or "It was taken back here, so that you see what the server has."
        self._problem(what, hint, error.server_words)

    def _problem(self, what: str, hint: str, words: str, *, retry: bool = False) -> None:
        self._desk.announcer.say([Problem(self._desk.account.key, what, hint, words, retry)])
