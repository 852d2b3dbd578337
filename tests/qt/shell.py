"""A whole mailbox in memory for the window around reader and composer: folders, lists, acts, undo.

It keeps the facade's promises that the window relies on: acts answer with events, undo takes gestures back in order.
"""

import itertools
import time
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from qtmail import events
from qtmail.engine.backing_up.status import Last
from qtmail.engine.jump import fits
from qtmail.engine.mail import Done, Mail
from qtmail.engine.reading import Covered
from qtmail.engine.server_details import ServerDetails
from qtmail.errors import BadInput
from qtmail.model import (
    LOCAL,
    AccountKey,
    Flag,
    Folder,
    FolderId,
    GestureId,
    Keep,
    MessageId,
    Role,
    Row,
    RowId,
    SortKey,
)
from qtmail.operations import KeepSearch, NotUndoable, SavedSearch
from qtmail.store import search
from qtmail.store.query import Marks, Suggestion, fixed, unfinished
from tests.qt.fakes import HOME, WORK, FakeMail

NOW = int(time.time())
"""Messages are told by their age, so that the groups of a list mean what they say."""
STANDARD = ((Role.INBOX, "INBOX"), (Role.DRAFTS, "Drafts"), (Role.SENT, "Sent"), (Role.ARCHIVE, "Archive"),
            (Role.JUNK, "Junk"), (Role.TRASH, "Trash"))  # fmt: skip
_SORTS: dict[SortKey, Callable[[Row], object]] = {
    SortKey.DATE: lambda row: row.date,
    SortKey.CORRESPONDENT: lambda row: row.correspondent.casefold(),
    SortKey.SUBJECT: lambda row: row.subject.casefold(),
    SortKey.SIZE: lambda row: row.size,
    SortKey.UNREAD: lambda row: row.unread,
    SortKey.STAR: lambda row: row.starred,
    SortKey.ATTACHMENT: lambda row: row.attachments,
}


