"""Once a day, what is long gone is dropped."""

import pytest

from qtmail.engine import clock, housekeeping
from tests.unit.engine.loops.conftest import World


def test_once_a_day_and_only_what_is_past_its_grace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.server.fill(5)
    world.sync()
    del world.server.messages[3]
    world.sync()
    began = clock.now()

    def at(days: float) -> bool:
        monkeypatch.setattr(clock, "now", lambda: began + int(days * 86_400))
        return housekeeping.daily(world.store, 30)

    def contents() -> int:
        return len(list(world.store.content.hashes()))

    assert at(0)
    assert not at(0.5)
    assert at(2)
    assert contents() == 5
    assert at(40)
    assert contents() == 5, "a clock that leapt drops nothing"
    assert at(3)
    assert at(38)
    assert contents() == 5
    assert at(39)
    assert contents() == 4
    assert len(world.rows()) == 4
