"""Repairing the store: each kind of harm done, found, repaired, and not found again."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from qtmail.engine.repairing import repair
from qtmail.errors import StoreError
from qtmail.paths import Profile
from qtmail.store import bodies, read, search, verify
from qtmail.store.db import Store
from tests.unit.store.world import NOW, World, header


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = Store.open(Profile(tmp_path / "profile").create(), slow=5)
    yield World(store)
    store.close()


def _harm(world: World, *statements: str) -> None:
    sqlite = apsw.Connection(str(world.store.path))
    sqlite.execute("PRAGMA foreign_keys = OFF")
    for statement in statements:
        sqlite.execute(statement)
    sqlite.close()


def test_everything_that_can_be_repaired_is(world: World) -> None:
    world.fill(world.inbox, 6)
    (bare,) = world.arrive(world.work, header(1))
    own = world.own(world.trash, "only-here")
    placed = world.store.read().value("SELECT message FROM placement WHERE id = ?", own)
    _harm(
        world,
        f"UPDATE folder SET unread = 9, total = 1 WHERE id = {world.inbox}",
        f"UPDATE placement SET date = 1 WHERE folder = {world.inbox} AND uid = 1",
        f"DELETE FROM body_wanted WHERE placement = {bare}",
        f"DELETE FROM placement WHERE id = {own}",
        "DELETE FROM search WHERE rowid IN (2, 3)",
        "DELETE FROM conversation WHERE thread = (SELECT thread FROM message WHERE id = 6)",
        "UPDATE conversation SET head = 999 WHERE thread = (SELECT thread FROM message WHERE id = 5)",
        "INSERT INTO search (rowid, subject) VALUES (999, 'ghost')",
    )
    gone, damaged = world.store.read().column("SELECT content FROM message WHERE id IN (4, 5) ORDER BY id")
    contents = apsw.Connection(str(world.store.path.with_name("content.db")))
    contents.execute("DELETE FROM blob WHERE hash = ?", (gone,))
    contents.execute("UPDATE blob SET data = zeroblob(length(data)) WHERE hash = ?", (damaged,))
    contents.close()
    assert len(verify.verify(world.store).problems) >= 8
    done = " / ".join(repair(world.store, now=NOW))
    for words in ("Found again”: 1", "own date again: 1", "nobody fetched", "are gone, taken out", "found by search"):
        assert words in done
    assert "newest message again: " in done
    assert "Damaged messages, fetched again at the next check: 2" in done
    assert verify.verify(world.store).problems == ()
    assert repair(world.store, now=NOW) == ()
    assert len(bodies.next_bodies(world.store.read(), world.inbox)) == 2
    again = [folder for folder in read.folders(world.store.read()) if folder.path == "Found again"]
    assert [folder.total for folder in again] == [1]
    assert world.store.read().value("SELECT folder FROM placement WHERE message = ?", placed) == again[0].id
    world.bodies(
        [one.row for one in bodies.next_bodies(world.store.read(), world.inbox)],
        raw=lambda row: b"Subject: fetched again %d\r\n\r\nbody" % row,
    )
    assert verify.verify(world.store).problems == ()


def test_a_damaged_search_index_is_read_anew_from_the_content(world: World) -> None:
    rows = world.arrive(world.inbox, header(1), header(2), header(3))
    world.bodies(rows[:2], raw=lambda row: b"Subject: letter\r\n\r\nabout llamas %d" % row)
    _harm(world, "UPDATE search_data SET block = zeroblob(length(block)) WHERE id > 10")
    problems = verify.verify(world.store).problems
    assert any("search index is damaged" in problem for problem in problems)
    assert any("read anew" in words for words in repair(world.store, now=NOW))
    assert verify.verify(world.store).problems == ()
    assert len(search.search(world.store.read(), "llamas")) == 2
    assert len(search.search(world.store.read(), "fetched")) == 1


def test_content_only_here_that_is_damaged_is_told_and_left(world: World) -> None:
    world.own(world.trash, "only-here")
    contents = apsw.Connection(str(world.store.path.with_name("content.db")))
    contents.execute("UPDATE blob SET data = zeroblob(length(data))")
    contents.close()
    assert any("no server has it" in words for words in repair(world.store, now=NOW))
    assert world.store.read().value("SELECT content IS NOT NULL FROM message") == 1


def test_it_ends_when_it_is_told_to_and_goes_on_later(world: World) -> None:
    world.fill(world.inbox, 250)
    _harm(world, "DELETE FROM search", f"UPDATE folder SET unread = 9 WHERE id = {world.inbox}")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repair(world.store, now=NOW, progress=stop)
    repair(world.store, now=NOW)
    assert verify.verify(world.store).problems == ()


def test_damage_that_only_rescuing_helps_is_said(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "profile").create()
    world = World(Store.open(profile))
    world.fill(world.inbox, 400)
    root = world.store.read().value("SELECT rootpage FROM sqlite_schema WHERE name = 'message'")
    world.store.close()
    with profile.facts.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    store = Store.open(profile)
    assert any("damaged" in problem for problem in verify.verify(store).problems)
    with pytest.raises(StoreError, match="cannot be repaired") as hopeless:
        repair(store, now=NOW)
    assert "--rescue" in hopeless.value.hint
    store.close()
