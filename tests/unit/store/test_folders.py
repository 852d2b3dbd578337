"""Our folders follow the server's list, and keep their ids."""

import pytest

from qtmail.errors import BadInput
from qtmail.events import FoldersChanged
from qtmail.model import Role
from qtmail.operations import CreateFolder, DeleteFolder, RenameFolder, Subscribe
from qtmail.store import facts, folders, journal, lists, read, replay
from qtmail.store.values import FoldersUpdate, ServerFolder
from tests.unit.store.world import IMAP, LISTED, NOW, POP, World, header


def listed(world: World, *remote: ServerFolder) -> FoldersUpdate:
    return world.write(folders.update_folders, IMAP, remote, now=NOW)  # type: ignore[no-any-return]


def paths(world: World) -> list[str]:
    return [folder.path for folder in read.folders(world.store.read()) if folder.account == IMAP]


def test_the_same_list_again_changes_nothing(world: World) -> None:
    with world.store.transaction("list") as tx:
        assert folders.update_folders(tx, IMAP, LISTED, now=NOW) == FoldersUpdate()
    assert tx.events == ()
    assert paths(world) == ["INBOX", "Trash", "Work", "Work/Old"]


def test_a_folder_that_goes_and_comes_keeps_its_id_and_rows(world: World) -> None:
    rows = world.arrive(world.work, header(1))
    assert listed(world, *LISTED[:2], LISTED[3]).gone == (world.work,)
    assert read.folder(world.store.read(), world.work) is None
    assert list(lists.ids(world.store.read(), [world.work])) == []
    assert listed(world, *LISTED).new == (world.work,)
    assert list(lists.ids(world.store.read(), [world.work])) == list(rows)
    assert world.counts_are_right()


def test_standard_folders_meet_the_servers_by_path_or_role(world: World) -> None:
    with world.store.transaction("new account") as tx:
        sent = folders.ensure_folder(tx, POP, "Sent", Role.SENT)
        drafts = folders.ensure_folder(tx, POP, "Drafts", Role.DRAFTS)
        assert folders.ensure_folder(tx, POP, "Sent", Role.SENT) == sent
        assert FoldersChanged(POP) in tx.events
    remote = [ServerFolder(b"Drafts", "Drafts"), ServerFolder(b"Sent Items", "Sent Items", Role.SENT)]
    update = world.write(folders.update_folders, POP, remote, now=NOW)
    assert (update.new, set(update.changed)) == ((), {sent, drafts})
    state = read.folder_state(world.store.read(), sent)
    assert (state.path, state.wire_name, state.role) == ("Sent Items", b"Sent Items", Role.SENT)


def test_the_servers_word_on_roles_wins(world: World) -> None:
    with world.store.transaction("new account") as tx:
        folders.ensure_folder(tx, POP, "Trash", Role.TRASH)
    remote = [ServerFolder(b"Trash", "Trash"), ServerFolder(b"Bin", "Bin", Role.TRASH)]
    world.write(folders.update_folders, POP, remote, now=NOW)
    found = read.folder_of_role(world.store.read(), POP, Role.TRASH)
    assert found is not None
    assert read.folder_state(world.store.read(), found).path == "Bin"


def test_what_waits_to_be_created_or_deleted_is_left_alone(world: World) -> None:
    new = world.write(journal.reserve_folder, IMAP, "New", now=NOW)
    world.do(CreateFolder(IMAP, new, "New"), DeleteFolder(IMAP, world.old, "Work/Old"))
    assert listed(world, *LISTED) == FoldersUpdate()
    assert paths(world) == ["INBOX", "Trash", "New", "Work"]
    with pytest.raises(BadInput, match="already a folder"):
        world.write(journal.reserve_folder, IMAP, "New", now=NOW)
    assert listed(world, *LISTED, ServerFolder(b"New", "New")).changed == (new,)


def test_what_waits_to_be_unsubscribed_is_so_until_the_server_refuses(world: World) -> None:
    (wish,) = world.do(Subscribe(IMAP, world.old, "Work/Old", False)).operations
    assert world.do(Subscribe(IMAP, world.old, "Work/Old", False)).gesture is None
    assert listed(world, *LISTED) == FoldersUpdate()
    assert not _subscribed(world)
    world.write(replay.refuse, wish, "not allowed", now=NOW)
    assert _subscribed(world)
    assert listed(world, *LISTED[:3], ServerFolder(b"Work.Old", "Work/Old", subscribed=False)).changed == (world.old,)
    assert not _subscribed(world)


def _subscribed(world: World) -> bool:
    found = read.folder(world.store.read(), world.old)
    assert found is not None
    return found.subscribed


def test_renaming_takes_those_below_along_and_never_hits_another(world: World) -> None:
    assert world.do(RenameFolder(IMAP, world.work, "Work", "Trash")).gesture is None
    assert world.do(RenameFolder(IMAP, world.work, "Work", "Work/Old")).gesture is not None
    assert paths(world) == ["INBOX", "Trash", "Work/Old", "Work/Old/Old"]


def test_a_folder_with_mail_is_not_deleted(world: World) -> None:
    world.arrive(world.old, header(1))
    assert world.do(DeleteFolder(IMAP, world.old, "Work/Old")).gesture is None


def test_state_is_kept_and_unnamed_fields_stay(world: World) -> None:
    world.write(folders.set_state, world.inbox, uidnext=5, highestmodseq=9)
    world.write(folders.set_state, world.inbox, verified_at=NOW)
    state = read.folder_states(world.store.read(), IMAP)[0]
    assert (state.uidnext, state.highestmodseq, state.verified_at, state.uidvalidity) == (5, 9, NOW, 100)
    with pytest.raises(BadInput):
        read.folder_state(world.store.read(), 999)  # type: ignore[arg-type]


def test_an_account_is_forgotten_whole(world: World) -> None:
    rows = world.fill(world.inbox, 250)
    world.do(DeleteFolder(IMAP, world.old, "Work/Old"))
    world.write(facts.put, IMAP, "key", "value")
    folders.forget_account(world.store, IMAP, now=NOW)
    assert paths(world) == []
    assert len(rows) == 250
    assert read.places(world.store.read(), rows) == {}
    assert read.waiting(world.store.read(), [IMAP]) == 0
    assert facts.every(world.store.read(), IMAP) == {}
