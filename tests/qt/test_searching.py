"""Around the results of a search: what it covers, saved searches in the sidebar, chips, marks."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.model import Role, RowId
from qtmail.ui.main_window import MainWindow
from qtmail.ui.message_list.painter import RowPainter
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, press, settle, subjects


@pytest.fixture
def window(qtbot: QtBot, shell: ShellMail, make_window: MakeWindow) -> MainWindow:
    for number, subject in enumerate(("Zebra crossing", "Tea", "Green tea with a zebra")):
        shell.put(shell.of_role(Role.INBOX), subject, age=number + 1)
    made = make_window()
    settle(qtbot, made, 3)
    return made


def search(qtbot: QtBot, window: MainWindow, text: str, count: int) -> None:
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda found: found == count):
        window.search.setText(text)
        window.search.tell()


def test_a_search_is_kept_as_a_folder(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    search(qtbot, window, "zebra", 2)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_given, **_named: ("The zoo", True))
    window.scope.save.click()
    (zoo,) = shell.saved_searches()
    assert (zoo.name, zoo.query) == ("The zoo", "zebra")
    key = f"search:{zoo.id}"

    def unread() -> int:
        line = window.sidebar.entry_of(key)
        return line.count if line is not None else -1

    qtbot.waitUntil(lambda: unread() == 2)
    window.search.leave()
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda found: found == 2):
        assert window.sidebar.open_place(key)
    assert "Tea" not in subjects(window)
    window.sidebar.fold("searches", True)
    window.refresh_folders()
    window.sidebar.fold("searches", False)
    assert window.list.place is not None
    assert window.list.place.query == "zebra"
    shell.put(shell.of_role(Role.INBOX), "Another zebra")
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda found: found == 3):
        window.hear(events.FolderChanged(window.folders[0].id))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_given, **_named: ("tea", True))
    entry = window.sidebar.entry_of(key)
    assert entry is not None
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda found: found == 2):
        window.searching.saved.menu(entry).actions()[0].trigger()
    window.sidebar.search_renamed.emit(shell.saved_searches()[0], "Tea time")
    assert [one.name for one in shell.saved_searches()] == ["Tea time"]
    window.sidebar.setFocus()
    press(window.sidebar, Qt.Key.Key_Delete)
    assert shell.saved_searches() == ()
    assert window.list.place is not None
    assert not window.list.place.query


def test_it_says_what_it_covers_and_goes_on_at_the_server(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, engine: FakeLink
) -> None:
    search(qtbot, window, "zebra", 2)
    qtbot.waitUntil(lambda: window.scope.coverage.text() == "All 3 messages.")
    assert window.scope.server.isHidden()
    inbox = next(one for one in shell.folders() if one.total)
    shell.kept_folders[inbox.id] = replace(shell.kept_folders[inbox.id], bodies_missing=2)
    window.searching._count()
    qtbot.waitUntil(lambda: "2 bodies not here yet" in window.scope.coverage.text())
    assert not window.scope.server.isHidden()
    window.scope.server.click()
    (wish,) = [one for one in engine.wishes if isinstance(one, events.SearchServers)]
    assert wish.query == "zebra"
    assert "Asking the server" in window.scope.coverage.text()
    tea = next(row.id for row in shell.rows_by_id.values() if row.subject == "Tea")
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda found: found == 3):
        engine.heard.emit(events.ServersSearched(wish.number, (tea,), "The server found 1 more."))
    assert "found 1 more" in window.scope.coverage.text()
    engine.heard.emit(events.ServersSearched(wish.number - 1, (), "Late."))
    assert "Late" not in window.scope.coverage.text()
    search(qtbot, window, "crossing", 1)
    window.settings = replace(window.settings, offline=True)
    window.scope.server.click()
    assert "offline" in window.scope.coverage.text()


def test_chips(qtbot: QtBot, window: MainWindow) -> None:
    box, chips = window.search, window.search.chips
    box.setText('from:ann zebra "x" in:inbox subject:(a')
    assert [box.text()[chip.start : chip.end] for chip in chips.chips] == ["from:ann", "in:inbox"]
    box.setText("from:ann is:unread ")
    box.setCursorPosition(len(box.text()))
    press(box, Qt.Key.Key_Backspace)
    assert box.text() == "from:ann "
    press(box, Qt.Key.Key_Backspace)
    assert box.text() == ""
    box.setText("from:ann zebra")
    (chip,) = chips.chips
    middle = chips.rect(chip).center()
    none, nowhere = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    moved = QMouseEvent(QEvent.Type.MouseMove, middle, box.mapToGlobal(middle), none, none, nowhere)
    QCoreApplication.sendEvent(box, moved)
    assert chips._under == chip
    box.grab()
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPointF(chips.cross(chip).center()).toPoint())
    assert box.text() == "zebra"
    box.setCursorPosition(len(box.text()))
    press(box, Qt.Key.Key_Backspace)
    assert box.text() == "zebr"


def test_hits_are_marked_and_attachments_named(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = next(row.id for row in shell.rows_by_id.values() if row.subject == "Zebra crossing")
    shell.inside[row] = "plan.pdf"
    marked: list[list[tuple[int, int]]] = []
    monkeypatch.setattr("qtmail.ui.message_list.painter.paint_marks", lambda *given: marked.append(list(given[4])))
    search(qtbot, window, "zebra", 2)
    window.list.view.grab()
    assert [(0, 5)] in marked
    shown = window.list.row(RowId(row))
    assert shown is not None
    assert window.list.view.place_names is not None
    assert window.list.view.place_names(shown) == "in plan.pdf"
    assert window.reader.marks is not None
    assert window.reader.marks.terms() == ("zebra",)


def test_the_best_first(qtbot: QtBot, window: MainWindow, theme: Theme) -> None:
    search(qtbot, window, "zebra", 2)
    assert any(line.startswith("[") for line in subjects(window))
    with qtbot.waitSignal(window.list.listed):
        window.scope.best.click()
    assert not any(line.startswith("[") for line in subjects(window))
    assert RowPainter(theme).marks is None
