"""Which folders are subscribed: the dialog of an account, the menu of a folder, what the sidebar leaves out."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from qtmail.model import FolderId, Role
from qtmail.ui.accounts.subscriptions import SubscriptionsDialog
from qtmail.ui.main_window import MainWindow
from tests.qt.fakes import WORK
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow

PATHS = ("Lists", "Lists/qt", "Lists/python", "日本語")


@pytest.fixture
def made(shell: ShellMail) -> dict[str, FolderId]:
    return {path: shell.put_folder(WORK, path).id for path in PATHS}


def opened(window: MainWindow) -> SubscriptionsDialog:
    window.folder_acts.subscriptions_wanted.emit(WORK)
    return next(dialog for dialog in window.findChildren(SubscriptionsDialog) if dialog.isVisible())


def item(dialog: SubscriptionsDialog, path: str) -> QTreeWidgetItem:
    return next(item for item, folder in dialog.lines if folder.path == path)


def tick(dialog: SubscriptionsDialog, on: bool, *paths: str) -> None:
    for path in paths:
        item(dialog, path).setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def listed(dialog: SubscriptionsDialog) -> Sequence[str]:
    return [folder.path for item, folder in dialog.lines if not item.isHidden()]


def test_what_is_unticked_leaves_the_sidebar_only_where_that_is_wanted(
    make_window: MakeWindow, made: dict[str, FolderId], shell: ShellMail, qtbot: QtBot
) -> None:
    window = make_window()
    dialog = opened(window)
    assert dialog.wishes() == {}
    tick(dialog, False, "Lists", "Lists/qt", "日本語")
    assert set(dialog.wishes()) == {made["Lists"], made["Lists/qt"], made["日本語"]}
    dialog.accept()
    qtbot.waitUntil(lambda: not shell.folder(made["日本語"]).subscribed)
    entry = window.sidebar.entry_of("work/日本語")
    assert entry is not None
    dialog = opened(window)
    dialog.only.setChecked(True)
    dialog.accept()
    qtbot.waitUntil(lambda: window.sidebar.entry_of("work/日本語") is None)
    assert window.sidebar.entry_of("work/Lists") is not None, "a subscribed one is in it"
    assert window.sidebar.entry_of("work/Lists/qt") is None
    window.close()
    again = make_window()
    assert again.sidebar.entry_of("work/Lists/qt") is None, "remembered"


def test_the_filter_says_which_all_and_none_mean(
    make_window: MakeWindow, made: dict[str, FolderId], qtbot: QtBot
) -> None:
    dialog = opened(make_window())
    dialog.filter.setText("LISTS/")
    assert listed(dialog) == ["Lists", "Lists/python", "Lists/qt"], "with what they are in"
    dialog._tick_listed(False)
    assert set(dialog.wishes()) == {made["Lists/qt"], made["Lists/python"]}
    dialog.filter.setText("nothing like it")
    assert listed(dialog) == []
    assert dialog.words.text() == "No folder is called that."
    dialog.filter.clear()
    dialog._tick_listed(False)
    inbox = item(dialog, "INBOX")
    assert inbox.checkState(0) is Qt.CheckState.Checked, "mail could not come otherwise"
    assert not inbox.flags() & Qt.ItemFlag.ItemIsUserCheckable
    dialog.reject()


def test_a_folder_is_let_go_of_and_taken_back_in_its_menu(
    make_window: MakeWindow, made: dict[str, FolderId], shell: ShellMail, qtbot: QtBot
) -> None:
    window = make_window()
    for word, subscribed in (("Unsubscribe", False), ("Subscribe", True)):
        entry = window.sidebar.entry_of("work/Lists/qt")
        assert entry is not None
        menu = window.folder_acts.menu(entry)
        next(action for action in menu.actions() if action.text() == word).trigger()
        qtbot.waitUntil(lambda wanted=subscribed: shell.folder(made["Lists/qt"]).subscribed is wanted)
        window.refresh_folders()
    archive = window.sidebar.entry_of("work/Archive")
    assert archive is not None
    assert "Unsubscribe" not in [action.text() for action in window.folder_acts.menu(archive).actions()]
    assert shell.of_role(Role.ARCHIVE)
