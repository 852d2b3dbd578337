"""The facade's acts on messages, and undo. Each is one gesture: local effect and journal in the same transaction.

An act that touches more than journal.CHUNK rows takes several transactions, each complete in itself.
"""

from collections.abc import Callable, Iterable, Sequence

from qtmail.engine import permitting
from qtmail.engine.facade import Done
from qtmail.engine.reading import Reading
from qtmail.errors import BadInput
from qtmail.model import LOCAL, AccountKey, Flag, Folder, FolderId, GestureId, Right, Role, RowId
from qtmail.operations import Copy, Expunge, Move, Operation, SetFlag
from qtmail.store import journal, outbox, read, undo
from qtmail.store.values import Performed, Place


class Acting(Reading):
    """Rows may be of several folders and accounts; a row that is gone is left out."""

    def set_flag(self, rows: Sequence[RowId], flag: str, on: bool, *, quiet: bool = False) -> Done:
        """Put a flag or keyword on these, or take it off. `quiet`: undo does not offer it (read by looking at it), and
        where it is not allowed nothing happens."""
        if quiet:
            rows = permitting.permitted(self._read(), rows, permitting.for_flag(flag))
        return self._act([SetFlag(tuple(rows), flag, on)], quiet=quiet)

    def set_flags(self, rows: Sequence[RowId], changes: Sequence[tuple[str, bool]]) -> Done:
        """Several (flag, on) at once, as one gesture."""
        label = f"Change the flags of {_count(len(rows))}" if len(changes) > 1 else ""
        return self._act([SetFlag(tuple(rows), flag, on) for flag, on in changes], label=label)

    def move(self, rows: Sequence[RowId], to: FolderId) -> Done:
        """Also across accounts (stored, appended, proven; only then removed at the source)."""
        places = self._movable(rows)
        target = self._target(to)
        permitting.refuse_forbidden(self._read(), [Move(tuple(places), (), to)])
        near = tuple(row for row, place in places.items() if place.account == target.account)
        far = tuple(row for row, place in places.items() if place.account != target.account)
        label = f"Move {_count(len(places))} to {_title(target)}"
        done = self._act([Move(near, (), to)] if near else [], label=label)
        return self._across(done, far, to, keep=False, label=label)

    def copy(self, rows: Sequence[RowId], to: FolderId) -> Done:
        """The copies are rows of their own; undo removes them."""
        places = self._movable(rows)
        target = self._target(to)
        near = tuple(row for row, place in places.items() if place.account == target.account)
        far = tuple(row for row, place in places.items() if place.account != target.account)
        label = f"Copy {_count(len(places))} to {_title(target)}"
        done = self._act([Copy(near, to, ())] if near else [], label=label)
        return self._across(done, far, to, keep=True, label=label)

    def archive(self, rows: Sequence[RowId]) -> Done:
        """To the account's archive; where there is only an "all mail" folder (Gmail) to that one."""
        operations: list[Operation] = []
        places = self._movable(rows)
        for account, own in _by_account(places).items():
            target = self._archive_of(account)
            operations += _moves(own, target)
        return self._act(operations, label=f"Archive {_count(_touched(operations))}")

    def junk(self, rows: Sequence[RowId]) -> Done:
        """To Junk with $Junk; rows that are in Junk already go back to the inbox as not junk."""
        operations: list[Operation] = []
        places = self._movable(rows)
        back = 0
        for account, own in _by_account(places).items():
            junk = self.folder_of_role(account, Role.JUNK)
            returning = tuple(place.row for place in own if place.folder == junk.id)
            going = tuple(place.row for place in own if place.folder != junk.id)
            back += len(returning)
            if going:
                operations += [SetFlag(going, Flag.JUNK, True), Move(going, (), junk.id)]
            if returning:
                inbox = self.folder_of_role(account, Role.INBOX)
                operations += [SetFlag(returning, Flag.JUNK, False), Move(returning, (), inbox.id)]
        words = "Mark {} as junk" if back < len(places) else "Mark {} as not junk"
        return self._act(operations, label=words.format(_count(len(places))))

    def delete(self, rows: Sequence[RowId]) -> Done:
        """To Trash; rows in Trash are expunged (ask first: see `deletes_for_good`). Rows of the Outbox are not sent any
        more, and go as undo brings them back: to where they were in the queue. Raises NotUndoable for one that is
        being handed over at this very moment."""
        places = self._places(tuple(rows))
        leaving = self._folders_that(places, self._is_outbox)
        unsent = tuple(row for row, place in places.items() if place.folder in leaving)
        for row in unsent:
            del places[row]
            item = outbox.item_of_row(self._read(), row)
            if item is not None:
                outbox.may_be_deleted(self._read(), item.id)
        trash = self._folders_that(places, self._is_trash)
        doomed = tuple(row for row, place in places.items() if place.folder in trash)
        operations: list[Operation] = [Expunge(rows_) for rows_ in (unsent, doomed) if rows_]
        for account, own in _by_account(places).items():
            going = [place for place in own if place.folder not in trash]
            if going:
                operations += _moves(going, self.folder_of_role(account, Role.TRASH))
        where = " from the Outbox" if unsent and not places else ""
        return self._act(operations, label=f"Delete {_count(len(places) + len(unsent))}{where}")

    def deletes_for_good(self, rows: Sequence[RowId]) -> int:
        """How many of these `delete` would expunge."""
        places = self._places(tuple(rows))
        trash = self._folders_that(places, self._is_trash)
        return sum(1 for place in places.values() if place.folder in trash)

    def expunge(self, rows: Sequence[RowId]) -> Done:
        """Remove for good (from the grace area it can still be brought back by undo)."""
        places = self._movable(rows)
        return self._act([Expunge(tuple(places))], label=f"Delete {_count(len(places))} for good")

    # Undo

    def undo_label(self) -> str:
        """What `undo` would take back ("Move 3 messages"); empty when there is nothing."""
        last = undo.last(self._read())
        return last.label if last is not None else ""

    def undo(self, gesture: GestureId | None = None) -> Done:
        """Take back this gesture, or the last one not taken back yet. Raises NotUndoable."""
        return self._done(undo.undo(self._store, gesture, now=self._now(), remote=self._remote()))

    # Inside

    def _act(self, operations: Sequence[Operation], *, label: str = "", quiet: bool = False) -> Done:
        if not operations:
            return Done(None, "", ())
        permitting.refuse_forbidden(self._read(), operations)
        remote = self._remote()
        return self._done(
            journal.act(self._store, operations, now=self._now(), remote=remote, label=label, quiet=quiet)
        )

    def _across(self, done: Done, rows: tuple[RowId, ...], to: FolderId, *, keep: bool, label: str) -> Done:
        """The rest of a move or copy, to another account, as part of the same gesture."""
        if not rows:
            return done
        performed: Performed = journal.move_across(
            self._store,
            rows,
            to,
            now=self._now(),
            remote=self._remote(),
            keep=keep,
            label=label,
            gesture=done.gesture,
        )
        return self._done(performed, done.events)

    def _movable(self, rows: Sequence[RowId]) -> dict[RowId, Place]:
        """Where these are, without those that are gone. Raises BadInput for mail on its way out."""
        places = self._places(tuple(dict.fromkeys(rows)))
        if self._folders_that(places, self._is_outbox):
            raise BadInput(
                "A message in the Outbox can only be sent, edited or deleted.", hint="Edit it to take it back."
            )
        return places

    def _target(self, to: FolderId) -> Folder:
        """A folder that mail can be put into. Raises BadInput."""
        folder = self.folder(to)
        if folder.role is Role.OUTBOX:
            raise BadInput("Nothing can be moved to the Outbox.", hint="Open the message and press Send.")
        if not folder.selectable:
            raise BadInput(f"“{folder.path}” only holds other folders.", hint="Choose one inside it.")
        permitting.refuse(folder, Right.ADD)
        return folder

    def _archive_of(self, account: AccountKey) -> Folder:
        archive = self.folder_of_role(account, Role.ARCHIVE)
        every = read.folder_of_role(self._read(), account, Role.ALL)
        if every is not None and not read.folder_state(self._read(), archive.id).wire_name:
            return self.folder(every)
        return archive

    def _folders_that(self, places: dict[RowId, Place], fits: Callable[[FolderId], bool]) -> frozenset[FolderId]:
        """Those of the rows' folders for which `fits` holds; each is asked once."""
        return frozenset(filter(fits, {place.folder for place in places.values()}))

    def _is_outbox(self, folder: FolderId) -> bool:
        return self.folder(folder).role is Role.OUTBOX

    def _is_trash(self, folder: FolderId) -> bool:
        """In Trash, or in a folder inside it; also where there is no Trash to go to: folders on this computer only have
        one where mail is delivered to them."""
        where = self.folder(folder)
        trash = read.folder_of_role(self._read(), where.account, Role.TRASH)
        if where.role is Role.TRASH or (where.account == LOCAL and where.role is not Role.OUTBOX and trash is None):
            return True
        return trash is not None and where.path.startswith(f"{self.folder(trash).path}/")


def _by_account(places: dict[RowId, Place]) -> dict[AccountKey, list[Place]]:
    found: dict[AccountKey, list[Place]] = {}
    for place in places.values():
        found.setdefault(place.account, []).append(place)
    return found


def _moves(places: Iterable[Place], to: Folder) -> list[Operation]:
    going = tuple(place.row for place in places if place.folder != to.id)
    return [Move(going, (), to.id)] if going else []


def _touched(operations: Sequence[Operation]) -> int:
    return sum(len(operation.rows) for operation in operations if isinstance(operation, Move))


def _count(number: int) -> str:
    return "1 message" if number == 1 else f"{number:,} messages"


def _title(folder: Folder) -> str:
    return "Inbox" if folder.role is Role.INBOX else folder.name
