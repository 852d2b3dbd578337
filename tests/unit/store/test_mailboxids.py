"""Folders renamed elsewhere are known again by the id the server gives them."""

from qtmail.model import FolderId, Keep, Role
from qtmail.operations import RenameFolder
from qtmail.store import bodies, folders, keeping, read, relink
from qtmail.store.values import FoldersUpdate, ServerFolder
from tests.unit.store.world import IMAP, LISTED, NOW, World, header

INBOX = ServerFolder(b"INBOX", "INBOX", Role.INBOX, mailboxid="F1")
TRASH = ServerFolder(b"Trash", "Trash", Role.TRASH, mailboxid="F2")
WORK = ServerFolder(b"Work", "Work", mailboxid="F3")
OLD = ServerFolder(b"Work.Old", "Work/Old", mailboxid="F4")


def lists(world: World, *listed: ServerFolder) -> FoldersUpdate:
    update: FoldersUpdate = world.write(folders.update_folders, IMAP, listed, now=NOW)
    return update


def paths(world: World) -> dict[str, FolderId]:
    return {state.path: state.id for state in read.folder_states(world.store.read(), IMAP)}


def test_a_folder_renamed_elsewhere_keeps_its_rows(world: World) -> None:
    world.arrive(world.work, header(1), header(2))
    lists(world, INBOX, TRASH, WORK, OLD)
    moved = (WORK._replace(wire_name=b"Play", path="Play"), OLD._replace(wire_name=b"Play.Old", path="Play/Old"))
    update = lists(world, INBOX, TRASH, *moved)
    assert update == FoldersUpdate(changed=(world.work, world.old))
    assert paths(world) == {"INBOX": world.inbox, "Play": world.work, "Play/Old": world.old, "Trash": world.trash}
    state = read.folder_state(world.store.read(), world.work)
    assert (state.wire_name, state.total, state.uidvalidity) == (b"Play", 2, world.uidvalidity(world.work))


def test_two_folders_that_swapped_their_names(world: World) -> None:
    lists(world, INBOX, TRASH, WORK, OLD)
    lists(
        world,
        INBOX,
        TRASH,
        WORK._replace(wire_name=b"Work.Old", path="Work/Old"),
        OLD._replace(wire_name=b"Work", path="Work"),
    )
    assert paths(world) == {"INBOX": world.inbox, "Trash": world.trash, "Work": world.old, "Work/Old": world.work}


def test_a_new_folder_of_the_old_name_is_not_the_old_one(world: World) -> None:
    world.arrive(world.work, header(1))
    lists(world, INBOX, TRASH, WORK, OLD)
    update = lists(
        world, INBOX, TRASH, OLD, WORK._replace(mailboxid="F9"), WORK._replace(wire_name=b"Play", path="Play")
    )
    assert len(update.new) == 1
    assert paths(world)["Play"] == world.work
    assert paths(world)["Work"] == update.new[0]
    assert read.folder_state(world.store.read(), update.new[0]).total == 0


def test_a_folder_whose_name_a_renamed_one_took_is_gone(world: World) -> None:
    world.arrive(world.old, header(1))
    lists(world, INBOX, TRASH, WORK, OLD)
    lists(world, INBOX, TRASH, WORK._replace(wire_name=b"Work.Old", path="Work/Old"))
    assert paths(world) == {"INBOX": world.inbox, "Trash": world.trash, "Work/Old": world.work}
    assert world.store.read().value("SELECT gone_why FROM placement WHERE folder = ?", world.old) == "folder"


def test_what_the_user_renames_here_is_left_alone(world: World) -> None:
    lists(world, INBOX, TRASH, WORK, OLD)
    world.do(RenameFolder(IMAP, world.work, "Work", "Job"))
    lists(world, INBOX, TRASH, OLD, WORK._replace(wire_name=b"Play", path="Play"))
    assert paths(world)["Job"] == world.work


def test_an_id_given_twice_is_not_believed(world: World) -> None:
    lists(world, INBOX, TRASH, WORK, OLD)
    lists(world, INBOX, TRASH, WORK, OLD, ServerFolder(b"Copy", "Copy", mailboxid="F3"))
    assert paths(world)["Work"] == world.work


def test_whose_a_folder_is_is_remembered_and_an_untold_id_kept(world: World) -> None:
    shared = ServerFolder(b"shared.bob", "Shared folders/bob", shared=True, owner="bob", mailboxid="F7")
    (new,) = lists(world, INBOX, TRASH, WORK, OLD, shared).new
    lists(world, INBOX, TRASH, WORK, OLD, shared._replace(mailboxid=""))
    reader = world.store.read()
    assert reader.one("SELECT shared, owner, mailboxid FROM folder WHERE id = ?", new) == (1, "bob", "F7")
    assert lists(world, INBOX, TRASH, WORK, OLD, shared) == FoldersUpdate()


def test_of_the_mail_of_others_only_headers_are_kept_until_the_user_says_otherwise(world: World) -> None:
    shared = ServerFolder(b"shared.bob", "Shared folders/bob", shared=True, owner="bob")
    (new,) = lists(world, *LISTED, shared).new
    world.write(relink.set_uidvalidity, new, 9)
    world.arrive(new, header(1))
    reader = world.store.read()
    assert bodies.next_bodies(reader, new) == []
    folder = read.folder(reader, new)
    assert folder is not None
    assert (folder.shared, folder.owner, folder.keep, folder.left_out) == (True, "bob", Keep(0), 1)
    assert keeping.due(reader, IMAP, Keep(), 0, now=NOW) == [], "it is in force from the first message on"
    world.write(keeping.set_keep, new, Keep(30))
    lists(world, *LISTED, shared._replace(owner="robert"))
    folder = read.folder(reader, new)
    assert folder is not None
    assert (folder.keep, folder.owner) == (Keep(30), "robert")
