"""The loop of an account: it never ends by a fault, waits where that helps, and ends when told."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from qtmail.engine import loop as loop_module
from qtmail.engine.backend import Desk, Heard, Tally
from qtmail.engine.context import Announcer, Control, Stopped
from qtmail.engine.worker import AccountWorker
from qtmail.errors import LoginFailed, MailError, TlsFailed, Unreachable
from qtmail.events import Event, Problem, StateChanged
from qtmail.model import AccountState, MessageId
from tests.unit.engine.loops.conftest import World

SECONDS = 10


@dataclass
class FakeBackend:
    """Does what `passes` says, in order (the last one again and again), and counts."""

    passes: list[BaseException | None] = field(default_factory=lambda: [None])
    has_push: bool = False
    tally: Tally = field(default_factory=Tally)
    synced: int = 0
    replayed: int = 0
    closed: int = 0
    fetched: list[MessageId] = field(default_factory=list)

    def sync(self) -> Tally:
        outcome = self.passes.pop(0) if len(self.passes) > 1 else self.passes[0]
        self.synced += 1
        if outcome is not None:
            raise outcome
        return self.tally

    def replay(self) -> None:
        self.replayed += 1

    def fetch(self, messages: Sequence[MessageId]) -> None:
        self.fetched += messages

    def watch(self, changed: Heard) -> bool:
        raise Stopped

    def close(self) -> None:
        self.closed += 1


class Running:
    """A worker in a thread."""

    def __init__(self, world: World, backend: FakeBackend) -> None:
        self.events: list[Event] = []
        self.changed = threading.Condition()
        self.backend = backend
        desk = Desk(world.desk.account, Control(), Announcer(self._hear), lambda: "secret")
        self.worker = AccountWorker(desk, world.store, backend)
        self._thread = threading.Thread(target=self.worker.run, name="worker under test")
        self._thread.start()

    def _hear(self, event: Event) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + SECONDS
        with self.changed:
            while not condition():
                assert time.monotonic() < end, self.events
                self.changed.wait(0.02)

    def state(self, state: AccountState) -> None:
        self.wait(lambda: self.states()[-1:] == [state])

    def states(self) -> list[AccountState]:
        return [event.state for event in self.events if isinstance(event, StateChanged)]

    def problems(self) -> list[Problem]:
        return [event for event in self.events if isinstance(event, Problem)]

    def stop(self) -> None:
        self.worker.stop()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()


@pytest.fixture
def start(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    monkeypatch.setattr(loop_module, "pause", lambda _attempts, **_more: 0.01)
    begun: list[Running] = []

    def begin(*passes: BaseException | None) -> Running:
        begun.append(Running(world, FakeBackend(list(passes) or [None])))
        return begun[-1]

    yield begin
    for running in begun:
        running.stop()


Start = Callable[..., Running]


def test_it_syncs_and_then_only_does_what_it_is_woken_for(start: Start) -> None:
    running = start()
    running.state(AccountState.IDLE)
    running.worker.wake()
    running.wait(lambda: running.backend.replayed == 1)
    assert running.backend.synced == 1
    running.worker.wake(check=True)
    running.wait(lambda: running.backend.synced == 2)
    running.worker.fetch([MessageId(5)])
    running.wait(lambda: running.backend.fetched == [5])


def test_unreachable_is_tried_again_and_told_once(start: Start) -> None:
    running = start(Unreachable("nobody there"), Unreachable("nobody there"), Unreachable("nobody there"), None)
    running.state(AccountState.IDLE)
    assert AccountState.OFFLINE in running.states()
    assert [problem.what for problem in running.problems()] == ["nobody there"]
    assert running.backend.closed >= 3


def test_a_wrong_password_is_not_tried_again_by_itself(start: Start) -> None:
    running = start(LoginFailed("no"), None)
    running.state(AccountState.WRONG_PASSWORD)
    for _ in range(3):
        running.worker.wake()
    assert running.backend.synced == 1
    running.worker.wake(check=True)
    running.state(AccountState.IDLE)
    assert running.backend.synced == 2


def test_what_trying_again_hardly_helps_is_tried_later(start: Start) -> None:
    running = start(TlsFailed("not trusted"), None)
    running.state(AccountState.IDLE)
    assert AccountState.PROBLEM in running.states()
    assert running.problems()[0].what == "not trusted"


@pytest.mark.expects_log
def test_a_bug_does_not_end_the_loop(start: Start) -> None:
    running = start(ZeroDivisionError("a bug"), None)
    running.state(AccountState.IDLE)
    (problem,) = running.problems()
    assert "wrong" in problem.what
    assert problem.retry


def test_offline_and_online_again(start: Start) -> None:
    running = start()
    running.state(AccountState.IDLE)
    running.worker.set_offline(True)
    running.state(AccountState.OFFLINE)
    before = running.backend.synced
    running.worker.wake(check=True)
    running.worker.set_offline(False)
    running.wait(lambda: running.backend.synced > before)
    running.state(AccountState.IDLE)


def test_stopped_in_a_back_off_it_ends_at_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "pause", lambda _attempts, **_more: 1000.0)
    running = start(MailError("no", retry=True))
    running.state(AccountState.PROBLEM)
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < 1


def test_what_is_on_the_screen_is_fetched_where_it_is_to_be_kept(world: World, start: Start) -> None:
    world.server.fill(5)
    world.control.metered = True  # headers only
    world.sync()
    wanted = [row.message for row in world.rows()]
    running = start()
    running.state(AccountState.IDLE)
    running.worker.look_at([MessageId(999), *wanted[:3]])
    running.wait(lambda: running.backend.fetched == wanted[:3])
    running.worker.set_metered(True)
    running.worker.look_at(wanted[3:])
    running.wait(lambda: running.worker._desk.control.take_in_sight(1) == ())
    synced = running.backend.synced
    running.worker.set_metered(False)
    running.wait(lambda: running.backend.synced == synced + 1)
    assert running.backend.fetched == wanted[:3]


def test_nothing_turns_while_nothing_happens(start: Start) -> None:
    running = start()
    running.state(AccountState.IDLE)
    before = (running.backend.synced, running.backend.replayed, len(running.events))
    threading.Event().wait(0.5)
    assert (running.backend.synced, running.backend.replayed, len(running.events)) == before
