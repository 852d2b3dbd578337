"""One pass over an IMAP account, and the other things a worker asks of one.

    connect -> replay what the user did -> LIST with STATUS -> visit what changed (inbox first) -> bodies, newest first

Where nothing changed that is one round trip after the login. A folder that fails never holds the others.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from qtmail.engine import clock, server_details
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.imap_bodies import Bodies
from qtmail.engine.imap_folder import FolderVisit
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_replay import ImapReplay
from qtmail.errors import FolderGone, Refused, ServerClosed, TemporarilyRefused
from qtmail.events import Event, FoldersChanged, Problem
from qtmail.model import FolderId, MessageId, Role
from qtmail.net.imap_values import FolderStatus, RemoteFolder
from qtmail.store import facts, folders, read, replay
from qtmail.store.db import Store
from qtmail.store.values import FolderState, ServerFolder

log = logging.getLogger(__name__)

IDLE_S = 25 * 60
"""IDLE is renewed after this long (RFC 2177 asks for less than 29 minutes)."""
FLAGS_DUE_S = 15 * 60
"""Without CONDSTORE nothing tells that a flag changed: look this often."""


class ImapBackend:
    """`Backend` for IMAP. One connection; `watch` is for another instance with its own."""

    has_push = True

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk = desk
        self._store = store
        self._link = ImapLink(desk)
        self.tally = Tally()

    def sync(self) -> Tally:
        """See `Backend`."""
        self.tally = Tally()
        self._connected(self._pass)
        return self.tally

    def replay(self) -> None:
        """See `Backend`."""
        self._connected(self._replay)

    def fetch(self, messages: Sequence[MessageId]) -> None:
        """See `Backend`."""
        bodies = Bodies(self._link, self._store, self._desk, self.tally)
        self._connected(lambda: bodies.these(messages))

    def watch(self, changed: Callable[[], None]) -> None:
        """See `Backend`."""
        with self._link.guarded():
            session = self._link.session
            session.select(b"INBOX", True)
            session.take_changes()
            changed()  # what came before this connection listened is told by nobody else
            while True:
                self._desk.control.check()
                if session.idle(self._desk.control.halt, IDLE_S):
                    session.take_changes()
                    self._link.evidence.prove("IDLE")
                    self._remember_server()
                    changed()

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

    def _pass(self) -> None:
        try:
            self._replay()
            listed = self._list()
            self.tally.folders = sum(folder.selectable for folder in listed.values())
            for state, status in self._due(listed):
                self._serve()
                with self._folder_trouble(state):
                    FolderVisit(self._link, self._store, self._desk, self.tally, state, self._serve).run()
                    self._remember_unseen(state.id, status)
            self._desk.announcer.flush()
            Bodies(self._link, self._store, self._desk, self.tally, self._serve).all()
        finally:
            self.tally.bytes += self._link.octets()
            self._desk.announcer.flush()
            self._remember_server()

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
        if urgent := self._desk.control.take_urgent():
            Bodies(self._link, self._store, self._desk, self.tally).these(urgent)
        if self._desk.control.take_woken():
            self._replay()

    def _replay(self) -> None:
        """A folder of ours that has no name on the server yet may be there under another path ("Sent Items"), so the
        server's list comes first then."""
        due = replay.open_operations(self._store.read(), self._desk.account.key, now=clock.now())
        if any(pending.target and not pending.target.wire_name for pending in due):
            self._list()
        if due:
            ImapReplay(self._link, self._store, self._desk, self._list).run()

    def _list(self) -> dict[bytes, RemoteFolder]:
        """Make our folders those of the server. -> its folders by wire name."""
        self._link.refresh()
        listed = self._link.session.folders()
        items = [ServerFolder(f.wire_name, f.path, f.role, f.selectable, f.subscribed) for f in listed]
        account = self._desk.account.key
        with self._store.transaction("folders") as tx:
            update = folders.update_folders(tx, account, items, now=clock.now())
        events: list[Event] = list(tx.events)
        if update.new or update.gone or update.changed:
            events.append(FoldersChanged(account))
        self._desk.announcer.say(events)
        self._desk.announcer.flush()
        return {folder.wire_name: folder for folder in listed}

    def _due(self, listed: dict[bytes, RemoteFolder]) -> list[tuple[FolderState, FolderStatus]]:
        """The folders that differ from what was last seen, inbox first, with their STATUS."""
        due = []
        for state in read.folder_states(self._store.read(), self._desk.account.key):
            remote = listed.get(state.wire_name)
            if remote is None or not remote.selectable:
                continue
            status = remote.status
            if status is None:
                try:
                    status = self._link.session.status(state.wire_name)
                except FolderGone:
                    continue
            if self._differs(state, status):
                due.append((state, status))
        return sorted(due, key=lambda entry: entry[0].role is not Role.INBOX)

    def _differs(self, state: FolderState, status: FolderStatus) -> bool:
        if state.verified_at is None or status.uidvalidity != state.uidvalidity or status.uidnext is None:
            return True
        if status.uidnext > state.uidnext or status.total != state.server_total:
            return True
        if status.highestmodseq:
            return status.highestmodseq != state.highestmodseq
        unseen, _, at = facts.get(self._store.read(), self._desk.account.key, f"unseen:{state.id}").partition(" ")
        return unseen != str(status.unseen) or clock.now() - int(at or 0) > FLAGS_DUE_S

    def _remember_unseen(self, folder: FolderId, status: FolderStatus) -> None:
        """Where there is no CONDSTORE: what STATUS said when the flags were last looked at."""
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
