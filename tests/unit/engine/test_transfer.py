"""Import and export between whole profiles: folder trees, duplicates, stopping, going on, and the same bytes again."""

import mailbox
import threading
import zipfile
from contextlib import closing

import pytest

from qtmail import accounts
from qtmail.engine import mailfiles, unpacking
from qtmail.engine.intake import Intake, report_text
from qtmail.engine.mail import Mail
from qtmail.engine.outgo import Exported
from qtmail.engine.transfer import Unfinished
from qtmail.errors import BadInput, Cancelled
from qtmail.model import Flag, Protocol, Role
from qtmail.paths import Profile

from .conftest import account, eml


def tree(root, number=0):
    """A Maildir++ as Dovecot keeps it: INBOX, Work, Work/Été."""
    for path in (root, root / ".Work", root / ".Work.&AMk-t&AOk-"):
        for name in ("cur", "new", "tmp"):
            (path / name).mkdir(parents=True)
        number += 1
        (path / "cur" / f"170000000{number}.x:2,FSa").write_bytes(eml(number).replace(b"\r\n", b"\n"))
        (path / "dovecot-keywords").write_text("0 $label1\n")
    (root / "new" / "1700000009.y").write_bytes(eml(9))


@pytest.fixture
def fresh(tmp_path, clock):
    profile = Profile(tmp_path / "fresh").create()
    accounts.put(profile.accounts, account("f", "Fresh", Protocol.POP3))
    with closing(Mail(profile, now=clock)) as opened:
        yield opened


def contents(mail, prefix):
    """Folder path below the account -> {content: flags}."""
    return {
        folder.path: {mail.raw(row.id): row.flags for row in mail.rows(mail.ids([folder.id])).values()}
        for folder in mail.folders()
        if folder.total and folder.account == mail.folder_named(prefix).account
    }


def test_a_folder_tree_comes_with_flags_keywords_and_times(mail, tmp_path):
    tree(tmp_path / "md")
    report = mail.take_in(mailfiles.detect(tmp_path / "md"), mail.folder_named("Home/Archive").id)
    assert [(one.path, one.new) for one in report.folders] == [
        ("Home/Archive", 2),
        ("Home/Archive/Work", 1),
        ("Home/Archive/Work/Été", 1),
    ]
    found = contents(mail, "Home/Archive")
    assert found["Archive/Work/Été"] == {eml(3): frozenset({Flag.SEEN, Flag.FLAGGED, "$label1"})}
    assert found["Archive"][eml(9)] == frozenset()
    again = mail.take_in(mailfiles.detect(tmp_path / "md"), mail.folder_named("Home/Archive").id)
    assert (again.new, again.there) == (0, 4)
    assert "Home/Archive/Work: 0 new, 1 there already" in report_text(again)


@pytest.mark.parametrize("form", ["mbox", "maildir", "eml"])
def test_export_then_import_in_a_fresh_profile(mail, fresh, put, tmp_path, form):
    """With the folders inside, names that no file system likes, and the same hashes at the end."""
    for path in ("Archive/a.b", "Archive/a.b/CON", "Archive/Ünï : code?"):
        mail.create_folder(mail.folder_named("Home/INBOX").account, path)
    put("Home/Archive", 2)
    put("Home/Archive/a.b", first=10, raws=[b"Subject: bare LF\n\nFrom me\n", b"Subject: x\r\n\r\nno end"])
    rows = put("Home/Archive/a.b/CON", 2, first=20)
    put("Home/Archive/Ünï : code?", first=30)
    mail.set_flag(rows, Flag.SEEN, True)
    top = mail.folder_named("Home/Archive")
    report = mail.export(Exported((top.id,), below=True), tmp_path / "out", form)
    assert (report.written, report.left_out) == (7, 0)
    into = fresh.folder_named("Fresh/Archive").id
    taken = fresh.take_in(mailfiles.detect(tmp_path / "out"), into)
    assert (taken.new, taken.problems) == (7, ())
    before = {raw for raws in contents(mail, "Home/Archive").values() for raw in raws}
    after = contents(fresh, "Fresh/Archive")
    assert {raw for raws in after.values() for raw in raws} == before
    if form == "maildir":
        assert set(after) == {"Archive", "Archive/a.b", "Archive/a.b/CON", "Archive/Ünï : code?"}
        assert set(after["Archive/a.b/CON"].values()) == {frozenset({Flag.SEEN})}


def test_a_search_and_a_selection(mail, put, tmp_path):
    rows = put("Home/INBOX", 3)
    found = mail.search("subject:2")
    assert mail.export(Exported(rows=tuple(found)), tmp_path / "found", "mbox").written == 1
    assert mail.export(Exported(rows=rows[:2]), tmp_path / "two", "eml").written == 2
    assert mail.export(Exported(rows=()), tmp_path / "none", "mbox").written == 0
    assert (tmp_path / "none").read_bytes() == b""


