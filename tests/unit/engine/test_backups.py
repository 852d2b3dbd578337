"""Backups: whole, incremental, proven; restored by merging; rehearsed; due in time."""

import hashlib
import os
import shutil
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest

from qtmail import accounts, settings
from qtmail.engine.backing_up import backup as module
from qtmail.engine.backing_up import layout, status
from qtmail.engine.backing_up.keeper import BackupKeeper
from qtmail.engine.backing_up.status import Last
from qtmail.engine.mail import Mail
from qtmail.errors import AlreadyRunning, BadInput, Cancelled
from qtmail.model import Flag
from qtmail.paths import Profile
from qtmail.settings import BackupEvery

from .conftest import START, eml


def files(root: Path, below: str = "mail") -> dict[str, bytes]:
    """Name without flags -> content."""
    return {one.name.partition(":")[0]: one.read_bytes() for one in (root / below).rglob("cur/*")}


@pytest.fixture
def filled(mail, put):
    """Three messages, one with flags and a tag, one that is kept in two folders, one without an end."""
    one, two, _three = put("Home/INBOX", raws=[eml(1), eml(2), b"Subject: x\r\n\r\nFrom the \0 end"])
    mail.set_flag([one], Flag.SEEN, True)
    mail.set_flag([one], "$label1", True)
    mail.copy([two], mail.folder_named("Home/Archive").id)
    return mail


@pytest.fixture
def fresh(tmp_path, clock):
    with closing(Mail(Profile(tmp_path / "fresh").create(), now=clock)) as opened:
        yield opened


def test_what_is_written_is_the_mail_itself(filled, tmp_path):
    root = tmp_path / "backup"
    report = filled.back_up(root)
    assert (report.messages, report.new, report.missing, report.removed) == (4, 4, 0, 0)
    assert sorted(files(root).values()) == sorted([eml(1), eml(2), eml(2), b"Subject: x\r\n\r\nFrom the \0 end"])
    checked = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=root, capture_output=True, check=True)
    assert checked.stdout.count(b": OK\n") == 4
    tagged = next((root / "mail/Home/INBOX/cur").glob("*:2,Sa"))
    assert hashlib.sha256(tagged.read_bytes()).hexdigest() in tagged.name
    assert (root / "accounts.toml").read_bytes() == filled.profile.accounts.read_bytes()
    assert filled.last_backup() == Last(START, str(root), 4, 4)


def test_only_what_is_new_is_work(filled, put, tmp_path, monkeypatch):
    root = tmp_path / "backup"
    filled.back_up(root)
    before = {one.name: one.stat().st_ino for one in (root / "mail").rglob("cur/*")}
    inbox = filled.folder_named("Home/INBOX").id
    moved, starred = list(filled.ids([inbox]))[:2]
    filled.move([moved], filled.folder_named("Home/Archive").id)
    filled.set_flag([starred], Flag.FLAGGED, True)
    put("Home/INBOX", first=7)
    read = []
    monkeypatch.setattr(module, "_prove", lambda path, one: read.append(one.row))
    report = filled.back_up(root)
    assert (report.messages, report.new, report.moved, report.removed, len(read)) == (5, 1, 2, 0, 1)
    kept = {one.name: one.stat().st_ino for one in (root / "mail").rglob("cur/*")}
    assert set(before.values()) < set(kept.values())
    assert filled.rehearse(root).ok


def test_what_was_deleted_here_stays_in_the_backup(filled, tmp_path):
    root = tmp_path / "backup"
    filled.back_up(root)
    filled.expunge(list(filled.ids([filled.folder_named("Home/INBOX").id])))
    report = filled.back_up(root)
    assert (report.messages, report.removed) == (1, 3)
    assert len(files(root, "removed")) == 3
    assert filled.back_up(root).removed == 0
    assert len(files(root, "removed")) == 3


def test_a_file_cut_by_a_power_failure_is_written_again(filled, tmp_path):
    root = tmp_path / "backup"
    filled.back_up(root)
    victim = next((root / "mail/Home/Archive/cur").iterdir())
    victim.write_bytes(b"")
    assert filled.back_up(root).new == 1
    assert victim.read_bytes() == eml(2)


def test_stopped_anywhere_it_goes_on(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 1)
    root = tmp_path / "backup"
    stop = threading.Event()
    wrote = module._prove
    monkeypatch.setattr(module, "_prove", lambda path, one: (wrote(path, one), stop.set()))
    with pytest.raises(Cancelled):
        filled.back_up(root, stop=stop)
    assert len(files(root)) == 1
    assert layout.read_about(root).complete_at == 0
    assert filled.last_backup() == Last()
    (root / "mail/Home/INBOX/tmp/half").write_bytes(b"ha")
    monkeypatch.setattr(module, "_prove", wrote)
    assert filled.back_up(root).new == 3
    assert not list((root / "mail").rglob("tmp/*"))


