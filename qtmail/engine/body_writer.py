"""From fetched bodies to the store, behind the thread that reads them from the network.

add() --batch--> Workshop (durable, read) --> at most 200 rows a transaction --> events
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import NamedTuple

from qtmail.engine import clock
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import committed
from qtmail.engine.overlap import Overlap
from qtmail.engine.preparing import Prepared, prepare, prepare_file
from qtmail.errors import StoreError
from qtmail.model import ContentHash, RowId
from qtmail.net.imap_values import FetchedBody, Spooled
from qtmail.store import bodies
from qtmail.store.db import Store
from qtmail.store.values import NewBody

BATCH = 400
BATCH_OCTETS = 4 * 1024 * 1024
"""A batch is made durable at once: at most so many bodies, and about so many octets of them."""
ROWS = 200
"""Rows of one transaction, at most: a click's write never waits long."""
LONGEST_S = 0.5
"""On a slow line a batch is handed on after so long, so that what has come is seen."""


class _Batch(NamedTuple):
    rows: Sequence[RowId]
    ready: Callable[[], Sequence[Prepared]]


class BodyWriter:
    """Two threads: one waits until batches are ready, the other writes their facts. A context manager that ends with
    everything written that was added; failures of the threads are raised by `add`, or at the end."""

    def __init__(self, store: Store, desk: Desk, tally: Tally, *, urgent: bool = False) -> None:
        """`urgent`: somebody waits for it, so it does not queue behind what the workshop has to do."""
        self._store = store
        self._desk = desk
        self._tally = tally
        self._workshop = None if urgent else desk.workshop
        self._facts: Overlap[Sequence[NewBody]] = Overlap(self._write, "facts")
        self._batches: Overlap[_Batch] = Overlap(self._finish, "bodies")
        self._held = ExitStack()
        self._rows: list[RowId] = []
        self._raws: list[bytes] = []
        self._octets = 0
        self._since = 0.0

    def add(self, row: RowId, fetched: FetchedBody) -> None:
        """Take what came for a row. Raises StoreError of an earlier batch."""
        if fetched.spooled is not None:
            self._hand_on()
            self._batches.put(_Batch([row], partial(self._prepare_file, fetched.spooled)))
            return
        if not self._rows:
            self._since = time.monotonic()
        self._rows.append(row)
        self._raws.append(fetched.content)
        self._octets += len(fetched.content)
        full = len(self._rows) >= BATCH or self._octets >= BATCH_OCTETS
        if full or time.monotonic() - self._since > LONGEST_S:
            self._hand_on()

    def _hand_on(self) -> None:
        rows, raws, now = self._rows, self._raws, clock.now()
        self._rows, self._raws, self._octets = [], [], 0
        if not rows:
            return
        if self._workshop is None:
            self._batches.put(_Batch(rows, lambda: prepare(self._store.content, raws, now=now)))
        else:
            self._batches.put(_Batch(rows, self._workshop.prepare(raws, now=now)))

    def _prepare_file(self, spooled: Spooled) -> Sequence[Prepared]:
        try:
            return [prepare_file(self._store.content, spooled.path, ContentHash(spooled.sha256), now=clock.now())]
        except OSError as error:
            raise StoreError(
                f"A large message could not be kept: {error.strerror or error}.",
                hint="Make room on the disk.",
                retry=True,
            ) from error
        finally:
            spooled.discard()

    def _finish(self, batch: _Batch) -> None:
        new = [NewBody(row, *one) for row, one in zip(batch.rows, batch.ready(), strict=True)]
        for start in range(0, len(new), ROWS):
            self._facts.put(new[start : start + ROWS])

    def _write(self, records: Sequence[NewBody]) -> None:
        with committed(self._store, self._desk.announcer, "bodies") as tx:
            bodies.store_bodies(tx, records, now=clock.now())
        self._tally.bodies += len(records)

    def __enter__(self) -> "BodyWriter":
        self._held.enter_context(self._facts)
        self._held.enter_context(self._batches)
        self._held.callback(self._hand_on)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.__exit__(kind, error, trace)
