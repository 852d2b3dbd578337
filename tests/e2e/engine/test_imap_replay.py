"""What the user did without a network is on the server after the next pass, once; what it refuses is taken back."""

from dataclasses import replace

import pytest

from qtmail.model import Flag, Role, RowId
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox, message
from tests.servers import Dovecot


@pytest.fixture
def filled(desktop: Desktop, server: Dovecot) -> Desktop:
    """Alice with ten mails, synced."""
    server.fill("alice", mailbox(10), flags="")
    desktop.add(server.account("alice"))
    desktop.sync()
    return desktop


def named(desktop: Desktop, subject: str, folder: str = "Alice/INBOX") -> RowId:
    return next(row.id for row in desktop.rows(folder) if row.subject == subject)


def test_flags_go_there(filled: Desktop, elsewhere: Elsewhere) -> None:
    rows = [named(filled, "Mail 3"), named(filled, "Mail 4")]
    filled.mail.set_flag(rows, Flag.SEEN, True)
    filled.mail.set_flag(rows[:1], Flag.FLAGGED, True)
    filled.mail.set_flag(rows[1:], Flag.SEEN, False)
    assert filled.mail.waiting() == 3
    filled.sync()
    assert filled.mail.waiting() == 0
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        flags = client.get_flags([4, 5])
    assert set(flags[4]) - {b"\\Recent"} == {b"\\Seen", b"\\Flagged"}
    assert set(flags[5]) - {b"\\Recent"} == set()
    assert filled.sync().new == 0


def test_moves_copies_and_deletions_go_there_and_no_row_is_doubled(filled: Desktop, elsewhere: Elsewhere) -> None:
    archive = filled.folder("Alice/Archive")
    moved, copied, deleted = (named(filled, f"Mail {n}") for n in (1, 2, 3))
    filled.mail.move([moved], archive)
    filled.mail.copy([copied], archive)
    filled.mail.delete([deleted])
    filled.mail.set_flag([moved], Flag.FLAGGED, True)
    report = filled.sync()
    assert (report.new, report.bodies) == (0, 0)
    for _ in range(2):
        assert filled.subjects("Alice/Archive") == ["Mail 1", "Mail 2"]
        assert filled.subjects("Alice/Trash") == ["Mail 3"]
        assert len(filled.ids("Alice/INBOX")) == 8
        assert named(filled, "Mail 1", "Alice/Archive") == moved
        assert filled.sync().new == 0
    with elsewhere("alice") as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 8
        assert client.select_folder("Archive")[b"EXISTS"] == 2
        assert len(client.search(["FLAGGED"])) == 1
        assert client.select_folder("Trash")[b"EXISTS"] == 1
    filled.mail.expunge([deleted])
    filled.sync()
    with elsewhere("alice") as client:
        assert client.select_folder("Trash")[b"EXISTS"] == 0
    filled.verified()


def test_undo_after_the_server_was_told(filled: Desktop, elsewhere: Elsewhere) -> None:
    row = named(filled, "Mail 5")
    filled.mail.delete([row])
    filled.sync()
    filled.mail.undo()
    filled.sync()
    assert named(filled, "Mail 5") == row
    with elsewhere("alice") as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 10
        assert client.select_folder("Trash")[b"EXISTS"] == 0


def test_undo_of_deletion_for_good_puts_it_back(filled: Desktop, elsewhere: Elsewhere) -> None:
    row = named(filled, "Mail 6")
    filled.mail.expunge([row])
    filled.sync()
    with elsewhere("alice") as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 9
    filled.mail.undo()
    filled.sync()
    with elsewhere("alice") as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 10
        (uid,) = client.search(["SUBJECT", "Mail 6"])
        assert client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] == message(6)
    assert filled.sync().new == 0
    assert len(filled.ids("Alice/INBOX")) == 10


