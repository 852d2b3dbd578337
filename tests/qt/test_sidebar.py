"""The sidebar as one uses it: keys, folding, dropping, renaming, its menus."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.engine.server_details import Caught, ExtensionState, ServerDetails
from qtmail.model import AccountState, Role, RowId
from qtmail.settings import Density, Scheme
from qtmail.ui.account_colours import ACCOUNT_COLOURS, colour_of
from qtmail.ui.accounts.server_details import ServerDetailsDialog
from qtmail.ui.acts.folders import FolderActs
from qtmail.ui.main_window import MainWindow
from qtmail.ui.message_list.drag import RowsMime
from qtmail.ui.sidebar.model import spoken, tip
from qtmail.ui.theme import Theme, Tone, contrast
from tests.qt.fakes import WORK, FakeLink
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, press

NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(make_window: MakeWindow, shell: ShellMail) -> MainWindow:
    shell.put_folder(WORK, "Projects")
    shell.put_folder(WORK, "Projects/Aurora")
    shell.put(shell.of_role(Role.INBOX), "hello")
    made = make_window()
    made.resize(790, 790)
    return made


def spot(window: MainWindow, key: str) -> QPoint:
    for line in range(window.sidebar.model().rowCount()):
        index = window.sidebar.model().index(line, 0)
        entry = window.sidebar.entry_of(key)
        if entry is not None and index.data() == entry.title and index.data(Qt.ItemDataRole.UserRole) == entry:
            return window.sidebar.visualRect(index).center()
    raise AssertionError(f"{key} is not shown")


def drop(window: MainWindow, data: QMimeData, where: QPoint, keys: Qt.KeyboardModifier = NONE) -> bool:
    """Drag over the sidebar and let go. -> whether it took it. (Qt's own delivery wants a real drag.)"""
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    button = Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(where, both, data, button, keys)
    window.sidebar.dragEnterEvent(enter)
    if not enter.isAccepted():
        return False
    move = QDragMoveEvent(where, both, data, button, keys)
    window.sidebar.dragMoveEvent(move)
    if not move.isAccepted():
        return False
    event = QDropEvent(QPointF(where), both, data, button, keys)
    window.sidebar.dropEvent(event)
    return event.isAccepted()


def rows_data(window: MainWindow, shell: ShellMail, row: RowId) -> QMimeData:
    return RowsMime(shell.mail, [row], lambda: window.profile.root)


@pytest.mark.parametrize(("keys", "copied"), [(NONE, False), (CONTROL, True)])
def test_messages_dropped_on_a_folder(
    window: MainWindow, shell: ShellMail, keys: Qt.KeyboardModifier, copied: bool
) -> None:
    row = RowId(window.mail.ids([shell.of_role(Role.INBOX)])[0])
    assert drop(window, rows_data(window, shell, row), spot(window, "work/Archive"), keys)
    assert shell.folder(shell.of_role(Role.ARCHIVE)).total == 1
    assert shell.folder(shell.of_role(Role.INBOX)).total == int(copied)


def test_files_dropped_on_a_folder_are_offered_for_import(
    window: MainWindow, shell: ShellMail, qtbot: QtBot, tmp_path: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    window.sidebar.files_dropped.disconnect()  # the dialog has tests of its own
    with qtbot.waitSignal(window.sidebar.files_dropped) as caught:
        assert drop(window, data, spot(window, "work/Archive"))
    paths, folder = caught.args
    assert paths == [tmp_path]
    assert folder.id == shell.of_role(Role.ARCHIVE)
    assert not drop(window, data, spot(window, "unified"))


def test_the_folder_under_a_drag_is_marked(window: MainWindow, shell: ShellMail) -> None:
    row = RowId(window.mail.ids([shell.of_role(Role.INBOX)])[0])
    before = window.sidebar.viewport().grab().toImage()
    where = spot(window, "work/Archive")
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    data = rows_data(window, shell, row)
    window.sidebar.dragMoveEvent(QDragMoveEvent(where, both, data, Qt.MouseButton.LeftButton, NONE))
    assert window.sidebar.viewport().grab().toImage() != before


def test_what_cannot_be_dropped(window: MainWindow, shell: ShellMail) -> None:
    row = RowId(window.mail.ids([shell.of_role(Role.INBOX)])[0])
    text = QMimeData()
    text.setText("hello")
    assert not drop(window, text, spot(window, "work/Archive"))
    assert not drop(window, rows_data(window, shell, row), spot(window, "unified"))
    assert not drop(window, rows_data(window, shell, row), spot(window, f"account:{WORK}"))


def test_keys_walk_and_fold(window: MainWindow, qtbot: QtBot) -> None:
    assert window.sidebar.open_place("work/Projects")
    press(window.sidebar, Qt.Key.Key_Left)
    assert window.sidebar.entry_of("work/Projects/Aurora") is None
    press(window.sidebar, Qt.Key.Key_Right)
    assert window.sidebar.entry_of("work/Projects/Aurora") is not None
    with qtbot.waitSignal(window.sidebar.place_chosen):
        press(window.sidebar, Qt.Key.Key_Down)
    assert window.list.place is not None
    assert window.list.place.key == "work/Projects/Aurora"


def test_back_at_the_top_no_line_is_cut(window: MainWindow, shell: ShellMail, qtbot: QtBot) -> None:
    for number in range(40):
        shell.put_folder(WORK, f"Folder {number:02}")
    window.refresh_folders()
    bar = window.sidebar.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100)
    press(window.sidebar, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: bar.value() > 100)
    bar.setValue(10)
    press(window.sidebar, Qt.Key.Key_Home)
    press(window.sidebar, Qt.Key.Key_Down)
    assert bar.value() == 0


def test_a_click_on_a_heading_folds_its_account(window: MainWindow) -> None:
    place = window.list.place
    QTest.mouseClick(
        window.sidebar.viewport(), Qt.MouseButton.LeftButton, NONE, spot(window, f"account:{WORK}") + QPoint(0, 6)
    )
    assert window.sidebar.entry_of("work/Archive") is None
    assert window.list.place == place, "folding opens nothing"


def test_what_is_open_stays_open_when_counts_change(
    window: MainWindow, shell: ShellMail, engine: FakeLink, qtbot: QtBot
) -> None:
    assert window.sidebar.open_place("work/Projects")
    shell.put(shell.of_role(Role.INBOX), "more")
    shell.put_folder(WORK, "A new one")
    engine.heard.emit(events.FoldersChanged(WORK))
    qtbot.waitUntil(lambda: window.sidebar.entry_of("work/A new one") is not None)
    current = window.sidebar.current_entry()
    assert current is not None
    assert current.key == "work/Projects"
    inbox = window.sidebar.entry_of("unified")
    assert inbox is not None
    assert inbox.count == 2


def test_rename_in_place(window: MainWindow, shell: ShellMail, qtbot: QtBot) -> None:
    assert window.sidebar.open_place("work/Projects/Aurora")
    press(window.sidebar, Qt.Key.Key_F2)
    editor = window.sidebar.findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "Aurora"
    editor.setText("Borealis")
    press(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.sidebar.entry_of("work/Projects/Borealis") is not None)
    assert shell.folder_named("Work/Projects/Borealis")
    assert window.list.place is not None
    assert window.list.place.title == "Borealis", "what is open is followed"
    current = window.sidebar.current_entry()
    assert current is not None
    assert current.title == "Borealis"


def test_a_folder_with_a_role_cannot_be_renamed(window: MainWindow) -> None:
    assert window.sidebar.open_place("work/Archive")
    press(window.sidebar, Qt.Key.Key_F2)
    assert window.sidebar.findChild(QLineEdit) is None


def test_delete_means_the_folder_here(
    window: MainWindow, shell: ShellMail, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def yes(_title: str, question: str, _button: str) -> bool:
        asked.append(question)
        return True

    monkeypatch.setattr(window.folder_acts, "_ask", yes)
    assert window.sidebar.open_place("work/Projects/Aurora")
    press(window.sidebar, Qt.Key.Key_Delete)
    assert asked == ["Delete the folder “Aurora”?"]
    assert not any(folder.path == "Projects/Aurora" for folder in shell.folders())
    assert window.toast.isVisible()
    qtbot.waitUntil(lambda: window.list.place is not None and window.list.place.key == "unified")
    assert window.banner.text() == "", "nobody needs to be told what he did himself"


def test_a_folder_deleted_on_the_server_while_it_is_open(
    window: MainWindow, shell: ShellMail, engine: FakeLink, qtbot: QtBot
) -> None:
    assert window.sidebar.open_place("work/Projects/Aurora")
    del shell.kept_folders[shell.folder_named("Work/Projects/Aurora").id]
    engine.heard.emit(events.FoldersChanged(WORK))
    qtbot.waitUntil(lambda: window.list.place is not None and window.list.place.key == "unified")
    assert "“Aurora” was deleted or renamed on the server" in window.banner.text()
    assert "make it there again" in window.banner.text()


def test_an_account_that_goes_with_its_open_folder_is_not_explained(
    window: MainWindow, shell: ShellMail, qtbot: QtBot
) -> None:
    assert window.sidebar.open_place("work/Projects/Aurora")
    shell.all_accounts = shell.all_accounts[1:]
    window.accounts_changed()
    assert window.list.place is not None
    assert window.list.place.account != WORK
    assert window.banner.text() == ""


def texts(acts: FolderActs, window: MainWindow, key: str) -> list[str]:
    entry = window.sidebar.entry_of(key)
    assert entry is not None
    menu = acts.menu(entry)
    return [action.text() for action in menu.actions() if action.text()]


def test_each_kind_of_line_has_its_menu(window: MainWindow) -> None:
    acts = window.folder_acts
    assert texts(acts, window, f"account:{WORK}") == [
        *("Check now", "New folder…", "Folders…", "Account settings…", "Server details…")
    ]
    assert texts(acts, window, "unified") == ["Mark all as read", "Check now"]
    assert "Delete folder…" not in texts(acts, window, "work/Archive")
    assert texts(acts, window, "work/Projects")[-7:] == [
        *("New folder here…", "Keep offline", "Unsubscribe", "Import…", "Export…", "Rename", "Delete folder…")
    ]


def test_mark_all_read(window: MainWindow, shell: ShellMail, qtbot: QtBot) -> None:
    inbox = shell.of_role(Role.INBOX)
    assert shell.folder(inbox).unread == 1
    window.folder_acts.mark_all_wanted.emit((inbox,))
    qtbot.waitUntil(lambda: shell.folder(inbox).unread == 0)


def test_lines_can_be_heard_and_explained(window: MainWindow) -> None:
    inbox, heading = window.sidebar.entry_of("unified"), window.sidebar.entry_of(f"account:{WORK}")
    archive = window.sidebar.entry_of("work/Archive")
    assert inbox is not None
    assert heading is not None
    assert archive is not None
    assert spoken(inbox) == "Inbox, 1 unread, expanded"
    assert spoken(heading) == "Account Work"
    assert tip(archive).startswith("Archive: 0 messages, 0 unread\nCompared with the server:")
    assert tip(archive).endswith("\nComplete offline: yes")
    assert archive.folder is not None
    half = replace(archive, folder=replace(archive.folder, total=5000, bodies_missing=214))
    assert tip(half).endswith("\nComplete offline: 214 of 5,000 bodies missing")


def test_server_details_from_the_menu_of_an_account(window: MainWindow, shell: ShellMail) -> None:
    idle = ExtensionState("IDLE", True, True, True, "New mail is told at once.")
    odd = ExtensionState("X-<b>ODD</b>", True, False, False)
    missing = ExtensionState("MOVE", False, False, False, "Messages are moved in one step.")
    caught = Caught("SEARCH", "It said two things.", "It is asked twice.", 3, 1_795_428_000)
    shell.servers[WORK] = ServerDetails(
        "imap.example.test:993", "Dovecot", 1_795_428_000, (idle, odd, missing), (caught,)
    )
    window.folder_acts.details_wanted.emit(WORK)
    (dialog,) = window.findChildren(ServerDetailsDialog)
    assert dialog.isVisible()
    found = dialog.texts()
    assert found[found.index("IDLE") : found.index("IDLE") + 3] == ["IDLE", "New mail is told at once.", "verified"]
    assert {"imap.example.test:993", "It said two things.", "MOVE", "X-<b>ODD</b>"} <= set(found)
    assert any(text.startswith("It is asked twice. Seen 3 times") for text in found)
    press(dialog.findChild(QPushButton), Qt.Key.Key_Return)
    assert not dialog.isVisible()


def test_server_details_before_the_first_pass(window: MainWindow) -> None:
    dialog = window.dialogs.server_details(WORK)
    assert dialog is not None
    assert any(text.startswith("Nothing is known of this server yet.") for text in dialog.texts())
    dialog.close()


def test_the_spinner_turns_only_while_something_is_going_on(window: MainWindow, engine: FakeLink) -> None:
    engine.heard.emit(events.StateChanged(WORK, AccountState.SYNCING, "", 1, 9))
    assert window.sidebar.spinning
    engine.heard.emit(events.StateChanged(WORK, AccountState.IDLE))
    assert not window.sidebar.spinning


def test_a_name_that_is_taken_is_explained(window: MainWindow) -> None:
    window.folder_acts.create(WORK, "Projects")
    assert window.banner.text() == "There is already a folder “Projects”. Choose another name."


def test_a_new_folder_says_in_which_account_it_will_be(
    window: MainWindow, shell: ShellMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(_parent: object, _title: str, words: str) -> tuple[str, bool]:
        asked.append(words)
        return "", False

    monkeypatch.setattr(QInputDialog, "getText", ask)
    window.folder_acts.new(WORK)
    window.folder_acts.new(None, "Projects/Aurora")
    shell.all_accounts = shell.all_accounts[:1]  # type: ignore[assignment]
    window.folder_acts.new(None)
    assert asked == [
        "Name of the new folder, at the top in Work:",
        "Name of the new folder, below “Aurora” in Work:",
        "Name of the new folder, at the top:",
    ]


def test_an_accounts_colour_is_a_dot_that_can_be_seen_in_both_schemes(
    window: MainWindow, shell: ShellMail, theme: Theme
) -> None:
    coloured = [replace(account, colour="purple") for account in shell.all_accounts]
    window.sidebar.show_state(coloured, shell.folders(), {})
    assert [e.colour for e in window.sidebar._lines.entries if e.colour] == ["purple"] * 4
    for scheme, at in ((Scheme.LIGHT, 0), (Scheme.DARK, 1)):
        theme.set(scheme, Density.NORMAL)
        image = window.sidebar.viewport().grab().toImage()
        pixels = {image.pixelColor(x, y).name() for y in range(image.height()) for x in range(12, 60)}
        assert ACCOUNT_COLOURS["purple"][at].lower() in pixels
        for name in ACCOUNT_COLOURS:
            for ground in (Tone.SIDEBAR, Tone.SURFACE, Tone.ACCENT_SOFT):
                colour = colour_of(theme, name)
                assert colour is not None
                assert contrast(colour.name(), theme.colour(ground).name()) >= 3, (name, ground)
