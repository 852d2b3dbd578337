"""One visit to one IMAP folder: what is new, what changed, what is gone; afterwards the two are equal.

    select -> UIDVALIDITY (relink if changed) -> headers of unknown UIDs, newest first -> flags -> vanished -> state
                                                 ^ in parts: other folders' newest come in between

Nothing is remembered between visits but what is in the store, so it may be cut anywhere: `folder.uidnext` and the rest
of the state are written at the end of a complete visit only, and what is known is asked of the rows themselves.
Where QRESYNC works, SELECT itself tells flags and what vanished; it is believed where the numbers agree.
"""

import logging
from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace

from qtmail.engine import clock
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import chunks, committed
from qtmail.engine.imap_flags import Flags
from qtmail.engine.imap_headers import Headers
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_relink import look_into, relink_folder, went_back
from qtmail.engine.uid_sets import without
from qtmail.errors import Refused
from qtmail.events import Event, Problem
from qtmail.net.imap_values import Known, Selected
from qtmail.store import folders, read, relink, replay, sync
from qtmail.store.db import Store
from qtmail.store.values import FolderState

log = logging.getLogger(__name__)

ROWS = 200
"""Rows of one transaction, at most: a click's write never waits long."""
NEWEST = 1000
"""Headers of each folder that come before the older ones of any."""
SHARE = 5000
"""Headers of a folder fetched before another one has its turn."""
HANDFUL = 20
"""More rows than this are only removed after the server was asked twice."""
DAY = 24 * 3600


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
        self._folder = folder
        self._headers = Headers(link, store, desk, tally, folder, between)
        self._flags = Flags(link, store, desk, folder)
        self._listed: array[int] | None = None
        """Every UID the server has, where this visit has asked for all of them."""
        self._selected: Selected | None = None
        """As it was when the visit began."""
        self._to_fetch: array[int] = array("q")
        """UIDs whose headers are still to come, ascending: they are taken from the end."""
        self._top = 1
        """The lowest UID that cannot be there yet."""

    def run(self) -> None:
        """The whole visit. Raises FolderGone, other MailErrors, Stopped."""
        while not self.go_on(SHARE):
            """More headers are to come."""

    def go_on(self, most: int) -> bool:
        """A part of the visit, at most so many headers. -> True: it is complete. Raises as `run`."""
        first = self._selected is None
        selected = self._selected or self._open()
        self._headers.fetch(self._folder, self._to_fetch, most)
        if self._to_fetch:
            return False
        self._close(selected if first else self._again())
        return True

    def _open(self) -> Selected:
        state = self._folder
        known = Known(state.uidvalidity, state.highestmodseq) if state.uidvalidity and state.highestmodseq else None
        selected = self._link.select(state, known=known)
        selected = self._renumber(selected)
        self._first_modseq(selected)
        self._plan(selected)
        self._selected = selected
        return selected

    def _again(self) -> Selected:
        """The folder as it is after other folders had their turn. Flags are known up to where the visit began only."""
        assert self._selected is not None
        selected = self._link.select(self._folder)
        if selected.uidvalidity != self._folder.uidvalidity:
            raise Refused(f"The folder {self._folder.path} was renumbered by the server.", retry=True)
        self._listed = None
        began = self._selected
        return replace(selected, highestmodseq=began.highestmodseq, resynced=began.resynced)

    def _close(self, selected: Selected) -> None:
        self._flags.compare(self._folder, self._count(), selected)
        proven = self._vanished(selected)
        self._finish(selected, proven)

    # UIDVALIDITY

    def _renumber(self, selected: Selected) -> Selected:
        """Give rows their new UIDs where the folder was renumbered, put back from a backup or is another one under its
        name; nothing is downloaded again but headers. -> without what QRESYNC told, where it cannot be believed."""
        back = went_back(self._folder, selected)
        must = relink.needs_relink(self._store.read(), self._folder.id)
        if selected.uidvalidity != self._folder.uidvalidity:
            with self._store.transaction("uidvalidity") as tx:
                must = relink.set_uidvalidity(tx, self._folder.id, selected.uidvalidity) or must
            self._tell(tx.events)
            self._reread()
        must = look_into(self._link, self._store, self._desk, self._folder, selected) or must
        if must:
            self._listed = relink_folder(self._link, self._store, self._desk, self._folder)
        if must or back:
            self._reread()
            return replace(selected, resynced=None)
        return selected

    def _first_modseq(self, selected: Selected) -> None:
        """Flags fetched from here on are at least as new as this: what is changed later is asked for by it."""
        if selected.highestmodseq and not self._folder.highestmodseq and not self._count():
            with self._store.transaction("first modseq") as tx:
                folders.set_state(tx, self._folder.id, highestmodseq=selected.highestmodseq)
            self._reread()

    # New messages

    def _plan(self, selected: Selected) -> None:
        """Find every UID that is not known."""
        since = self._folder.uidnext
        self._top = max(since, 1)
        if not selected.exists and not self._count():
            self._listed = array("I")  # where we know of some, EXISTS alone proves nothing
        elif since <= 1:
            self._listed = self._link.session.uids()
            self._miss(self._listed, self._known())
        elif selected.uidnext is None or selected.uidnext > since:
            self._miss(self._link.session.uids(since), self._known(since))

    def _miss(self, listed: "array[int]", known: "array[int]") -> None:
        """Headers of what is listed and not known are to be fetched."""
        self._to_fetch = without(listed, known)
        if self._desk.workshop is not None:
            self._desk.workshop.expect(len(self._to_fetch))
        if listed:
            self._top = max(self._top, listed[-1] + 1)

    # Gone messages

    def _vanished(self, selected: Selected) -> bool:
        """Take out what the server proves not to have any more, add what was missed. -> whether all is equal now."""
        told = self._told_gone(selected)
        if self._listed is None and told and self._count() == selected.exists and self._recently_verified():
            return True
        listed = self._listed if self._listed is not None else self._link.session.uids()
        if len(listed) == selected.exists:
            self._link.evidence.prove("ESEARCH")
        missed = without(listed, self._known())
        if missed:
            self._top = max(self._top, missed[-1] + 1)
            self._headers.fetch(self._folder, missed, len(missed))
        known = self._known()
        absent = without(known, listed)
        if not selected.exists and len(absent) < len(known):
            self._not_empty(len(known) - len(absent))
        gone = without(absent, array("q", sorted(self._awaited())))
        if gone and not self._proven(gone, listed, selected):
            return False
        self._take_out(gone)
        if known == array("q", listed):
            # The UIDs that these told us are among what is there: none is missing, none is there twice.
            self._link.evidence.prove("UIDPLUS", "MOVE", "MULTIAPPEND")
        same = self._headers.marked.issuperset(without(listed, known))
        if same:
            with committed(self._store, self._desk.announcer, "drop unmet") as tx:
                sync.drop_unmet(tx, self._folder.id, now=clock.now())
        return same

    def _told_gone(self, selected: Selected) -> bool:
        """Take out what QRESYNC says is gone, where a search and EXISTS bear it out. -> False: compare everything."""
        if selected.resynced is None:
            return True
        gone = sync.shown_uids(self._store.read(), self._folder.id, selected.resynced.vanished)
        if not gone:
            return True
        if still := self._link.session.present(gone):
            what = f"{len(still)} of {len(gone)} messages named as gone in {self._folder.path} are there."
            self._link.session.distrust("QRESYNC", what)
            self._link.evidence.distrust("QRESYNC", what)
            return False
        if len(gone) > HANDFUL and self._count() - len(gone) != selected.exists:
            return False
        self._take_out(gone)
        self._link.evidence.prove("QRESYNC")
        return True

    def _take_out(self, gone: "array[int]") -> None:
        for chunk in chunks(gone[::-1], ROWS):
            self._desk.control.check()
            with self._store.transaction("vanished") as tx:
                sync.mark_vanished(tx, self._folder.id, chunk, now=clock.now())
            self._tell(tx.events)

    def _recently_verified(self) -> bool:
        """The whole UID set is compared once a day even where the numbers agree."""
        return clock.lately(self._folder.verified_at, DAY)

    def _proven(self, gone: "array[int]", listed: "array[int]", selected: Selected) -> bool:
        """The search and EXISTS must agree; for more than a handful the server is asked again."""
        session = self._link.session
        session.noop()
        changes = session.take_changes()
        exists = changes.exists if changes.exists is not None else selected.exists - changes.expunged
        if len(listed) == exists and len(gone) <= HANDFUL:
            return True
        again = self._link.select(self._folder)
        second = session.uids()
        same = again.uidvalidity == self._folder.uidvalidity and len(second) == again.exists
        if same and len(without(gone, second)) == len(gone):
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

    def _not_empty(self, there: int) -> None:
        """EXISTS said 0, and a search found messages that are known."""
        self._link.evidence.catch(
            "EXISTS",
            f"{self._folder.path} was said to be empty, and {there:,} messages known here were in it.",
            "The number alone is not believed: nothing is removed before a search agrees.",
        )

    def _awaited(self) -> set[int]:
        """UIDs that are gone in the user's eyes and still to be removed on the server."""
        return replay.pending_uids(self._store.read(), self._folder.id, self._folder.uidvalidity)

    # The end

    def _finish(self, selected: Selected, proven: bool) -> None:
        with self._store.transaction("folder state") as tx:
            folders.set_state(
                tx,
                self._folder.id,
                uidnext=max(selected.uidnext or 1, self._top),
                highestmodseq=selected.highestmodseq,
                server_total=selected.exists if proven else None,
                verified_at=clock.now() if proven else None,
            )
        self._tell(tx.events)

    def _known(self, since: int = 0) -> "array[int]":
        return sync.known_uids(self._store.read(), self._folder.id, since)

    def _count(self) -> int:
        return sync.known_count(self._store.read(), self._folder.id)

    def _reread(self) -> None:
        self._folder = read.folder_state(self._store.read(), self._folder.id)

    def _tell(self, events: Iterable[Event]) -> None:
        self._desk.announcer.say(events)

    def _problem(self, what: str, hint: str, *, words: str = "", retry: bool = False) -> None:
        self._desk.announcer.say([Problem(self._desk.account.key, what, hint, words, retry)])
