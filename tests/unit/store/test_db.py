"""Connections, transactions, migrations, and what SQLite's failures become."""

import logging
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import apsw
import pytest

from qtmail.errors import StoreBusy, StoreError
from qtmail.events import FolderChanged, FoldersChanged
from qtmail.paths import Profile
from qtmail.store import lists, read, search, verify
from qtmail.store.connection import meaning, scripts
from qtmail.store.db import Store
from tests.unit.store.world import NOW, World

DATA = Path(__file__).parents[2] / "data"


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError, match="stop"), store.transaction("half") as tx:
        tx.run("INSERT INTO folder (account, path) VALUES ('a', 'x')")
        tx.touched(tx.value("SELECT max(id) FROM folder"))
        raise RuntimeError("stop")
    assert tx.events == ()
    assert read.folders(store.read()) == ()


def test_transactions_are_not_nested(store: Store) -> None:
    with store.transaction("outer"), pytest.raises(RuntimeError, match="inner"), store.transaction("inner"):
        pytest.fail("nested")


def test_events_tell_each_thing_once(world: World) -> None:
    with world.store.transaction("twice") as tx:
        tx.touched(world.inbox, world.inbox)
    assert tx.events == (FolderChanged(world.inbox), FoldersChanged("imap"))  # type: ignore[arg-type]


def test_slow_transactions_are_logged(profile: Profile, caplog: pytest.LogCaptureFixture) -> None:
    store = Store.open(profile, slow=0.0)
    with caplog.at_level(logging.INFO, "qtmail.store"), store.transaction("named so"):
        pass
    store.close()
    assert "named so" in caplog.text


def test_readers_cannot_write_and_see_only_what_is_committed(store: Store) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        store.read().all("INSERT INTO folder (account, path) VALUES ('a', 'x')")
    with store.transaction("write") as tx:
        tx.run("INSERT INTO folder (account, path) VALUES ('a', 'x')")
        assert store.read().value("SELECT count(*) FROM folder") == 0
    assert store.read().value("SELECT count(*) FROM folder") == 1


def test_each_thread_has_its_reader_and_writers_wait(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(20):
                with store.transaction("threads") as tx:
                    tx.run("INSERT INTO folder (account, path) VALUES (?, ?)", str(number), str(step))
                store.read().value("SELECT count(*) FROM folder")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert store.read().value("SELECT count(*) FROM folder") == 80


def test_closing_leaves_one_file_each_and_closing_twice_is_fine(profile: Profile) -> None:
    store = Store.open(profile)
    World(store)
    store.close()
    store.close()
    assert sorted(path.name for path in profile.root.iterdir()) == ["content.db", "mail.db"]
    with pytest.raises(StoreError, match="closed"):
        store.read()


def test_a_newer_database_is_refused_and_left_alone(profile: Profile) -> None:
    Store.open(profile).close()
    other = apsw.Connection(str(profile.facts))
    other.execute(f"PRAGMA user_version = {max(scripts('facts')) + 1}")
    other.close()
    before = profile.facts.read_bytes()
    with pytest.raises(StoreError, match="newer qtmail") as refused:
        Store.open(profile)
    assert "Install the newer version" in refused.value.hint
    assert profile.facts.read_bytes() == before


def test_a_stored_old_database_is_brought_forward_with_its_mail(profile: Profile) -> None:
    """tests/data/facts_001.sql is what version 1 wrote; every later version has to read it."""
    old = apsw.Connection(str(profile.facts))
    old.execute((DATA / "facts_001.sql").read_text("utf-8"))
    old.close()
    store = Store.open(profile)
    reader = store.read()
    assert reader.value("PRAGMA user_version") == max(scripts("facts"))
    (inbox,) = read.folders(reader)
    assert (inbox.path, inbox.total, inbox.unread) == ("INBOX", 2, 1)
    rows = lists.rows(reader, lists.ids(reader, [inbox.id]))  # type: ignore[arg-type]
    assert [row.subject for row in rows.values()] == ["Second letter", "First letter"]
    assert len(search.search(reader, "letter")) == 2
    assert verify.verify(store, contents=False).problems == ()
    store.close()


def test_a_schema_once_published_is_not_changed() -> None:
    """A change is the next NNN.sql; only before the first release may both files be changed together."""
    assert scripts("facts")[1] in (DATA / "facts_001.sql").read_text("utf-8")


def test_migrations_are_numbered_without_a_gap() -> None:
    for schema in ("facts", "content"):
        assert sorted(scripts(schema)) == list(range(1, len(scripts(schema)) + 1))


def test_a_file_that_is_no_database_is_refused_with_words(profile: Profile) -> None:
    profile.facts.write_bytes(b"this is not a database, it is a letter " * 200)
    with pytest.raises(StoreError, match="damaged"):
        Store.open(profile)


def test_a_folder_that_is_not_there_is_refused_with_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(Profile(tmp_path / "nowhere"))


def test_a_full_disk_is_said_and_loses_nothing(world: World) -> None:
    rows = world.fill(world.inbox, 3)
    store = world.store
    with store.transaction("limit") as tx:
        pages = tx.value("PRAGMA page_count")
    store._facts.writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="no room") as full:
        world.fill(world.inbox, 400, first=10)
    assert full.value.retry
    assert "Free some space" in full.value.hint
    assert (
        list(lists.ids(store.read(), [world.inbox]))[:3] == sorted(rows, reverse=True)[:3] or world.counts_are_right()
    )
    store._facts.writer.execute("PRAGMA max_page_count = 1000000")
    world.fill(world.work, 3)
    assert verify.verify(store).problems == ()


