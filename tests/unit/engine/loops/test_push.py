"""The connection for news: which folders are looked at for what, and what becomes of a server that drops it."""

import threading
from collections.abc import Callable, Collection
from dataclasses import replace

import pytest

from qtmail.engine import imap_push
from qtmail.engine import loop as loop_module
from qtmail.engine import worker as worker_module
from qtmail.engine.context import Announcer, Control, Stopped
from qtmail.engine.imap_push import DROPS, IDLE_S
from qtmail.engine.imap_sync import ImapBackend
from qtmail.engine.server_details import distrusted, remembered
from qtmail.engine.worker import LEFT_ALONE_S, NO_PUSH_S, PushWatcher
from qtmail.errors import ServerClosed
from qtmail.net.imap_extensions import Ledger
from qtmail.net.imap_values import Changes, FolderNews, FolderStatus
from tests.unit.engine.loops.conftest import KEY, World

Told = list[Collection[bytes] | None]


@pytest.fixture
def watching(world: World) -> World:
    """A world that was synced; its server has IDLE and NOTIFY."""
    world.fake.ledger = Ledger(("UIDPLUS", "IDLE", "NOTIFY"))
    world.server.fill(3)
    world.sync()
    world.fake.asked.clear()
    return world


def over() -> bool:
    raise Stopped


def dropped() -> bool:
    raise ServerClosed("It hung up.")


def watch(world: World, *idles: Callable[[], bool], backend: ImapBackend | None = None) -> Told:
    """What a watcher tells while these IDLEs come about."""
    told: Told = []
    world.fake.idles = list(idles) or [over]
    with pytest.raises((Stopped, ServerClosed)):
        (backend or ImapBackend(world.desk, world.store)).watch(told.append)
    return told


def test_nothing_is_told_where_the_inbox_is_as_it_was_left(watching: World) -> None:
    assert watch(watching) == []
    assert watching.fake.asked == ["SELECT INBOX", f"IDLE {IDLE_S}"]
    assert IDLE_S < 600


def test_what_came_before_it_listened_is_told(watching: World) -> None:
    watching.server.messages[4] = b"Subject: New\r\n\r\n"
    assert watch(watching) == [(b"INBOX",)]


def test_with_notify_the_folders_are_named(watching: World) -> None:
    def news(changes: Changes, news: FolderNews) -> Callable[[], bool]:
        def idle() -> bool:
            watching.fake.changes, watching.fake.news = changes, news
            return True

        return idle

    work = FolderNews({b"Work": FolderStatus(total=3)})
    told = watch(
        watching,
        news(Changes(exists=4), FolderNews()),
        news(Changes(), work),
        news(Changes(exists=5), work),
        news(Changes(), FolderNews(renamed_or_new=True)),
        lambda: False,
        over,
    )
    assert told == [(b"INBOX",), (b"Work",), (b"Work", b"INBOX"), None]
    watching.fake.ledger = Ledger(("UIDPLUS", "IDLE"))
    told = watch(watching, news(Changes(exists=4), FolderNews()), over)
    assert told == [None], "without NOTIFY a message that went from the inbox may be in any folder"


def test_a_computer_that_slept_looks_everywhere(watching: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_700_000_000.0]
    monkeypatch.setattr("qtmail.engine.imap_push.time.time", lambda: clock[0])

    def slept() -> bool:
        clock[0] += 10 * 365 * 24 * 3600
        return False

    assert watch(watching, slept, over) == [None]


def test_a_line_that_was_away_for_long_looks_everywhere(watching: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_700_000_000.0]
    monkeypatch.setattr("qtmail.engine.imap_push.time.time", lambda: clock[0])
    backend = ImapBackend(watching.desk, watching.store)
    assert watch(watching, backend=backend) == []
    clock[0] += 30
    assert watch(watching, backend=backend) == []
    clock[0] += 300
    assert watch(watching, backend=backend) == [None]


def test_idle_that_is_always_dropped_is_told_of(watching: World) -> None:
    backend = ImapBackend(watching.desk, watching.store)
    for _ in range(DROPS + 1):
        assert remembered(watching.store.read(), KEY).honesty == ()
        assert watch(watching, dropped, backend=backend) == []
    (caught,) = remembered(watching.store.read(), KEY).honesty
    assert (caught.name, caught.times) == ("IDLE", 1)
    assert distrusted(watching.store.read(), KEY, now=caught.at) == frozenset(), "a bad line looks the same"


class Rests(Control):
    """Notes how long a loop rests, and ends it after the last of `most` rests."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.rests: list[float] = []
        self._most = most

    def rest(self, seconds: float) -> None:
        self._note(seconds)

    def pause(self, seconds: float | None) -> None:
        self._note(seconds or 0)

    def _note(self, seconds: float) -> None:
        self.rests.append(seconds)
        if len(self.rests) == self._most:
            self.stop()


def run(world: World, most: int) -> tuple[list[float], Told]:
    """A watcher up to so many rests. -> them, and what it told."""
    control = Rests(most)
    told: Told = []
    desk = replace(world.desk, control=control, announcer=Announcer(world.events.append))
    watcher = PushWatcher(desk, ImapBackend(desk, world.store), told.append)
    thread = threading.Thread(target=watcher.run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    return control.rests, told


def test_a_server_that_drops_it_is_left_alone_and_nobody_is_woken(
    watching: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_push, "DROPS", 99)
    monkeypatch.setattr(loop_module, "pause", lambda failures, **_more: float(failures))
    watching.fake.idles = [dropped] * 50
    watching.events.clear()
    rests, told = run(watching, worker_module.SHORT_LIVES + 2)
    assert rests[:-1] == [1.0, 2.0, 3.0, LEFT_ALONE_S]
    assert told == []
    assert watching.events == [], "no state, no problem: mail comes by asking"


def test_a_server_without_idle_is_only_asked(watching: World) -> None:
    watching.fake.ledger = Ledger(("UIDPLUS",))
    assert run(watching, 1) == ([NO_PUSH_S], [])
    assert watching.fake.asked == []
    assert watching.fake.closed
