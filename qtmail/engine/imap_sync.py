"""One pass over an IMAP account, and the other things a worker asks of one.

    connect -> replay what the user did -> LIST with STATUS -> headers of what changed: the newest of every folder
    first, inbox before all, then the rest in turns -> bodies that are to be kept, newest first

Where nothing changed that is one round trip after the login; where the server told which folders have news (NOTIFY),
only those are visited. What the user looks at comes in between. A folder that fails never holds the others.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from qtmail.engine import clock, hearing, server_details
from qtmail.engine.backend import Desk, Heard, Tally
from qtmail.engine.imap_bodies import Bodies
from qtmail.engine.imap_features import Features
from qtmail.engine.imap_folder import NEWEST, SHARE, FolderVisit
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_listing import as_stored, remote_folders
from qtmail.engine.imap_push import Push
from qtmail.engine.imap_replay import ImapReplay
from qtmail.engine.keeping import apply_policy
from qtmail.errors import FolderGone, Refused, ServerClosed, TemporarilyRefused
from qtmail.events import Event, FoldersChanged, Problem
from qtmail.model import FolderId, MessageId, Role
from qtmail.net.imap_values import FolderStatus, RemoteFolder
from qtmail.store import facts, folders, keeping, read, replay
from qtmail.store.db import Store
from qtmail.store.values import FolderState

log = logging.getLogger(__name__)

SOME = 10
"""Bodies on the screen that are fetched in one go."""
OLDEST = 3
"""So many folders a pass are compared in full though nothing points to a change: those not compared for a day."""
DAY = 24 * 3600
FLAGS_DUE_S = 15 * 60
"""Without CONDSTORE nothing tells that a flag changed: look this often."""
Visitable = tuple[FolderState, FolderStatus | None]
"""A folder, and its STATUS where it was asked for."""
SLEPT_S = 60
"""So much more by the wall clock: the computer slept between two passes."""


class _Enough(Exception):
    """No more bodies by themselves: the connection is metered now."""


class ImapBackend:
    """`Backend` for IMAP. One connection; `watch` is for another instance with its own."""

    has_push = True

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk = desk
        self._store = store
        self._link = ImapLink(desk)
        self._cut = True
        """The last pass did not come to its end."""
        self._agreed: tuple[object, object] | None = None
        """The server's list of folders and ours when they were made equal last."""
        self._apart: float | None = None
        """What the wall clock had at the last pass over the one that stands still while the computer sleeps."""
        self._push = Push(self._link, store, desk, self._remember_server)
        self._again: int | None = None
        """When what was deferred may be tried: also in the middle of a long pass."""
        self.tally = Tally()

    def sync(self) -> Tally:
        """See `Backend`."""
        self.tally = Tally()
        news = self._desk.control.take_news()
        only = None if self._cut else news
        self._cut = True
        with self._desk.line.every.acting():
            self._connected(lambda: self._pass(only))
        self._cut = False
        return self.tally

    def replay(self) -> None:
        """See `Backend`."""
        with self._desk.line.every.acting():
            self._connected(self._replay)

    def fetch(self, messages: Sequence[MessageId]) -> None:
        """See `Backend`."""
        bodies = Bodies(self._link, self._store, self._desk, self.tally)
        self._connected(lambda: bodies.these(messages))

    def watch(self, changed: Heard) -> bool:
        """See `Backend`."""
        with self._link.guarded():
            return self._push.watch(changed)

    def close(self) -> None:
        """See `Backend`."""
        self._link.close()

    def _connected(self, work: Callable[[], None]) -> None:
        """Do it; a connection that turns out to have ended meanwhile is made anew, once: all work is idempotent."""
        try:
            with self._link.guarded():
                work()
        except ServerClosed as closed:
            log.info("the connection of %s ended (%s); once more", self._desk.account.key, closed)
            with self._link.guarded():
                work()

    def _pass(self, only: Collection[bytes] | None) -> None:
        """`only`: the folders that have news; None: whichever differ."""
        try:
            self._replay()
            self._serve()
            due = self._due(self._list()) if only is None else self._named(only)
            apply_policy(self._store, self._desk)
            began = clock.now()
            self._visit(due)
            self._expect_told(began)
            Features(self._link, self._store, self._desk).learn(began)
            self._desk.announcer.flush()
            with contextlib.suppress(_Enough), self._desk.line.every.idle_hands():
                Bodies(self._link, self._store, self._desk, self.tally, self._between_bodies).all()
        finally:
            self.tally.bytes += self._link.octets()
            self._desk.announcer.flush()
            self._remember_server()

    def _expect_told(self, began: int) -> None:
        """Whether this pass found what the connection for news should have told of; not the
        first one, nor one after the computer slept."""
        apart = time.time() - time.monotonic()
        slept = self._apart is None or abs(apart - self._apart) > SLEPT_S
        self._apart = apart
        inbox = read.folder_of_role(self._store.read(), self._desk.account.key, Role.INBOX)
        if inbox is not None and not slept:
            account, evidence = self._desk.account.key, self._link.evidence
            hearing.check(self._store, account, inbox, evidence, began=began, now=clock.now())

    def _visit(self, due: Iterable[Visitable]) -> None:
        """All of these, in rounds: the newest headers of every folder come before the older ones of any."""
        waiting = [
            (FolderVisit(self._link, self._store, self._desk, self.tally, state, self._serve), state, status)
            for state, status in due
        ]
        most = NEWEST
        while waiting:
            turns, waiting = waiting, []
            for visit, state, status in turns:
                self._serve()
                with self._folder_trouble(state):
                    if not visit.go_on(most):
                        waiting.append((visit, state, status))
                    elif status is not None:
                        self._remember_unseen(state.id, status)
            most = SHARE

    def _between_bodies(self) -> None:
        if self._desk.control.metered:
            raise _Enough
        self._serve()

    def _remember_server(self) -> None:
        """For "Server details"."""
        session, server = self._link.live(), self._desk.account.incoming
        if session is not None:
            software = " ".join(session.server_id[key] for key in ("name", "version") if key in session.server_id)
            server_details.remember(
                *(self._store, self._desk.account.key, f"{server.host}:{server.port}", software),
                *(session.extensions(), self._link.evidence),
                now=clock.now(),
            )

    def _serve(self) -> None:
        """What cannot wait until a long pass is over: what the user looks at, and what the user did."""
        control = self._desk.control
        if urgent := control.take_urgent():
            Bodies(self._link, self._store, self._desk, self.tally).these(urgent)
        if in_sight := () if control.metered else control.take_in_sight(SOME):
            wanted = keeping.of_interest(self._store.read(), self._desk.account.key, in_sight)
            Bodies(self._link, self._store, self._desk, self.tally).these(wanted)
        if control.take_woken() or (self._again is not None and clock.now() >= self._again):
            with self._desk.line.every.acting():
                self._replay()

    def _replay(self) -> None:
        """A folder of ours that has no name on the server yet may be there under another path ("Sent Items"), so the
        server's list comes first then."""
        due = replay.open_operations(self._store.read(), self._desk.account.key, now=clock.now())
        if any(pending.target and not pending.target.wire_name for pending in due):
            self._list()
        if due:
            ImapReplay(self._link, self._store, self._desk, self._list).run()
        self._again = replay.next_deferred(self._store.read(), self._desk.account.key, now=clock.now())

    def _list(self) -> dict[bytes, RemoteFolder]:
        """Make our folders those of the server. -> its folders by wire name."""
        self._link.leave()
        listed = remote_folders(self._link.session)
        items = as_stored(listed)
        account = self._desk.account.key
        self.tally.folders = sum(folder.selectable for folder in listed)
        if self._not_whole(listed):
            return {}
        if self._agreed != (items, self._ours()):
            with self._store.transaction("folders") as tx:
                update = folders.update_folders(tx, account, items, now=clock.now())
            events: list[Event] = list(tx.events)
            if update.new or update.gone or update.changed:
                events.append(FoldersChanged(account))
            self._desk.announcer.say(events)
            self._desk.announcer.flush()
            self._agreed = (items, self._ours())
        return {folder.wire_name: folder for folder in listed}

    def _not_whole(self, listed: Sequence[RemoteFolder]) -> bool:
        """A list without the inbox that was there before is no reason to let go of folders."""
        inbox = read.folder_of_role(self._store.read(), self._desk.account.key, Role.INBOX)
        known = inbox is not None and read.folder_state(self._store.read(), inbox).wire_name
        if not known or any(folder.role is Role.INBOX for folder in listed):
            return False
        what = "The server's list of folders came without the inbox."
        self._link.evidence.catch("LIST", what, "No folder is let go of before the list is whole again.")
        hint = "Nothing was changed here; it is asked again at the next check."
        self._desk.announcer.say([Problem(self._desk.account.key, what, hint, retry=True)])
        return True

    def _ours(self) -> object:
        """What the server's list has a say in."""
        return folders.names(self._store.read(), self._desk.account.key)

    def _named(self, names: Collection[bytes]) -> list[Visitable]:
        states = read.folder_states(self._store.read(), self._desk.account.key)
        self.tally.folders = sum(state.selectable and bool(state.wire_name) for state in states)
        return [(state, None) for state in states if state.wire_name in names and state.selectable]

    def _due(self, listed: dict[bytes, RemoteFolder]) -> list[Visitable]:
        """The folders that differ from what was last seen, inbox first, with their STATUS; then a few that were not
        compared for long."""
        due: list[Visitable] = []
        same: list[Visitable] = []
        for state in read.folder_states(self._store.read(), self._desk.account.key):
            remote = listed.get(state.wire_name)
            if remote is None or not remote.selectable:
                continue
            status = remote.status
            if status is None:
                try:
                    status = self._link.session.status(state.wire_name)
                except Refused as error:
                    log.info("the state of folder %s is not told: %s", state.id, error.server_words)
                    continue
            (due if self._differs(state, status) else same).append((state, status))
        old = [entry for entry in same if not clock.lately(entry[0].verified_at, DAY)]
        old.sort(key=lambda entry: entry[0].verified_at or 0)
        return [*sorted(due, key=lambda entry: entry[0].role is not Role.INBOX), *old[:OLDEST]]

    def _differs(self, state: FolderState, status: FolderStatus) -> bool:
        if state.verified_at is None or status.uidvalidity != state.uidvalidity or status.uidnext is None:
            return True
        if status.uidnext != state.uidnext or status.total != state.server_total:
            return True
        if status.highestmodseq:
            return status.highestmodseq != state.highestmodseq
        unseen, _, at = facts.get(self._store.read(), self._desk.account.key, f"unseen:{state.id}").partition(" ")
        return unseen != str(status.unseen) or not clock.lately(int(at or 0), FLAGS_DUE_S)

    def _remember_unseen(self, folder: FolderId, status: FolderStatus) -> None:
        """Where there is no CONDSTORE: what STATUS said when the flags were last looked at."""
        if status.total == read.folder_state(self._store.read(), folder).server_total:
            self._link.evidence.prove("LIST-STATUS")
        if not status.highestmodseq:
            with self._store.transaction("unseen") as tx:
                facts.put(tx, self._desk.account.key, f"unseen:{folder}", f"{status.unseen} {clock.now()}")

    @contextmanager
    def _folder_trouble(self, state: FolderState) -> Iterator[None]:
        """What one folder's server side does wrong is told, and the others go on."""
        try:
            yield
        except FolderGone:
            log.info("folder %s went while it was looked at", state.id)
            self._list()
        except (Refused, TemporarilyRefused) as error:
            what = f"The folder {state.path} cannot be read now: {error}"
            hint = (
                error.hint or "It is tried again at each check; see in the provider's web mail whether it opens there."
            )
            problem = Problem(self._desk.account.key, what, hint, error.server_words, retry=True)
            self._desk.announcer.say([problem])
