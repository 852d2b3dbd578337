"""Folders renumbered, renamed, replaced or put back from a backup behind our back: found again, not downloaded."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.model import Flag
from tests.e2e.engine.conftest import mailbox, message
from tests.e2e.engine.lab import Case, case
from tests.servers import Dovecot

SERVERS = {"everything": "", "bare": "IMAP4rev1 UIDPLUS"}


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    with Dovecot(capability=SERVERS[request.param]) as running:
        yield running


@pytest.fixture
def one(server: Dovecot, tmp_path: Path) -> Iterator[Case]:
    """Thirty mails in Work, three in a folder inside it, synced."""
    with case(server, tmp_path) as found:
        found.fill(mailbox(30), "Work")
        found.fill([message(n) for n in (90, 91, 92)], "Work/Inner")
        found.sync()
        found.line.commands.clear()
        yield found


def act(one: Case) -> None:
    """Things that are still to be told when the folder is another one."""
    one.mail.set_flag(one.rows("Mail 3", path="Work"), Flag.FLAGGED, True)
    one.mail.move(one.rows("Mail 4", path="Work"), one.folder("Archive"))
    one.mail.expunge(one.rows("Mail 5", path="Work"))
    one.mail.copy(one.rows("Mail 6", path="Work"), one.folder("Archive"))


def found_again(one: Case, *, bodies: int = 0, now: str = "Work") -> None:
    """What was to be told was told, of the right messages; so many bodies came, and no more."""
    before = {row.subject: row.id for row in one.desktop.rows("Case/Work")}
    came = one.sync(good=False).bodies
    one.hurry()
    came += one.sync().bodies
    assert came == bodies
    assert one.line.asked(r"UID FETCH .*BODY\.PEEK\[\]") <= bodies
    one.settled()
    after = {row.subject: row.id for row in one.desktop.rows(f"Case/{now}")}
    assert all(after[subject] == before[subject] for subject in before.keys() & after.keys())


def acted(one: Case, path: str = "Work") -> None:
    assert one.subjects("Archive") == ["Mail 4", "Mail 6"]
    assert not {"Mail 4", "Mail 5"} & set(one.subjects(path))
    assert [row.subject for row in one.desktop.rows(f"Case/{path}") if row.starred] == ["Mail 3"]


def test_imap_uidvalidity_changes_with_operations_waiting(one: Case) -> None:
    act(one)
    one.server.doveadm("mailbox", "update", "-u", one.user, "--uid-validity", "4711", "Work")
    found_again(one)
    acted(one)
    assert len(one.subjects("Work")) == 28


def test_imap_a_folder_renamed_elsewhere_takes_those_inside_along(one: Case) -> None:
    act(one)
    folders = [one.folder("Work"), one.folder("Work/Inner")]
    one.server.doveadm("mailbox", "rename", "-u", one.user, "Work", "Play")
    found_again(one, now="Play")
    assert [one.folder("Play"), one.folder("Play/Inner")] == folders
    acted(one, "Play")
    assert len(one.subjects("Play/Inner")) == 3
    assert "Work" not in {folder.path for folder in one.mail.folders()}


def test_imap_two_folders_that_changed_names(one: Case) -> None:
    for old, new in (("Work", "x"), ("Archive", "Work"), ("x", "Archive")):
        one.server.doveadm("mailbox", "rename", "-u", one.user, old, new)
    found_again(one, now="Archive")
    assert len(one.subjects("Archive")) == 30
    assert one.subjects("Work") == []


def test_imap_a_folder_renamed_elsewhere_to_the_name_of_one_that_was_deleted(one: Case) -> None:
    work = one.folder("Work")
    one.server.doveadm("mailbox", "delete", "-u", one.user, "Archive")
    one.server.doveadm("mailbox", "rename", "-u", one.user, "Work", "Archive")
    found_again(one, now="Archive")
    assert one.folder("Archive") == work
    assert "Work" not in {folder.path for folder in one.mail.folders()}


def test_imap_a_folder_deleted_and_made_anew_has_only_what_is_in_it_now(one: Case) -> None:
    one.mail.set_flag(one.rows("Mail 3", path="Work"), Flag.FLAGGED, True)
    one.server.doveadm("mailbox", "delete", "-u", one.user, "Work")
    one.fill([message(3), message(40)], "Work")
    one.server.doveadm("mailbox", "update", "-u", one.user, "--uid-validity", "99", "Work")
    found_again(one, bodies=1)
    assert one.subjects("Work") == ["Mail 3", "Mail 40"]


def put_back(one: Case, saved: Path) -> None:
    maildir = one.server.folder(one.user, "Work")
    shutil.rmtree(maildir)
    shutil.copytree(saved, maildir)
    for path in (maildir, *maildir.rglob("*")):
        one.server._directory.own(path)


@pytest.mark.parametrize("since", [0, 5, 12])
def test_imap_a_mailbox_put_back_from_a_backup_gives_its_uids_to_other_messages(
    one: Case, since: int, tmp_path: Path
) -> None:
    """Ten mails came after the backup; `since`: so many others, with the same UIDs, after it was put back."""
    saved = tmp_path / "saved"
    shutil.copytree(one.server.folder(one.user, "Work"), saved)
    one.fill([message(n) for n in range(50, 60)], "Work")
    one.sync()
    act(one)
    one.mail.set_flag(one.rows("Mail 50", path="Work"), Flag.FLAGGED, True)
    one.mail.expunge(one.rows("Mail 51", path="Work"))
    put_back(one, saved)
    one.fill([message(n) for n in range(70, 70 + since)], "Work")
    one.line.commands.clear()
    found_again(one, bodies=since)
    acted(one)
    there = {subject for subject in one.subjects("Work") if subject >= "Mail 70" and len(subject) == 7}
    assert {f"Mail {n}" for n in range(70, 70 + since)} <= there
