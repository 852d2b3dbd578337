"""Headers of a folder's messages that are not known yet: fetched newest first, written while the next ones come.

What makes no sense is asked for alone, so that one message never holds others. Small messages may come whole at once
(see imap_small).
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from qtmail.engine import clock
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import chunks
from qtmail.engine.hushing import hush
from qtmail.engine.imap_bodies import merge_later
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_small import MOST, Small, header_of
from qtmail.engine.indexing import header_facts
from qtmail.engine.overlap import Overlap
from qtmail.engine.preparing import Prepared
from qtmail.engine.workshop import Ticket
from qtmail.events import FolderChanged, Problem
from qtmail.mime.parse import parse_headers
from qtmail.model import Flag, Role
from qtmail.net.imap_values import FetchedHeader
from qtmail.store import sync
from qtmail.store.db import Store
from qtmail.store.values import FolderState, HeaderFacts, NewHeader

ROWS = 200
"""Rows of one transaction, at most: a click's write never waits long."""
BATCH = 400
"""Whole messages made durable at once."""
CHUNK = 5000
"""After so many it is seen anew whether small messages come whole."""
UNREADABLE = "(This message could not be read from the server)"


class _Came(NamedTuple):
    fetched: FetchedHeader
    whole: bool = False
    """`fetched.header` is all of the message."""


class _Batch(NamedTuple):
    came: Sequence[_Came]
    ready: Ticket = tuple
    """What is made of those that are whole, in order."""