def test_a_full_disk_is_told_and_remembered(filled, tmp_path, monkeypatch):
    root = tmp_path / "backup"
    filled.back_up(root)

    def full(path, one):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_prove", full)
    filled.copy(list(filled.ids([filled.folder_named("Home/Archive").id])), filled.folder_named("Home/Junk").id)
    with pytest.raises(BadInput, match="could not be finished: No space left on device"):
        filled.back_up(root)
    known = filled.last_backup()
    assert (known.at, known.messages, known.problem_at) == (START, 4, START)
    assert "No space left" in known.problem
    monkeypatch.undo()
    assert filled.rehearse(root).ok, "what was there before is still good"
    filled.back_up(root)
    assert filled.last_backup().problem == ""


def test_a_disk_that_lies_is_found_out(filled, tmp_path, monkeypatch):
    write = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda path, data: write(path, data.replace(b"Hello", b"Jello")))
    with pytest.raises(BadInput, match="not what came back"):
        filled.back_up(tmp_path / "backup")
    assert files(tmp_path / "backup") == {}


def test_where_a_backup_goes(filled, fresh, tmp_path):
    used = tmp_path / "stick"
    used.mkdir()
    (used / "photo.jpg").touch()
    assert filled.back_up(used).root == used / "qtmail backup"
    assert filled.back_up(used).new == 0
    with pytest.raises(BadInput, match="inside the profile"):
        filled.back_up(filled.profile.root / "backup")
    with pytest.raises(BadInput, match="another profile"):
        fresh.back_up(used)
    with module.file_lock(used / "qtmail backup" / layout.LOCK, AlreadyRunning("busy")), pytest.raises(AlreadyRunning):
        filled.back_up(used)


class TestRestore:
    def test_into_a_new_profile(self, filled, fresh, tmp_path):
        filled.back_up(tmp_path / "backup")
        report = fresh.restore(tmp_path / "backup")
        assert report.accounts == ["Work", "Home"]
        assert [one.enabled for one in fresh.accounts()] == [False, False]
        assert (report.taken.new, report.taken.problems) == (4, ())
        rows = fresh.rows(fresh.ids([fresh.folder_named("Home/INBOX").id])).values()
        before = filled.rows(filled.ids([filled.folder_named("Home/INBOX").id])).values()
        assert {(fresh.raw(row.id), row.flags, row.received) for row in rows} == {
            (filled.raw(row.id), row.flags, row.received) for row in before
        }
        again = fresh.restore(tmp_path / "backup")
        assert (again.taken.new, again.taken.there, again.merged, again.accounts) == (0, 4, 0, [])

    def test_nothing_is_doubled_or_overwritten_and_flags_are_joined(self, filled, put, tmp_path):
        filled.back_up(tmp_path / "backup")
        inbox = filled.folder_named("Home/INBOX").id
        one, two, three = sorted(filled.ids([inbox]))
        filled.set_flag([one], Flag.SEEN, False)
        filled.set_flag([one], Flag.FLAGGED, True)
        filled.expunge([three])
        (later,) = put("Home/INBOX", first=8)
        report = filled.restore(tmp_path / "backup")
        assert (report.taken.new, report.taken.there, report.merged) == (1, 3, 1)
        assert filled.rows([one])[one].flags == {Flag.SEEN, Flag.FLAGGED, "$label1"}
        assert set(filled.ids([inbox])) > {one, two, later}
        assert filled.folder(inbox).total == 4

    def test_a_damaged_message_is_told_and_left_out(self, filled, fresh, tmp_path):
        filled.back_up(tmp_path / "backup")
        victim = next((tmp_path / "backup/mail/Home/Archive/cur").iterdir())
        victim.write_bytes(eml(2).replace(b"Hello", b"Jello"))
        report = fresh.restore(tmp_path / "backup")
        assert report.taken.new == 3
        assert report.taken.problems == (f"Home/Archive/{victim.name} is damaged in the backup and was left out.",)
        rehearsed = filled.rehearse(tmp_path / "backup")
        assert not rehearsed.ok
        assert (rehearsed.messages, rehearsed.equal) == (4, 3)

    def test_an_imap_account_that_is_not_all_here_is_left_alone(self, mail, put, tmp_path):
        """Its server would be given what it has already."""
        put("Work/Archive")
        mail.back_up(tmp_path / "backup")
        waiting = mail.waiting()
        report = mail.restore(tmp_path / "backup")
        (problem,) = report.taken.problems
        assert problem.startswith("The mail of “Work” was left out: not all that its server has")
        assert mail.waiting() == waiting

    def test_an_account_that_was_removed_comes_into_its_folders_again(self, filled, tmp_path):
        filled.back_up(tmp_path / "backup")
        accounts.remove(filled.profile.accounts, filled.folder_named("Home/INBOX").account)
        report = filled.restore(tmp_path / "backup")
        assert report.accounts == ["Home"]
        assert filled.folder_named("Home/INBOX").total == 3

    def test_there_is_none(self, mail, tmp_path):
        for what in (mail.restore, mail.rehearse):
            with pytest.raises(BadInput, match="no backup"):
                what(tmp_path / "nothing")
        (tmp_path / layout.ABOUT).write_text('{"format": 99, "profile": "x"}')
        with pytest.raises(BadInput, match="newer qtmail"):
            mail.restore(tmp_path)


