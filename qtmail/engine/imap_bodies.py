"""The bodies of one IMAP account: what the user looks at first, then newest first over all folders.

What to fetch is asked of the store (BodyQueue gives the order), and what came is written behind the reader
(BodyWriter). Commands are on the way all the time; they end within about a second when somebody waits for something.
"""

import logging
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext

from qtmail.engine.backend import Desk, Tally
from qtmail.engine.body_queue import BodyQueue
from qtmail.engine.body_writer import BodyWriter
from qtmail.engine.imap_link import ImapLink
from qtmail.errors import FolderGone, Refused
from qtmail.events import Problem, StateChanged
from qtmail.model import AccountState, FolderId, MessageId
from qtmail.store import bodies, read, search
from qtmail.store.db import Store
from qtmail.store.values import FolderState, Wanted

log = logging.getLogger(__name__)

AT_LEAST_S = 1.0
"""Somebody waits for news: a pass goes on for so long all the same, so that a busy inbox holds nothing up."""
TELL_S = 0.3
MANY = 5000
"""Bodies for which it pays to put the search index in order afterwards."""


def merge_later(store: Store) -> None:
    """Much is going to be indexed. Until the end of the next `Bodies.all`, after a crash too."""
    if search.merges(store.read()):
        with store.transaction("merge later") as tx:
            search.merge_as_it_comes(tx, False)


class Bodies:
    """See the module. `select` of the link may be anywhere before and after."""

    def __init__(
        self, link: ImapLink, store: Store, desk: Desk, tally: Tally, between: Callable[[], None] = lambda: None
    ) -> None:
        """`between`: called when somebody waits for something; it may select another folder."""
        self._link = link
        self._store = store
        self._desk = desk
        self._tally = tally
        self._between = between
        self._began = 0.0
        self._told = 0.0
        self._total = 0

    def all(self) -> None:
        """Every body that is still wanted, or until somebody asks for news: the next pass goes on then. Raises
        MailErrors that end the pass, Stopped."""
        rows = bodies.in_order(self._store.read(), self._desk.account.key)
        workshop = self._desk.workshop
        with workshop.open(len(rows)) if workshop else nullcontext():
            if len(rows) >= MANY:
                merge_later(self._store)
            if rows:
                self._every(rows)
        if not search.merges(self._store.read()):
            with self._store.transaction("merge again") as tx:
                search.merge_as_it_comes(tx, True)

    def _every(self, rows: "array[int]") -> None:
        self._total = len(rows)
        self._began = time.monotonic()
        queue = BodyQueue(rows, lambda part: bodies.fetchable(self._store.read(), part))
        with BodyWriter(self._store, self._desk, self._tally) as writer:
            while (folder := queue.folder()) is not None:
                self._between()
                if self._news_wanted():
                    return
                self._compress()
                self._run(queue, folder, writer)
        with self._store.transaction("index of headers") as tx:
            search.drop_headers(tx)

    def _compress(self) -> None:
        """From here on, where the line turned out to be slow."""
        session = self._link.live()
        if session is not None and session.worth_compressing:
            session.compress()

    def these(self, messages: Sequence[MessageId]) -> None:
        """The bodies of these messages, as far as they are missing and of this account."""
        by_folder: dict[FolderId, list[Wanted]] = {}
        for entry in bodies.wanted(self._store.read(), messages):
            by_folder.setdefault(entry.folder, []).append(entry)
        for folder, entries in by_folder.items():
            state = read.folder_state(self._store.read(), folder)
            if state.account == self._desk.account.key and state.wire_name:
                with BodyWriter(self._store, self._desk, self._tally, urgent=True) as writer:
                    self._fetch(state, iter(entries), writer)
        self._desk.announcer.flush()

    def _run(self, queue: BodyQueue, folder: FolderId, writer: BodyWriter) -> None:
        """One folder's next ones; a folder that cannot be read now does not hold the others."""
        state = read.folder_state(self._store.read(), folder)
        try:
            self._fetch(state, self._until_pressed(queue.run(folder)), writer)
        except (FolderGone, Refused) as error:
            queue.leave_out(folder)
            what = f"The messages of {state.path} cannot be fetched now: {error}"
            self._desk.announcer.say(
                [Problem(self._desk.account.key, what, error.hint, error.server_words, retry=True)]
            )

    def _until_pressed(self, entries: Iterator[Wanted]) -> Iterator[Wanted]:
        """Ends early when somebody waits for something else, or the line is to be compressed; at least one goes on."""
        session = self._link.session
        for entry in entries:
            yield entry
            if self._desk.control.pressed or self._news_wanted() or session.worth_compressing:
                return

    def _news_wanted(self) -> bool:
        return self._desk.control.check_wanted and time.monotonic() - self._began > AT_LEAST_S

    def _fetch(self, state: FolderState, entries: Iterator[Wanted], writer: BodyWriter) -> None:
        """What comes goes to the writer, what does not is noted on its row. `entries` are read as commands are sent."""
        self._desk.control.check()
        self._link.enter(state)
        asked: dict[int, Wanted] = {}
        sizes: dict[int, int] = {}

        def uids() -> Iterator[int]:
            for entry in entries:
                if entry.uidvalidity != state.uidvalidity:
                    continue
                asked[entry.uid] = entry
                if entry.size:
                    sizes[entry.uid] = entry.size
                yield entry.uid

        for fetched in self._link.session.fetch_bodies(
            uids(), size_hint=sizes, spool=self._store.content.spool_for_text()
        ):
            entry = asked.pop(fetched.uid, None)
            sizes.pop(fetched.uid, None)
            if entry is not None:
                writer.add(entry.row, fetched)
                self._tell()
            elif fetched.spooled is not None:
                fetched.spooled.discard()
            self._desk.control.check()
        odd = {one.uid: one.why for one in self._link.session.take_quarantined()}
        if odd:
            self._note_failures(state, asked, odd)

    def _note_failures(self, state: FolderState, rest: Mapping[int, Wanted], odd: Mapping[int | None, str]) -> None:
        """Those whose answer made no sense: a problem of that row alone."""
        for uid, entry in rest.items():
            why = odd.get(uid) or (odd.get(None) if len(rest) == 1 else None)
            if why is None:
                continue
            with self._store.transaction("body failed") as tx:
                bodies.failed(tx, entry.row, why)
            what = f"A message in {state.path} could not be fetched from the server."
            hint = "It is tried again at the next checks; all others are not affected."
            self._desk.announcer.say([Problem(self._desk.account.key, what, hint, f"UID {uid}: {why}", retry=True)])

    def _tell(self) -> None:
        """How far the bulk is; a few that somebody looks at are no news."""
        if self._total and time.monotonic() - self._told > TELL_S:
            self._told = time.monotonic()
            words = "Fetching messages"
            total = max(self._total, self._tally.bodies)
            state = StateChanged(self._desk.account.key, AccountState.SYNCING, words, self._tally.bodies, total)
            self._desk.announcer.say([state])
