"""The bodies of one IMAP account: what the user looks at first, then newest first, folder by folder.

What to fetch is asked of the store; a body is durable in the content database before a row tells of it. A slice of
work lasts about a second whatever the line, so that an urgent wish never waits longer.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from qtmail.engine import clock
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import committed
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.indexing import body_facts, header_facts
from qtmail.engine.overlap import Overlap
from qtmail.events import Problem, StateChanged
from qtmail.mime.parse import summarise
from qtmail.model import AccountState, FolderId, MessageId, Role, RowId
from qtmail.store import bodies, read
from qtmail.store.db import Store
from qtmail.store.values import FolderState, NewBody, Wanted

log = logging.getLogger(__name__)

BATCH = 100
BATCH_OCTETS = 8 * 1024 * 1024
"""A batch for the writer: at most so many bodies, and about so many octets."""
ASK = 2000
FIRST_SLICE = 1024 * 1024
LARGEST_SLICE = 16 * 1024 * 1024
QUICK_S = 0.5
SLOW_S = 1.5
TELL_S = 0.3

Arrived = list[tuple[Wanted, bytes]]


class Bodies:
    """See the module. `select` of the link may be anywhere before and after."""

    def __init__(
        self, link: ImapLink, store: Store, desk: Desk, tally: Tally, between: Callable[[], None] = lambda: None
    ) -> None:
        """`between`: called between slices; it may select another folder."""
        self._link = link
        self._store = store
        self._desk = desk
        self._tally = tally
        self._between = between
        self._slice = FIRST_SLICE
        self._left_out: set[RowId] = set()
        """Rows not to be tried again in this pass."""
        self._slices_done = 0
        self._told = 0.0
        self._total = 0

    def all(self) -> None:
        """Every body that is still wanted, or until somebody asks for news: the next pass goes on then. Raises
        MailErrors that end the pass, Stopped."""
        wanted = bodies.missing(self._store.read(), self._desk.account.key)
        self._total = sum(wanted.values())
        states = [state for state in read.folder_states(self._store.read(), self._desk.account.key) if state.wire_name]
        for state in sorted(states, key=lambda state: state.role is not Role.INBOX):
            if wanted.get(state.id) and not self._interrupted():
                self._folder(state)

    def these(self, messages: Sequence[MessageId]) -> None:
        """The bodies of these messages, as far as they are missing and of this account."""
        by_folder: dict[FolderId, list[Wanted]] = {}
        for entry in bodies.wanted(self._store.read(), messages):
            by_folder.setdefault(entry.folder, []).append(entry)
        for folder, entries in by_folder.items():
            state = read.folder_state(self._store.read(), folder)
            if state.account == self._desk.account.key and state.wire_name:
                with self._writer() as writer:
                    self._fetch(state, entries, writer)
        self._desk.announcer.flush()

    def _folder(self, state: FolderState) -> None:
        while True:
            found = bodies.next_bodies(self._store.read(), state.id, ASK + len(self._left_out))
            found = [entry for entry in found if entry.row not in self._left_out]
            if not found:
                return
            self._left_out.update(entry.row for entry in found)
            with self._writer() as writer:
                for part in self._slices(found):
                    self._between()
                    if self._interrupted():
                        return
                    self._slices_done += 1
                    began = time.monotonic()
                    self._fetch(state, part, writer)
                    self._adapt(time.monotonic() - began)
                    self._tell()

    def _interrupted(self) -> bool:
        """Somebody waits for news; at least one slice is done all the same, so that a busy inbox holds nothing up."""
        return self._slices_done > 0 and self._desk.control.check_wanted

    def _slices(self, entries: Sequence[Wanted]) -> Iterator[list[Wanted]]:
        """Cut so that each is about a second of transfer; `_adapt` learns how much that is."""
        part: list[Wanted] = []
        octets = 0
        for entry in entries:
            part.append(entry)
            octets += entry.size
            if octets >= self._slice or len(part) >= ASK // 2:
                yield part
                part, octets = [], 0
        if part:
            yield part

    def _adapt(self, took: float) -> None:
        if took < QUICK_S:
            self._slice = min(self._slice * 2, LARGEST_SLICE)
        elif took > SLOW_S:
            self._slice = max(self._slice // 2, FIRST_SLICE // 16)

    def _fetch(self, state: FolderState, entries: Sequence[Wanted], writer: Overlap[Arrived]) -> None:
        """One slice of one folder: what comes goes to the writer, what does not is noted on its row."""
        self._desk.control.check()
        entries = [entry for entry in entries if entry.uidvalidity == state.uidvalidity]
        self._link.enter(state)
        by_uid = {entry.uid: entry for entry in entries}
        session = self._link.session
        batch: Arrived = []
        octets = 0
        sizes = {entry.uid: entry.size for entry in entries if entry.size}
        try:
            for fetched in session.fetch_bodies(list(by_uid), size_hint=sizes):
                entry = by_uid.pop(fetched.uid, None)
                if entry is None:
                    continue
                batch.append((entry, fetched.content))
                octets += len(fetched.content)
                if len(batch) >= BATCH or octets >= BATCH_OCTETS:
                    writer.put(batch)
                    batch, octets = [], 0
                    self._desk.control.check()
        finally:
            if batch:
                writer.put(batch)
        odd = {entry.uid: entry.why for entry in session.take_quarantined()}
        if odd:
            self._note_failures(state, by_uid, odd)

    def _note_failures(self, state: FolderState, rest: dict[int, Wanted], odd: dict[int | None, str]) -> None:
        """Those whose answer made no sense: a problem of that row alone."""
        for uid, entry in rest.items():
            why = odd.get(uid) or (odd.get(None) if len(rest) == 1 else None)
            if why is None:
                continue
            with self._store.transaction("body failed") as tx:
                bodies.failed(tx, entry.row, why)
            self._problem(f"A message in {state.path} could not be fetched (UID {uid}: {why}).")

    @contextmanager
    def _writer(self) -> Iterator[Overlap[Arrived]]:
        """Two threads behind the reader: one makes bytes durable and summarises, the other writes the facts."""
        facts = Overlap(self._store_facts, "facts")
        writer: Overlap[Arrived] = Overlap(lambda batch: facts.put(self._prepare(batch)), "bodies")
        with facts, writer:
            yield writer

    def _prepare(self, batch: Arrived) -> list[NewBody]:
        """The bytes are durable when it returns."""
        now = clock.now()
        hashes = self._store.content.put_many([content for _, content in batch], now=now)
        records = []
        for (entry, content), digest in zip(batch, hashes, strict=True):
            found = summarise(content)
            facts = header_facts(found.facts, now)
            records.append(NewBody(entry.row, digest, len(content), facts, body_facts(found)))
        return records

    def _store_facts(self, records: Sequence[NewBody]) -> None:
        with committed(self._store, self._desk.announcer, "bodies") as tx:
            bodies.store_bodies(tx, records, now=clock.now())
        self._tally.bodies += len(records)

    def _tell(self) -> None:
        if time.monotonic() - self._told > TELL_S:
            self._told = time.monotonic()
            words = "Fetching messages"
            state = StateChanged(
                self._desk.account.key,
                AccountState.SYNCING,
                words,
                self._tally.bodies,
                max(self._total, self._tally.bodies),
            )
            self._desk.announcer.say([state])

    def _problem(self, what: str) -> None:
        hint = "It is tried again at the next checks; all others are not affected."
        self._desk.announcer.say([Problem(self._desk.account.key, what, hint, retry=True)])