class ShellMail(FakeMail):
    """Two accounts with their usual folders, and whatever is added."""

    def __init__(self, *, accounts: int = 2) -> None:
        super().__init__()
        self.all_accounts = self.all_accounts[:accounts]  # type: ignore[assignment]
        self._folder_ids = itertools.count(10)
        self.kept_folders: dict[FolderId, Folder] = {}
        self._gestures = itertools.count(100)
        self._undo: list[tuple[GestureId, str, dict[RowId, Row | None]]] = []
        self.reads = 0
        self.backup = Last()
        self.kept_searches: dict[int, SavedSearch] = {}
        self.inside: dict[RowId, str] = {}
        self.servers: dict[AccountKey, ServerDetails] = {}
        self.outbox_folder = self.put_folder(LOCAL, "Outbox", Role.OUTBOX).id
        for account in self.all_accounts:
            for role, path in STANDARD:
                self.put_folder(account.key, path, role)

    # Setting the scene

    def last_backup(self) -> Last:
        return self.backup

    def unfinished_import(self) -> None:
        """None was stopped."""

    def put_folder(self, account: AccountKey, path: str, role: Role = Role.NONE) -> Folder:
        made = Folder(FolderId(next(self._folder_ids)), account, path, role, 0, 0, verified_at=NOW)
        self.kept_folders[made.id] = made
        return made

    def of_role(self, role: Role, account: AccountKey = WORK) -> FolderId:
        return next(f.id for f in self.kept_folders.values() if f.role is role and f.account == account)

    def put(
        self, folder: FolderId, subject: str, *, age: int = 0, seen: bool = False, sender: str = "Bo Lind"
    ) -> RowId:
        """A message `age` seconds old, with a body."""
        number = next(self._numbers)
        address = sender.split()[0].lower() + "@example.test"
        raw = f"From: {sender} <{address}>\r\nTo: alice@example.test\r\nSubject: {subject}\r\n\r\nHello, {subject}.\r\n"
        self.raws[RowId(number)] = raw.encode()
        self.rows_by_id[RowId(number)] = Row(
            RowId(number), MessageId(number), folder, subject, sender, address, NOW - age, NOW - age, len(raw),
            frozenset({str(Flag.SEEN)} if seen else ()), f"Hello, {subject}.", 0, f"<{number}@example.test>", True,
        )  # fmt: skip
        return RowId(number)

    # The facade

    @property
    def mail(self) -> Mail:
        return cast(Mail, self)

    def server_details(self, account: AccountKey) -> ServerDetails:
        return self.servers.get(account, ServerDetails())

    def forget_findings(self, account: AccountKey) -> None:
        self.servers.pop(account, None)

    def pop_question(self, account: AccountKey) -> None:
        return None

    def room(self, account: AccountKey) -> str:
        return self.server_details(account).limits.words

    def folders(self) -> tuple[Folder, ...]:
        unread: dict[FolderId, int] = {}
        total: dict[FolderId, int] = {}
        for row in self.rows_by_id.values():
            total[row.folder] = total.get(row.folder, 0) + 1
            unread[row.folder] = unread.get(row.folder, 0) + row.unread
        counted = (replace(f, total=total.get(f.id, 0), unread=unread.get(f.id, 0)) for f in self.kept_folders.values())
        keys = [account.key for account in self.all_accounts] + [LOCAL]
        return tuple(sorted((f for f in counted if f.account in keys), key=lambda f: keys.index(f.account)))

    def folder(self, folder: FolderId) -> Folder:
        found = next((f for f in self.folders() if f.id == folder), None)
        if found is None:
            raise BadInput("This folder is gone.")
        return found

    def folder_named(self, name: str) -> Folder:
        account, _, path = name.partition("/")
        names = {a.key: a.name for a in self.all_accounts} | {LOCAL: "Local"}
        for folder in self.folders():
            if names[folder.account] == account and folder.path == path:
                return folder
        raise BadInput(f"There is no folder “{name}”.")

    def account_of(self, rows: Sequence[RowId]) -> tuple[AccountKey, ...]:
        return tuple(self.kept_folders[self.rows_by_id[row].folder].account for row in rows)

    def ids(
        self, folders: Sequence[FolderId], sort: SortKey = SortKey.DATE, *, descending: bool = True
    ) -> "array[int]":
        wanted = [row for row in self.rows_by_id.values() if row.folder in folders]
        key = _SORTS[sort]
        wanted.sort(key=lambda row: (key(row), row.date), reverse=descending)
        return array("q", (row.id for row in wanted))

    def rows(self, ids: Iterable[RowId]) -> dict[RowId, Row]:
        self.reads += 1
        return super().rows(ids)

    def search(
        self, query: str, folders: Sequence[FolderId] = (), *, limit: int = 1000, best: bool = False
    ) -> "array[int]":
        if query.count('"') % 2:
            raise BadInput("The quotation mark is not closed.", hint='Write “"” twice or not at all.')
        words = query.casefold().removeprefix("from:").split()
        found = [
            row for row in self.rows_by_id.values()
            if all(word in f"{row.subject} {row.correspondent} {row.address}".casefold() for word in words)
            and (not folders or row.folder in folders)
        ]  # fmt: skip
        found.sort(key=lambda row: row.date, reverse=True)
        return array("q", (row.id for row in found[:limit]))

    def search_count(self, query: str, folders: Sequence[FolderId] = ()) -> tuple[int, int]:
        rows = [self.rows_by_id[RowId(row)] for row in self.search(query, folders)]
        return len(rows), sum(row.unread for row in rows)

    def search_marks(self, query: str) -> Marks:
        return search.marks(query)

    def found_in_attachments(self, query: str, rows: Sequence[RowId]) -> dict[RowId, str]:
        return {row: self.inside[row] for row in rows if row in self.inside}

    def search_covers(self, folders: Sequence[FolderId] = ()) -> Covered:
        chosen = [one for one in self.folders() if not folders or one.id in folders]
        return Covered(sum(one.total for one in chosen), sum(one.bodies_missing for one in chosen), 0)

    def saved_searches(self) -> tuple[SavedSearch, ...]:
        return tuple(sorted(self.kept_searches.values(), key=lambda one: one.name))

    def save_search(self, name: str, query: str) -> Done:
        return self._keep(None, SavedSearch(next(self._folder_ids), name, query))

    def change_search(self, before: SavedSearch, *, name: str = "", query: str = "") -> Done:
        return self._keep(before, SavedSearch(before.id, name or before.name, query or before.query))

    def delete_search(self, one: SavedSearch) -> Done:
        return self._keep(one, None)

    def _keep(self, before: SavedSearch | None, after: SavedSearch | None) -> Done:
        one = after or before
        assert one is not None
        self.kept_searches.pop(one.id, None)
        if after is not None:
            self.kept_searches[one.id] = after
        return Done(GestureId(next(self._gestures)), KeepSearch(before, after).label(), (events.SearchesChanged(),))

    def search_suggestions(self, typed: str, most: int = 8) -> tuple[int, tuple[Suggestion, ...]]:
        word = unfinished(typed)
        return word.start, fixed(word)[:most]

    def waiting(self) -> int:
        return 0

    def stopper(self) -> Callable[[], None]:
        return lambda: None

    def jump(self, ids: Sequence[int], start: int, typed: str, folders: Sequence[FolderId]) -> RowId | None:
        found = [RowId(i) for i in (*ids[start:], *ids[:start]) if fits(self.rows_by_id[RowId(i)], [typed.lower()])]
        return found[0] if found else None

    def next_unread(self, ids: Sequence[int], start: int, folders: Sequence[FolderId]) -> RowId | None:
        others = [RowId(i) for i in (*ids[start:], *ids[: max(start - 1, 0)])]
        return next((row for row in others if self.rows_by_id[row].unread), None)

    def set_flag(self, rows: Sequence[RowId], flag: str, on: bool, *, quiet: bool = False) -> Done:
        rows = [row for row in rows if row in self.rows_by_id and (flag in self.rows_by_id[row].flags) is not on]
        changed = {}
        for row in rows:
            flags = self.rows_by_id[row].flags
            changed[row] = replace(self.rows_by_id[row], flags=flags | {flag} if on else flags - {flag})
        return self._act(changed, f"{'Set' if on else 'Clear'} {flag} on {len(rows)}")

    def move(self, rows: Sequence[RowId], to: FolderId) -> Done:
        moved = {row: replace(self.rows_by_id[row], folder=to) for row in rows if self.rows_by_id[row].folder != to}
        return self._act(moved, f"Move {len(moved)} messages" if len(moved) != 1 else "Move 1 message")

    def copy(self, rows: Sequence[RowId], to: FolderId) -> Done:
        made = {}
        for row in rows:
            number = RowId(next(self._numbers))
            self.raws[number] = self.raws[row]
            made[number] = replace(self.rows_by_id[row], id=number, folder=to)
        return self._act(made, f"Copy {len(made)} messages")

    def archive(self, rows: Sequence[RowId]) -> Done:
        return self._to_role(rows, Role.ARCHIVE)

    def junk(self, rows: Sequence[RowId]) -> Done:
        return self._to_role(rows, Role.JUNK)

    def delete(self, rows: Sequence[RowId]) -> Done:
        gone = [row for row in rows if self.kept_folders[self.rows_by_id[row].folder].role is Role.TRASH]
        return self.expunge(gone) if gone else self._to_role(rows, Role.TRASH)

    def deletes_for_good(self, rows: Sequence[RowId]) -> int:
        return sum(self.kept_folders[self.rows_by_id[row].folder].role is Role.TRASH for row in rows)

    def expunge(self, rows: Sequence[RowId]) -> Done:
        return self._act(dict.fromkeys(rows), f"Delete {len(rows)} messages")

    def keep_folder(self, folder: FolderId, keep: Keep | None) -> Done:
        self.kept_folders[folder] = replace(self.kept_folders[folder], keep=keep)
        return Done(None, "", (events.FoldersChanged(self.kept_folders[folder].account),))

    def subscribe_folders(self, wishes: Mapping[FolderId, bool]) -> Done:
        for folder, on in wishes.items():
            self.kept_folders[folder] = replace(self.kept_folders[folder], subscribed=on)
        return Done(
            GestureId(next(self._gestures)), "Change which folders are subscribed", (events.FoldersChanged(WORK),)
        )

    def create_folder(self, account: AccountKey, path: str) -> Done:
        if any(f.path == path and f.account == account for f in self.kept_folders.values()):
            raise BadInput(f"There is already a folder “{path}”.", hint="Choose another name.")
        self.put_folder(account, path)
        return Done(GestureId(next(self._gestures)), f"Create folder {path}", (events.FoldersChanged(account),))

    def rename_folder(self, folder: FolderId, path: str) -> Done:
        old = self.kept_folders[folder]
        self.kept_folders[folder] = replace(old, path=path)
        return Done(GestureId(next(self._gestures)), f"Rename {old.path}", (events.FoldersChanged(old.account),))

    def delete_folder(self, folder: FolderId) -> Done:
        old = self.kept_folders.pop(folder)
        return Done(GestureId(next(self._gestures)), f"Delete folder {old.path}", (events.FoldersChanged(old.account),))

    def undo_label(self) -> str:
        return self._undo[-1][1] if self._undo else ""

    def undo(self, gesture: GestureId | None = None) -> Done:
        found = next((entry for entry in reversed(self._undo) if gesture in (None, entry[0])), None)
        if found is None:
            raise NotUndoable("There is nothing to undo.")
        self._undo.remove(found)
        before = found[2]
        touched = {row.folder for row in before.values() if row} | {
            self.rows_by_id[row].folder for row in before if row in self.rows_by_id
        }
        self._put(before)
        return Done(found[0], found[1], tuple(events.FolderChanged(folder) for folder in touched))

    def _to_role(self, rows: Sequence[RowId], role: Role) -> Done:
        moved = {}
        for row in rows:
            old = self.rows_by_id[row]
            target = self.of_role(role, self.kept_folders[old.folder].account)
            if old.folder != target:
                moved[row] = replace(old, folder=target)
        return self._act(moved, f"Move {len(moved)} messages to {role.value}")

    def _act(self, changed: "dict[RowId, Row] | dict[RowId, Row | None] | dict[RowId, None]", label: str) -> Done:
        if not changed:
            return Done(None, "", ())
        before = {row: self.rows_by_id.get(row) for row in changed}
        gesture = GestureId(next(self._gestures))
        self._undo.append((gesture, label, before))
        folders = {row.folder for row in before.values() if row} | {row.folder for row in changed.values() if row}
        self._put(cast("dict[RowId, Row | None]", changed))
        return Done(gesture, label, tuple(events.FolderChanged(folder) for folder in sorted(folders)))

    def _put(self, rows: dict[RowId, Row | None]) -> None:
        for number, row in rows.items():
            if row is None:
                self.rows_by_id.pop(number, None)
            else:
                self.rows_by_id[number] = row


__all__ = ["HOME", "NOW", "WORK", "ShellMail"]
