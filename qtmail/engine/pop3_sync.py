"""One pass over a POP3 account: UIDL against the ledger, new mail to the inbox, then what the policy lets go.

    connect -> UIDL -> RETR what is not in the ledger (newest first) -> DELE what may go -> QUIT

Content, message, row and ledger entry are durable before anything is said of deletion; DELE is sent only for a message
whose content was read back and hashed; what QUIT did not confirm is asked again next time.
"""

import logging
import time
from collections.abc import Callable, Sequence

from qtmail.engine import clock
from qtmail.engine.backend import Desk, Heard, Tally
from qtmail.engine.context import committed
from qtmail.engine.indexing import new_messages
from qtmail.engine.overlap import Overlap
from qtmail.errors import ProtocolError, Refused, StoreError, Unreachable
from qtmail.events import FolderChanged, Problem, StateChanged
from qtmail.model import AccountState, FolderId, MessageId, Role
from qtmail.net.pop3 import PopEntry, PopSession
from qtmail.store import add, folders, ledger, read
from qtmail.store.db import Store

log = logging.getLogger(__name__)

STANDARD = {
    Role.INBOX: "INBOX",
    Role.DRAFTS: "Drafts",
    Role.SENT: "Sent",
    Role.ARCHIVE: "Archive",
    Role.JUNK: "Junk",
    Role.TRASH: "Trash",
}
BATCH = 100
BATCH_OCTETS = 8 * 1024 * 1024
MANY_KNOWN = 20
"""With more known than this, and more than half of them listed under no name we know, the server renamed them."""
TELL_S = 0.3

Retrieved = list[tuple[PopEntry, bytes]]


