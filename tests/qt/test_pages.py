"""Messages in tabs and in windows of their own: opened, acted on, gone through, closed, there at the next start."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qtmail.model import Role, RowId
from qtmail.settings import OpenIn, Scheme, Settings
from qtmail.ui.actions import Act
from qtmail.ui.main_window import MainWindow
from qtmail.ui.pages.page import MessagePage
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, press, settle


@pytest.fixture
def rows(shell: ShellMail) -> list[RowId]:
    """Four messages, newest first as the list shows them."""
    inbox = shell.of_role(Role.INBOX)
    return [shell.put(inbox, f"Number {n}", age=100 + n, seen=True) for n in range(4)]


def front(window: MainWindow) -> MessagePage:
    page = window.pages.front
    assert page is not None
    return page


def test_tabs(make_window: MakeWindow, rows: list[RowId], shell: ShellMail, qtbot: QtBot) -> None:
    window = make_window()
    settle(qtbot, window, 4)
    assert window.pages.tabs.bar.isHidden()
    window.list.select(rows[1])
    press(window.list.view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    page = front(window)
    assert (page.row, page.title) == (rows[1], "Number 1")
    assert window.pages.tabs.bar.isVisible()
    qtbot.waitUntil(lambda: page.reader.shown is not None)

    actions = window.actions_
    actions[Act.NEXT_MESSAGE].trigger()
    assert page.row == rows[2]
    assert window.pages.tabs.bar.tabText(1) == "Number 2"
    actions[Act.STAR].trigger()
    assert shell.rows_by_id[rows[2]].starred
    actions[Act.ARCHIVE].trigger()
    assert shell.rows_by_id[rows[2]].folder == shell.of_role(Role.ARCHIVE)
    assert page.row == rows[3], "the next one follows"
    actions[Act.PREVIOUS_MESSAGE].trigger()
    assert page.row == rows[1], "what left is passed over"
    actions[Act.REPLY].trigger()
    assert len(window.composing.windows) == 1

    window.pages.open_tab(rows[0])
    assert window.pages.tabs.bar.count() == 3
    window.pages.open_tab(rows[1])
    assert (window.pages.tabs.bar.count(), front(window)) == (3, page), "one tab a message"
    actions[Act.NEXT_TAB].trigger()
    assert front(window).row == rows[0]
    actions[Act.NEXT_TAB].trigger()
    assert window.pages.front is None
    actions[Act.NEXT_MESSAGE].trigger()
    assert window.list.selected() == [rows[3]], "the list's own next"
    actions[Act.PREVIOUS_TAB].trigger()
    actions[Act.CLOSE].trigger()
    assert front(window) is page
    actions[Act.CLOSE].trigger()
    assert window.isVisible()
    assert window.pages.tabs.bar.isHidden()


def test_tabs_come_back(make_window: MakeWindow, rows: list[RowId], shell: ShellMail, qtbot: QtBot) -> None:
    window = make_window()
    settle(qtbot, window, 4)
    for row in rows[:3]:
        window.pages.open_tab(row)
    window.pages.tabs.step(-1)
    window.dispose()
    del shell.rows_by_id[rows[2]]
    again = make_window()
    bar = again.pages.tabs.bar
    assert [bar.tabText(at) for at in range(bar.count())] == ["Mail", "Number 0", "Number 1"]
    assert again.pages.kept()[0] == tuple(rows[:2]), "nobody has looked at them"
    bar.setCurrentIndex(2)
    assert front(again).row == rows[1]
    assert again.pages.kept() == (tuple(rows[:2]), 2)
    again.dispose()
    third = make_window()
    assert front(third).row == rows[1]


def test_windows(make_window: MakeWindow, rows: list[RowId], shell: ShellMail, qtbot: QtBot) -> None:
    window = make_window(Settings(scheme=Scheme.LIGHT, open_in=OpenIn.WINDOW))
    settle(qtbot, window, 4)
    window.list.select(rows[0])
    press(window.list.view, Qt.Key.Key_Return)
    (apart,) = window.pages.windows
    assert (apart.page.row, apart.windowTitle()) == (rows[0], "Number 0")
    own = {action.text().replace("&", ""): action for action in apart.actions()}
    own["Delete"].trigger()
    assert shell.rows_by_id[rows[0]].folder == shell.of_role(Role.TRASH)
    assert apart.page.row == rows[1]
    for _ in range(2):
        own["Delete"].trigger()
    with qtbot.waitSignal(apart.closed):
        own["Delete"].trigger()
    assert window.pages.windows == []
    window.pages.open_window(rows[1])
    window.dispose()
    assert window.pages.windows == []
