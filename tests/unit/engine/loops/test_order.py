"""What comes first: what is opened, what is on the screen, the newest of every folder, the rest, bodies to be kept."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from qtmail.engine import imap_headers, imap_sync
from qtmail.engine.imap_sync import ImapBackend
from qtmail.errors import ServerClosed
from qtmail.model import FolderId, Keep, MessageId
from qtmail.net.imap_values import FetchedBody, FetchedHeader
from qtmail.store import keeping, lists, read
from tests.unit.engine.loops.conftest import KEY, World
from tests.unit.engine.loops.fake_imap import FakeFolder

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_sync, "NEWEST", 10)
    monkeypatch.setattr(imap_sync, "SHARE", 20)


def watched(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is fetched, in order: "H INBOX 30", "B Work 3"."""
    seen: list[str] = []
    headers, bodies = world.fake.fetch_headers, world.fake.fetch_bodies

    def name() -> str:
        return next(name.decode() for name, one in world.fake.folders_.items() if one is world.fake._folder)

    def fetch_headers(uids: Iterable[int]) -> Iterator[FetchedHeader]:
        for one in headers(uids):
            seen.append(f"H {name()} {one.uid}")
            yield one

    def fetch_bodies(uids: Iterable[int], **more: object) -> Iterator[FetchedBody]:
        for one in bodies(uids, **more):  # type: ignore[arg-type]
            seen.append(f"B {name()} {one.uid}")
            yield one

    monkeypatch.setattr(world.fake, "fetch_headers", fetch_headers)
    monkeypatch.setattr(world.fake, "fetch_bodies", fetch_bodies)
    return seen


def folder_id(world: World, path: str) -> FolderId:
    found = read.folder_at(world.store.read(), KEY, path)
    assert found is not None
    return found


def uids_of(seen: list[str], kind: str, folder: str) -> list[int]:
    return [int(entry.split()[2]) for entry in seen if entry.startswith(f"{kind} {folder} ")]


def messages(world: World, path: str) -> list[MessageId]:
    """Newest first."""
    reader = world.store.read()
    rows = lists.rows(reader, lists.ids(reader, [folder_id(world, path)]))  # type: ignore[arg-type]
    return [row.message for row in rows.values()]


def test_the_newest_of_every_folder_come_before_the_rest_of_a_huge_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.fake.folders_[b"Big"] = FakeFolder().fill(100)
    world.fake.folders_[b"Work"] = FakeFolder().fill(5)
    world.server.fill(60)
    seen = watched(world, monkeypatch)
    assert world.sync().new == 165
    headers = [entry for entry in seen if entry.startswith("H")]
    first = {entry.rpartition(" ")[0] for entry in headers[:25]}
    assert first == {"H INBOX", "H Big", "H Work"}
    assert set(uids_of(headers[:25], "H", "INBOX")) == set(range(51, 61)), "the newest, of the inbox first"
    assert set(uids_of(headers[:25], "H", "Big")) == set(range(91, 101))
    turns = [entry.split()[1] for entry in headers[25:]]
    assert "Big" in turns[:40], "the rest in turns"
    assert "INBOX" in turns[:40]
    assert seen.index(headers[-1]) < min(i for i, entry in enumerate(seen) if entry.startswith("B"))
    assert all(row.has_body for row in world.rows())
    assert world.sync().new == 0
    assert world.asked() == ["LIST"]


def test_what_is_opened_and_what_is_on_the_screen_come_in_between(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.server.fill(10)
    world.control.metered = True
    world.sync()
    world.control.metered = False
    world.fake.folders_[b"Big"] = FakeFolder().fill(500)
    seen = watched(world, monkeypatch)
    found = messages(world, "INBOX")
    world.control.look_at(found[4:7])
    world.control.fetch(found[9:])
    world.backend.sync()
    big = min(i for i, entry in enumerate(seen) if entry.startswith("H Big"))
    assert set(uids_of(seen[:big], "B", "INBOX")) == {1, 4, 5, 6}
    assert uids_of(seen, "B", "INBOX")[0] == 1, "what is opened is before what is only in sight"
    assert len(uids_of(seen, "B", "INBOX")) == 10


def test_a_huge_folder_cut_in_the_middle_asks_only_for_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_headers, "ROWS", 10)
    world.server.fill(300)
    fetch = world.fake.fetch_headers

    def cut(uids: Iterable[int]) -> Iterator[FetchedHeader]:
        for one in fetch(uids):
            if one.uid <= 100:
                raise ServerClosed("cut")
            yield one

    monkeypatch.setattr(world.fake, "fetch_headers", cut)
    with pytest.raises(ServerClosed):
        world.sync()
    monkeypatch.setattr(world.fake, "fetch_headers", fetch)
    seen = watched(world, monkeypatch)
    had = {int(row.subject.split()[1]) for row in world.rows()}
    assert had == set(range(301 - len(had), 301)), "the newest are here"
    assert len(had) >= 150
    world.backend.close()
    world.backend = ImapBackend(world.desk, world.store)  # as after a crash: nothing but the store is remembered
    world.sync()
    assert set(uids_of(seen, "H", "INBOX")) == set(range(1, 301)) - had
    assert len(world.rows()) == 300


