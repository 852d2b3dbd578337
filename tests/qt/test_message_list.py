"""The list by itself: forms, hovering, dragging, columns, what is read and when."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtmail.model import Flag, Role, RowId
from qtmail.ui.actions import Act
from qtmail.ui.main_window import MainWindow
from qtmail.ui.message_list.columns import COLUMNS, size_words
from qtmail.ui.message_list.drag import MOST_FILES, ROWS_MIME, RowsMime, file_name, rows_in
from qtmail.ui.message_list.header import ColumnState
from qtmail.ui.message_list.view import _runs
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, click, press, settle


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow, shell: ShellMail) -> MainWindow:
    inbox = shell.of_role(Role.INBOX)
    for number in range(300):
        shell.put(inbox, f"message {number:03}", age=number * 600)
    made = make_window()
    made.resize(790, 700)
    settle(qtbot, made, 300)
    return made


def centre_of(window: MainWindow, row: RowId) -> QPoint:
    view = window.list.view
    line = window.list.listing.line_of(row)
    return QPoint(view.viewport().width() // 2, view.rowViewportPosition(line) + view.rowHeight(line) // 2)


def test_only_rows_around_what_is_in_sight_are_read(window: MainWindow, shell: ShellMail) -> None:
    asked: list[int] = []
    rows = shell.rows

    def counting(ids: object) -> object:
        wanted = list(ids)  # type: ignore[call-overload]
        asked.append(len(wanted))
        return rows(wanted)

    shell.rows = counting  # type: ignore[method-assign, assignment]
    view = window.list.view
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    view.viewport().grab()
    assert len(asked) <= 2
    assert sum(asked) <= 150
    view.viewport().grab()
    assert sum(asked) <= 150, "a second painting reads nothing"


def test_the_first_key_and_the_ends_reach_messages_not_headings(window: MainWindow) -> None:
    view, ids = window.list.view, window.list.listing.ids
    assert not window.list.selected()
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert window.list.selected() == [ids[0]]
    QTest.keyClick(view, Qt.Key.Key_End)
    assert window.list.selected() == [ids[-1]]
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert window.list.selected() == [ids[0]]
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert window.list.selected() == [ids[0]]
    QTest.keyClick(view, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert window.list.selected() == list(ids)


def test_wide_is_a_table_and_narrow_is_cards(window: MainWindow) -> None:
    view = window.list.view
    assert (view.cards, window.list.header.isVisible()) == (True, False)
    height = view.rowHeight(1)
    window.reader.hide()
    window.side.hide()
    window.resize(790, 701)
    assert (view.cards, window.list.header.isVisible()) == (False, True)
    assert view.rowHeight(1) < height
    assert window.list.header.length() == view.viewport().width()


def test_a_click_selects_and_shift_extends(window: MainWindow) -> None:
    ids = [RowId(i) for i in window.list.ids()]
    viewport = window.list.view.viewport()
    click(viewport, centre_of(window, ids[0]))
    click(viewport, centre_of(window, ids[2]), Qt.KeyboardModifier.ShiftModifier)
    assert window.list.selected() == ids[:3]
    click(viewport, centre_of(window, ids[1]), Qt.KeyboardModifier.ControlModifier)
    assert window.list.selected() == [ids[0], ids[2]]


def test_arrow_keys_pass_over_headings(window: MainWindow, qtbot: QtBot, shell: ShellMail) -> None:
    ids = [RowId(i) for i in window.list.ids()]
    border = window.list.listing.headings[1].start
    window.list.select(ids[border - 1])
    press(window.list.view, Qt.Key.Key_Down)
    assert window.list.selected() == [ids[border]]
    press(window.list.view, Qt.Key.Key_Up)
    assert window.list.selected() == [ids[border - 1]]


def test_select_all_does_not_count_headings(window: MainWindow) -> None:
    window.list.view.selectAll()
    assert window.list.selected_count() == 300
    assert len(window.list.selected()) == 300


def test_hover_shows_actions_that_work(window: MainWindow, shell: ShellMail) -> None:
    view = window.list.view
    ids = [RowId(i) for i in window.list.ids()]
    window.list.select(ids[5])
    QTest.mouseMove(view.viewport(), centre_of(window, ids[4]))
    spots = dict(view.action_rects(window.list.listing.line_of(ids[4])))
    click(view.viewport(), spots[Act.STAR].center())
    assert Flag.FLAGGED in shell.rows_by_id[ids[4]].flags
    click(view.viewport(), spots[Act.ARCHIVE].center())
    assert shell.rows_by_id[ids[4]].folder == shell.of_role(Role.ARCHIVE)
    assert window.list.selected() == [ids[5]], "acting on another message leaves the selection alone"


def test_enter_and_double_click_open(window: MainWindow, qtbot: QtBot) -> None:
    row = RowId(window.list.ids()[1])
    window.list.select(row)
    with qtbot.waitSignal(window.list.opened) as opened:
        press(window.list.view, Qt.Key.Key_Return)
    assert opened.args == [row]


def test_a_refresh_keeps_a_whole_selection_whole(window: MainWindow, qtbot: QtBot, shell: ShellMail) -> None:
    window.list.view.selectAll()
    shell.put(shell.of_role(Role.INBOX), "one more", age=-5)
    settle(qtbot, window, 301)
    assert window.list.selected_count() == 301


def test_a_scattered_selection_survives_a_refresh(window: MainWindow, qtbot: QtBot, shell: ShellMail) -> None:
    ids = [RowId(i) for i in window.list.ids()]
    view = window.list.view
    for place in (3, 4, 9):
        click(view.viewport(), centre_of(window, ids[place]), Qt.KeyboardModifier.ControlModifier)
    chosen = window.list.selected()
    shell.put(shell.of_role(Role.INBOX), "one more", age=-5)
    settle(qtbot, window, 301)
    assert window.list.selected() == chosen


def test_skeletons_only_after_a_while(window: MainWindow, qtbot: QtBot) -> None:
    view = window.list.view
    before = view.viewport().grab().toImage()
    window.list._show_skeleton()
    assert view.viewport().grab().toImage() != before
    settle(qtbot, window)
    assert view.viewport().grab().toImage() == before


def test_columns_are_remembered_by_key(window: MainWindow) -> None:
    header = window.list.header
    header.restore_columns(ColumnState(("date", "vanished", "subject"), ("size",), {"date": 140, "gone": 9}))
    state = header.columns()
    assert state.order[:2] == ("date", "subject")
    assert set(state.order) == {column.key for column in COLUMNS}
    assert state.widths == {"date": 140}
    header.reset_columns()
    assert header.columns().order == tuple(column.key for column in COLUMNS)
    assert header.columns().hidden == ("size",)


def test_the_subject_cannot_be_hidden(window: MainWindow) -> None:
    window.list.header.restore_columns(ColumnState(("subject", "date"), ("subject", "date"), {}))
    assert "subject" not in window.list.header.columns().hidden


def test_what_a_drag_carries(shell: ShellMail, tmp_path: Path) -> None:
    row = shell.put(shell.of_role(Role.INBOX), 'a/b: "c"')
    absent = shell.put(shell.of_role(Role.INBOX), "header only")
    shell.rows_by_id[absent] = replace(shell.rows_by_id[absent], has_body=False)
    asked: list[int] = []

    def folder() -> Path:
        asked.append(1)
        return tmp_path

    data = RowsMime(shell.mail, [row, absent], folder)
    assert rows_in(data) == (row, absent)
    assert json.loads(bytes(data.data(ROWS_MIME).data())) == [row, absent]
    assert not asked, "files are made only when somebody wants them"
    assert data.hasUrls()
    names = [Path(url.toLocalFile()).name for url in data.urls()]
    assert names == [f"a b c-{row}.eml"]
    assert (tmp_path / names[0]).read_bytes() == shell.raws[row]


def test_a_drag_of_many_offers_no_files(shell: ShellMail, tmp_path: Path) -> None:
    data = RowsMime(shell.mail, [RowId(i) for i in range(MOST_FILES + 1)], lambda: tmp_path)
    assert data.formats() == [ROWS_MIME]


def test_other_drags_carry_no_rows() -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.test")])
    assert rows_in(data) == ()
    data.setData(ROWS_MIME, b"not json")
    assert rows_in(data) == ()


@pytest.mark.parametrize(
    ("subject", "name"),
    [("Re: hello", "Re hello"), ("../../etc/passwd", "etc passwd"), ("", "message"), ("\x00\n...", "message"),
     ("x" * 200, "x" * 60)],
)  # fmt: skip
def test_file_names_are_safe_everywhere(subject: str, name: str) -> None:
    assert file_name(subject) == name


def test_sizes_in_words() -> None:
    assert [size_words(n) for n in (812, 14_200, 3_210_000)] == ["812 B", "14 kB", "3.2 MB"]


def test_runs() -> None:
    assert _runs([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
    assert _runs([]) == []
