"""One visit to one IMAP folder: what is new, what changed, what is gone; afterwards the two are equal.

    select -> UIDVALIDITY (relink if changed) -> headers of unknown UIDs, newest first -> flags -> vanished -> state

Nothing is remembered between visits but what is in the store, so it may be cut anywhere: `folder.uidnext` and the rest
of the state are written at the end of a complete visit only, and what is known is asked of the rows themselves.
"""

import logging
from array import array
from collections.abc import Callable, Iterable, Sequence

from qtmail.engine import clock
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import chunks
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_relink import relink_folder
from qtmail.engine.indexing import header_facts
from qtmail.engine.overlap import Overlap
from qtmail.events import Event, FolderChanged, Problem
from qtmail.mime.parse import parse_headers
from qtmail.model import Flag, Role
from qtmail.net.imap_values import FetchedHeader, Selected
from qtmail.store import folders, read, relink, replay, sync
from qtmail.store.db import Store
from qtmail.store.values import FolderState, HeaderFacts, NewFlags, NewHeader

log = logging.getLogger(__name__)

ROWS = 200
"""Rows of one transaction, at most: a click's write never waits long."""
FIRST_CHUNK = 200
CHUNK = 1000
"""Headers asked for in one go; the first ones are fewer, so that the list fills at once."""
HANDFUL = 20
"""More rows than this are only removed after the server was asked twice."""
FLAGS_EACH_TIME = 2000
"""Without CONDSTORE: the flags of so many of the newest messages are compared at every visit, all once a day."""
DAY = 24 * 3600
UNREADABLE = "(This message could not be read from the server)"


