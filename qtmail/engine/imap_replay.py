"""What the user did, told to the IMAP server: in order, so that it may be killed anywhere and asked again.

An operation is marked `sent` before the server hears of it. One that is found `sent` already was asked before and its
answer never seen: then the server is looked at first, and only what it lacks is done. One that it refuses is taken back
here, with its words; one that it cannot do just now is deferred.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.backoff import pause
from qtmail.engine.context import committed
from qtmail.engine.imap_folder_replay import asked_before, tell_folder
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_rows import Deferred, ImapRows
from qtmail.errors import FolderGone, MailError, ProtocolError, TemporarilyRefused, Unreachable
from qtmail.events import FoldersChanged, Problem
from qtmail.model import Flag, Role, RowId
from qtmail.operations import (
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    Restore,
    SetFlag,
)
from qtmail.store import facts, replay
from qtmail.store.db import Store
from qtmail.store.values import FolderState, PendingOperation, PendingRow

log = logging.getLogger(__name__)

PATIENCE = 10
"""So often an operation waits for something of our own (a UID, a body) before it is given up."""
Placed = dict[RowId, tuple[int, int] | None]
FILES_SENT = "files_sent_itself"
SMALLEST_PART = 0.9
"""An appended message is proven to be there when its size is at least this part of ours (servers rewrite line ends)."""


class ImapReplay:
    """See the module. One run tells the server everything that is due."""

    def __init__(self, link: ImapLink, store: Store, desk: Desk) -> None:
        self._link = link
        self._store = store
        self._desk = desk
        self._rows = ImapRows(link, store)

    def run(self) -> None:
        """Raises Unreachable, ServerClosed, ProtocolError and Stopped; what is not done by then is done next time."""
        met: Counter[int] = Counter()
        while due := replay.open_operations(self._store.read(), self._desk.account.key, now=clock.now()):
            for operation in due:
                self._desk.control.check()
                met[operation.id] += 1
                if met[operation.id] > 1:
                    self._defer(operation, "only a part of it could be done")
                else:
                    self._one(operation)
            self._desk.announcer.flush()

    def _one(self, pending: PendingOperation) -> None:
        with self._store.transaction("operation sent") as tx:
            wanted = replay.mark_sent(tx, pending.id)
        if not wanted:
            return
        try:
            self._tell_server(pending)
        except (Unreachable, ProtocolError):
            raise
        except Deferred as error:
            if pending.attempts >= PATIENCE:
                self._refuse(pending, error)
            else:
                self._defer(pending, str(error))
        except TemporarilyRefused as error:
            self._defer(pending, error.server_words or str(error))
        except MailError as error:
            self._refuse(pending, error)

    def _tell_server(self, pending: PendingOperation) -> None:
        match pending.operation:
            case SetFlag() as operation:
                self._set_flag(pending, operation)
            case Move():
                self._move(pending)
            case Copy():
                self._copy(pending)
            case Append() | Restore():
                self._append(pending)
            case Expunge():
                self._expunge(pending)
            case CreateFolder() | RenameFolder() | DeleteFolder() as operation:
                self._folder(pending, operation)
            case _:
                self._confirm(pending, None)

    # What comes of it

    def _confirm(self, pending: PendingOperation, placed: Placed | None, missing: Iterable[RowId] = ()) -> None:
        with self._store.transaction("confirm") as tx:
            replay.confirm(tx, pending.id, placed, missing=tuple(missing), now=clock.now())
        self._desk.announcer.say(tx.events)

    def _defer(self, pending: PendingOperation, words: str) -> None:
        at = clock.now() + int(pause(pending.attempts + 1, first=20)) + 1
        with self._store.transaction("defer") as tx:
            replay.defer(tx, pending.id, not_before=at, words=words)
        self._desk.announcer.say(tx.events)
        log.info("operation %d is tried again later: %s", pending.id, words)

    def _refuse(self, pending: PendingOperation, error: MailError) -> None:
        with self._store.transaction("refuse") as tx:
            replay.refuse(tx, pending.id, error.server_words or str(error), now=clock.now())
        self._desk.announcer.say(tx.events)
        label = pending.operation.label()
        what = f"“{label}” was not possible: {error}"
        hint = error.hint or "It was taken back here, so that you see what the server has."
        self._desk.announcer.say([Problem(self._desk.account.key, what, hint, error.server_words)])

    # On messages

    def _set_flag(self, pending: PendingOperation, operation: SetFlag) -> None:
        for folder, rows in self._rows.by_folder(pending.rows):
            uids = self._rows.uids(folder, rows)
            if uids:
                self._link.session.set_flags(sorted(uids.values()), [operation.flag], operation.on)
            self._confirm(pending, dict.fromkeys(row.row for row in rows if row.row in uids))
            _all_found(rows, uids)

    def _move(self, pending: PendingOperation) -> None:
        target = self._target(pending)
        for folder, rows in self._rows.by_folder(pending.rows):
            placed: Placed = {}
            if asked_before(pending):
                rows = self._settle_moved(pending, folder, rows, target)
                if not rows:
                    continue
            uids = self._rows.uids(folder, rows)
            moved = self._link.session.move(sorted(uids.values()), target.wire_name) if uids else None
            for row, uid in uids.items():
                if moved is not None and uid in moved.uids:
                    placed[row] = _place(moved.uidvalidity, moved.uids[uid])
            self._confirm(pending, placed, missing=[row for row in uids if row not in placed])
            _all_found(rows, uids)

    def _settle_moved(
        self, pending: PendingOperation, folder: FolderState, rows: Sequence[PendingRow], target: FolderState
    ) -> list[PendingRow]:
        """Asked before, answer not seen. What left the source is looked for in the target; of what is still in the
        source but was copied already (servers without MOVE) only the source is removed. -> what is still to move."""
        uids = self._rows.uids(folder, rows)
        here = self._rows.present(uids.values())
        copied = not self._link.session.supports("MOVE")
        to_find = [row for row in rows if copied or uids.get(row.row) not in here]
        found = self._rows.unclaimed(target, to_find)
        leftover = sorted(uids[row] for row in found if uids.get(row) in here)
        if leftover:
            self._link.enter(folder, readonly=False)
            self._link.session.expunge(leftover)
        missing = [row for row, uid in uids.items() if uid not in here and row not in found]
        if found or missing:
            self._confirm(pending, dict(found), missing=missing)
        return [row for row in rows if row.row not in found and row.row not in missing]

    def _copy(self, pending: PendingOperation) -> None:
        target = self._target(pending)
        rows = list(pending.rows)
        if asked_before(pending):
            found = self._rows.unclaimed(target, rows)
            if found:
                self._confirm(pending, dict(found))
            rows = [row for row in rows if row.row not in found]
        for folder, part in self._rows.by_folder(rows):
            uids = self._rows.uids(folder, part)
            copied = self._link.session.copy(sorted(uids.values()), target.wire_name) if uids else None
            placed: Placed = {}
            for row, uid in uids.items():
                if copied is not None and uid in copied.uids:
                    placed[row] = _place(copied.uidvalidity, copied.uids[uid])
            self._confirm(pending, placed, missing=[row for row in uids if row not in placed])
            _all_found(part, uids)

    def _append(self, pending: PendingOperation) -> None:
        """APPEND what the server lacks, then prove that it is there: an Expunge elsewhere may be waiting for this."""
        target = self._target(pending)
        placed: Placed = {}
        if isinstance(pending.operation, Restore):
            placed.update(self._rows.still_there(target, pending.rows))
        missing = [row for row in pending.rows if row.row not in placed]
        if target.role is Role.SENT:
            placed.update(self._server_copies(target, missing))
        elif asked_before(pending):
            placed.update(self._rows.unclaimed(target, missing))
        later = 0
        for row in pending.rows:
            if row.row in placed:
                continue
            if row.content is None:
                later += 1
                continue
            self._desk.control.check()
            content = self._store.content.get(row.content)
            flags = sorted(flag for flag in row.flags if flag != Flag.DELETED)
            appended = self._link.session.append(target.wire_name, content, flags, row.received)
            placed[row.row] = (appended.uidvalidity, appended.uid) if appended else None
        self._prove(target, pending.rows, placed)
        if placed:
            self._confirm(pending, placed)
        if later:
            raise Deferred("The content of these messages is not here yet.")

    def _server_copies(self, sent: FolderState, rows: Sequence[PendingRow]) -> Placed:
        """Many servers file what they were given to send by themselves: that copy is ours then. Learned per account:
        after they did not once, it is only looked for what an earlier attempt may have appended."""
        account = self._desk.account.key
        if facts.get(self._store.read(), account, FILES_SENT) == "no":
            return dict(self._rows.unclaimed(sent, rows))
        found = self._rows.anywhere(sent, rows)
        with self._store.transaction("learn sent copies") as tx:
            facts.put(tx, account, FILES_SENT, "yes" if found else "no")
        return dict(found)

    def _prove(self, target: FolderState, rows: Sequence[PendingRow], placed: Placed) -> None:
        """Fill in UIDs the server did not tell, and see each message there with about its size. Raises Deferred."""
        if not placed:
            return
        silent = [row for row in rows if row.row in placed and placed[row.row] is None]
        placed.update(self._rows.unclaimed(target, silent))
        self._link.select(target)
        sizes = {row.row: row.size for row in rows}
        by_uid = {place[1]: row for row, place in placed.items() if place}
        seen = {fetched.uid: fetched.size for fetched in self._link.session.fetch_headers(sorted(by_uid))}
        self._link.session.take_quarantined()
        for uid, row in by_uid.items():
            if seen.get(uid, -1) < sizes[row] * SMALLEST_PART:
                raise Deferred(f"The server took a message for {target.path} and does not show it.")

    def _expunge(self, pending: PendingOperation) -> None:
        for folder, rows in self._rows.by_folder(pending.rows):
            uids = self._rows.uids(folder, rows)
            if uids:
                self._link.session.expunge(sorted(uids.values()))
            self._confirm(pending, dict.fromkeys(row.row for row in rows if row.row in uids))
            _all_found(rows, uids)

    # On folders

    def _folder(self, pending: PendingOperation, operation: CreateFolder | RenameFolder | DeleteFolder) -> None:
        names = tell_folder(self._link.session, self._store, pending, operation)
        with committed(self._store, self._desk.announcer, "confirm folder") as tx:
            replay.confirm_folder(tx, pending.id, names, now=clock.now())
        self._desk.announcer.say([FoldersChanged(self._desk.account.key)])

    def _target(self, pending: PendingOperation) -> FolderState:
        """Where to; it is on the server then."""
        if pending.target is None:
            raise FolderGone("The folder this should go to is not there any more.")
        return self._rows.on_server(pending.target)


def _all_found(rows: Sequence[PendingRow], uids: Placed | dict[RowId, int]) -> None:
    """Raise Deferred where a row's UID is not known yet: the next comparison of its folder may tell."""
    if any(row.row not in uids for row in rows):
        raise Deferred("The server has not told yet where it put these messages.")


def _place(uidvalidity: int | None, uid: int | None) -> tuple[int, int] | None:
    return (uidvalidity, uid) if uidvalidity and uid else None
