"""A draft saved anew and what is removed on Gmail: what the server is asked, on a session that only writes it down."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from qtmail.engine import imap_gmail
from qtmail.engine.backend import Desk
from qtmail.engine.context import Announcer, Control
from qtmail.engine.imap_batches import Batch
from qtmail.engine.imap_draft_replay import Replacer
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.mail import Mail
from qtmail.errors import Refused
from qtmail.model import AccountKey, Draft, Role, RowId
from qtmail.net.imap_values import Appended, Moved, Selected
from qtmail.store import folders as store_folders
from qtmail.store import read, relink, replay
from qtmail.store.db import Store
from qtmail.store.values import FolderState, PendingOperation, ServerFolder

WORK = AccountKey("w")
NOW = 1_795_428_000


@dataclass
class Noted:
    """A link and its session in one."""

    able: frozenset[str]
    refuses: bool = False
    silent: bool = False
    asked: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def session(self) -> "Noted":
        return self

    def supports(self, name: str) -> bool:
        return name in self.able

    def enter(self, folder: FolderState, *, readonly: bool = True) -> None:
        self.asked.append(("enter", folder.path))

    def select(self, folder: FolderState, *, readonly: bool = True) -> Selected:
        self.asked.append(("enter", folder.path))
        return Selected(folder.uidvalidity, None, 0, None, readonly, frozenset(), True)

    def replace(self, uid: int, dest: bytes, content: bytes, flags: Iterable[str], date: int) -> Appended:
        self.asked.append(("replace", uid, dest))
        if self.refuses:
            raise Refused("No.")
        return Appended(7, 50)

    def move(self, uids: Iterable[int], dest: bytes) -> Moved:
        self.asked.append(("move", tuple(uids), dest))
        return Moved(9, {uid: None if self.silent else uid + 100 for uid in uids})

    def expunge(self, uids: Iterable[int]) -> None:
        self.asked.append(("expunge", tuple(uids)))

    @property
    def link(self) -> ImapLink:
        return cast(ImapLink, self)


@pytest.fixture
def store(mail: Mail) -> Store:
    """Of an account whose server has all its folders."""
    listed = [ServerFolder(f.path.encode(), f.path, f.role) for f in mail.folders() if f.account == WORK]
    with mail._store.transaction("listed") as tx:
        store_folders.update_folders(tx, WORK, listed, now=NOW)
        for folder in mail.folders():
            if folder.account == WORK:
                relink.set_uidvalidity(tx, folder.id, 9 if folder.role is Role.TRASH else 7)
    return mail._store


@pytest.fixture
def desk(mail: Mail) -> Iterator[Desk]:
    control = Control()
    yield Desk(mail.account(WORK), control, Announcer(lambda _event: None), lambda: "")
    control.close()


def due(store: Store) -> list[PendingOperation]:
    return replay.open_operations(store.read(), WORK, now=NOW + 10)


def kept_twice(mail: Mail, store: Store) -> tuple[RowId, RowId]:
    """A draft that the server has as UID 40, and its newer form."""
    draft = mail.new_draft(WORK)
    mail.keep_draft(draft)
    drafts = mail.folder_of_role(WORK, Role.DRAFTS).id
    first = RowId(mail.ids([drafts])[0])
    (append,) = due(store)
    with store.transaction("placed") as tx:
        assert replay.mark_sent(tx, append.id)
        replay.confirm(tx, append.id, {first: (7, 40)}, now=NOW)
    again = mail.edit(first)
    mail.keep_draft(Draft(**{name: getattr(again, name) for name in again.__slots__} | {"subject": "Better"}))
    return first, RowId(max(mail.ids([drafts])))


def replaced(mail: Mail, store: Store, desk: Desk, noted: Noted) -> tuple[dict[RowId, Any], Callable[[], None]]:
    (append,) = due(store)
    replacer = Replacer(noted.link, store, desk)
    drafts = read.folder_state(store.read(), mail.folder_of_role(WORK, Role.DRAFTS).id)
    return replacer.put(Batch((append,)), drafts), replacer.settle


def test_a_draft_is_replaced_in_one_step(mail: Mail, store: Store, desk: Desk) -> None:
    _first, second = kept_twice(mail, store)
    noted = Noted(frozenset({"REPLACE"}))
    placed, settle = replaced(mail, store, desk, noted)
    assert noted.asked == [("enter", "Drafts"), ("replace", 40, b"Drafts")]
    assert placed == {second: (7, 50)}
    settle()
    assert [pending.operation.label() for pending in due(store)] == ["Keep 1 message"] or len(due(store)) == 1


@pytest.mark.parametrize("noted", [Noted(frozenset()), Noted(frozenset({"REPLACE"}), refuses=True)])
def test_without_it_the_older_draft_goes_after_the_newer_is_proven(
    mail: Mail, store: Store, desk: Desk, noted: Noted
) -> None:
    _first, second = kept_twice(mail, store)
    placed, settle = replaced(mail, store, desk, noted)
    settle()
    assert placed == {}
    (append,) = due(store)
    with store.transaction("placed") as tx:
        replay.mark_sent(tx, append.id)
        replay.confirm(tx, append.id, {second: (7, 50)}, now=NOW)
    (expunge,) = due(store)
    assert [row.uid for row in expunge.rows] == [40], "it waited until now"


def test_a_draft_the_server_refuses_stays_here_beside_the_older_one(mail: Mail, store: Store) -> None:
    first, second = kept_twice(mail, store)
    (append,) = due(store)
    with store.transaction("refused") as tx:
        replay.refuse(tx, append.id, "Too big.", now=NOW)
    assert set(mail.ids([mail.folder_of_role(WORK, Role.DRAFTS).id])) == {first, second}
    assert due(store) == []


@pytest.mark.parametrize(
    ("able", "silent", "role", "asked"),
    [
        ((), False, Role.INBOX, [("expunge", (1, 2))]),
        (("X-GM-EXT-1",), False, Role.TRASH, [("expunge", (1, 2))]),
        (
            *(("X-GM-EXT-1",), False, Role.INBOX),
            [("move", (1, 2), b"Trash"), ("enter", "Trash"), ("expunge", (101, 102))],
        ),
        (("X-GM-EXT-1",), True, Role.INBOX, [("move", (1, 2), b"Trash")]),
    ],
)
def test_for_good_means_by_way_of_trash_on_gmail(
    mail: Mail, store: Store, able: tuple[str, ...], silent: bool, role: Role, asked: list[tuple[object, ...]]
) -> None:
    noted = Noted(frozenset(able), silent=silent)
    folder = read.folder_state(store.read(), mail.folder_of_role(WORK, role).id)
    imap_gmail.expunge(noted.link, store, folder, [1, 2])
    assert noted.asked == asked
