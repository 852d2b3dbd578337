"""Ways to go on with a search, under the box."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qtmail.model import Role
from qtmail.ui.main_window import MainWindow
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, press, settle


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow, shell: ShellMail) -> MainWindow:
    shell.put(shell.of_role(Role.INBOX), "Tea")
    window = make_window()
    settle(qtbot, window)
    window.search.setFocus()
    return window


def offered(window: MainWindow) -> list[str]:
    view = window.search.completion.list
    if not view.isVisible():
        return []
    model = view.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_operators_are_offered_and_chosen_by_keys(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClicks(window.search, "tea un")
    assert offered(window) == ["is:unread"]
    view = window.search.completion.list
    press(view, Qt.Key.Key_Down)
    press(view, Qt.Key.Key_Return)
    assert window.search.text() == "tea is:unread "
    assert not view.isVisible()


def test_after_an_operator_its_values_are_offered(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClicks(window.search, "typ")
    press(window.search.completion.list, Qt.Key.Key_Down)
    press(window.search.completion.list, Qt.Key.Key_Tab)
    assert window.search.text() == "type:"
    assert "type:pdf" in offered(window)
    qtbot.keyClicks(window.search, "im")
    assert offered(window) == ["type:image"]


def test_enter_searches_for_what_is_typed_while_nothing_is_chosen(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClicks(window.search, "fro")
    assert offered(window) == ["from:"]
    with qtbot.waitSignal(window.search.searched) as told:
        press(window.search.completion.list, Qt.Key.Key_Return)
    assert told.args == ["fro"]
    assert offered(window) == []


def test_escape_closes_the_list_and_keeps_what_is_typed(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClicks(window.search, "has:")
    assert offered(window) == ["has:attachment"]
    press(window.search.completion.list, Qt.Key.Key_Escape)
    assert offered(window) == []
    assert window.search.text() == "has:"


def test_the_word_under_the_cursor_is_completed_in_the_middle(qtbot: QtBot, window: MainWindow) -> None:
    window.search.setText("is: tea")
    window.search.setCursorPosition(3)
    qtbot.keyClicks(window.search, "st")
    assert offered(window) == ["is:starred"]
    press(window.search.completion.list, Qt.Key.Key_Down)
    press(window.search.completion.list, Qt.Key.Key_Return)
    assert window.search.text() == "is:starred tea"
    assert window.search.cursorPosition() == len("is:starred ")