def test_a_disk_too_full_to_open_the_store_is_said() -> None:
    assert "no room" in str(meaning(apsw.exception_for(apsw.SQLITE_IOERR_SHMSIZE)))
    assert "The disk failed" in str(meaning(apsw.exception_for(apsw.SQLITE_IOERR_READ)))


def test_another_program_that_holds_it_is_said(world: World) -> None:
    world.store.hurry(0.01)
    other = apsw.Connection(str(world.store.path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="used by another program") as busy, world.store.transaction("wait"):
        pytest.fail("got in")
    assert busy.value.retry
    other.execute("ROLLBACK")
    other.close()
    world.fill(world.inbox, 1)


def test_a_thread_in_a_hurry_does_not_wait_for_another_one(world: World) -> None:
    inside, out = threading.Event(), threading.Event()

    def hold() -> None:
        with world.store.transaction("long"):
            inside.set()
            out.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    assert inside.wait(10)
    world.store.hurry(0.01)
    with pytest.raises(StoreBusy), world.store.transaction("short"):
        pytest.fail("got in")
    out.set()
    other.join()
    world.fill(world.inbox, 1)


WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from qtmail.paths import Profile
    from qtmail.store.db import Store

    store = Store.open(Profile(Path(sys.argv[1])))
    for number in range(100):
        store.content.put(f"{sys.argv[2]} {number}".encode() * 50, now=1)
        with store.transaction("two processes") as tx:
            tx.run("INSERT INTO folder (account, path) VALUES (?, ?)", sys.argv[2], str(number))
    store.close()
    """
)


def test_two_processes_write_at_once(profile: Profile) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(profile.root), name]) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    store = Store.open(profile)
    assert store.read().value("SELECT count(*) FROM folder") == 200
    assert len(list(store.content.hashes())) == 200
    store.close()


KILLED = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from qtmail.paths import Profile
    from qtmail.store.db import Store
    from tests.unit.store.world import World

    world = World(Store.open(Profile(Path(sys.argv[1]))))
    print("writing", flush=True)
    first = 1
    while True:
        world.fill(world.inbox, 40, first=first)
        first += 40
        print(first, flush=True)
    """
)


def test_a_killed_writer_leaves_whole_transactions_and_harmless_content(profile: Profile) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(profile.root)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        text=True,
    )
    assert writer.stdout is not None
    for _ in range(4):  # it is in the middle of its work
        assert writer.stdout.readline()
    writer.kill()
    writer.wait(30)
    writer.stdout.close()
    store = Store.open(profile)
    folder = next(folder for folder in read.folders(store.read()) if folder.total)
    assert folder.total >= 80
    assert folder.total % 40 == 0
    assert verify.verify(store).problems == ()
    store.content.put(b"an orphan: its facts were never written", now=NOW)
    assert verify.verify(store).problems == ()
    store.close()