def test_only_what_is_to_be_kept_is_fetched_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.server.fill(30)
    world.fake.folders_[b"Work"] = FakeFolder().fill(3)
    seen = watched(world, monkeypatch)
    world.desk = replace(world.desk, account=replace(world.desk.account, keep=Keep(0)))
    world.backend = ImapBackend(world.desk, world.store)
    world.sync()
    assert not [entry for entry in seen if entry.startswith("B")]
    found = messages(world, "INBOX")
    world.control.look_at(found[:5])
    world.control.fetch(found[3:4])
    world.sync()
    assert uids_of(seen, "B", "INBOX") == [27], "on the screen is not opened: headers only means that"
    with world.store.transaction("test") as tx:
        keeping.set_keep(tx, folder_id(world, "Work"), Keep())
    world.sync()
    assert sorted(uids_of(seen, "B", "Work")) == [1, 2, 3]
    assert uids_of(seen, "B", "INBOX") == [27]
    inbox = read.folder(world.store.read(), world.inbox())
    assert inbox is not None
    assert (inbox.bodies_missing, inbox.left_out) == (0, 29)


def test_on_a_metered_line_bodies_come_only_when_they_are_opened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.server.fill(30)
    seen = watched(world, monkeypatch)
    world.control.metered = True
    assert world.sync().new == 30
    found = messages(world, "INBOX")
    world.control.look_at(found[:5])
    world.control.fetch(found[7:8])
    world.sync()
    assert uids_of(seen, "B", "INBOX") == [23]
    world.control.metered = False
    world.sync()
    assert len(uids_of(seen, "B", "INBOX")) == 30


def test_only_the_folders_told_of_are_visited(world: World) -> None:
    world.server.fill(3)
    work = world.fake.folders_[b"Work"] = FakeFolder().fill(3)
    world.sync()
    world.control.hear((b"Work",))
    work.messages[4] = b"Subject: New\r\n\r\n"
    world.server.messages[4] = b"Subject: Not told of\r\n\r\n"
    assert world.sync().new == 1
    assert "LIST" not in world.asked()
    assert world.asked()[0] == "SELECT Work"
    assert world.sync().new == 1, "asked without news, it looks at all"
    assert world.asked()[0] == "LIST"


def test_after_a_failure_all_is_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.server.fill(3)
    world.sync()
    world.control.hear((b"INBOX",))
    world.server.messages[4] = b"Subject: New\r\n\r\n"
    select = world.fake.select

    def closed(*_arguments: object, **_more: object) -> object:
        raise ServerClosed("cut")

    monkeypatch.setattr(world.fake, "select", closed)
    with pytest.raises(ServerClosed):
        world.sync()
    monkeypatch.setattr(world.fake, "select", select)
    world.control.hear((b"Elsewhere",))
    assert world.sync().new == 1
    assert world.asked()[0] == "LIST"


def test_a_folder_not_compared_for_a_day_is_compared_a_few_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        world.fake.folders_[b"F%d" % number] = FakeFolder(highestmodseq=5).fill(2)
    world.server.highestmodseq = 5
    world.sync()
    world.sync()
    assert world.asked() == ["LIST"]
    now = int(time.time()) + 2 * DAY
    monkeypatch.setattr("qtmail.engine.clock.now", lambda: now)
    counts = []
    for _ in range(4):
        world.sync()
        counts.append(sum(one.startswith("SELECT") for one in world.asked()))
    assert sum(counts) == 8
    assert counts[-1] == 0
    assert max(counts) == imap_sync.OLDEST
