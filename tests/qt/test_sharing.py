"""Folders of others in the window: what may not be done there cannot be chosen, and says why."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragMoveEvent
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.engine.server_details import Caught, ServerDetails
from qtmail.engine.server_limits import Limits
from qtmail.model import Folder, Right
from qtmail.net.imap_values import Quota
from qtmail.ui.accounts.server_details import ServerDetailsDialog
from qtmail.ui.actions import NEEDS, Act
from qtmail.ui.main_window import MainWindow
from qtmail.ui.message_list.drag import RowsMime
from qtmail.ui.sidebar.model import tip
from tests.qt.fakes import WORK, FakeLink
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow

GB = 10**9
LINE = f"{WORK}/Shared folders/bob/Plans"


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    return make_window()


@pytest.fixture
def plans(window: MainWindow, shell: ShellMail, qtbot: QtBot) -> Folder:
    """A folder of bob, only to be read, with a message in it; it is open."""
    made = shell.put_folder(WORK, "Shared folders/bob/Plans")
    made = shell.kept_folders[made.id] = replace(made, shared=True, owner="bob", rights=frozenset())
    row = shell.put(made.id, "The plan")
    window.refresh_folders()
    assert window.sidebar.open_place(LINE)
    window.list.select(row)
    qtbot.waitUntil(lambda: window.list.selected() == [row] and window.actions_[Act.REPLY].isEnabled())
    return made


def test_nothing_that_is_not_allowed_can_be_chosen(window: MainWindow, shell: ShellMail, plans: Folder) -> None:
    assert set(NEEDS.values()) == {Right.REMOVE, Right.FLAG, Right.MARK_READ, Right.REMOVE_FOLDER}
    for act in NEEDS:
        action = window.actions_[act]
        assert not action.isEnabled(), act
        assert action.toolTip() == action.statusTip() == "You may only read in “Plans”."
    for act in (Act.REPLY, Act.COPY, Act.FORWARD):
        assert window.actions_[act].isEnabled()
    shell.kept_folders[plans.id] = replace(plans, rights=frozenset({Right.FLAG, Right.MARK_READ}))
    window.refresh_folders()
    assert window.actions_[Act.STAR].isEnabled()
    assert not window.actions_[Act.DELETE].isEnabled()
    assert window.actions_[Act.DELETE].toolTip() == "You may not remove mail from “Plans”."
    shell.kept_folders[plans.id] = replace(plans, rights=None)
    window.refresh_folders()
    assert window.actions_[Act.DELETE].isEnabled()
    assert window.actions_[Act.DELETE].toolTip() != "You may not remove mail from “Plans”."


def test_its_line_says_whose_it_is_and_takes_no_drop(window: MainWindow, shell: ShellMail, plans: Folder) -> None:
    entry = window.sidebar.entry_of(LINE)
    assert entry is not None
    assert "\nShared by bob" in tip(entry)
    assert tip(entry).endswith("\nRead only: nothing can be changed here")
    index = window.sidebar.currentIndex()
    assert not index.flags() & Qt.ItemFlag.ItemIsEditable
    menu = window.folder_acts.menu(entry)
    state = {action.text(): action.isEnabled() for action in menu.actions() if action.text()}
    assert state["Check now"]
    assert not any(state[name] for name in ("Mark all as read", "New folder here…", "Rename", "Delete folder…"))
    menu.deleteLater()
    assert not drops(window, index.row())
    shell.kept_folders[plans.id] = replace(plans, rights=frozenset({Right.ADD}))
    window.refresh_folders()
    assert drops(window, index.row())


def drops(window: MainWindow, line: int) -> bool:
    """Whether a message held over this line may fall there."""
    sidebar = window.sidebar
    data = RowsMime(window.mail, window.list.selected(), Path)
    where = sidebar.visualRect(sidebar.model().index(line, 0)).center()
    event = QDragMoveEvent(
        QPoint(where), Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    sidebar.dragMoveEvent(event)
    return event.isAccepted()


def test_how_full_the_mailbox_is(window: MainWindow, shell: ShellMail) -> None:
    quota = Quota("", "STORAGE", 31 * GB // 10, 15 * GB)
    shell.servers[WORK] = ServerDetails("imap.example.test:993", at=1, limits=Limits(1, (quota,), largest=35_000_000))
    window.refresh_folders()
    heading = window.sidebar.entry_of(f"account:{WORK}")
    assert heading is not None
    assert tip(heading).endswith("3.1 of 15 GB used")
    dialog = window.dialogs.server_details(WORK)
    assert dialog is not None
    assert "3.1 of 15 GB used. Messages of up to 35 MB are taken." in dialog.texts()
    assert [button.text() for button in dialog.findChildren(QPushButton)] == ["Close"]
    dialog.close()


def test_forget_and_try_again(window: MainWindow, shell: ShellMail, engine: FakeLink) -> None:
    caught = Caught("QRESYNC", "It lied.", "It is not used.", 1, 1_795_428_000)
    shell.servers[WORK] = ServerDetails("imap.gmail.com:993", at=1_795_428_000, honesty=(caught,))
    dialog = window.dialogs.server_details(WORK)
    assert isinstance(dialog, ServerDetailsDialog)
    assert "Known of Gmail" in dialog.texts()
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Forget and try again").click()
    assert not dialog.isVisible()
    assert WORK not in shell.servers
    assert engine.wishes[-1] == events.Reload((WORK,))
