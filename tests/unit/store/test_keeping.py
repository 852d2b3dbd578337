"""What is kept on this computer: new rows follow the rule at once, old ones in small steps, and content stays."""

import pytest

from qtmail.model import FolderId, Keep, MessageId, RowId
from qtmail.operations import Move
from qtmail.store import bodies, keeping, lists, read, verify
from tests.unit.store.world import IMAP, NOW, OTHER, World, header

DAY = 24 * 3600
KEEP_ALL = Keep()


def put_in_force(world: World, keep: Keep = KEEP_ALL, largest_mb: int = 0, *, now: int = NOW, steps: int = 9) -> int:
    """As the engine does it, one row a step, ended after `steps` -> how many rows were changed."""
    changed = 0
    for change in keeping.due(world.store.read(), IMAP, keep, largest_mb, now=now):
        world.write(keeping.put_in_force, change)
        for row in keeping.out_of_line(world.store.read(), change):
            if changed == steps:
                return changed
            world.write(keeping.bring_in_line, change.folder, [row])
            changed += 1
        world.write(keeping.done, change.folder)
    return changed


def told(world: World, folder: FolderId) -> tuple[int, int]:
    """(missing, left out), and no more bodies are fetched than are missing."""
    found = read.folder(world.store.read(), folder)
    assert found is not None
    assert len(bodies.next_bodies(world.store.read(), folder)) <= found.bodies_missing
    assert bodies.missing(world.store.read(), IMAP).get(folder, 0) == found.bodies_missing
    assert not verify.verify(world.store, contents=False).problems
    return found.bodies_missing, found.left_out


def test_the_last_days_only_and_what_is_small_enough(world: World) -> None:
    days = [header(uid, date=NOW - uid * DAY, size=uid * keeping.MEGABYTE) for uid in range(10)]
    world.arrive(world.inbox, *days)
    assert told(world, world.inbox) == (10, 0)
    assert put_in_force(world, Keep(5)) == 4
    assert told(world, world.inbox) == (6, 4)
    assert put_in_force(world, Keep(5), 3) == 2
    assert told(world, world.inbox) == (4, 6)
    assert put_in_force(world, Keep(5), 3, now=NOW + DAY) == 0, "the day that went is over the limit of size already"
    assert put_in_force(world, Keep(5), now=NOW + DAY) == 1
    assert told(world, world.inbox) == (5, 5)
    assert put_in_force(world, Keep(0)) == 5
    assert told(world, world.inbox) == (0, 10)
    assert put_in_force(world, Keep()) == 9, "ended before the last step"
    assert told(world, world.inbox) == (9, 1)
    assert put_in_force(world) == 1, "and gone on with"
    assert told(world, world.inbox) == (10, 0)
    assert keeping.due(world.store.read(), IMAP, Keep(), 0, now=NOW + 9 * DAY) == []


def test_new_rows_follow_the_rule_and_so_do_moved_ones(world: World) -> None:
    put_in_force(world, Keep(0))
    world.write(keeping.set_keep, world.work, Keep())
    put_in_force(world, Keep(0))
    rows = world.arrive(world.inbox, header(1), header(2))
    assert told(world, world.inbox) == (0, 2)
    world.do(Move((rows[0],), (world.inbox,), world.work))
    assert (told(world, world.inbox), told(world, world.work)) == ((0, 1), (1, 0))
    world.do(Move((rows[0],), (world.work,), world.trash))
    assert (told(world, world.work), told(world, world.trash)) == ((0, 0), (0, 1))


def test_what_is_here_stays_and_what_is_opened_comes(world: World) -> None:
    rows = world.arrive(world.inbox, header(1), header(2))
    world.bodies(rows[:1])
    put_in_force(world, Keep(0))
    assert told(world, world.inbox) == (0, 1)
    assert lists.rows(world.store.read(), rows)[rows[0]].has_body
    message = lists.rows(world.store.read(), rows)[rows[1]].message
    assert keeping.of_interest(world.store.read(), IMAP, [message]) == ()
    assert keeping.is_left_out(world.store.read(), message)
    assert not keeping.is_left_out(world.store.read(), lists.rows(world.store.read(), rows)[rows[0]].message)
    assert [one.row for one in bodies.wanted(world.store.read(), [message])] == [rows[1]]
    world.bodies([RowId(rows[1])])
    assert told(world, world.inbox) == (0, 0)


def test_a_folder_has_its_own_word(world: World) -> None:
    world.arrive(world.inbox, header(1))
    (row,) = world.arrive(world.work, header(1))
    world.write(keeping.set_keep, world.inbox, Keep(0))
    assert put_in_force(world) == 1
    assert (told(world, world.inbox), told(world, world.work)) == ((0, 1), (1, 0))
    found = read.folder(world.store.read(), world.inbox)
    assert found is not None
    assert (found.keep, found.offline) == (Keep(0), "1 of 1 left out as you chose")
    shown = lists.rows(world.store.read(), [row])[row].message
    assert keeping.of_interest(world.store.read(), IMAP, [MessageId(999), shown]) == (shown,)
    assert keeping.of_interest(world.store.read(), OTHER, [shown]) == (), "each account asks for its own"
    world.write(keeping.set_keep, world.inbox, None)
    assert put_in_force(world) == 1
    assert told(world, world.inbox) == (1, 0)


@pytest.mark.parametrize("word", ["", "some", "-1", "100000", "1.5"])
def test_a_word_that_is_none_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|number of days"):
        Keep.of(word)
