"""What may be done in a folder: letters of two RFCs, and when to ask again."""

import pytest

from qtmail.events import FoldersChanged
from qtmail.model import Right
from qtmail.store import rights
from tests.unit.store.world import IMAP, NOW, World


@pytest.mark.parametrize(
    ("letters", "may"),
    [
        ("lrswipkxtea", set(Right)),
        ("lr", set()),
        ("lrs", {Right.MARK_READ}),
        ("lrswi", {Right.MARK_READ, Right.FLAG, Right.ADD}),
        ("lrt", set()),
        ("lrswipcda", set(Right)),
        ("", set()),
    ],
)
def test_letters(letters: str, may: set[Right]) -> None:
    assert rights.read(letters) == may


def test_not_known_is_not_nothing() -> None:
    assert rights.read(None) is None


def test_they_are_asked_for_once_and_again_when_they_are_old(world: World) -> None:
    every = [world.inbox, world.trash, world.work, world.old]
    assert [folder for folder, _ in rights.due(world.store.read(), IMAP, before=NOW, now=NOW + 9, limit=9)] == every
    world.write(rights.remember, world.work, "rl", now=NOW)
    world.write(rights.remember, world.inbox, None, now=NOW + 5)
    left = rights.due(world.store.read(), IMAP, before=NOW, now=NOW + 9, limit=9)
    assert left == [(world.trash, b"Trash"), (world.old, b"Work.Old")]
    assert rights.due(world.store.read(), IMAP, before=NOW + 1, now=NOW + 9, limit=3)[-1] == (world.work, b"Work")
    ahead = rights.due(world.store.read(), IMAP, before=NOW - 10, now=NOW + 4, limit=9)
    assert (world.inbox, b"INBOX") in ahead, "asked by a clock that ran ahead"
    assert (world.work, b"Work") not in ahead


def test_a_change_is_told(world: World) -> None:
    with world.store.transaction("first") as tx:
        rights.remember(tx, world.work, "lr", now=NOW)
    assert FoldersChanged(IMAP) in tx.events
    with world.store.transaction("again") as tx:
        rights.remember(tx, world.work, "rl", now=NOW + 1)
    assert tx.events == ()


def test_all_are_asked_for_anew(world: World) -> None:
    world.write(rights.remember, world.work, "lr", now=NOW)
    assert rights.limited(world.store.read()).keys() == {world.work}
    world.write(rights.forget, IMAP)
    assert rights.limited(world.store.read()) == {}
    assert len(rights.due(world.store.read(), IMAP, before=1, now=NOW + 9, limit=9)) == 4
