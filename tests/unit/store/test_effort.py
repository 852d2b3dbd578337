"""What an act costs does not grow with the folder it is done in: counted in steps of the database's machine."""

import pytest

from qtmail.model import RowId
from qtmail.operations import Expunge, Move, Operation, SetFlag
from tests.unit.store.world import World

STEP = 50


def steps(world: World, operation: Operation) -> int:
    """So many times STEP instructions were run for it."""
    count = 0

    def another() -> bool:
        nonlocal count
        count += 1
        return False

    writer = world.store._facts.writer
    writer.set_progress_handler(another, STEP)
    try:
        assert world.do(operation).gesture is not None
    finally:
        writer.set_progress_handler(None)
    return count


@pytest.mark.parametrize("kind", ["move", "flag", "expunge"])
def test_an_act_costs_the_same_in_a_large_folder(world: World, kind: str) -> None:
    def act(row: RowId) -> Operation:
        match kind:
            case "move":
                return Move((row,), (), world.trash)
            case "flag":
                return SetFlag((row,), "\\Seen", True)
            case _:
                return Expunge((row,))

    small = steps(world, act(world.fill(world.work, 20)[5]))
    large = steps(world, act(world.fill(world.inbox, 400)[5]))
    assert large < 2 * small + 20, f"{small} in a folder of 20, {large} in one of 400"
