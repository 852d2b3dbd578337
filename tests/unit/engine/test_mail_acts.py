"""What the user does to messages: the effect here, what waits for the server, and taking it back."""

import pytest

from qtmail.errors import BadInput
from qtmail.model import LOCAL, AccountKey, Flag, Role
from qtmail.operations import NotUndoable

WORK, HOME = AccountKey("w"), AccountKey("h")


def where(mail, *rows):
    """ACCOUNT/path of each row; None for one that is gone."""
    names = {account.key: account.name for account in mail.accounts()} | {LOCAL: "Local"}
    folders = {folder.id: f"{names[folder.account]}/{folder.path}" for folder in mail.folders()}
    found = mail.rows(rows)
    return [folders[found[row].folder] if row in found else None for row in rows]


def test_a_new_profile_has_its_folders_at_once(mail):
    assert [f"{folder.account}:{folder.path}" for folder in mail.folders()] == [
        *(f"w:{path}" for path in ("INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash")),
        *(f"h:{path}" for path in ("INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash")),
        ":Outbox",
    ]
    assert mail.waiting() == 0


def test_flags(mail, put):
    one, two = put("Home/INBOX", 2)
    inbox = mail.folder_named("Home/INBOX")
    assert inbox.unread == 2
    done = mail.set_flag([one], Flag.SEEN, True)
    assert done.label == "Mark 1 message read"
    assert done.events
    assert mail.folder(inbox.id).unread == 1
    assert mail.rows([one])[one].flags == {Flag.SEEN}
    assert mail.set_flag([one], Flag.SEEN, True).gesture is None
    assert mail.undo().gesture is not None
    assert mail.rows([one, two])[one].flags == frozenset()


def test_reading_is_not_offered_by_undo(mail, put):
    (one,) = put("Home/INBOX")
    before = mail.undo_label()
    mail.set_flag([one], Flag.SEEN, True, quiet=True)
    assert mail.undo_label() == before


def test_move_and_undo_keep_the_id(mail, put):
    rows = put("Home/INBOX", 3)
    done = mail.move(rows[:2], mail.folder_named("Home/Archive").id)
    assert done.label == "Move 2 messages to Archive"
    assert where(mail, *rows) == ["Home/Archive", "Home/Archive", "Home/INBOX"]
    assert mail.undo_label() == done.label
    mail.undo()
    assert where(mail, *rows) == ["Home/INBOX"] * 3


def test_what_a_server_must_be_told_waits(mail, put):
    put("Home/INBOX")
    assert mail.waiting() == 0
    (row,) = put("Work/INBOX", first=5)
    appended = mail.waiting()
    assert appended == 1
    mail.set_flag([row], Flag.FLAGGED, True)
    assert mail.waiting() == appended + 1


def test_copy(mail, put):
    (row,) = put("Home/INBOX")
    mail.copy([row], mail.folder_named("Home/Archive").id)
    assert mail.folder_named("Home/Archive").total == 1
    assert where(mail, row) == ["Home/INBOX"]
    mail.undo()
    assert mail.folder_named("Home/Archive").total == 0


def test_move_to_another_account_and_back(mail, put):
    rows = put("Home/INBOX", 2)
    mail.move(rows, mail.folder_named("Work/INBOX").id)
    assert where(mail, *rows) == [None, None]
    there = mail.ids([mail.folder_named("Work/INBOX").id])
    assert len(there) == 2
    assert mail.raw(there[0]).startswith(b"From: Bob")
    mail.undo()
    assert where(mail, *rows) == ["Home/INBOX"] * 2
    assert mail.folder_named("Work/INBOX").total == 0


def test_moving_from_two_accounts_is_one_gesture(mail, put):
    (near,) = put("Work/INBOX")
    (far,) = put("Home/INBOX", first=5)
    mail.move([near, far], mail.folder_named("Work/Archive").id)
    assert mail.folder_named("Work/Archive").total == 2
    mail.undo()
    assert where(mail, near, far) == ["Work/INBOX", "Home/INBOX"]


def test_archive_is_each_accounts_own(mail, put):
    (work,) = put("Work/INBOX")
    (home,) = put("Home/INBOX", first=5)
    assert mail.archive([work, home]).label == "Archive 2 messages"
    assert where(mail, work, home) == ["Work/Archive", "Home/Archive"]
    assert mail.archive([work]).gesture is None
    for act, place in ((mail.junk, "Junk"), (mail.delete, "Trash")):
        act([work, home])
        assert where(mail, work, home) == [f"Work/{place}", f"Home/{place}"]
        mail.undo()
        assert where(mail, work, home) == ["Work/Archive", "Home/Archive"]
    mail.undo()
    assert where(mail, work, home) == ["Work/INBOX", "Home/INBOX"]


def test_junk_and_back(mail, put):
    (row,) = put("Home/INBOX")
    assert mail.junk([row]).label == "Mark 1 message as junk"
    assert where(mail, row) == ["Home/Junk"]
    assert Flag.JUNK in mail.rows([row])[row].flags
    assert mail.junk([row]).label == "Mark 1 message as not junk"
    assert where(mail, row) == ["Home/INBOX"]
    assert Flag.JUNK not in mail.rows([row])[row].flags


