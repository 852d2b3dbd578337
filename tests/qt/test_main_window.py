"""The window as a whole: opening places, acting, searching, and how it is left."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QThread, QTimer
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.model import AccountKey, AccountState, Flag, Role, RowId, SortKey
from qtmail.paths import write_whole
from qtmail.settings import Density, Layout, Scheme, Settings
from qtmail.ui.actions import ACTIONS, Act
from qtmail.ui.acts.mail import AT_ONCE
from qtmail.ui.main_window import MainWindow
from qtmail.ui.theme import DARK
from qtmail.ui.window.new_mail import words
from tests.qt.fakes import WORK, FakeLink
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, press, selected_subjects, settle, subjects

DAY = 86_400


@pytest.fixture
def three(shell: ShellMail) -> list[RowId]:
    inbox = shell.of_role(Role.INBOX)
    return [shell.put(inbox, name, age=age) for name, age in (("one", 0), ("two", DAY * 40), ("three", DAY * 41))]


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow, three: list[RowId]) -> MainWindow:
    made = make_window()
    settle(qtbot, made, 3)
    return made


def trigger(window: MainWindow, act: Act) -> None:
    window.actions_[act].trigger()


def messages(window: MainWindow) -> list[str]:
    return [line for line in subjects(window) if not line.startswith("[")]


def test_every_action_has_a_handler(make_window: MakeWindow) -> None:
    assert make_window(show=False).actions_.unhandled() == set()


def test_every_action_is_in_a_menu(make_window: MakeWindow) -> None:
    window = make_window(show=False)
    shown = set()
    for entry in window.menuBar().actions():
        menu = entry.menu()
        shown |= {action.objectName() for action in menu.actions()}  # type: ignore[attr-defined]
    assert {spec.id.value for spec in ACTIONS} <= shown


def test_no_two_actions_share_keys() -> None:
    keys = [spec.keys for spec in ACTIONS if spec.keys]
    assert len(keys) == len(set(keys))


def test_it_opens_the_unified_inbox_with_headings(window: MainWindow) -> None:
    assert messages(window) == ["one", "two", "three"]
    assert window.list.place is not None
    assert window.list.place.key == "unified"
    assert len([line for line in subjects(window) if line.startswith("[")]) == 2


def test_selecting_shows_the_message(window: MainWindow, three: list[RowId]) -> None:
    window.list.select(three[1])
    assert window.reader.row == three[1]
    window.list.view.selectAll()
    assert selected_subjects(window) == ["one", "two", "three"]
    assert window.reader.row is None


@pytest.mark.parametrize(
    ("act", "role"), [(Act.ARCHIVE, Role.ARCHIVE), (Act.DELETE, Role.TRASH), (Act.JUNK, Role.JUNK)]
)
def test_after_removing_the_next_one_is_selected(
    window: MainWindow, shell: ShellMail, three: list[RowId], act: Act, role: Role, engine: FakeLink
) -> None:
    window.list.select(three[0])
    trigger(window, act)
    assert messages(window) == ["two", "three"], "the list changes at once, before anything is read again"
    assert selected_subjects(window) == ["two"]
    assert shell.rows_by_id[three[0]].folder == shell.of_role(role)
    assert events.Wake() in engine.wishes


def test_after_removing_the_last_the_one_before_is_selected(
    qtbot: QtBot, window: MainWindow, three: list[RowId]
) -> None:
    window.list.select(three[2])
    trigger(window, Act.ARCHIVE)
    settle(qtbot, window, 2)
    assert selected_subjects(window) == ["two"]


def test_after_removing_everything_nothing_is_shown(window: MainWindow) -> None:
    window.list.view.selectAll()
    trigger(window, Act.ARCHIVE)
    assert messages(window) == []
    assert window.reader.row is None
    assert window.list.empty.text() == "You are all caught up."
    assert not window.actions_[Act.ARCHIVE].isEnabled()


def test_undo_brings_back_and_selects(qtbot: QtBot, window: MainWindow, three: list[RowId]) -> None:
    window.list.select(three[1])
    trigger(window, Act.ARCHIVE)
    settle(qtbot, window, 2)
    assert window.toast.isVisible()
    assert window.actions_[Act.UNDO].text().startswith("&Undo Move 1 message")
    window.toast.button.click()
    settle(qtbot, window, 3)
    assert messages(window) == ["one", "two", "three"]
    assert selected_subjects(window) == ["two"]
    assert not window.actions_[Act.UNDO].isEnabled()


def test_much_is_taken_back_on_the_reading_thread(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = shell.of_role(Role.INBOX)
    for number in range(AT_ONCE):
        shell.put(inbox, f"message {number}")
    window.list.refresh()
    settle(qtbot, window)
    window.list.view.selectAll()
    with qtbot.waitSignal(window.acts.done):
        trigger(window, Act.ARCHIVE)
    threads: list[QThread] = []
    undo = shell.undo
    monkeypatch.setattr(shell, "undo", lambda gesture=None: (threads.append(QThread.currentThread()), undo(gesture))[1])
    with qtbot.waitSignal(window.acts.done):
        trigger(window, Act.UNDO)
    assert threads
    assert window.thread() not in threads


def test_what_was_selected_when_the_key_went_down_is_moved(
    window: MainWindow, shell: ShellMail, three: list[RowId], qtbot: QtBot
) -> None:
    window.list.select(three[1])
    trigger(window, Act.MOVE)
    shell.put(shell.of_role(Role.INBOX), "newer", age=-5)
    settle(qtbot, window, 4)
    window.list.select(three[2])
    finder = window.dialogs.finder
    assert finder is not None
    finder.field.setText("work arch")
    press(finder.field, Qt.Key.Key_Return)
    archived = [row for row in three if shell.rows_by_id[row].folder == shell.of_role(Role.ARCHIVE)]
    assert archived == [three[1]]
    assert window.list.selected() == [three[2]]


def test_a_key_held_down_deletes_once(window: MainWindow) -> None:
    assert not window.actions_[Act.DELETE].autoRepeat()
    assert not window.actions_[Act.ARCHIVE].autoRepeat()
    assert window.actions_[Act.NEXT_UNREAD].autoRepeat()


def test_deleting_in_trash_asks_once(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = shell.put(shell.of_role(Role.TRASH), "rubbish")
    window.refresh_folders()
    assert window.sidebar.open_place("work/Trash")
    settle(qtbot, window, 1)
    window.list.select(gone)
    asked: list[str] = []
    answers = iter([False, True])

    def ask(_title: str, question: str, _button: str) -> bool:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr(window.acts, "_ask", ask)
    trigger(window, Act.DELETE)
    assert gone in shell.rows_by_id, "no means no"
    trigger(window, Act.DELETE)
    assert gone not in shell.rows_by_id
    assert len(asked) == 2
    assert "for good" in asked[0]


def test_star_and_read(window: MainWindow, shell: ShellMail, three: list[RowId]) -> None:
    window.list.select(three[0])
    trigger(window, Act.STAR)
    trigger(window, Act.READ)
    assert {Flag.FLAGGED, Flag.SEEN} <= shell.rows_by_id[three[0]].flags
    trigger(window, Act.STAR)
    trigger(window, Act.READ)
    assert not {Flag.FLAGGED, Flag.SEEN} & shell.rows_by_id[three[0]].flags
    assert selected_subjects(window) == ["one"]


def test_mixed_flags_are_first_made_equal(window: MainWindow, shell: ShellMail, three: list[RowId]) -> None:
    shell.set_flag([three[0]], Flag.FLAGGED, True)
    window.list.view.selectAll()
    trigger(window, Act.STAR)
    assert all(Flag.FLAGGED in shell.rows_by_id[row].flags for row in three)


def test_next_unread_goes_round_and_says_when_there_is_none(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, three: list[RowId]
) -> None:
    shell.set_flag([three[1]], Flag.SEEN, True)
    window.list.select(three[0])
    with qtbot.waitSignal(window.list.selection_changed):
        trigger(window, Act.NEXT_UNREAD)
    assert selected_subjects(window) == ["three"]
    with qtbot.waitSignal(window.list.selection_changed):
        trigger(window, Act.NEXT_UNREAD)
    assert selected_subjects(window) == ["one"]
    shell.set_flag(three, Flag.SEEN, True)
    trigger(window, Act.NEXT_UNREAD)
    qtbot.waitUntil(window.toast.isVisible)
    assert "No more unread" in window.toast.label.text()


def test_search_as_you_type_and_back(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 1):
        window.search.setText("thr")
    assert messages(window) == ["three"]
    assert "1 message" in window.scope.label.text()
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 0):
        window.search.setText("nothing like it")
    assert window.list.empty.text() == "Nothing matches “nothing like it”."
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 3):
        press(window.search, Qt.Key.Key_Escape)
    assert window.search.text() == ""
    assert not window.scope.isVisible()


def test_escape_among_the_results_ends_the_search(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 1):
        window.search.setText("thr")
    press(window.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 3):
        press(window.list.view, Qt.Key.Key_Escape)
    assert window.search.text() == ""


def test_a_query_that_makes_no_sense_says_why(qtbot: QtBot, window: MainWindow) -> None:
    before = subjects(window)
    with qtbot.waitSignal(window.list.failed):
        window.search.setText('"open')
    assert "quotation mark" in window.scope.label.text()
    assert subjects(window) == before


def test_search_can_stay_where_one_is(qtbot: QtBot, window: MainWindow, shell: ShellMail) -> None:
    shell.put(shell.of_role(Role.ARCHIVE), "one more")
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 2):
        window.search.setText("one")
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 1):
        window.scope.here.click()
    assert messages(window) == ["one"]


def test_new_mail_comes_without_a_jump(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, engine: FakeLink, three: list[RowId]
) -> None:
    inbox = shell.of_role(Role.INBOX)
    for number in range(80):
        shell.put(inbox, f"older {number}", age=DAY * 50 + number)
    settle(qtbot, window, 83)
    view = window.list.view
    window.list.select(three[2])
    view.verticalScrollBar().setValue(700)
    top = view.rowAt(2)
    anchor, offset = window.list.listing.id_at(top), view.rowViewportPosition(top)
    shell.put(inbox, "brand new", age=-60)
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 84):
        engine.heard.emit(events.FolderChanged(inbox, 1))
    assert anchor is not None
    assert view.rowViewportPosition(window.list.listing.line_of(anchor)) == offset
    assert selected_subjects(window) == ["three"]


def test_a_flood_of_events_does_not_hold_the_list_back(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, engine: FakeLink
) -> None:
    inbox = shell.of_role(Role.INBOX)
    flood = QTimer(interval=5)
    flood.timeout.connect(lambda: engine.heard.emit(events.FolderChanged(inbox)))
    flood.start()
    shell.put(inbox, "while it rains", age=-60)
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 4):
        pass
    qtbot.waitUntil(lambda: (entry := window.sidebar.entry_of("unified")) is not None and entry.count == 4)
    flood.stop()


def test_a_message_that_went_elsewhere_leaves_no_selection(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, engine: FakeLink, three: list[RowId]
) -> None:
    window.list.select(three[0])
    del shell.rows_by_id[three[0]]
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 2):
        engine.heard.emit(events.FolderChanged(shell.of_role(Role.INBOX)))
    assert window.list.selected() == []
    assert window.reader.row is None


def test_sorting_keeps_the_selection_and_drops_the_headings(
    qtbot: QtBot, window: MainWindow, three: list[RowId]
) -> None:
    window.list.select(three[1])
    with qtbot.waitSignal(window.list.listed):
        window.list.set_sort(SortKey.SUBJECT, False)
    assert subjects(window) == ["one", "three", "two"]
    assert selected_subjects(window) == ["two"]


def test_drop_moves_and_ctrl_copies(window: MainWindow, shell: ShellMail, three: list[RowId]) -> None:
    archive = shell.folder(shell.of_role(Role.ARCHIVE))
    window.sidebar.dropped.emit((three[0],), archive, True)
    assert shell.rows_by_id[three[0]].folder == shell.of_role(Role.INBOX)
    assert shell.folder(archive.id).total == 1
    window.sidebar.dropped.emit((three[0],), archive, False)
    assert shell.rows_by_id[three[0]].folder == archive.id
    assert messages(window) == ["two", "three"]


def test_v_moves_by_typing(window: MainWindow, shell: ShellMail, three: list[RowId]) -> None:
    window.list.select(three[0])
    trigger(window, Act.MOVE)
    finder = window.dialogs.finder
    assert finder is not None
    finder.field.setText("work arch")
    assert finder.texts()[0] == "Work / Archive"
    press(finder.field, Qt.Key.Key_Return)
    assert shell.rows_by_id[three[0]].folder == shell.of_role(Role.ARCHIVE)


def test_the_palette_finds_actions_folders_and_settings(qtbot: QtBot, window: MainWindow) -> None:
    trigger(window, Act.PALETTE)
    finder = window.dialogs.finder
    assert finder is not None
    for typed, expected in (
        ("arch fold", "Home / Archive"),
        ("prefer", "Preferences"),
        ("density", "Density of lists"),
    ):
        finder.field.setText(typed)
        assert any(expected in text for text in finder.texts()), typed
    finder.field.setText("zzzzqqq")
    assert finder.texts() == []
    finder.field.setText("work / trash")
    with qtbot.waitSignal(window.list.listed, check_params_cb=lambda n: n == 0):
        press(finder.field, Qt.Key.Key_Return)
    assert window.list.empty.text() == "Trash is empty."


def test_ctrl_number_opens_a_folder(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.list.listed):
        press(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.list.place == window.sidebar.places()[2]


def test_f6_goes_round_the_panes(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.sidebar.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.sidebar)
    trigger(window, Act.NEXT_PANE)
    assert QApplication.focusWidget() is window.list.view
    trigger(window, Act.NEXT_PANE)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus is window.reader or window.reader.isAncestorOf(focus)
    trigger(window, Act.PREVIOUS_PANE)
    assert QApplication.focusWidget() is window.list.view


def test_the_focus_comes_back_to_the_list_with_its_messages(
    qtbot: QtBot, window: MainWindow, three: list[RowId]
) -> None:
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.list.view)
    window.list.view.selectAll()
    trigger(window, Act.ARCHIVE)
    assert QApplication.focusWidget() is not window.list.view
    trigger(window, Act.UNDO)
    settle(qtbot, window, 3)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.list.view)


def test_problems_are_told_once_and_kept(window: MainWindow, engine: FakeLink) -> None:
    problem = events.Problem(WORK, "The server does not accept the password.", "Enter it again.", "535 no")
    engine.heard.emit(problem)
    engine.heard.emit(problem)
    assert window.banner.text().startswith("Work: The server does not accept the password.")
    assert window.panel.problems() == (problem,)
    window.banner.button("panel").click()
    assert window.panel.isVisible()
    window.panel.close()
    assert window.banner.text() == ""


def test_an_account_that_recovers_loses_its_problems(window: MainWindow, engine: FakeLink) -> None:
    engine.heard.emit(events.StateChanged(WORK, AccountState.PROBLEM, "The server is away."))
    engine.heard.emit(events.Problem(WORK, "The server is away.", retry=True))
    assert "The server is away." in window.status.words()
    engine.heard.emit(events.StateChanged(WORK, AccountState.IDLE))
    assert window.panel.problems() == ()
    assert window.status.words() == "Up to date, just now"


def test_offline_is_a_wish_that_is_remembered(make_window: MakeWindow, window: MainWindow, engine: FakeLink) -> None:
    trigger(window, Act.OFFLINE)
    assert events.GoOffline(True) in engine.wishes
    assert window.settings.offline
    assert window.status.words().startswith("Offline")
    assert window.actions_[Act.OFFLINE].isChecked()
    trigger(window, Act.OFFLINE)
    assert engine.wishes[-1] == events.GoOffline(False)


def test_scheme_density_and_layout_switch_live(window: MainWindow) -> None:
    height = window.list.view.rowHeight(1)
    trigger(window, Act.DARK)
    assert window.theme.palette is DARK
    trigger(window, Act.RELAXED)
    assert window.list.view.rowHeight(1) > height
    assert window.settings.density is Density.RELAXED
    trigger(window, Act.LAYOUT)
    assert window.mail_panes.orientation() is Qt.Orientation.Vertical
    assert window.settings.layout is Layout.BELOW
    assert window.settings.scheme is Scheme.DARK


def test_the_window_is_as_it_was_left(qtbot: QtBot, make_window: MakeWindow, window: MainWindow) -> None:
    window.resize(780, 600)
    window.panes.setSizes([230, 550])
    window.sidebar.fold(f"account:{WORK}", True)
    header = window.list.header
    header.moveSection(header.visualIndex(6), 0)
    assert window.sidebar.open_place("home/Sent")
    window.dispose()
    again = make_window(Settings())
    assert again.size() == window.size()
    assert again.sidebar.collapsed == {f"account:{WORK}"}
    assert again.panes.sizes()[0] == window.panes.sizes()[0]
    assert again.list.header.columns().order[0] == "date"
    assert again.list.place is not None
    assert again.list.place.key == "home/Sent"


def test_a_damaged_state_file_costs_nothing(make_window: MakeWindow, window: MainWindow) -> None:
    window.dispose()
    path = window.profile.root / "window.toml"
    path.write_text("geometry = [not toml", "utf-8")
    assert make_window(show=False).list.place is not None


def test_without_accounts_the_first_page_is_shown(make_window: MakeWindow, shell: ShellMail, engine: FakeLink) -> None:
    all_accounts, shell.all_accounts = shell.all_accounts, ()  # type: ignore[assignment]
    window = make_window()
    assert window.stack.currentWidget() is window.first_run
    assert not window.actions_[Act.COMPOSE].isEnabled()
    shell.all_accounts = all_accounts
    window.accounts_changed()
    assert window.stack.currentWidget() is window.page
    assert events.Reload() in engine.wishes
    assert window.list.place is not None


def test_everything_that_takes_the_focus_has_a_name(window: MainWindow) -> None:
    for kind in (QAbstractButton, QAbstractItemView, QLineEdit):
        for widget in window.findChildren(kind):
            internal = widget.objectName().startswith("qt_") or type(widget).__name__ == "QTableCornerButton"
            if widget.focusPolicy() is Qt.FocusPolicy.NoFocus or internal or not widget.isVisibleTo(window):
                continue
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text or widget.toolTip(), widget


def test_new_mail_is_told_of_while_the_window_is_elsewhere(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, engine: FakeLink
) -> None:
    inbox = shell.of_role(Role.INBOX)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    newest = shell.put(inbox, "Breakfast?", age=-60)
    with qtbot.waitSignal(window.new_mail.told) as told:
        engine.heard.emit(events.FolderChanged(inbox, 1))
    assert told.args == ["Bo Lind", "Breakfast?"]
    window.new_mail.opened.emit(inbox, newest)
    qtbot.waitUntil(lambda: window.list.selected() == [newest])


def test_several_new_messages_are_told_of_together() -> None:
    assert words(3, None) == ("3 new messages", "")


def test_it_stays_open_over_words_that_cannot_be_saved(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(window.composing, "may_end", lambda _ask: False)
        assert not window.close()
    assert window.isVisible()
    assert window.close()


def test_an_account_added_by_another_program_is_noticed(
    qtbot: QtBot, window: MainWindow, shell: ShellMail, engine: FakeLink
) -> None:
    before = engine.wishes.count(events.Reload())
    write_whole(window.profile.root / "window.toml", "")
    write_whole(window.profile.accounts, "# another program wrote this\n")
    qtbot.waitUntil(lambda: engine.wishes.count(events.Reload()) == before + 1)


def test_a_problem_of_an_account_not_seen_yet_names_it(window: MainWindow, shell: ShellMail, engine: FakeLink) -> None:
    new = replace(shell.all_accounts[0], key=AccountKey("new"), name="Club")
    shell.all_accounts = (*shell.all_accounts, new)  # type: ignore[assignment]
    engine.heard.emit(events.Problem(new.key, "The server is away."))
    assert window.banner.text().startswith("Club: The server is away.")
