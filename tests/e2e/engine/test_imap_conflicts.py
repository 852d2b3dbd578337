"""The same mail changed here and there: the rules of ARCHITECTURE.md ("Who wins"), one by one on a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.errors import BadInput
from qtmail.events import Problem
from qtmail.model import Flag
from tests.e2e.engine.conftest import mailbox, message
from tests.e2e.engine.lab import Case, case
from tests.servers import Dovecot


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """With a limit on what a mailbox holds, and rights; both as the tests set them, user by user."""
    extra = """
mail_plugins = quota acl
protocol imap {
  mail_plugins = quota acl imap_quota imap_acl
}
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=200K
  acl = vfile
}
"""
    with Dovecot(extra=extra) as running:
        yield running


@pytest.fixture
def one(server: Dovecot, tmp_path: Path) -> Iterator[Case]:
    """Ten mails in the inbox, a folder Work, synced."""
    with case(server, tmp_path) as found:
        found.fill(mailbox(10))
        found.fill([message(50)], "Work")
        found.sync()
        yield found


def elsewhere_removed(one: Case, *uids: int, path: str = "INBOX") -> None:
    with one.elsewhere() as client:
        client.select_folder(path)
        client.delete_messages(uids)
        client.uid_expunge(uids)


def only_problem(one: Case) -> Problem:
    """Of a pass: one, in words for people."""
    (problem,) = one.sync(good=False).problems
    for words in (problem.what, problem.hint):
        assert words[0].isupper() or words[0] == "“"
        assert words.endswith((".", "!"))
        assert not any(jargon in words for jargon in ("UID", "NO ", "BAD", "Traceback", "\\", "["))
    return problem


def test_imap_flags_changed_here_and_there_are_joined_and_ours_wins_where_they_meet(one: Case) -> None:
    one.mail.set_flag(one.rows("Mail 1"), Flag.FLAGGED, True)
    one.mail.set_flag(one.rows("Mail 2"), Flag.SEEN, True)
    with one.elsewhere() as client:
        client.select_folder("INBOX")
        client.add_flags([2], [b"\\Answered"])
        client.add_flags([3], [b"\\Seen"])
        client.remove_flags([3], [b"\\Seen"])
    one.settled()
    flags = {row.subject: row.flags for row in one.desktop.rows("Case/INBOX")}
    assert flags["Mail 1"] == {Flag.FLAGGED, Flag.ANSWERED}
    assert flags["Mail 2"] == {Flag.SEEN}


def test_imap_what_was_expunged_there_while_it_was_changed_here_is_gone_and_nobody_is_bothered(one: Case) -> None:
    one.mail.set_flag(one.rows("Mail 1"), Flag.FLAGGED, True)
    one.mail.move(one.rows("Mail 2"), one.folder("Work"))
    one.mail.copy(one.rows("Mail 3"), one.folder("Work"))
    one.mail.delete(one.rows("Mail 4"))
    one.mail.expunge(one.rows("Mail 5"))
    elsewhere_removed(one, 2, 3, 4, 5, 6)
    one.sync()
    one.settled()
    assert one.subjects() == [f"Mail {n}" for n in (0, 6, 7, 8, 9)]
    assert one.subjects("Work") == ["Mail 50"]
    assert one.subjects("Trash") == []


def test_imap_what_was_moved_there_and_here_is_where_the_other_put_it(one: Case) -> None:
    one.mail.move(one.rows("Mail 1"), one.folder("Work"))
    with one.elsewhere() as client:
        client.select_folder("INBOX")
        client.move([2], "Archive")
    one.settled()
    assert one.subjects("Archive") == ["Mail 1"]
    assert one.subjects("Work") == ["Mail 50"]


@pytest.mark.parametrize("told_first", [True, False])
def test_imap_a_move_to_a_folder_deleted_there_is_taken_back(one: Case, told_first: bool) -> None:
    row = one.row("Mail 1")
    one.mail.move([row], one.folder("Work"))
    one.mail.copy(one.rows("Mail 2"), one.folder("Work"))
    one.mail.move(one.rows("Mail 3"), one.folder("Archive"))
    with one.elsewhere() as client:
        client.delete_folder("Work")
    if told_first:
        one.line.command = lambda line: line.replace(b'"Work"', b'"nowhere"')
    report = one.sync(good=False)
    assert sorted(problem.what.partition(":")[0] for problem in report.problems) == [
        "“Copy 1 message” was not possible",
        "“Move 1 message” was not possible",
    ]
    assert one.row("Mail 1") == row
    one.settled()
    assert len(one.subjects()) == 9
    assert one.subjects("Archive") == ["Mail 3"]


def test_imap_mail_to_be_added_to_a_folder_deleted_there_makes_it_anew(one: Case, tmp_path: Path) -> None:
    """It is nowhere else."""
    letter = tmp_path / "letter.eml"
    letter.write_bytes(message(70))
    one.mail.import_messages(letter, one.folder("Work"))
    with one.elsewhere() as client:
        client.delete_folder("Work")
    one.sync()
    one.settled()
    assert one.subjects("Work") == ["Mail 70"]


def test_imap_a_move_to_a_folder_renamed_there_follows_it(one: Case) -> None:
    one.mail.move(one.rows("Mail 1"), one.folder("Work"))
    with one.elsewhere() as client:
        client.rename_folder("Work", "Play")
    one.sync()
    one.settled()
    assert one.subjects("Play") == ["Mail 1", "Mail 50"]


def test_imap_a_folder_deleted_there_gives_up_what_was_moved_out_of_it_here(one: Case) -> None:
    """What was only starred is gone with the folder."""
    one.fill(mailbox(12)[10:], "Work")
    one.sync()
    one.mail.move(one.rows("Mail 50", path="Work"), one.folder("Archive"))
    one.mail.copy(one.rows("Mail 10", path="Work"), one.folder("Archive"))
    one.mail.set_flag(one.rows("Mail 11", path="Work"), Flag.FLAGGED, True)
    with one.elsewhere() as client:
        client.delete_folder("Work")
    one.sync()
    one.settled()
    assert one.subjects("Archive") == ["Mail 10", "Mail 50"]
    assert "Work" not in {folder.path for folder in one.mail.folders()}


def test_imap_over_quota_waits_for_room_and_holds_nothing_else_up(one: Case, tmp_path: Path) -> None:
    large = tmp_path / "large.eml"
    large.write_bytes(message(80, size=140_000))
    middle = tmp_path / "middle.eml"
    middle.write_bytes(message(82, size=50_000))
    for file in (large, middle):
        one.mail.import_messages(file, one.folder("Work"))
    one.sync()
    one.mail.copy(one.rows("Mail 82", path="Work"), one.folder("Archive"))
    other = tmp_path / "other.eml"
    other.write_bytes(message(81, size=30_000))
    one.mail.import_messages(other, one.folder("Work"))
    one.mail.set_flag(one.rows("Mail 1"), Flag.FLAGGED, True)
    problems = one.sync(good=False).problems
    assert len(problems) == 2
    for problem in problems:
        assert "waits: the mailbox on the server is full" in problem.what
        assert problem.retry
        assert "Delete something" in problem.hint
    assert one.mail.waiting() == 2
    assert one.subjects("Work") == ["Mail 50", "Mail 80", "Mail 81", "Mail 82"]
    with one.elsewhere() as client:
        client.select_folder("INBOX")
        assert client.search("FLAGGED") == [2]
    one.mail.expunge(one.rows("Mail 80", path="Work"))
    one.hurry()
    one.sync(good=False)
    one.settled()
    assert one.subjects("Work") == ["Mail 50", "Mail 81", "Mail 82"]
    assert one.subjects("Archive") == ["Mail 82"]


def test_imap_a_folder_that_may_only_be_read_gives_back_what_was_changed(one: Case) -> None:
    rights = one.server.folder(one.user, "Work") / "dovecot-acl"
    rights.write_text("owner lr\n")
    one.server.doveadm("acl", "recalc", "-u", one.user)
    row = one.row("Mail 50", "Work")
    one.mail.set_flag([row], Flag.FLAGGED, True)
    one.mail.move([row], one.folder("Archive"))
    one.mail.move(one.rows("Mail 1"), one.folder("Work"))
    told = [problem.what for problem in one.sync(good=False).problems]
    assert len(told) == 3
    assert [sum(act in what for what in told) for act in ("Star 1 message", "Move 1 message")] == [1, 2]
    assert one.desktop.rows("Case/Work")[0].flags == set()
    assert one.subjects("Work") == ["Mail 50"]
    assert len(one.subjects()) == 10
    with pytest.raises(BadInput, match="only read"):  # it is known by now
        one.mail.move([row], one.folder("Archive"))
    one.settled()


def test_imap_a_copy_to_a_folder_that_is_only_here_so_far(one: Case) -> None:
    account = next(a.key for a in one.mail.accounts())
    one.mail.create_folder(account, "New/Inner")
    one.mail.copy(one.rows("Mail 1"), one.folder("New/Inner"))
    one.mail.move(one.rows("Mail 2"), one.folder("New/Inner"))
    one.sync()
    one.settled()
    assert one.subjects("New/Inner") == ["Mail 1", "Mail 2"]


def test_imap_a_folder_made_here_and_there(one: Case) -> None:
    one.mail.create_folder(one.mail.accounts()[0].key, "New")
    one.mail.move(one.rows("Mail 1"), one.folder("New"))
    one.fill([message(60)], "New")
    one.sync()
    one.settled()
    assert one.subjects("New") == ["Mail 1", "Mail 60"]


def test_imap_a_folder_renamed_here_and_there_keeps_the_name_given_here(one: Case) -> None:
    one.mail.rename_folder(one.folder("Work"), "Mine")
    with one.elsewhere() as client:
        client.rename_folder("Work", "Theirs")
    one.sync(good=False)
    one.settled()
    (path,) = {folder.path for folder in one.mail.folders()} & {"Mine", "Theirs"}
    assert one.subjects(path) == ["Mail 50"]


def test_imap_a_folder_deleted_here_that_got_mail_there_is_kept(one: Case) -> None:
    one.mail.delete_folder(one.folder("Work"))
    one.fill([message(61)], "Work")
    problem = only_problem(one)
    assert "holds mail on the server that was not here yet" in problem.what
    one.settled()
    assert one.subjects("Work") == ["Mail 61"]
    assert one.subjects("Trash") == ["Mail 50"]