def test_delete_goes_to_trash_then_for_good_and_undo_brings_it_back(mail, put):
    (row,) = put("Home/INBOX")
    assert mail.deletes_for_good([row]) == 0
    mail.delete([row])
    assert where(mail, row) == ["Home/Trash"]
    assert mail.deletes_for_good([row]) == 1
    mail.delete([row])
    assert where(mail, row) == [None]
    mail.undo()
    assert where(mail, row) == ["Home/Trash"]
    mail.undo()
    assert where(mail, row) == ["Home/INBOX"]


def test_a_folder_inside_trash_is_trash(mail, put):
    mail.create_folder(HOME, "Trash/Old")
    (row,) = put("Home/Trash/Old")
    assert mail.deletes_for_good([row]) == 1
    mail.delete([row])
    assert where(mail, row) == [None]


def test_many_at_once_are_one_gesture(mail, put):
    rows = put("Home/INBOX", 450)
    mail.delete(rows)
    assert mail.folder_named("Home/Trash").total == 450
    mail.undo()
    assert mail.folder_named("Home/INBOX").total == 450
    assert mail.folder_named("Home/Trash").total == 0


def test_rows_that_are_gone_are_left_out(mail, put):
    (row,) = put("Home/INBOX")
    mail.expunge([row])
    for act in (mail.delete, mail.archive, mail.junk, mail.expunge):
        assert act([row]).gesture is None
    assert mail.move([row], mail.folder_named("Home/Archive").id).gesture is None
    assert mail.account_of([row]) == (LOCAL,)


def test_nothing_can_be_moved_to_the_outbox(mail, put):
    (row,) = put("Home/INBOX")
    with pytest.raises(BadInput, match="Outbox"):
        mail.move([row], mail.folder_named("Local/Outbox").id)


def test_nothing_to_undo(mail):
    assert mail.undo_label() == ""
    with pytest.raises(NotUndoable):
        mail.undo()


def test_folder_names(mail):
    assert mail.folder_named("work/inbox").role is Role.INBOX
    with pytest.raises(BadInput, match="Work/Sant") as refused:
        mail.folder_named("Work/Sant")
    assert "Work/Sent" in refused.value.hint
    with pytest.raises(BadInput) as refused:
        mail.folder_named("Local/Outbax")
    assert "Outbox" not in refused.value.hint, "nothing can be filed there"
    assert mail.folder_of_role(HOME, Role.TRASH).path == "Trash"
    assert mail.folder_of_role(WORK, Role.OUTBOX).account == LOCAL
    with pytest.raises(BadInput):
        mail.folder_of_role(AccountKey("nobody"), Role.TRASH)


class TestFolders:
    def test_create_rename_delete(self, mail, put):
        mail.create_folder(HOME, "Projects/2026")
        assert mail.folder_named("Home/Projects").total == 0
        (row,) = put("Home/Projects/2026")
        projects = mail.folder_named("Home/Projects")
        mail.rename_folder(projects.id, "Done")
        assert where(mail, row) == ["Home/Done/2026"]
        assert mail.folder_named("Home/Done").id == projects.id
        mail.delete_folder(projects.id)
        assert where(mail, row) == ["Home/Trash"]
        assert not [folder for folder in mail.folders() if folder.path.startswith("Done")]
        mail.undo()
        assert where(mail, row) == ["Home/Done/2026"]

    def test_a_server_is_told(self, mail):
        mail.create_folder(WORK, "New/Inside")
        assert mail.waiting() == 2
        mail.undo()
        assert mail.waiting() == 0
        assert not [folder for folder in mail.folders() if folder.path.startswith("New")]

    @pytest.mark.parametrize("path", ["", "  ", "a//b", "a\x00b", "x" * 300, "..", "a*", "inbox", "Drafts"])
    def test_names_that_cannot_be(self, mail, path):
        with pytest.raises(BadInput):
            mail.create_folder(HOME, path)

    def test_folders_with_a_role_stay(self, mail):
        sent = mail.folder_named("Home/Sent").id
        with pytest.raises(BadInput, match="sent folder"):
            mail.delete_folder(sent)
        with pytest.raises(BadInput, match="sent folder"):
            mail.rename_folder(sent, "Gone")

    def test_rename_refuses(self, mail):
        mail.create_folder(HOME, "One")
        mail.create_folder(HOME, "Two")
        one = mail.folder_named("Home/One").id
        for path in ("two", "One/Inside"):
            with pytest.raises(BadInput):
                mail.rename_folder(one, path)
        assert mail.rename_folder(one, "One").gesture is None
        mail.rename_folder(one, "ONE")
        assert mail.folder(one).path == "ONE"


def test_the_archive_of_this_computer(mail, put):
    mail.create_folder(LOCAL, "Old letters")
    one, two = put("Local/Old letters", 2)
    mail.archive([one])
    assert where(mail, one, two) == ["Local/Archive", "Local/Old letters"]
    assert mail.deletes_for_good([one, two]) == 2, "there is no Trash on this computer alone: it asks"
    mail.undo()
    assert where(mail, one) == ["Local/Old letters"]
    with pytest.raises(BadInput, match="mail of an account") as refused:
        mail.junk([one])
    assert "Archive it" in refused.value.hint
