"""Import, export and backup on screen: what is asked of the commands, and how their answers are told."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QObject, QUrl, Signal
from pytestqt.qtbot import QtBot

from qtmail.engine.backing_up.status import Last
from qtmail.model import AccountKey, Folder, FolderId, Role, RowId
from qtmail.paths import Profile
from qtmail.settings import BackupEvery, Settings
from qtmail.ui.actions import Act
from qtmail.ui.backing_up.page import BackupPage, sentence
from qtmail.ui.importing.dialog import ImportDialog
from qtmail.ui.importing.exporting import Choice, ExportDialog, free_directory
from qtmail.ui.importing.found import Offer, offers
from qtmail.ui.importing.opening import export_choices
from qtmail.ui.jobs import Outcome, ProcessJob
from qtmail.ui.message_list.drag import files_in
from qtmail.ui.preferences.window import Preferences
from qtmail.ui.theme import Theme, Tone
from tests.qt.fakes import WORK, account
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow

NOW = 1_800_000_000
ACCOUNTS = (account(WORK, "Work", "alice@example.test"),)
INBOX = Folder(FolderId(1), WORK, "INBOX", Role.INBOX, 7, 2)
LISTS = Folder(FolderId(2), WORK, "Lists", Role.NONE, 3, 0)
BELOW = Folder(FolderId(3), WORK, "Lists/qt", Role.NONE, 3, 0)
OUTBOX = Folder(FolderId(4), AccountKey(""), "Outbox", Role.OUTBOX, 0, 0)
FOLDERS = (INBOX, LISTS, BELOW, OUTBOX)
TREE = {
    "kind": "thunderbird",
    "octets": 9_000_000,
    "folders": [
        {"path": "Work/Inbox", "messages": 1200, "exact": True},
        {"path": "Work/Inbox/Invoices", "messages": 40, "exact": True},
        {"path": "Local Folders/Old", "messages": 80_000, "exact": False},
    ],
}
MBOX = {"kind": "mbox", "octets": 900, "folders": [{"path": "", "messages": 1, "exact": True}]}


class FakeJob(QObject):
    progressed = Signal(object)
    ended = Signal(object)
    cancelled = False

    def __init__(self, words: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self.words = list(words)

    def cancel(self) -> None:
        self.cancelled = True


class Jobs:
    """Starts jobs that the test ends."""

    def __init__(self) -> None:
        self.started: list[FakeJob] = []

    def __call__(self, words: Sequence[str], parent: QObject) -> FakeJob:
        self.started.append(FakeJob(words, parent))
        return self.started[-1]

    @property
    def last(self) -> FakeJob:
        return self.started[-1]

    def end(self, result: dict[str, object] | None, words: str = "", code: int = 0) -> None:
        self.last.ended.emit(Outcome(code, result, words))


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, jobs: Jobs) -> ImportDialog:
    made = ImportDialog(
        jobs,
        FOLDERS,
        ACCOUNTS,
        theme,
        into=LISTS.id,
        offers=[Offer("Thunderbird profile", Path("/home/a/.thunderbird/x.default"))],
        make_folder=lambda: FolderId(9),
    )
    qtbot.addWidget(made)
    made.show()
    return made


class TestImport:
    def test_from_an_offer_to_the_report(self, dialog: ImportDialog, jobs: Jobs, tmp_path: Path) -> None:
        dialog.choices[0].click()
        assert jobs.last.words == ["import", "/home/a/.thunderbird/x.default", "--look", "--json"]
        jobs.end(TREE)
        assert dialog.preview.summary.text() == "A Thunderbird profile: about 81,240 messages in 3 folders"
        assert dialog.preview.tree.topLevelItemCount() == 2
        assert dialog.preview.into.currentText() == "Work / Lists"
        dialog.take.click()
        assert jobs.last.words[-3:] == ["--into", "Work/Lists", "--watched"]
        jobs.last.progressed.emit({"folder": "Work/Lists/a", "read": 500, "new": 400, "octets": 45, "octets_total": 90})
        assert dialog.running.told.text().startswith("500 read, 400 new")
        assert dialog.running.bar.value() == 500
        told: list[object] = []
        dialog.took_in.connect(told.append)
        jobs.end({"text": "Import of x\n\nWork/Lists: 81,240 new\n", "stopped": False})
        assert told == [LISTS.id]
        assert "81,240 new" in dialog.report.toPlainText()
        assert dialog.save.isVisible()

    def test_one_that_was_stopped_can_go_on(self, qtbot: QtBot, theme: Theme, jobs: Jobs) -> None:
        dialog = ImportDialog(jobs, FOLDERS, ACCOUNTS, theme, into=INBOX.id, unfinished=(Path("/a/box"), LISTS.id))
        qtbot.addWidget(dialog)
        assert dialog.choices[0].text() == "Go on with box"
        dialog.choices[0].click()
        jobs.end(MBOX)
        dialog.take.click()
        assert jobs.last.words == ["import", "/a/box", "--into", "Work/Lists", "--watched"]

    def test_several_are_taken_in_one_after_the_other(self, dialog: ImportDialog, jobs: Jobs) -> None:
        dialog.look_at([Path("/a.mbox"), Path("/b.mbox")])
        jobs.end(MBOX)
        assert dialog.preview.title.text() == "a.mbox and 1 more"
        assert dialog.preview.tree.isHidden()
        dialog.take.click()
        jobs.end({"text": "of a", "stopped": False})
        assert jobs.last.words[1] == "/b.mbox"
        jobs.end({"text": "of b", "stopped": False})
        assert dialog.report.toPlainText() == "of a\nof b"

    def test_stopping_asks_the_command_and_begins_nothing_more(self, dialog: ImportDialog, jobs: Jobs) -> None:
        dialog.look_at([Path("/a.mbox"), Path("/b.mbox")])
        jobs.end(MBOX)
        dialog.take.click()
        dialog.running.stop.click()
        assert jobs.last.cancelled
        jobs.end({"text": "Stopped before its end", "stopped": True}, code=130)
        assert len(jobs.started) == 2
        assert "Stopped" in dialog.report.toPlainText()

    def test_what_is_no_mail_is_told_and_another_can_be_chosen(self, dialog: ImportDialog, jobs: Jobs) -> None:
        dialog.look_at([Path("/photo.png")])
        jobs.end(None, "photo.png is no mail.", code=1)
        assert dialog.report.toPlainText() == "photo.png is no mail."
        assert not dialog.save.isVisible()
        dialog.back.click()
        assert dialog.pages.currentIndex() == 0

    def test_killed_it_says_how_to_go_on(self, dialog: ImportDialog, jobs: Jobs) -> None:
        dialog.look_at([Path("/a.mbox")])
        jobs.end(MBOX)
        dialog.take.click()
        jobs.end(None, code=-1)
        assert "goes on from there" in dialog.report.toPlainText()

    def test_closing_stops_it(self, dialog: ImportDialog, jobs: Jobs) -> None:
        dialog.look_at([Path("/a.mbox")])
        dialog.close()
        assert jobs.last.cancelled

    def test_nothing_goes_into_the_outbox(self, dialog: ImportDialog) -> None:
        into = dialog.preview.into
        assert [into.itemData(i) for i in range(into.count())] == [1, 2, 3]

    def test_files_of_a_file_manager(self, tmp_path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path)), QUrl("https://example.org/x.eml")])
        assert files_in(data) == [tmp_path]

    def test_thunderbird_is_found(self, tmp_path: Path) -> None:
        root = tmp_path / ".thunderbird"
        (root / "x.default" / "Mail").mkdir(parents=True)
        (root / "x.default" / "prefs.js").touch()
        (root / "profiles.ini").write_text("[Profile0]\nName=default\nIsRelative=1\nPath=x.default\n")
        assert offers(tmp_path) == [Offer("Thunderbird profile", root / "x.default")]


class TestExport:
    def test_what_is_offered(self) -> None:
        found = export_choices(FOLDERS, ACCOUNTS, LISTS, [RowId(1), RowId(2)], "from:bo")
        assert [(one.title, one.words) for one in found] == [
            ("The 2 selected messages", ("--ids", "1,2")),
            ("What “from:bo” finds", ("--search", "from:bo")),
            ("Work/Lists", ("Work/Lists",)),
            ("Work/Lists, with the folders in it", ("Work/Lists", "--below")),
            ("Work/INBOX", ("Work/INBOX",)),
            ("Work/Lists/qt", ("Work/Lists/qt",)),
        ]

    def test_done(self, qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
        dialog = ExportDialog(jobs, [Choice("Work/Lists", ("Work/Lists",), "Lists")])
        qtbot.addWidget(dialog)
        dialog.form.setCurrentIndex(dialog.form.findData("maildir"))
        dialog.export_to(tmp_path / "out")
        assert jobs.last.words == ["export", "Work/Lists", str(tmp_path / "out"), "--format", "maildir", "--watched"]
        jobs.last.progressed.emit({"done": 2, "total": 3})
        assert dialog.running.told.text() == "2 of 3 written"
        jobs.end({"written": 2, "path": "/out", "left_out": 1}, "1 message left out: only the header is here yet.", 3)
        assert dialog.outcome.text() == "2 messages written to /out. 1 message left out: only the header is here yet."
        assert dialog.go.isEnabled()

    def test_a_directory_of_its_own(self, tmp_path: Path) -> None:
        assert free_directory(tmp_path, "Lists") == tmp_path
        (tmp_path / "Lists").mkdir()
        assert free_directory(tmp_path, "Lists") == tmp_path / "Lists (2)"


class TestBackup:
    @pytest.fixture
    def page(self, qtbot: QtBot, theme: Theme, jobs: Jobs) -> BackupPage:
        made = BackupPage(Settings(), lambda: self.last, jobs, theme)
        qtbot.addWidget(made)
        made.show()
        return made

    last = Last()

    def test_choosing_a_folder_makes_it_daily(self, page: BackupPage) -> None:
        told: list[tuple[str, object]] = []
        page.changed.connect(lambda name, value: told.append((name, value)))
        assert not page.now.isEnabled()
        page.use_folder("/media/stick")
        assert told == [("backup_folder", "/media/stick"), ("backup_every", BackupEvery.DAY)]
        assert page.now.isEnabled()

    def test_one_now_then_a_rehearsal(self, page: BackupPage, jobs: Jobs) -> None:
        page.use_folder("/b")
        page.now.click()
        assert jobs.last.words == ["backup", "/b", "--watched"]
        assert not page.now.isEnabled()
        self.__class__.last = Last(NOW, "/b", 12)
        jobs.end({"new": 12})
        assert page.result.text() == "Done. 12 messages written, read again and verified."
        assert "12 messages, verified" in page.state.text()
        page.rehearse.click()
        assert jobs.last.words == ["backup", "/b", "--rehearse", "--watched"]
        jobs.end({"ok": True, "messages": 12, "equal": 12, "problems": []})
        assert page.result.text() == "A restore would bring back all 12 messages, each of them equal to its original."
        page.rehearse.click()
        jobs.end({"ok": False, "messages": 12, "equal": 11, "problems": ["x did not come back."]}, code=1)
        assert page.result.text() == "11 of 12 messages would come back equal.\nx did not come back."

    def test_a_restore(self, qtbot: QtBot, page: BackupPage, jobs: Jobs) -> None:
        page.restore_from("/b")
        with qtbot.waitSignal(page.restored):
            jobs.end({"new": 3, "already_there": 9, "accounts": ["Old"], "problems": []})
        assert page.result.text().startswith(
            "3 messages brought back, 9 were here already. The account “Old” came back"
        )

    def test_a_refusal(self, page: BackupPage, jobs: Jobs) -> None:
        page.use_folder("/b")
        page.back_up()
        jobs.end(None, "There is no room.", code=1)
        assert page.result.text() == "There is no room."

    @pytest.mark.parametrize(
        ("last", "folder", "words", "tone"),
        [
            (Last(), "", "No folder is chosen yet.", Tone.MUTED),
            (Last(), "/b", "No backup has been made here yet.", Tone.MUTED),
            (Last(NOW - 120, "/b", 184_201), "/b", "Last backup 2 min ago: 184,201 messages, verified.", Tone.SUCCESS),
            (Last(NOW - 120, "/b", 1, missing=2), "/b", "2 more are not on this computer yet.", Tone.SUCCESS),
            (Last(NOW - 120, "/a", 1), "/b", "No backup has been made here yet.", Tone.MUTED),
            (Last(0, "/b", problem="No room.", problem_at=NOW), "/b", "The last try failed: No room.", Tone.DANGER),
        ],
    )
    def test_one_sentence(self, last: Last, folder: str, words: str, tone: Tone) -> None:
        text, shown = sentence(last, folder, NOW)
        assert words in text
        assert shown is tone


def test_a_command_in_a_process_of_its_own(qtbot: QtBot, tmp_path: Path) -> None:
    """A real one: its progress, its result, what it says of problems."""
    (tmp_path / "x.eml").write_bytes(b"Subject: x\n\nx\n")
    job = ProcessJob(Profile(tmp_path / "p").create(), ["import", str(tmp_path), "--look", "--json"])
    with qtbot.waitSignal(job.ended, timeout=60_000) as caught:
        pass
    assert caught.args[0].result["folders"] == [{"path": "", "messages": 1, "exact": True}]
    job = ProcessJob(Profile(tmp_path / "p"), ["import", "/nowhere", "--look", "--json"])
    with qtbot.waitSignal(job.ended, timeout=60_000) as caught:
        pass
    assert caught.args[0] == Outcome(1, None, "/nowhere is not there.")


def test_a_command_ends_in_order_with_the_program(qtbot: QtBot, tmp_path: Path) -> None:
    """Its stdin is closed, and that is enough."""
    profile = Profile(tmp_path / "p").create()
    job = ProcessJob(profile, ["restore", "/nowhere", "--watched"])
    ended: list[object] = []
    job.ended.connect(ended.append)
    job.wait()
    job.wait()
    assert ended == []


def test_the_window_opens_them(make_window: MakeWindow, shell: ShellMail, tmp_path: Path) -> None:
    """By menu, and by dropping on a folder."""
    window = make_window()
    window.actions_[Act.IMPORT].trigger()
    (dialog,) = window.findChildren(ImportDialog)
    assert dialog.pages.currentIndex() == 0
    dialog.close()
    window.actions_[Act.EXPORT].trigger()
    (export,) = window.findChildren(ExportDialog)
    assert "INBOX" in export.what.itemText(0)
    export.close()
    window.actions_[Act.BACKUP].trigger()
    (preferences,) = window.findChildren(Preferences)
    assert preferences.backup.isVisible()
    preferences.close()