class Headers:
    """Of one folder, for one visit."""

    def __init__(
        self, link: ImapLink, store: Store, desk: Desk, tally: Tally, folder: FolderState, between: Callable[[], None]
    ) -> None:
        """`between`: called between chunks; it may select another folder (what the user waits for goes first)."""
        self._link = link
        self._store = store
        self._desk = desk
        self._tally = tally
        self._folder = folder
        self._between = between
        self._small = Small(store, desk)
        self.marked: set[int] = set()
        """UIDs that are only still there because the server cannot expunge them alone."""

    def fetch(self, folder: FolderState, uids: "array[int]", most: int) -> None:
        """Headers of the highest of these to the store, at most so many; they are taken off."""
        self._folder = folder
        if not uids:
            return
        with Overlap(self._add, "headers") as writer:
            while uids and most > 0:
                self._desk.control.check()
                self._between()
                self._link.enter(self._folder)
                asked: list[int] = []
                some = self._next(uids, asked, min(most, CHUNK))
                if self._small.worth_it(self._link.session, self._folder):
                    self._fetch_small(some, asked, writer)
                else:
                    self._fetch_some(map(_Came, self._link.session.fetch_headers(some)), asked, writer)
                most -= len(asked)

    def _next(self, uids: "array[int]", asked: list[int], most: int) -> Iterator[int]:
        """The highest first, for as long as nobody is waiting; `asked` tells afterwards which were asked for."""
        while uids and len(asked) < most and not (len(asked) >= ROWS and self._desk.control.pressed):
            asked.append(uids.pop())
            yield asked[-1]

    def _fetch_small(self, uids: Iterator[int], asked: Sequence[int], writer: Overlap[_Batch]) -> None:
        """Whole, where they are small; the headers of the others."""
        endless: list[int] = []
        merge_later(self._store)

        def beginnings() -> Iterator[_Came]:
            for fetched in self._link.session.fetch_beginnings(uids, MOST, guess=self._small.guess):
                if self._small.is_whole(fetched):
                    yield _Came(fetched, whole=True)
                elif header := header_of(fetched.header):
                    yield _Came(fetched._replace(header=header))
                else:
                    endless.append(fetched.uid)

        self._fetch_some(beginnings(), asked, writer, BATCH)
        if endless:
            self._fetch_some(map(_Came, self._link.session.fetch_headers(endless)), endless, writer)

    def _fetch_some(
        self, coming: Iterable[_Came], asked: Sequence[int], writer: Overlap[_Batch], most: int = ROWS
    ) -> None:
        arrived = set()
        batch: list[_Came] = []
        try:
            for one in coming:
                arrived.add(one.fetched.uid)
                batch.append(one)
                if len(batch) >= most:
                    writer.put(self._begin(batch))
                    batch = []
                    self._desk.control.check()
        finally:
            if batch:
                writer.put(self._begin(batch))
        odd = {entry.uid: entry.why for entry in self._link.session.take_quarantined()}
        if odd:
            self._rescue([uid for uid in asked if uid not in arrived], odd, writer)

    def _begin(self, batch: Sequence[_Came]) -> _Batch:
        """With those that are whole on their way to be made ready."""
        self._small.learn([one.fetched for one in batch])
        whole = [one.fetched for one in batch if one.whole]
        workshop = self._desk.workshop
        if workshop is None or not whole:
            return _Batch(batch)
        now = clock.now()
        received = [one.internaldate or now for one in whole]
        return _Batch(batch, workshop.prepare([one.header for one in whole], now=now, received=received))

    def _add(self, batch: _Batch) -> None:
        now = clock.now()
        ready = iter(batch.ready())
        items = []
        for fetched, whole in batch.came:
            prepared = next(ready) if whole else None
            if not self._left_marked(fetched):
                items.append(_new(fetched, prepared, now))
        for part in chunks(items, ROWS):
            self._store_headers(part, now)

    def _left_marked(self, fetched: FetchedHeader) -> bool:
        """Without UIDPLUS nothing can be expunged alone: what we moved or removed stays marked \\Deleted there, and
        counts as gone. Where it can be, a mark is just another client's flag."""
        if Flag.DELETED not in fetched.flags or self._link.session.supports("UIDPLUS"):
            return False
        self.marked.add(fetched.uid)
        return True

    def _store_headers(self, items: Sequence[NewHeader], now: int) -> None:
        with self._store.transaction("headers") as tx:
            added = sync.add_headers(tx, self._folder.id, self._folder.uidvalidity, items, now=now)
            hushed = hush(tx, added.rows, now=now, remote={self._desk.account.key})
        self._tally.new += len(added.rows)
        self._tally.bodies += added.whole
        if added.met:
            self._link.evidence.prove("OBJECTID", "X-GM-EXT-1")
        self._desk.announcer.say(tx.events)
        unread = sum(Flag.SEEN not in item.flags for item in items) - hushed if added.rows else 0
        if unread and self._folder.role is Role.INBOX and self._folder.verified_at is not None:
            self._desk.announcer.say([FolderChanged(self._folder.id, arrived=min(unread, len(added.rows)))])

    def _rescue(self, uids: Sequence[int], odd: dict[int | None, str], writer: Overlap[_Batch]) -> None:
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
                one = FetchedHeader(uid, shown, size, 0, header, flags.modseq if flags else None)
                self._add(_Batch([_Came(one)]))
                continue
            why = odd.get(uid) or odd.get(None) or "the server's answer makes no sense"
            now = clock.now()
            facts = HeaderFacts(now, subject=UNREADABLE)
            self._store_headers([NewHeader(uid, shown, 0, now, b"", facts)], now)
            what = f"A message in {self._folder.path} could not be read from the server."
            hint = "The others are not affected; look at it on the server's web page."
            self._desk.announcer.say([Problem(self._desk.account.key, what, hint, f"UID {uid}: {why}")])


def _new(fetched: FetchedHeader, whole: Prepared | None, now: int) -> NewHeader:
    received = fetched.internaldate or now
    facts = whole.facts if whole else header_facts(parse_headers(fetched.header), received)
    new = NewHeader(
        *(fetched.uid, fetched.flags, fetched.size, received, fetched.header, facts),
        *(fetched.modseq or 0, fetched.emailid),
    )
    return new._replace(header=b"", size=whole.size, content=whole.content, body=whole.body) if whole else new
