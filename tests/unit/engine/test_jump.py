"""Typing leads to the next message that begins so, near by row and far by the index."""

from pathlib import Path

import pytest

from qtmail.engine import jump as jumping
from qtmail.engine.jump import jump, next_unread
from qtmail.model import AccountKey, Address, FolderId, Role, RowId
from qtmail.paths import Profile
from qtmail.store import add, folders, lists
from qtmail.store.db import Store
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage

NOW = 1_700_000_000
MAIL = (
    ("Anna Berg", "garden"), ("Bo Lind", "Re: Übersicht"), ("Åsa Öst", "zoo"), ("Bertil", "lions and bears"),
    ("会議", "東京"), ("Bo Lind", "garden again"),
)  # fmt: skip


class Box:
    def __init__(self, store: Store) -> None:
        self.store = store
        with store.transaction("test") as tx:
            self.inbox = folders.ensure_folder(tx, AccountKey("a"), "INBOX", Role.INBOX)
            self.sent = folders.ensure_folder(tx, AccountKey("a"), "Sent", Role.SENT)
        self._put(self.inbox, MAIL)
        self._put(self.sent, (("me", "note"),), to="Carla")
        self.ids = lists.ids(store.read(), [self.inbox])
        self.names = {
            row.id: f"{row.correspondent}: {row.subject}" for row in lists.rows(store.read(), self.rows).values()
        }

    @property
    def rows(self) -> list[RowId]:
        return [RowId(row) for row in self.ids]

    def _put(self, folder: FolderId, mail: tuple[tuple[str, str], ...], to: str = "Alice") -> None:
        made = []
        for place, (name, subject) in enumerate(mail):
            digest = self.store.content.put(f"{name} {subject}".encode(), now=NOW)
            facts = HeaderFacts(NOW - place, "", subject, Address(name, "x@y.test"), (Address(to, f"{to}@z.test"),))
            made.append(NewMessage(digest, 1, NOW, facts, BodyFacts("", 0, "", "Bertil garden")))
        with self.store.transaction("test") as tx:
            add.add_messages(tx, folder, made, now=NOW)

    def jump(self, typed: str, start: int = 0) -> str:
        found = jump(self.store.read(), self.ids, start, typed, [self.inbox])
        return self.names[found] if found is not None else ""


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(Store.open(Profile(tmp_path).create()))


@pytest.mark.parametrize("near", [1_000, 1])
@pytest.mark.parametrize(
    ("typed", "start", "found"),
    [
        ("gard", 0, "Anna Berg: garden"),
        ("gard", 1, "Bo Lind: garden again"),
        ("BERG", 3, "Anna Berg: garden"),
        ("bo gar", 0, "Bo Lind: garden again"),
        ("uber", 0, "Bo Lind: Re: Übersicht"),
        ("asa ost", 0, "Åsa Öst: zoo"),
        ("bear", 0, "Bertil: lions and bears"),
        ("東", 0, "会議: 東京"),
        ("arden", 0, ""),
        ("  ", 0, ""),
        ("bertil gard", 0, ""),
    ],
)
def test_where_typing_leads(
    box: Box, typed: str, start: int, found: str, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jumping, "NEAR", near)
    assert box.jump(typed, start) == found


def test_one_letter_is_looked_for_near_by(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    assert box.jump("z") == "Åsa Öst: zoo"
    monkeypatch.setattr(jumping, "NEAR", 2)
    assert box.jump("z") == "", "the index does not know single letters"


def test_what_went_out_is_found_by_whom_it_is_to(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = lists.ids(box.store.read(), [box.sent])
    for near in (10, 0):
        monkeypatch.setattr(jumping, "NEAR", near)
        assert jump(box.store.read(), sent, 0, "car", [box.sent]) == sent[0]
    assert jump(box.store.read(), sent, 0, "nobody", [box.sent]) is None
    assert jump(box.store.read(), [], 0, "car", [box.sent]) is None


@pytest.mark.parametrize("near", [10, 2, 0])
def test_the_next_unread_one_is_found_all_round(box: Box, near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jumping, "NEAR", near)
    reader, rows = box.store.read(), box.rows
    with box.store.transaction("test") as tx:
        tx.run(
            "UPDATE placement SET flags = '\\Seen' WHERE folder = ? AND id NOT IN (?, ?)", box.inbox, rows[1], rows[4]
        )

    def found(start: int) -> int | None:
        row = next_unread(reader, box.ids, start, [box.inbox])
        return None if row is None else rows.index(row)

    assert [found(start) for start in range(7)] == [1, 1, 4, 4, 4, 1, 1]
    with box.store.transaction("test") as tx:
        tx.run("UPDATE placement SET flags = '\\Seen' WHERE id = ?", rows[4])
    assert found(2) is None, "the only one is where one is"
    assert found(0) == found(1) == found(4) == 1
    if near:
        assert next_unread(reader, box.ids, 4, []) == rows[1], "also where the folders are not known"
    assert next_unread(reader, [], 0, [box.inbox]) is None
