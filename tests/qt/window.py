"""Names for window tests: how to wait for what a window does, and how to press and click."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtmail.model import RowId
from qtmail.ui.main_window import MainWindow

MakeWindow = Callable[..., MainWindow]


def settle(qtbot: QtBot, window: MainWindow, count: int | None = None) -> None:
    """Wait until the list shows what was asked for (`count` messages, if given)."""
    with qtbot.waitSignal(window.list.listed, timeout=5000, check_params_cb=lambda n: count in (None, n)):
        window.list.refresh()


def subjects(window: MainWindow) -> list[str]:
    """The list as the reader of it sees it, headings in brackets."""
    model = window.list.view.model()
    listing = window.list.listing
    found = []
    for line in range(model.rowCount()):
        heading = listing.heading_at(line)
        row = window.list.row(listing.id_at(line) or RowId(-1))
        found.append(f"[{heading.title}]" if heading else row.subject if row else "?")
    return found


def selected_subjects(window: MainWindow) -> list[str]:
    rows = [window.list.row(row) for row in window.list.selected()]
    return [row.subject for row in rows if row]


def press(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifiers)


def click(widget: QWidget, where: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, modifiers, where)
