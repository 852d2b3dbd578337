"""Typing in the list: it finds, it leaves single-key shortcuts alone before it began, and ends when it should."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtmail.model import Role, RowId
from qtmail.ui.main_window import MainWindow
from qtmail.ui.message_list.typeahead import TypeAhead
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, press, selected_subjects, settle


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow, shell: ShellMail) -> MainWindow:
    inbox = shell.of_role(Role.INBOX)
    for age, (subject, sender) in enumerate(
        (("garden", "Anna"), ("zoo", "Dora"), ("jam", "Sam"), ("2 tickets", "Eva"))
    ):
        shell.put(inbox, subject, age=age * 60, sender=sender)
    made = make_window()
    settle(qtbot, made, 4)
    made.list.setFocus()
    return made


def typing(window: MainWindow) -> TypeAhead:
    (found,) = window.list.view.findChildren(TypeAhead)
    return found


def test_letters_that_are_no_shortcut_jump(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClicks(window.list.view, "do")
    qtbot.waitUntil(lambda: selected_subjects(window) == ["zoo"])
    assert typing(window).text == "do"
    assert typing(window)._words.isVisible()
    press(window.list.view, Qt.Key.Key_Escape)
    assert not typing(window).typing
    assert not typing(window)._words.isVisible()
    QTest.keyClicks(window.list.view, "2")
    qtbot.waitUntil(lambda: selected_subjects(window) == ["2 tickets"])


def test_shortcuts_keep_their_letters_until_typing_began(window: MainWindow, shell: ShellMail, qtbot: QtBot) -> None:
    inbox, row = shell.of_role(Role.INBOX), RowId(window.list.ids()[0])
    window.list.select(row)
    QTest.keyClicks(window.list.view, "'jsam")
    qtbot.waitUntil(lambda: selected_subjects(window) == ["jam"] or typing(window).text == "jsam")
    assert {one.folder for one in shell.rows_by_id.values()} == {inbox}, "J, S, A and M were text"
    assert not any(one.starred for one in shell.rows_by_id.values())
    for _ in range(3):
        press(window.list.view, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: selected_subjects(window) == ["jam"])
    typing(window).end()
    press(window.list.view, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: shell.rows_by_id[window.list.selected()[0]].starred)
    press(window.list.view, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: any(one.folder != inbox for one in shell.rows_by_id.values()))


def test_nothing_found_is_said_and_the_selection_stays(window: MainWindow, qtbot: QtBot) -> None:
    window.list.select(RowId(window.list.ids()[1]))
    QTest.keyClicks(window.list.view, "zebra")
    qtbot.waitUntil(lambda: "not here" in typing(window)._words.text())
    assert selected_subjects(window) == ["zoo"]


def test_it_ends_by_itself_and_with_other_keys(window: MainWindow, qtbot: QtBot) -> None:
    view = window.list.view
    ends: tuple[Callable[[], object], ...] = (
        lambda: press(view, Qt.Key.Key_Down),
        lambda: press(view, Qt.Key.Key_Return),
        lambda: window.search.setFocus(),
        lambda: typing(window)._pause.timeout.emit(),
    )
    for end in ends:
        view.setFocus()
        press(view, Qt.Key.Key_Apostrophe)
        press(view, Qt.Key.Key_Shift)
        assert typing(window).typing
        end()
        assert not typing(window).typing
    view.setFocus()
    press(view, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
    assert not typing(window).typing
