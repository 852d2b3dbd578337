"""What the user did, told to the IMAP server: in order, so that it may be killed anywhere and asked again.

    due operations -> batches (few commands) -> marked sent -> command -> confirmed | put off | refused, taken back here

An operation is marked `sent` before the server hears of it. One that is found `sent` already was asked before and its
answer never seen: then the server is looked at first, and only what it lacks is done. When a batch is refused, each of
its operations is asked for alone, so that only the one to blame is taken back. What touches a message with something
put off waits for that.
"""

from collections.abc import Callable, Iterator, Sequence

from qtmail.engine import clock, imap_gmail
from qtmail.engine.backend import Desk
from qtmail.engine.context import committed
from qtmail.engine.imap_append_replay import Adder
from qtmail.engine.imap_batches import Batch, batches, flag_changes
from qtmail.engine.imap_folder_replay import tell_folder, tell_subscriptions
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_move_replay import Mover
from qtmail.engine.imap_outcome import Outcome
from qtmail.engine.imap_rows import Deferred, ImapRows, SourceGone
from qtmail.errors import FolderGone, Refused, TemporarilyRefused
from qtmail.events import FoldersChanged
from qtmail.model import OperationId, RowId
from qtmail.operations import (
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    OnTree,
    RenameFolder,
    Restore,
    SetFlag,
    Subscribe,
)
from qtmail.store import read, replay
from qtmail.store.db import Store
from qtmail.store.values import PendingOperation, PendingRow

PATIENCE = 10
"""So often an operation waits for something of our own (a UID, a body) before it is given up."""
_ONLY_A_PART = Deferred("Only a part of it could be done.")


class _ListedAnew(Exception):
    """The server's folders are not as we thought; they are now."""


class ImapReplay:
    """See the module. One run tells the server everything that is due."""

    def __init__(self, link: ImapLink, store: Store, desk: Desk, relist: Callable[[], object]) -> None:
        """`relist`: makes our folders those of the server; asked where one is not there under the name we know."""
        self._link = link
        self._store = store
        self._desk = desk
        self._relist = relist
        self._listed_anew = False
        self._met: set[OperationId] = set()
        """What was tried in this run."""
        self._rows = ImapRows(link, store)
        self._outcome = Outcome(store, desk)
        self._adder = Adder(link, store, desk, self._rows, self._outcome)
        self._mover = Mover(link, self._rows, self._outcome, self._adder)

    def run(self) -> None:
        """Raises Stopped and MailErrors that are not about an operation; what is not done by then is done next time."""
        _ = self._link.session  # what goes wrong with signing in is nothing about an operation
        while due := replay.open_operations(self._store.read(), self._desk.account.key, now=clock.now()):
            again = Batch(tuple(pending for pending in due if pending.id in self._met))
            self._outcome.defer(again.operations, _ONLY_A_PART)
            try:
                self._round([pending for pending in due if pending.id not in self._met], again.touched())
            except _ListedAnew:
                """What is due may look different now; what was done is not due any more."""
            self._desk.announcer.flush()

    def _round(self, due: Sequence[PendingOperation], held: set[int]) -> None:
        """`held`: rows with something put off, which nothing later may overtake."""
        for batch in batches(due):
            if batch.touched() & held:
                continue
            self._desk.control.check()
            if not self._tell(batch):
                held |= batch.touched()
                if isinstance(batch.first.operation, OnTree):
                    return  # what is to be done in a folder waits for the folder

    def _tell(self, batch: Batch) -> bool:
        """-> False where some of it was put off."""
        asked = self._outcome.asked(batch)
        if asked is None:
            return True
        try:
            self._tell_server(asked)
            self._met |= asked.ids
        except TemporarilyRefused as error:
            self._put_off(asked, error)
            return False
        except Refused as error:
            if isinstance(error, FolderGone) and not self._listed_anew:
                self._listed_anew = True
                self._relist()
                raise _ListedAnew from error
            if len(asked.operations) > 1:
                return all(self._tell(alone) for alone in asked.alone())
            self._met |= asked.ids
            self._outcome.refuse(asked.first, error)
        return True

    def _put_off(self, batch: Batch, error: TemporarilyRefused) -> None:
        self._met |= batch.ids
        for pending in batch.operations:
            if isinstance(error, Deferred) and pending.attempts >= PATIENCE:
                self._outcome.refuse(pending, error)
        self._outcome.defer(batch.operations, error)

    def _tell_server(self, batch: Batch) -> None:
        match batch.first.operation:
            case SetFlag():
                self._set_flags(batch)
            case Move():
                self._mover.move(batch)
            case Copy():
                self._mover.copy(batch)
            case Append() | Restore():
                self._adder.append(batch)
            case Expunge():
                self._expunge(batch)
            case CreateFolder() | RenameFolder() | DeleteFolder() as operation:
                self._folder(batch.first, operation)
            case Subscribe():
                tell_subscriptions(self._link.session, self._store, batch.operations)
                self._outcome.done(batch.operations)
            case _:
                self._outcome.done(batch.operations)

    def _set_flags(self, batch: Batch) -> None:
        changes = flag_changes(batch)
        for rows, uids in self._still_there(batch):
            for (flags, on), concerned in changes.items():
                if part := sorted(uids[row] for row in uids.keys() & concerned):
                    self._link.session.set_flags(part, sorted(flags), on)
            self._outcome.confirm(batch, dict.fromkeys(row.row for row in rows))

    def _expunge(self, batch: Batch) -> None:
        for rows, uids in self._still_there(batch, removing=True):
            if uids:
                folder = read.folder_state(self._store.read(), rows[0].folder)
                imap_gmail.expunge(self._link, self._store, folder, sorted(uids.values()))
            self._outcome.confirm(batch, dict.fromkeys(row.row for row in rows))

    def _still_there(
        self, batch: Batch, *, removing: bool = False
    ) -> Iterator[tuple[list[PendingRow], dict[RowId, int]]]:
        """For each folder, selected, its rows and their UIDs; none where it was deleted elsewhere."""
        for folder, rows in self._rows.by_folder(batch.rows):
            try:
                yield rows, self._rows.uids(folder, rows, removing=removing)
            except SourceGone:
                if not self._listed_anew:
                    raise
                yield rows, {}

    def _folder(self, pending: PendingOperation, operation: OnTree) -> None:
        self._link.leave()
        names = tell_folder(self._link.session, self._store, pending, operation)
        with committed(self._store, self._desk.announcer, "confirm folder") as tx:
            replay.confirm_folder(tx, pending.id, names, now=clock.now())
        self._desk.announcer.say([FoldersChanged(self._desk.account.key)])
