"""Flags that were changed elsewhere: told by SELECT (QRESYNC), asked since a MODSEQ (CONDSTORE), or all compared."""

from collections.abc import Sequence

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.context import chunks, committed
from qtmail.engine.imap_link import ImapLink
from qtmail.net.imap_values import Selected
from qtmail.store import sync
from qtmail.store.db import Store
from qtmail.store.values import FolderState, NewFlags

ROWS = 200
"""Rows of one transaction, at most: a click's write never waits long."""
FLAGS_EACH_TIME = 2000
"""Without CONDSTORE: the flags of so many of the newest messages are compared at every visit, all once a day."""
DAY = 24 * 3600


class Flags:
    """Of one folder, for one visit."""

    def __init__(self, link: ImapLink, store: Store, desk: Desk, folder: FolderState) -> None:
        self._link = link
        self._store = store
        self._desk = desk
        self._folder = folder

    def compare(self, folder: FolderState, known: int, selected: Selected) -> None:
        """Take over what is read, starred or answered elsewhere; `known`: how many messages there are here."""
        self._folder = folder
        if selected.resynced is not None:
            if any((one.modseq or 0) > self._folder.highestmodseq for one in selected.resynced.changed):
                self._link.evidence.prove("CONDSTORE", "QRESYNC")
            for part in chunks(selected.resynced.changed, ROWS):
                self._store_flags([NewFlags(one.uid, one.flags, one.modseq or 0) for one in part])
            return
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
        if not known:
            return
        full = selected.highestmodseq or not clock.lately(self._folder.verified_at, DAY)
        first = 1 if full else sync.newest_uid(self._store.read(), self._folder.id, FLAGS_EACH_TIME)
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
        with committed(self._store, self._desk.announcer, "flags") as tx:
            sync.update_flags(tx, self._folder.id, batch, now=clock.now())
