"""Bytes go in and come out as they were, or not at all."""

import os
from pathlib import Path

import apsw
import pytest

from qtmail.engine import housekeeping
from qtmail.errors import StoreError
from qtmail.paths import Profile
from qtmail.store import content as content_module
from qtmail.store.connection import Database
from qtmail.store.content import hash_of
from qtmail.store.db import Store
from tests.unit.store.world import NOW


def test_what_goes_in_comes_out(store: Store) -> None:
    contents = [
        b"",
        b"\x00\xff" * 9,
        b"the same words " * 5000,
        bytes(range(256)) * 3,
        *(b"%d" % n for n in range(250)),
    ]
    hashes = store.content.put_many(contents, now=1)
    assert hashes == [hash_of(content) for content in contents]
    assert [store.content.get(hash_) for hash_ in hashes] == contents
    assert [store.content.size(hash_) for hash_ in hashes] == [len(content) for content in contents]


def test_the_same_bytes_are_kept_once_and_small(store: Store, profile: Profile) -> None:
    store.content.put_many([b"all work and no play " * 10_000] * 5, now=1)
    store.content.put(b"all work and no play " * 10_000, now=2)
    assert len(list(store.content.hashes())) == 1
    store.close()
    assert profile.content.stat().st_size < 200_000


def test_what_is_not_there_is_said(store: Store) -> None:
    absent = hash_of(b"absent")
    assert not store.content.has(absent)
    for ask in (store.content.get, store.content.size):
        with pytest.raises(StoreError, match="missing"):
            ask(absent)


@pytest.mark.parametrize("content", [b"plain", b"squeezed " * 1000])
def test_damaged_bytes_are_never_handed_out(store: Store, profile: Profile, content: bytes) -> None:
    hash_ = store.content.put(content, now=1)
    other = apsw.Connection(str(profile.content))
    other.execute("UPDATE blob SET data = zeroblob(length(data))")
    other.close()
    assert store.content.has(hash_)
    with pytest.raises(StoreError, match="damaged"):
        store.content.get(hash_)


def test_only_old_and_unreferenced_content_is_collected(store: Store) -> None:
    kept, new, old = store.content.put_many([b"kept", b"new", b"old"], now=1)
    store.content.put(b"new", now=100_000)
    assert store.content.collect(lambda after, last: {kept}, before=50_000) == 1
    assert [store.content.has(hash_) for hash_ in (kept, new, old)] == [True, True, False]


@pytest.mark.parametrize("content", [b"squeezed " * 400_000, bytes(range(256)) * 9, b"\xfe\x00\x9c"])
def test_a_file_goes_in_as_its_bytes(store: Store, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "large"
    file.write_bytes(content)
    for now in (1, 9999):
        store.content.put_file(file, hash_of(content), now=now)
        assert store.content.get(hash_of(content)) == content
    assert store.content.collect(lambda after, last: (), before=9999) == 0  # putting again counted as use
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("large")] == ["large"]


def test_many_octets_are_written_in_several_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_module, "BATCH_OCTETS", 1000)
    monkeypatch.setattr(content_module, "BATCH", 7)
    contents = [os.urandom(size) for size in (10, 2000, 900, 200, *range(20))]
    hashes = store.content.put_many(contents, now=1)
    assert [store.content.get(hash_) for hash_ in hashes] == contents


def test_nothing_done_by_itself_reads_all_contents(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a hundred gigabytes of them, a look at each at every start or once a day is too much."""
    asked: set[str] = set()
    connect = Database._connect

    def traced(self: Database, page_size: int) -> apsw.Connection:
        sqlite = connect(self, page_size)
        if self.path.name == "content.db":
            sqlite.exec_trace = lambda cursor, sql, bindings: asked.add(sql) or True  # type: ignore[func-returns-value]
        return sqlite

    monkeypatch.setattr(Database, "_connect", traced)
    store = Store.open(profile)
    store.content.put_many([b"one", b"two"], now=NOW)
    store.content.get(store.content.put(b"one", now=NOW))
    assert store.content.unused() == 0
    housekeeping.daily(store, 30)
    store.close()
    explaining = apsw.Connection(str(profile.content))
    plans = 0
    for sql in asked:
        if sql.lstrip().upper().startswith(("SELECT", "DELETE", "UPDATE", "INSERT")):
            values = (b"",) * (sql.count("?") if "?1" not in sql else 2)
            steps = [str(step[3]) for step in explaining.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
            assert not [step for step in steps if step.startswith("SCAN") and "COVERING" not in step], sql
            plans += 1
    assert plans >= 3
    explaining.close()