def test_a_stopped_export_leaves_nothing(mail, put, tmp_path):
    put("Home/INBOX", 3)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        mail.export(Exported((mail.folder_named("Home/INBOX").id,)), tmp_path / "out" / "box", "mbox", stop=stop)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_stopped_import_goes_on_where_it_was(mail, tmp_path, monkeypatch):
    monkeypatch.setattr("qtmail.engine.intake.BATCH", 10)
    monkeypatch.setattr("qtmail.engine.intake.SAY_S", 0)
    with closing(mailbox.mbox(tmp_path / "box")) as box:
        for number in range(100):
            box.add(eml(number))
    inbox = mail.folder_named("Home/INBOX").id
    stop = threading.Event()
    source = mailfiles.detect(tmp_path / "box")
    first = mail.take_in(source, inbox, lambda told: stop.set() if told.read >= 30 else None, stop)
    assert first.stopped
    assert mail.unfinished_import() == Unfinished(str(tmp_path / "box"), inbox)
    assert 0 < first.new < 100
    second = mail.take_in(source, inbox)
    assert (first.new + second.new, second.there, second.stopped) == (100, first.new, False)
    assert mail.unfinished_import() is None
    assert mail.folder(inbox).total == 100


def test_what_fails_under_way_keeps_what_was_taken_in(mail, tmp_path, monkeypatch):
    monkeypatch.setattr("qtmail.engine.intake.BATCH", 10)
    (tmp_path / "box").write_bytes(b"".join(b"From x Thu Jan  4 10:20:30 2024\n" + eml(n) + b"\n" for n in range(60)))
    writes = iter(range(100))
    write = Intake._write

    def full(self, part):
        if next(writes) == 3:
            raise BadInput("There is no room left on the disk.")
        write(self, part)

    monkeypatch.setattr(Intake, "_write", full)
    inbox = mail.folder_named("Home/INBOX").id
    with pytest.raises(BadInput, match="no room"):
        mail.import_messages(tmp_path / "box", inbox)
    monkeypatch.setattr(Intake, "_write", write)
    kept = mail.folder(inbox).total
    assert kept >= 30
    assert mail.unfinished_import() is not None
    assert mail.import_messages(tmp_path / "box", inbox) == (60 - kept, kept, ())


def test_the_same_message_in_two_folders_and_twice_in_one(mail, tmp_path):
    for name in ("a.mbox", "b.mbox"):
        (tmp_path / name).write_bytes(2 * (b"From x Thu Jan  4 10:20:30 2024\n" + eml(1) + b"\n"))
    report = mail.take_in(mailfiles.detect(tmp_path), mail.folder_named("Home/Archive").id)
    assert [(one.path, one.new, one.there) for one in report.folders] == [
        ("Home/Archive/a", 1, 1),
        ("Home/Archive/b", 1, 1),
    ]


def test_a_message_without_a_date_has_that_of_its_file(mail, tmp_path):
    (tmp_path / "box").write_bytes(b"From x Thu Jan  4 10:20:30 2024\nSubject: x\n\nx\n")
    inbox = mail.folder_named("Home/INBOX").id
    mail.import_messages(tmp_path / "box", inbox)
    (row,) = mail.rows(mail.ids([inbox])).values()
    assert (row.date, row.received) == (1_704_363_630, 1_704_363_630)


def test_imported_into_drafts_it_is_one(mail, tmp_path):
    (tmp_path / "a.eml").write_bytes(eml(1))
    drafts = mail.folder_of_role(mail.folder_named("Home/INBOX").account, Role.DRAFTS)
    mail.import_messages(tmp_path / "a.eml", drafts.id)
    assert next(iter(mail.rows(mail.ids([drafts.id])).values())).flags == {Flag.DRAFT}


class TestArchives:
    def test_a_zip_of_a_maildir(self, mail, tmp_path):
        tree(tmp_path / "md")
        with zipfile.ZipFile(tmp_path / "md.zip", "w") as archive:
            for file in (tmp_path / "md").rglob("*"):
                archive.write(file, file.relative_to(tmp_path))
        with unpacking.unpacked(tmp_path / "md.zip", tmp_path) as path:
            assert len(mailfiles.detect(path).boxes) == 3
            assert path.name == "md"
        assert not [one for one in tmp_path.iterdir() if one.name.startswith("qtmail-import")]

    def test_a_damaged_one(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.eml", eml(1, body="x" * 5000))
        raw = bytearray((tmp_path / "x.zip").read_bytes())
        raw[60:90] = b"\0" * 30
        (tmp_path / "x.zip").write_bytes(raw)
        with pytest.raises(BadInput, match="cannot be unpacked"), unpacking.unpacked(tmp_path / "x.zip", tmp_path):
            pytest.fail("it was unpacked")

    def test_what_is_no_archive_is_itself(self, tmp_path):
        (tmp_path / "a.eml").write_bytes(eml(1))
        with unpacking.unpacked(tmp_path / "a.eml") as path:
            assert path == tmp_path / "a.eml"
