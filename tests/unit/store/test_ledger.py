"""POP3: nothing is downloaded twice, and only what the policy says, and is stored, may go from the server."""

import pytest

from qtmail.model import FolderId, PopPolicy, Role, RowId
from qtmail.operations import Expunge, Move
from qtmail.store import facts, folders, ledger
from tests.unit.store.world import NOW, POP, World

DAY = ledger.DAY


@pytest.fixture
def mail(world: World) -> dict[str, RowId]:
    inbox = world.write(folders.ensure_folder, POP, "INBOX")
    rows = {name: world.own(inbox, name) for name in ("old", "new")}
    for name, age in (("old", 20), ("new", 1)):
        record(world, name, rows[name], NOW - age * DAY)
    return rows


def record(world: World, uidl: str, row: RowId, at: int) -> None:
    content = world.store.read().value(
        "SELECT m.content FROM placement AS p JOIN message AS m ON m.id = p.message WHERE p.id = ?", row
    )
    world.write(ledger.record, POP, uidl, content, row, now=at)


def due(world: World, policy: PopPolicy, listed: tuple[str, ...] = ("old", "new", "unknown")) -> dict[str, str]:
    found = ledger.due_for_deletion(world.store.read(), POP, policy, listed, now=NOW)
    return {uidl: reason for uidl, (_entry, reason) in found.items()}


def test_what_each_policy_removes(world: World, mail: dict[str, RowId]) -> None:
    assert due(world, PopPolicy()) == {}
    assert due(world, PopPolicy(keep_on_server=False)) == {"old": "stored here", "new": "stored here"}
    assert due(world, PopPolicy(delete_after_days=14)) == {"old": "stored here for 14 days"}
    both = {"old": "stored here", "new": "stored here"}
    assert due(world, PopPolicy(keep_on_server=False, delete_after_days=0)) == both
    assert due(world, PopPolicy(keep_on_server=False, delete_after_days=14)) == {"old": "stored here for 14 days"}
    assert due(world, PopPolicy(keep_on_server=False), ("new",)) == {"new": "stored here"}
    assert mail


def test_deleted_here_means_trash_or_gone(world: World, mail: dict[str, RowId]) -> None:
    trash: FolderId = world.write(folders.ensure_folder, POP, "Trash", Role.TRASH)
    policy = PopPolicy(delete_when_deleted=True)
    assert due(world, policy) == {}
    world.do(Move((mail["new"],), (), trash))
    assert due(world, policy) == {"new": "deleted here"}
    world.do(Expunge((mail["old"],)))
    assert due(world, policy) == {"new": "deleted here", "old": "deleted here"}


def test_asked_and_not_answered_is_asked_again(world: World, mail: dict[str, RowId]) -> None:
    world.write(ledger.asked, POP, {"new": "because"})
    assert due(world, PopPolicy()) == {"new": "because"}
    world.write(ledger.deleted, POP, ["new"], now=NOW)
    assert due(world, PopPolicy()) == {}
    assert ledger.known(world.store.read(), POP)["new"].state == "deleted"
    assert mail


def test_what_is_not_listed_any_more_is_closed(world: World, mail: dict[str, RowId]) -> None:
    world.write(ledger.asked, POP, {"old": "because"})
    world.write(ledger.gone, POP, ["old", "new"], now=NOW)
    states = {uidl: entry.state for uidl, entry in ledger.known(world.store.read(), POP).items()}
    assert states == {"old": "deleted", "new": "gone"}
    record(world, "new", mail["new"], NOW)
    assert ledger.known(world.store.read(), POP)["new"].state == "kept"


def test_small_facts(world: World) -> None:
    world.write(facts.put, POP, "files_sent", "yes")
    world.write(facts.put, POP, "files_sent", "no")
    assert facts.get(world.store.read(), POP, "files_sent") == "no"
    assert facts.every(world.store.read(), POP) == {"files_sent": "no"}
    world.write(facts.put, POP, "files_sent", "")
    assert facts.get(world.store.read(), POP, "files_sent", "unknown") == "unknown"
