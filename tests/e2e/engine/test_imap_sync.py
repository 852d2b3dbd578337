"""What is on an IMAP server is here after a pass, and what changes there changes here."""

from pathlib import Path

from qtmail.model import AccountKey, Flag
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox, message
from tests.servers import Dovecot


def test_first_sync_brings_everything_and_the_second_nothing(desktop: Desktop, server: Dovecot) -> None:
    sent = mailbox(350)
    server.fill("alice", sent)
    server.fill("alice", mailbox(3), "Work/Plans")
    desktop.add(server.account("alice"))

    first = desktop.sync()
    assert (first.new, first.bodies) == (353, 353)
    assert {desktop.mail.raw(row) for row in desktop.ids("Alice/INBOX")} == set(sent)
    assert len(desktop.ids("Alice/Work/Plans")) == 3
    inbox = desktop.mail.folder_named("Alice/INBOX")
    assert (inbox.total, inbox.unread, inbox.bodies_missing) == (350, 0, 0)
    assert inbox.verified_at
    desktop.verified()

    second = desktop.sync()
    assert (second.new, second.bodies) == (0, 0)
    assert second.bytes < 4000
    assert second.folders == first.folders


def test_new_mail_comes_alone(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(20))
    desktop.add(server.account("alice"))
    desktop.sync()
    server.fill("alice", [message(99)], flags="")
    report = desktop.sync()
    assert (report.new, report.bodies) == (1, 1)
    assert desktop.mail.folder_named("Alice/INBOX").unread == 1
    assert desktop.rows("Alice/INBOX")[0].subject == "Mail 99"


def test_flags_come_from_elsewhere(desktop: Desktop, server: Dovecot, elsewhere: Elsewhere) -> None:
    server.fill("alice", mailbox(5), flags="")
    desktop.add(server.account("alice"))
    desktop.sync()
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        client.add_flags([2], [b"\\Seen", b"\\Flagged"])
        client.add_flags([3], [b"$Forwarded", b"\\Answered"])
    desktop.sync()
    by_subject = {row.subject: row for row in desktop.rows("Alice/INBOX")}
    assert by_subject["Mail 1"].flags == {Flag.SEEN, Flag.FLAGGED}
    assert by_subject["Mail 2"].flags == {Flag.ANSWERED, Flag.FORWARDED}
    assert by_subject["Mail 0"].unread
    assert desktop.mail.folder_named("Alice/INBOX").unread == 4


def test_what_was_expunged_elsewhere_leaves_the_list_and_only_that(
    desktop: Desktop, server: Dovecot, elsewhere: Elsewhere
) -> None:
    server.fill("alice", mailbox(60))
    desktop.add(server.account("alice"))
    desktop.sync()
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        client.delete_messages([2, 3])
        client.expunge([2, 3])
    desktop.sync()
    subjects = desktop.subjects("Alice/INBOX")
    assert len(subjects) == 58
    assert "Mail 1" not in subjects
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        client.delete_messages(range(10, 51))
        client.expunge(range(10, 51))
    server.fill("alice", [message(100)])
    report = desktop.sync()
    assert report.new == 1
    assert len(desktop.ids("Alice/INBOX")) == 58 - 41 + 1
    desktop.verified()


def test_folders_that_come_and_go_elsewhere(desktop: Desktop, server: Dovecot, elsewhere: Elsewhere) -> None:
    server.fill("alice", mailbox(2), "Old")
    desktop.add(server.account("alice"))
    desktop.sync()
    with elsewhere("alice") as client:
        client.delete_folder("Old")
        client.create_folder("Neü")
    desktop.sync()
    names = {folder.path for folder in desktop.mail.folders() if folder.account == AccountKey("alice")}
    assert "Neü" in names
    assert "Old" not in names


def renumber(maildir: Path) -> None:
    """Another UIDVALIDITY, and every UID 500 higher."""
    for index in maildir.glob("dovecot.index*"):
        index.unlink()
    listed = maildir / "dovecot-uidlist"
    header, *lines = listed.read_text().splitlines()
    version, validity, following, *rest = header.split(" ")
    header = " ".join([version, f"V{int(validity[1:]) + 7}", f"N{int(following[1:]) + 500}", *rest])
    moved = [" ".join([str(int(line.split(" ", 1)[0]) + 500), line.split(" ", 1)[1]]) for line in lines]
    listed.write_text("\n".join([header, *moved]) + "\n")


def test_a_renumbered_folder_is_not_downloaded_again(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(30))
    desktop.add(server.account("alice"))
    desktop.sync()
    before = desktop.ids("Alice/INBOX")
    old = desktop.mail.folder_named("Alice/INBOX").uidvalidity
    renumber(server.folder("alice"))
    server.fill("alice", [message(77)])

    report = desktop.sync()
    assert desktop.mail.folder_named("Alice/INBOX").uidvalidity != old
    assert (report.new, report.bodies) == (1, 1)
    assert set(before) < set(desktop.ids("Alice/INBOX"))
    assert desktop.sync().new == 0
    desktop.verified()


def test_a_wrong_password_does_not_hold_the_other_account(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(3))
    server.fill("bob", mailbox(4))
    desktop.add(server.account("alice"))
    desktop.add(server.account("bob"))
    desktop.passwords[AccountKey("alice")] = "wrong"
    alice, bob = desktop.sync_all(good=False)
    (problem,) = alice.problems
    assert not problem.retry
    assert problem.hint
    assert (bob.new, bob.bodies, bob.problems) == (4, 4, ())


def test_a_server_that_is_away_is_one_problem(desktop: Desktop, server: Dovecot) -> None:
    desktop.add(server.account("alice"))
    server.stop()
    report = desktop.sync(good=False)
    (problem,) = report.problems
    assert problem.retry
    assert "refused" in problem.what


def test_a_damaged_message_holds_no_other(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", [message(1), b"\x00\xff\xfe not mail at all \r\n" * 50, b"", message(2)])
    desktop.add(server.account("alice"))
    desktop.sync()
    assert len(desktop.ids("Alice/INBOX")) == 4
    assert {"Mail 1", "Mail 2"} <= set(desktop.subjects("Alice/INBOX"))
    assert desktop.sync().bodies == 0