class FolderVisit:
    """See the module. `folder` is what the store remembered before."""

    def __init__(
        self,
        link: ImapLink,
        store: Store,
        desk: Desk,
        tally: Tally,
        folder: FolderState,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """`between`: called between chunks; it may select another folder (what the user waits for goes first)."""
        self._link = link
        self._store = store
        self._desk = desk
        self._tally = tally
        self._folder = folder
        self._between = between
        self._listed: array[int] | None = None
        """Every UID the server has, where this visit has asked for all of them."""

        self._marked: set[int] = set()
        """UIDs that are only still there because the server cannot expunge them alone."""

    def run(self) -> None:
        """Raises FolderGone, other MailErrors, Stopped."""
        selected = self._link.select(self._folder)
        self._renumber(selected)
        self._first_modseq(selected)
        top = self._headers()
        self._flags(selected)
        proven = self._vanished(selected)
        self._finish(selected, top, proven)

    # UIDVALIDITY

    def _renumber(self, selected: Selected) -> None:
        """Give rows their new UIDs where the folder was renumbered; nothing is downloaded again but headers."""
        with self._store.transaction("uidvalidity") as tx:
            must = relink.set_uidvalidity(tx, self._folder.id, selected.uidvalidity)
            must = relink.needs_relink(tx, self._folder.id) or must
        self._tell(tx.events)
        self._reread()
        if must:
            self._listed = relink_folder(self._link, self._store, self._desk, self._folder)

    def _first_modseq(self, selected: Selected) -> None:
        """Flags fetched from here on are at least as new as this: what is changed later is asked for by it."""
        if selected.highestmodseq and not self._folder.highestmodseq and not self._known():
            with self._store.transaction("first modseq") as tx:
                folders.set_state(tx, self._folder.id, highestmodseq=selected.highestmodseq)
            self._reread()

    # New messages

    def _headers(self) -> int:
        """Add every UID that is not known, newest first. -> the lowest UID that cannot be there yet."""
        since = self._folder.uidnext
        listed = self._link.session.uids(since if since > 1 else None)
        if since <= 1:
            self._listed = listed
        self._fetch(sorted(set(listed) - set(self._known()), reverse=True))
        return max(listed[-1] + 1 if listed else 1, since)

    def _fetch(self, uids: Sequence[int]) -> None:
        """Headers of these to the store."""
        if not uids:
            return
        with Overlap(self._add, "headers") as writer:
            batch: list[FetchedHeader] = []
            for chunk in [uids[:FIRST_CHUNK], *chunks(uids[FIRST_CHUNK:], CHUNK)]:
                self._desk.control.check()
                self._between()
                self._link.enter(self._folder)
                came = set()
                for fetched in self._link.session.fetch_headers(chunk):
                    came.add(fetched.uid)
                    batch.append(fetched)
                    if len(batch) >= ROWS:
                        writer.put(batch)
                        batch = []
                        self._desk.control.check()
                odd = {entry.uid: entry.why for entry in self._link.session.take_quarantined()}
                if odd:
                    self._rescue([uid for uid in chunk if uid not in came], odd, writer)
            if batch:
                writer.put(batch)

    def _add(self, batch: Sequence[FetchedHeader]) -> None:
        now = clock.now()
        items = []
        for fetched in batch:
            if self._left_marked(fetched):
                continue
            received = fetched.internaldate or now
            facts = header_facts(parse_headers(fetched.header), received)
            items.append(
                NewHeader(
                    fetched.uid, fetched.flags, fetched.size, received, fetched.header, facts, fetched.modseq or 0
                )
            )
        self._store_headers(items, now)

    def _left_marked(self, fetched: FetchedHeader) -> bool:
        """Without UIDPLUS nothing can be expunged alone: what we moved or removed stays marked \\Deleted there, and
        counts as gone. Where it can be, a mark is just another client's flag."""
        if Flag.DELETED not in fetched.flags or self._link.session.supports("UIDPLUS"):
            return False
        self._marked.add(fetched.uid)
        return True

    def _store_headers(self, items: Sequence[NewHeader], now: int) -> None:
        with self._store.transaction("headers") as tx:
            added = sync.add_headers(tx, self._folder.id, self._folder.uidvalidity, items, now=now)
        self._tally.new += len(added.rows)
        self._tell(tx.events)
        unread = sum(Flag.SEEN not in item.flags for item in items) if added.rows else 0
        if unread and self._folder.role is Role.INBOX and self._folder.verified_at is not None:
            self._tell([FolderChanged(self._folder.id, arrived=min(unread, len(added.rows)))])

    def _rescue(
        self, uids: Sequence[int], odd: dict[int | None, str], writer: Overlap[Sequence[FetchedHeader]]
    ) -> None:
        """Each of these alone: by its whole text, or else as a placeholder, so that one message never holds others."""
        writer.drain()
        there = set(self._link.session.uids(min(uids, default=1)))
        for uid in uids:
            if uid not in there:
                continue
            self._desk.control.check()
            found = next(iter(self._link.session.fetch_bodies([uid])), None)
            self._link.session.take_quarantined()
            flags = next(iter(self._link.session.fetch_flags(uid, uid)), None)
            self._link.session.take_quarantined()
            shown = flags.flags if flags else frozenset()
            if found:
                size = len(found.content)
                header = found.content[:65536].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                self._add([FetchedHeader(uid, shown, size, 0, header, flags.modseq if flags else None)])
                continue
            why = odd.get(uid) or odd.get(None) or "the server's answer makes no sense"
            now = clock.now()
            facts = HeaderFacts(now, subject=UNREADABLE)
            self._store_headers([NewHeader(uid, shown, 0, now, b"", facts)], now)
            self._problem(
                f"A message in {self._folder.path} could not be read (UID {uid}: {why}).",
                "The others are not affected; look at it on the server's web page.",
            )

    # Flags

    def _flags(self, selected: Selected) -> None:
        """What is read, starred or answered elsewhere."""
        if selected.highestmodseq and self._folder.highestmodseq:
            if selected.highestmodseq > self._folder.highestmodseq:
                self._update(1, self._folder.highestmodseq)
            elif selected.highestmodseq < self._folder.highestmodseq:
                self._link.evidence.catch(
                    "CONDSTORE",
                    f"HIGHESTMODSEQ of {self._folder.path} went backwards.",
                    "The flags of all its messages are compared.",
                )
                self._update(1, None)
            return
        known = self._known()
        if not known:
            return
        full = (
            self._folder.verified_at is None or clock.now() - self._folder.verified_at > DAY or selected.highestmodseq
        )
        first = 1 if full or len(known) <= FLAGS_EACH_TIME else known[-FLAGS_EACH_TIME]
        self._update(first, None)

    def _update(self, first_uid: int, changed_since: int | None) -> None:
        batch: list[NewFlags] = []
        for fetched in self._link.session.fetch_flags(first_uid, None, changed_since):
            if changed_since and (fetched.modseq or 0) > changed_since:
                self._link.evidence.prove("CONDSTORE")
            batch.append(NewFlags(fetched.uid, fetched.flags, fetched.modseq or 0))
            if len(batch) >= ROWS:
                self._store_flags(batch)
                batch = []
        self._store_flags(batch)
        self._link.session.take_quarantined()

    def _store_flags(self, batch: Sequence[NewFlags]) -> None:
        if not batch:
            return
        self._desk.control.check()
        with self._store.transaction("flags") as tx:
            sync.update_flags(tx, self._folder.id, batch, now=clock.now())
        self._tell(tx.events)

    # Gone messages

    def _vanished(self, selected: Selected) -> bool:
        """Take out what the server proves not to have any more, add what was missed. -> whether all is equal now."""
        known = set(self._known())
        awaited = self._awaited()
        if self._listed is None and len(known) == selected.exists and not awaited and self._recently_verified():
            return True
        listed = set(self._listed if self._listed is not None else self._link.session.uids())
        if len(listed) == selected.exists:
            self._link.evidence.prove("ESEARCH")
        if missed := listed - known:
            self._fetch(sorted(missed, reverse=True))
            known = set(self._known())
        gone = known - listed - awaited
        if gone and not self._proven(gone, listed, selected):
            return False
        for chunk in chunks(sorted(gone, reverse=True), ROWS):
            self._desk.control.check()
            with self._store.transaction("vanished") as tx:
                sync.mark_vanished(tx, self._folder.id, chunk, now=clock.now())
            self._tell(tx.events)
        if known == listed and not gone:
            # The UIDs that these told us are among what is there: none is missing, none is there twice.
            self._link.evidence.prove("UIDPLUS", "MOVE", "MULTIAPPEND")
        return listed <= known | self._marked

    def _recently_verified(self) -> bool:
        """The whole UID set is compared once a day even where the numbers agree."""
        return self._folder.verified_at is not None and clock.now() - self._folder.verified_at < DAY

    def _proven(self, gone: set[int], listed: set[int], selected: Selected) -> bool:
        """The search and EXISTS must agree; for more than a handful the server is asked again."""
        session = self._link.session
        session.noop()
        changes = session.take_changes()
        exists = changes.exists if changes.exists is not None else selected.exists - changes.expunged
        if len(listed) == exists and len(gone) <= HANDFUL:
            return True
        again = self._link.select(self._folder)
        second = set(session.uids())
        if again.uidvalidity == self._folder.uidvalidity and len(second) == again.exists and not gone & second:
            return True
        self._link.evidence.catch(
            "SEARCH",
            f"The list of messages in {self._folder.path} and their number contradict each other.",
            "Nothing is removed here before two answers agree.",
        )
        self._problem(
            f"The server's answers about {self._folder.path} contradict each other; nothing was removed here.",
            "It is compared again at the next check.",
            retry=True,
        )
        return False

    def _awaited(self) -> set[int]:
        """UIDs that are gone in the user's eyes and still to be removed on the server."""
        return replay.pending_uids(self._store.read(), self._folder.id, self._folder.uidvalidity)

    # The end

    def _finish(self, selected: Selected, top: int, proven: bool) -> None:
        with self._store.transaction("folder state") as tx:
            folders.set_state(
                tx,
                self._folder.id,
                uidnext=max(selected.uidnext or 1, top),
                highestmodseq=selected.highestmodseq,
                server_total=selected.exists if proven else None,
                verified_at=clock.now() if proven else None,
            )
        self._tell(tx.events)

    def _known(self) -> "array[int]":
        return sync.known_uids(self._store.read(), self._folder.id)

    def _reread(self) -> None:
        self._folder = read.folder_state(self._store.read(), self._folder.id)

    def _tell(self, events: Iterable[Event]) -> None:
        self._desk.announcer.say(events)

    def _problem(self, what: str, hint: str, *, retry: bool = False) -> None:
        self._desk.announcer.say([Problem(self._desk.account.key, what, hint, retry=retry)])