class TestRehearsal:
    def test_it_leaves_nothing_behind(self, filled, tmp_path):
        """Nor what one that was killed left behind."""
        filled.back_up(tmp_path / "backup")
        killed = filled.profile.root / "rehearsals" / "rehearsal-killed"
        killed.mkdir(parents=True)
        os.utime(killed, (0, 0))
        report = filled.rehearse(tmp_path / "backup")
        assert (report.ok, report.messages, report.equal) == (True, 4, 4)
        assert not list((filled.profile.root / "rehearsals").iterdir())

    def test_what_is_not_there_is_named(self, filled, tmp_path):
        filled.back_up(tmp_path / "backup")
        shutil.rmtree(tmp_path / "backup/mail/Home/Archive/cur")
        (problem,) = filled.rehearse(tmp_path / "backup").problems
        assert problem.startswith("Home/Archive/cur/")
        assert problem.endswith("did not come back.")


class TestKeeper:
    def keeper(self, mail, heard, folder, every=BackupEvery.DAY):
        settings.save(mail.profile.settings, settings.Settings(backup_folder=str(folder), backup_every=every))
        return BackupKeeper(mail.profile, mail._store, heard.append)

    def test_it_makes_one_when_it_is_time(self, filled, tmp_path):
        heard = []
        keeper = self.keeper(filled, heard, tmp_path / "backup")
        assert keeper.look()
        assert not keeper.look()
        assert len(files(tmp_path / "backup")) == 4
        assert heard == []
        assert not self.keeper(filled, heard, tmp_path / "other", BackupEvery.NEVER).look()

    def test_a_disk_that_is_not_there_is_told_once(self, filled, tmp_path, monkeypatch):
        monkeypatch.setattr(status, "AGAIN_S", 0)
        (tmp_path / "file").touch()
        heard = []
        keeper = self.keeper(filled, heard, tmp_path / "file" / "stick")
        assert not keeper.look()
        assert not keeper.look()
        (problem,) = heard
        assert "could not be finished" in problem.what

    def test_it_ends_when_it_is_told(self, filled, tmp_path, monkeypatch):
        """Also in the middle of one, which then counts for nothing."""
        monkeypatch.setattr("qtmail.engine.backing_up.keeper.FIRST_S", 0)
        heard = []
        keeper = self.keeper(filled, heard, tmp_path / "backup")
        wrote = module._prove
        monkeypatch.setattr(module, "BATCH", 1)
        monkeypatch.setattr(module, "_prove", lambda path, one: (wrote(path, one), keeper.stop()))
        keeper.run()
        assert filled.last_backup() == Last()
        assert heard == []


@pytest.mark.parametrize(
    ("every", "known", "due"),
    [
        (BackupEvery.NEVER, Last(), False),
        (BackupEvery.DAY, Last(), True),
        (BackupEvery.DAY, Last(START - 3600, "/b"), False),
        (BackupEvery.DAY, Last(START - 90_000, "/b"), True),
        (BackupEvery.WEEK, Last(START - 90_000, "/b"), False),
        (BackupEvery.WEEK, Last(START - 700_000, "/b"), True),
        (BackupEvery.DAY, Last(START - 3600, "/elsewhere"), True),
        (BackupEvery.DAY, Last(START + 90_000, "/b"), True),
        (BackupEvery.DAY, Last(START - 90_000, "/b", problem="full", problem_at=START - 60), False),
        (BackupEvery.DAY, Last(START - 90_000, "/b", problem="full", problem_at=START - 4000), True),
    ],
)
def test_when_it_is_due(every, known, due):
    assert status.is_due(every, "/b", known, START) is due
    assert not status.is_due(every, "", known, START)


def test_names_that_are_safe_and_no_two_the_same():
    found = layout.directories(
        [("A", "x"), ("A", "X"), ("A", "cur"), ("A", "con/a:b"), ("Ä/ß", ".hidden"), ("A", "x/y")]
    )
    assert found == ["A/x", "A/X (2)", "A/cur_", "A/_con/a_b", "Ä_ß/hidden", "A/x/y"]
