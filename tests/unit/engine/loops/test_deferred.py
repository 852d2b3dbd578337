"""What a server put off is tried again in time: in the middle of a long pass, and after the clock was set back."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from qtmail.engine import clock, imap_sync
from qtmail.engine.context import Control
from qtmail.engine.on_call import REST_S, OnCall
from qtmail.engine.worker import HELD_S, AccountWorker
from qtmail.errors import TemporarilyRefused
from qtmail.model import OperationId
from qtmail.operations import SetFlag
from qtmail.store import journal, read, replay
from tests.unit.engine.loops.conftest import KEY, World

YEARS = 10 * 365 * 86_400


class Waits(Control):
    """Notes how long is waited; the time has gone by at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float | None] = []

    def wait(self, seconds: float | None) -> bool:
        self.waited.append(seconds)
        return True


class Clock:
    def __init__(self) -> None:
        self.at = 1_795_428_000

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(clock, "now", moved)
    return moved


@pytest.fixture
def starred(world: World, time: Clock) -> OperationId:
    """A star that the server was not told of yet."""
    world.server.fill(3)
    world.sync()
    star = SetFlag((world.rows()[0].id,), "\\Flagged", True)
    journal.act(world.store, [star], now=time.at, remote=frozenset({KEY}))
    return replay.open_operations(world.store.read(), KEY, now=time.at)[0].id


def put_off(world: World, star: OperationId, until: int) -> None:
    with world.store.transaction("put off") as tx:
        replay.defer(tx, star, not_before=until, words="[INUSE]")


@pytest.fixture
def waiting(world: World) -> Iterable[Callable[[type[AccountWorker | OnCall]], tuple[float | None, bool]]]:
    made: list[Control] = []

    def turn(kind: type[AccountWorker | OnCall]) -> tuple[float | None, bool]:
        """How long such a loop waits in a turn, and whether the account's own loop was woken after that."""
        control, own = Waits(), Control()
        made.extend((control, own))
        desk = replace(world.desk, control=control)
        if kind is OnCall:
            loop = OnCall(desk, world.store, world.backend)
            loop.relieves(own)
            loop.turn()
        else:
            AccountWorker(desk, world.store, Idle(), check=False).turn()  # type: ignore[arg-type]
        return control.waited[-1], own.take_woken()

    yield turn
    for control in made:
        control.close()


class Idle:
    """A backend that has nothing to do."""

    def replay(self) -> None: ...

    def sync(self) -> None: ...


def test_in_the_middle_of_a_pass(
    world: World, time: Clock, starred: OperationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def set_flags(_uids: object, flags: Iterable[str], _on: bool) -> None:
        told.append("STORE")
        if told.count("STORE") == 1:
            raise TemporarilyRefused("Not now.", server_words="[INUSE]")
        time.at += 1

    fetch = world.fake.fetch_headers

    def fetch_headers(uids: Iterable[int]) -> Iterable[object]:
        told.append("FETCH")
        time.at += 600
        return fetch(uids)

    monkeypatch.setattr(imap_sync, "NEWEST", 10)
    monkeypatch.setattr(imap_sync, "SHARE", 10)
    monkeypatch.setattr(world.fake, "set_flags", set_flags, raising=False)
    monkeypatch.setattr(world.fake, "fetch_headers", fetch_headers)
    world.server.fill(40)
    world.sync()
    assert told.count("STORE") == 2
    again = len(told) - told[::-1].index("STORE")
    assert "FETCH" in told[again:], "it did not wait for the end of the pass"
    assert replay.open_operations(world.store.read(), KEY, now=time.at) == []


def test_by_the_connection_for_what_cannot_wait(
    world: World, time: Clock, starred: OperationId, waiting: Callable[..., tuple[float | None, bool]]
) -> None:
    """It hands it back to the account's own loop, which does not know of it while it is busy."""
    assert waiting(OnCall) == (None, False)
    put_off(world, starred, time.at + 20)
    assert waiting(OnCall) == (20, True)
    time.at += 20
    assert waiting(OnCall) == (None, False), "its own loop has it now"
    assert REST_S > 20


def test_by_a_clock_that_was_set_back(
    world: World, time: Clock, starred: OperationId, waiting: Callable[..., tuple[float | None, bool]]
) -> None:
    put_off(world, starred, time.at + 20)
    assert waiting(AccountWorker)[0] == 20
    time.at -= YEARS
    assert waiting(AccountWorker)[0] == 1, "what seems to be put off for years is due"
    assert [one.id for one in replay.open_operations(world.store.read(), KEY, now=time.at)] == [starred]


def test_what_is_held_by_another_asks_the_server_ever_less_often(
    world: World, time: Clock, starred: OperationId
) -> None:
    journal.act(world.store, [SetFlag((world.rows()[0].id,), "\\Flagged", False)], now=time.at, remote=frozenset({KEY}))
    put_off(world, starred, time.at + 300)
    control = Waits()
    worker = AccountWorker(replace(world.desk, control=control), world.store, Idle(), check=False)  # type: ignore[arg-type]
    for _ in range(9):
        worker.turn()
    control.close()
    assert control.waited == [1, 2, 4, 8, 16, 32, HELD_S, HELD_S, HELD_S]


def test_a_folder_compared_by_a_clock_that_ran_ahead_is_compared_again(world: World, time: Clock) -> None:
    world.server.fill(3)
    time.at += YEARS
    world.sync()
    time.at -= YEARS
    for visits in (1, 0):
        world.sync()
        assert read.folder_state(world.store.read(), world.inbox()).verified_at == time.at
        assert world.fake.asked.count("SELECT INBOX") == visits