class Pop3Backend:
    """`Backend` for POP3. Folders are local; a session lasts one pass, as the server locks the mailbox meanwhile."""

    has_push = False

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk = desk
        self._store = store
        self._session: PopSession | None = None
        self.tally = Tally()
        self._told = 0.0
        self._news = False
        """What comes is new mail, and not the whole of a mailbox seen for the first time."""

    def sync(self) -> Tally:
        """See `Backend`."""
        self.tally = Tally()
        inbox = self._folders()
        try:
            self._pass(inbox)
        except (Unreachable, ProtocolError):
            self._desk.control.check()
            raise
        finally:
            if self._session is not None:
                self.tally.bytes = self._session.bytes_in
            self.close()
            self._desk.announcer.flush()
        return self.tally

    def replay(self) -> None:
        """Nothing: what the user does is done here; deletions on the server are part of the next pass."""

    def fetch(self, messages: Sequence[MessageId]) -> None:
        """Nothing: a message that is here is here whole."""

    def watch(self, changed: Heard) -> bool:
        """POP3 has no push."""
        raise AssertionError("POP3 has no push")

    def close(self) -> None:
        """Abandon the session: nothing is deleted."""
        session, self._session = self._session, None
        if session is not None:
            self._desk.control.release(session)
            session.abandon()

    def _folders(self) -> FolderId:
        """The standard folders are there. -> the inbox."""
        account = self._desk.account.key
        missing = [role for role in STANDARD if read.folder_of_role(self._store.read(), account, role) is None]
        if missing:
            with committed(self._store, self._desk.announcer, "standard folders") as tx:
                for role in missing:
                    folders.set_role(tx, folders.ensure_folder(tx, account, STANDARD[role], role), role)
        inbox = read.folder_of_role(self._store.read(), account, Role.INBOX)
        assert inbox is not None
        return inbox

    def _pass(self, inbox: FolderId) -> None:
        self._desk.control.check()
        server, password = self._desk.account.incoming, self._desk.password()
        session = self._desk.control.connect(lambda: PopSession.connect(server, password), PopSession.abandon)
        self._session = session
        listed = session.uidls()
        self.tally.folders = 1
        known = ledger.known(self._store.read(), self._desk.account.key)
        self._news = bool(known)
        here = {entry.uidl for entry in listed}
        new = self._new(listed, set(known))
        if (
            len(known) > MANY_KNOWN
            and len(new) > MANY_KNOWN
            and len(here & set(known)) * 2 < min(len(known), len(here))
        ):
            raise Refused(
                f"Nearly all messages on {server.host} have new names, so they may all be here already.",
                hint="Nothing was downloaded or deleted. Ask the provider whether the mailbox was moved.",
            )
        self._settle_gone(known.keys() - here)
        self._retrieve(inbox, new)
        asked = self._ask_for_deletion(listed)
        if session.quit() and asked:
            with committed(self._store, self._desk.announcer, "deleted on the server") as tx:
                ledger.deleted(tx, self._desk.account.key, asked, now=clock.now())

    def _new(self, listed: Sequence[PopEntry], known: set[str]) -> list[PopEntry]:
        """What is not in the ledger, newest first. A name the server gives twice (it must not) counts once."""
        new: dict[str, PopEntry] = {}
        for entry in listed:
            if entry.uidl not in known:
                new.setdefault(entry.uidl, entry)
        return list(new.values())[::-1]

    def _settle_gone(self, uidls: set[str]) -> None:
        if uidls:
            with committed(self._store, self._desk.announcer, "gone from the server") as tx:
                ledger.gone(tx, self._desk.account.key, uidls, now=clock.now())

    # Retrieving

    def _retrieve(self, inbox: FolderId, new: Sequence[PopEntry]) -> None:
        if not new or self._session is None:
            return
        by_number = {entry.number: entry for entry in new}
        writer: Overlap[Retrieved] = Overlap(lambda batch: self._store_batch(inbox, batch), "retrieved")
        with writer:
            batch: Retrieved = []
            octets = 0
            try:
                for number, content in self._session.retrieve_many([entry.number for entry in new]):
                    batch.append((by_number.pop(number), content))
                    octets += len(content)
                    if len(batch) >= BATCH or octets >= BATCH_OCTETS:
                        writer.put(batch)
                        batch, octets = [], 0
                        self._desk.control.check()
                        self._tell(len(new))
            finally:
                if batch:
                    writer.put(batch)
        for entry in by_number.values():
            self._problem(f"The server would not give message {entry.number} (of {entry.size:,} octets).")

    def _store_batch(self, inbox: FolderId, batch: Retrieved) -> None:
        """On the writer's thread: bytes durable, then message, row and ledger entry in one transaction."""
        now = clock.now()
        messages = new_messages(self._store.content, [content for _, content in batch], now=now, received=now)
        with committed(self._store, self._desk.announcer, "retrieved") as tx:
            rows = add.add_messages(tx, inbox, messages, now=now)
            for (entry, _), message, row in zip(batch, messages, rows, strict=True):
                ledger.record(tx, self._desk.account.key, entry.uidl, message.content, row, now=now)
            if self._news:
                tx.note(FolderChanged(inbox, arrived=len(rows)))
        self.tally.new += len(batch)
        self.tally.bodies += len(batch)

    # Deleting

    def _ask_for_deletion(self, listed: Sequence[PopEntry]) -> list[str]:
        """DELE what the policy lets go and is proven stored. -> what QUIT has to confirm."""
        account = self._desk.account
        if self._session is None:
            return []
        uidls = {entry.uidl for entry in listed}
        due = ledger.due_for_deletion(self._store.read(), account.key, account.pop, uidls, now=clock.now())
        numbers: dict[str, list[int]] = {}
        for entry in listed:
            numbers.setdefault(entry.uidl, []).append(entry.number)
        proven = {}
        for uidl, (entry_here, reason) in due.items():
            self._desk.control.check()
            if len(numbers[uidl]) != 1:
                continue
            try:
                self._store.content.get(entry_here.content)
            except StoreError as error:
                self._problem(f"A message stays on the server, as its copy here cannot be read: {error}")
                continue
            proven[uidl] = reason
        if not proven:
            return []
        with committed(self._store, self._desk.announcer, "asked to delete") as tx:
            ledger.asked(tx, account.key, proven)
        asked = []
        for uidl in proven:
            try:
                self._session.delete(numbers[uidl][0])
            except Refused as error:
                log.info("DELE was refused: %s", error.sentence())
                continue
            asked.append(uidl)
        return asked

    # Telling

    def _tell(self, total: int) -> None:
        if time.monotonic() - self._told > TELL_S:
            self._told = time.monotonic()
            state = StateChanged(
                self._desk.account.key, AccountState.SYNCING, "Fetching messages", self.tally.new, total
            )
            self._desk.announcer.say([state])

    def _problem(self, what: str) -> None:
        hint = "All others are not affected; it is tried again at the next check."
        self._desk.announcer.say([Problem(self._desk.account.key, what, hint, retry=True)])
