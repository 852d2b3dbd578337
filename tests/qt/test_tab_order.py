"""Everything by keyboard alone: Tab follows reading order through the window and is never caught."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from qtmail.model import Role, RowId
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, settle


def walk(start: QWidget) -> list[str]:
    """The accessible names of what Tab goes through until it is back (or does not come back in 60 steps)."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    names: list[str] = []
    for _ in range(60):
        focus = QApplication.focusWidget()
        assert focus is not None
        if names and focus is start:
            return names
        names.append(focus.accessibleName() or getattr(focus, "text", str)())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not come back: {names}")


def test_through_the_window(qtbot: QtBot, make_window: MakeWindow, shell: ShellMail) -> None:
    shell.put(shell.of_role(Role.INBOX), "one")
    window = make_window()
    settle(qtbot, window, 1)
    window.list.select(RowId(window.list.ids()[0]))
    qtbot.waitUntil(lambda: window.reader.header.to.text() == "to me")
    names = walk(window.list.view)
    wanted = ["Messages", "to me", "Reply", "Reply to all", "Forward", "More", "Message", "Compose", "Search all mail",
              "Folders"]  # fmt: skip
    places = [names.index(name) for name in wanted if name in names]
    assert [name for name in wanted if name not in names] == []
    assert places == sorted(places)
    assert all(names), "everything has a name"


def test_through_every_page_of_the_preferences(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    preferences = window.dialogs.preferences()
    qtbot.waitUntil(preferences.isActiveWindow)
    for page in range(preferences.names.count()):
        preferences.names.setCurrentRow(page)
        names = walk(preferences.names)
        assert len(names) > 1
        assert all(names), names