def test_folders_are_made_renamed_and_deleted_there(filled: Desktop, elsewhere: Elsewhere) -> None:
    mail = filled.mail
    account = mail.accounts()[0].key
    mail.create_folder(account, "Projects")
    mail.create_folder(account, "Projects/Bücher")
    mail.move([named(filled, "Mail 1")], filled.folder("Alice/Projects/Bücher"))
    filled.sync()
    with elsewhere("alice") as client:
        assert {"Projects", "Projects/Bücher"} <= {name for _, _, name in client.list_folders()}
        assert client.select_folder("Projects/Bücher")[b"EXISTS"] == 1
    mail.rename_folder(filled.folder("Alice/Projects"), "Work")
    filled.sync()
    with elsewhere("alice") as client:
        names = {name for _, _, name in client.list_folders()}
        assert {"Work", "Work/Bücher"} <= names
        assert "Projects" not in names
    mail.delete_folder(filled.folder("Alice/Work/Bücher"))
    filled.sync()
    with elsewhere("alice") as client:
        assert "Work/Bücher" not in {name for _, _, name in client.list_folders()}
        assert client.select_folder("Trash")[b"EXISTS"] == 1
    assert filled.subjects("Alice/Trash") == ["Mail 1"]
    assert filled.sync().new == 0


def test_what_vanished_meanwhile_is_settled(filled: Desktop, elsewhere: Elsewhere) -> None:
    row, other = named(filled, "Mail 7"), named(filled, "Mail 8")
    filled.mail.move([row, other], filled.folder("Alice/Archive"))
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        client.delete_messages([8])
        client.expunge([8])
    filled.sync()
    assert filled.mail.waiting() == 0
    assert filled.subjects("Alice/Archive") == ["Mail 8"]
    assert len(filled.ids("Alice/INBOX")) == 8


def test_a_target_deleted_on_the_server_gives_the_mail_back(
    desktop: Desktop, server: Dovecot, elsewhere: Elsewhere
) -> None:
    server.fill("alice", mailbox(3))
    server.fill("alice", mailbox(1), "Target")
    desktop.add(server.account("alice"))
    desktop.sync()
    desktop.mail.move([named(desktop, "Mail 2")], desktop.folder("Alice/Target"))
    with elsewhere("alice") as client:
        client.delete_folder("Target")
    report = desktop.sync(good=False)
    (problem,) = report.problems
    assert "Move" in problem.what
    assert desktop.subjects("Alice/INBOX") == ["Mail 0", "Mail 1", "Mail 2"]
    assert desktop.mail.waiting() == 0
    assert not desktop.sync().problems


def test_a_move_to_another_account_removes_the_source_only_then(
    filled: Desktop, server: Dovecot, elsewhere: Elsewhere
) -> None:
    filled.add(server.account("bob"))
    filled.sync_all()
    filled.mail.move([named(filled, "Mail 9")], filled.folder("Bob/INBOX"))
    filled.sync_all()
    filled.sync_all()
    with elsewhere("bob") as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 1
    with elsewhere("alice") as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 9
    assert filled.subjects("Bob/INBOX") == ["Mail 9"]
    assert filled.sync().new == 0


def test_a_draft_is_kept_there_once(filled: Desktop, elsewhere: Elsewhere) -> None:
    mail = filled.mail
    account = mail.accounts()[0].key
    draft = mail.save_draft(replace(mail.new_draft(account), subject="First thoughts", text="Hello"))
    mail.keep_draft(draft)
    filled.sync()
    (row,) = filled.ids("Alice/Drafts")
    again = mail.save_draft(replace(mail.edit(row), subject="Second thoughts"))
    mail.keep_draft(again)
    filled.sync()
    filled.sync()
    assert filled.subjects("Alice/Drafts") == ["Second thoughts"]
    with elsewhere("alice") as client:
        assert client.select_folder("Drafts")[b"EXISTS"] == 1
        assert client.search(["SUBJECT", "Second"])
    assert mail.folder_of_role(account, Role.DRAFTS).total == 1


@pytest.mark.parametrize(
    "capability", ["IMAP4rev1 UIDPLUS", "IMAP4rev1", "IMAP4rev1 UIDPLUS MOVE NAMESPACE SPECIAL-USE"]
)
def test_servers_that_can_less(desktop: Desktop, capability: str) -> None:
    with Dovecot(capability=capability) as server:
        server.fill("alice", mailbox(6), flags="")
        desktop.add(server.account("alice"))
        desktop.sync()
        desktop.mail.move([named(desktop, "Mail 1")], desktop.folder("Alice/Archive"))
        desktop.mail.set_flag([named(desktop, "Mail 2")], Flag.SEEN, True)
        for _ in range(3):
            desktop.sync()
            assert desktop.subjects("Alice/Archive") == ["Mail 1"]
            assert desktop.subjects("Alice/INBOX") == [f"Mail {n}" for n in (0, 2, 3, 4, 5)]
        assert desktop.mail.waiting() == 0
        assert desktop.mail.folder_named("Alice/INBOX").unread == 4
