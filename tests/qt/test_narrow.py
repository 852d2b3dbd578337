"""Little room: long words, narrow readers, small windows, a sidebar put away."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtmail.model import Role
from qtmail.settings import Layout
from qtmail.ui.actions import Act
from qtmail.ui.parts.labels import WrappedText
from qtmail.ui.window.wiring import cycle_panes
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, settle

WORD = "https://example.test/" + "a" * 120


@pytest.mark.parametrize("width", [120, 300, 900])
def test_a_long_word_is_broken_and_nothing_is_cut_off(qtbot: QtBot, width: int) -> None:
    text = WrappedText(f"{WORD} and some words")
    qtbot.addWidget(text)
    text.resize(width, 10)
    text.show()
    qtbot.waitUntil(lambda: text.height() >= text.document().size().height())
    assert text.document().idealWidth() <= text.viewport().width()
    assert text.height() <= text.document().size().height() + 2


def test_what_is_endless_scrolls(qtbot: QtBot) -> None:
    text = WrappedText("a" * 10_000, most=5)
    qtbot.addWidget(text)
    text.resize(200, 10)
    text.show()
    qtbot.waitUntil(lambda: text.verticalScrollBar().maximum() > 0)
    lines = text.document().firstBlock().layout()
    assert text.height() == pytest.approx(lines.lineAt(4).rect().bottom(), abs=1), "five whole lines"


def test_no_bar_where_all_of_it_has_room(qtbot: QtBot) -> None:
    text = WrappedText("", most=5)
    qtbot.addWidget(text)
    text.resize(300, 10)
    text.show()
    for length in range(1, 60):
        text.setText("some words " * length)
        lines = text.document().firstBlock().layout().lineCount()
        assert (text.verticalScrollBar().maximum() > 0) == (lines > 5), length


@pytest.mark.parametrize("size", [(720, 480), (800, 600), (1000, 640)])
def test_every_pane_has_room_in_a_small_window(
    qtbot: QtBot, make_window: MakeWindow, shell: ShellMail, size: tuple[int, int]
) -> None:
    row = shell.put(shell.of_role(Role.INBOX), f"{WORD} and a second line of words that follow it")
    window = make_window()
    settle(qtbot, window, 1)
    window.resize(*size)
    window.list.select(row)
    subject = window.reader.header.subject
    qtbot.waitUntil(lambda: subject.text().startswith(WORD))
    assert window.width() == size[0], "no word makes the window wider"
    assert window.reader.width() >= 280
    assert window.list.width() >= 220
    assert window.side.width() >= 180
    assert subject.document().idealWidth() <= subject.viewport().width()


def test_the_sidebar_is_put_away_and_stays_so(qtbot: QtBot, make_window: MakeWindow, shell: ShellMail) -> None:
    shell.put(shell.of_role(Role.INBOX), "one")
    window = make_window()
    settle(qtbot, window, 1)
    reader, width = window.reader.width(), window.side.width()
    window.sidebar.setFocus()
    window.actions_[Act.SIDEBAR].trigger()
    qtbot.waitUntil(lambda: window.reader.width() > reader)
    assert not window.actions_[Act.SIDEBAR].isChecked()
    assert window.list.view.hasFocus(), "the keyboard is not left in what is hidden"
    seen: list[QWidget | None] = []
    for _ in range(2):
        cycle_panes(window, 1)
        seen.append(window.focusWidget())
    assert window.sidebar not in seen
    window.close()
    again = make_window()
    assert again.side.isHidden()
    again.actions_[Act.SIDEBAR].trigger()
    qtbot.waitUntil(lambda: again.side.isVisible() and again.side.width() == width)


def test_the_reader_stands_below_while_the_window_is_narrow(
    qtbot: QtBot, make_window: MakeWindow, shell: ShellMail
) -> None:
    row = shell.put(shell.of_role(Role.INBOX), "one")
    window = make_window()
    settle(qtbot, window, 1)
    window.list.select(row)
    panes = window.mail_panes
    window.resize(1280, 800)
    panes.setSizes([400, panes.width() - 400])
    wide = panes.sizes()
    window.resize(720, 560)
    qtbot.waitUntil(lambda: panes.orientation() is Qt.Orientation.Vertical)
    assert window.list.width() == window.reader.width()
    assert window.settings.layout is Layout.RIGHT
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: panes.orientation() is Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: panes.sizes() == wide)
    window.resize(720, 560)
    window.close()
    again = make_window()
    assert again.mail_panes.orientation() is Qt.Orientation.Vertical, "as small as it was left"
    again.resize(1280, 800)
    qtbot.waitUntil(lambda: again.mail_panes.sizes() == pytest.approx(wide, abs=8))
