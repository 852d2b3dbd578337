"""Shortcuts: schemes without conflicts, keys of one's own, the page that edits them, and that they work and last."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtmail.model import Role
from qtmail.ui.actions import ACTIONS, Act
from qtmail.ui.keyboard.keys import SCHEMES, Keys, fixed_use, normal
from qtmail.ui.keyboard.sheet import lines
from qtmail.ui.main_window import MainWindow
from qtmail.ui.preferences.shortcuts import ShortcutsPage
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, press, settle


@pytest.mark.parametrize("scheme", [scheme.key for scheme in SCHEMES])
def test_no_scheme_gives_a_key_twice(scheme: str) -> None:
    keys = Keys(scheme)
    for spec in ACTIONS:
        own = keys.of(spec.id)
        assert bool(own) == bool(normal(own)), f"{own} is no key"
        assert keys.holder(own, spec.id) is None, f"{own} of {spec.id}"
        assert not fixed_use(own)
    assert all(keys.of(act) for act in (Act.COMPOSE, Act.REPLY, Act.ARCHIVE, Act.DELETE, Act.MOVE, Act.SEARCH))


def test_an_own_key_is_taken_from_its_holder_and_comes_back() -> None:
    keys = Keys().put(Act.JUNK, "Ctrl+N")
    assert (keys.of(Act.JUNK), keys.of(Act.COMPOSE)) == ("Ctrl+N", "")
    assert dict(keys.own) == {"junk": "Ctrl+N", "compose": ""}
    keys = keys.reset(Act.COMPOSE)
    assert (keys.of(Act.JUNK), keys.of(Act.COMPOSE)) == ("", "Ctrl+N")
    assert dict(keys.reset(Act.JUNK).own) == {}


@pytest.fixture
def window(make_window: MakeWindow, shell: ShellMail, qtbot: QtBot) -> MainWindow:
    shell.put(shell.of_role(Role.INBOX), "one")
    made = make_window()
    settle(qtbot, made, 1)
    return made


def page_of(window: MainWindow) -> ShortcutsPage:
    preferences = window.dialogs.preferences("Shortcuts")
    return preferences.shortcuts


def give(page: ShortcutsPage, act: Act, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    page.choose(act)
    page.edit.setFocus()
    QTest.keyClick(page.edit, key, modifiers)
    page.edit.editingFinished.emit()


def test_a_key_is_given_in_the_preferences_works_and_lasts(
    window: MainWindow, make_window: MakeWindow, shell: ShellMail, qtbot: QtBot
) -> None:
    page = page_of(window)
    give(page, Act.STAR, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert page.keys.of(Act.STAR) == "Shift+F12"
    assert "(Shift+F12)" in window.actions_[Act.STAR].toolTip()
    assert ("Shift+F12", "Star") in dict(lines(window.actions_))["Message"]
    page.window().close()
    row = window.list.ids()[0]
    window.activateWindow()
    window.list.view.setFocus()
    window.list.select(row)  # type: ignore[arg-type]
    press(window.list.view, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: any(found.starred for found in shell.rows_by_id.values()))
    window.close()
    again = make_window()
    assert again.actions_[Act.STAR].shortcut() == QKeySequence("Shift+F12")


def test_a_key_that_is_taken_is_asked_about(window: MainWindow) -> None:
    page = page_of(window)
    give(page, Act.STAR, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert page.words.text() == "“New message” has Ctrl+N already."
    assert page.keys.of(Act.STAR) == "S"
    page.take.click()
    assert (page.keys.of(Act.STAR), page.keys.of(Act.COMPOSE)) == ("Ctrl+N", "")
    assert window.actions_[Act.COMPOSE].shortcut().isEmpty()
    page.choose(Act.COMPOSE)
    page.again.click()
    assert (page.keys.of(Act.STAR), page.keys.of(Act.COMPOSE)) == ("", "Ctrl+N")
    page.all.click()
    assert page.keys == Keys()


def test_keys_of_the_window_itself_cannot_be_given(window: MainWindow) -> None:
    page = page_of(window)
    give(page, Act.STAR, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert page.words.text() == "Ctrl+3 opens a folder, always. Choose other keys."
    assert page.keys.of(Act.STAR) == "S"


def test_another_scheme_keeps_the_own_keys(window: MainWindow) -> None:
    page = page_of(window)
    give(page, Act.STAR, Qt.Key.Key_F12, Qt.KeyboardModifier.NoModifier)
    page.scheme.setCurrentIndex(page.scheme.findData("gmail"))
    assert window.actions_[Act.COMPOSE].shortcut() == QKeySequence("C")
    assert window.actions_[Act.DELETE].shortcut() == QKeySequence("#")
    assert window.actions_[Act.STAR].shortcut() == QKeySequence("F12")
    assert "(/)" in window.search.toolTip()


def test_an_action_is_found_by_its_name_or_its_key(window: MainWindow) -> None:
    page = page_of(window)
    for typed, found in (("archi", ["Archive"]), ("ctrl+shift+r", ["Reply all"]), ("no such thing", [])):
        page.filter.setText(typed)
        shown = [item.text(0) for item in page._items.values() if not item.isHidden()]
        assert shown == found
