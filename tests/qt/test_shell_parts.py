"""The small parts around the list: status, toast, banner, finder, shortcuts, window state, reading thread."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.events import Problem
from qtmail.model import AccountState, OutboxId
from qtmail.paths import Profile
from qtmail.ui.actions import Act
from qtmail.ui.keyboard.finder import Choice, Finder, matches
from qtmail.ui.keyboard.sheet import lines
from qtmail.ui.parts.banner import Banner, Button, Kind
from qtmail.ui.reading import Reading
from qtmail.ui.sidebar.entries import Health
from qtmail.ui.theme import Theme
from qtmail.ui.window import state as window_state
from qtmail.ui.window.state import WindowState
from qtmail.ui.window.status import ActivityPanel, Situation, sentence
from qtmail.ui.window.toast import Toast
from tests.qt.fakes import HOME, WORK, account
from tests.qt.window import MakeWindow, press

ACCOUNTS = (account(WORK, "Work", "a@example.test"), account(HOME, "Home", "b@example.test"))


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        (Situation(), "No account yet"),
        (Situation(ACCOUNTS), "Not checked yet"),
        (Situation(ACCOUNTS, checked_at=880.0), "Up to date, 2 min ago"),
        (Situation(ACCOUNTS, checked_at=990.0, waiting=1), "Up to date, just now – 1 change waiting"),
        (Situation(ACCOUNTS, offline=True, waiting=3), "Offline – 3 changes waiting"),
        (
            Situation(ACCOUNTS, {WORK: Health(AccountState.SYNCING, "", 214, 5000)}, checked_at=1.0),
            "Syncing Work – 214 of 5,000",
        ),
        (
            Situation(ACCOUNTS, {HOME: Health(AccountState.PROBLEM, "No room."), WORK: Health(AccountState.SYNCING)}),
            "Home: No room.",
        ),
        (Situation(ACCOUNTS, {k: Health(AccountState.OFFLINE) for k in (WORK, HOME)}, waiting=2),
         "Offline – 2 changes waiting"),
        (Situation(ACCOUNTS, {WORK: Health(AccountState.OFFLINE)}, checked_at=999.0), "Up to date, just now"),
        (Situation(ACCOUNTS, hint="https://example.test/"), "https://example.test/"),
    ],
)  # fmt: skip
def test_the_most_pressing_thing_is_said(situation: Situation, words: str) -> None:
    assert sentence(situation, 1000.0)[1] == words


def test_the_panel_tells_each_account_in_words(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    panel = ActivityPanel(theme, parent)
    panel.tell(Situation(ACCOUNTS, {WORK: Health(AccountState.WRONG_PASSWORD)}))
    problem = Problem(WORK, "The password is wrong.", "Enter it again.", "535 no")
    panel.add_problem(problem)
    panel.open_above(parent)
    words = panel.words()
    assert "Work" in words
    assert "Home" in words
    assert "The password is wrong. Enter it again.\nThe server said: 535 no" in words
    assert "Enter the password…" in words
    with qtbot.waitSignal(panel.edit) as wanted:
        panel.button("Enter the password…").click()
    assert wanted.args == [WORK]
    assert not panel.isVisible()
    panel.open_above(parent)
    with qtbot.waitSignal(panel.retry) as wanted:
        panel.button("Check now").click()
    assert wanted.args == [HOME]
    with qtbot.waitSignal(panel.stop):
        panel.button("Work offline").click()
    panel.tell(Situation(ACCOUNTS, {WORK: Health(AccountState.SYNCING)}))
    panel.open_above(parent)
    with qtbot.waitSignal(panel.stop):
        panel.button("Cancel and work offline").click()


def test_the_panel_forgets_what_was_said_of_mail_that_is_settled(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    panel = ActivityPanel(theme, parent)
    one, two, other = Problem(WORK, "one", item=OutboxId(1)), Problem(WORK, "two", item=OutboxId(2)), Problem(WORK, "x")
    for problem in (one, two, other):
        panel.add_problem(problem)
    panel.keep_items({OutboxId(2)})
    assert panel.problems() == (two, other)


def test_a_toast_offers_undo_and_goes(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(600, 400)
    parent.show()
    toast = Toast(theme, parent)
    undone: list[int] = []
    toast.say("Move 3 messages", "Undo", lambda: undone.append(1))
    assert toast.geometry().bottom() < parent.height()
    toast.button.click()
    assert undone == [1]
    assert not toast.isVisible()
    toast.say("Sent")
    assert not toast.button.isVisible()
    toast.hide()
    toast._gone.stop()


def test_a_banner_says_one_thing_with_its_buttons(qtbot: QtBot, theme: Theme) -> None:
    banner = Banner(theme)
    qtbot.addWidget(banner)
    banner.say("Remote images are blocked.", Kind.INFO, [Button("load", "Load"), Button("always", "Always")])
    with qtbot.waitSignal(banner.pressed) as pressed:
        banner.button("always").click()
    assert pressed.args == ["always"]
    banner.say("Something else.", Kind.DANGER, closable=False)
    with pytest.raises(KeyError):
        banner.button("load")
    assert banner.accessibleName() == "Something else."
    banner.clear()
    assert banner.text() == ""


def choice(text: str, words: str = "") -> Choice:
    return Choice(text, "", lambda: None, "", words)


def test_what_is_typed_finds_the_nearest() -> None:
    choices = [choice("Work / Archive"), choice("Home / Archive"), choice("Reply all"), choice("March")]
    scored = {c.text: s for c in choices if (s := matches("arch", c)) is not None}
    assert set(scored) == {"Work / Archive", "Home / Archive", "March"}
    assert scored["Home / Archive"] < scored["March"], "the beginning of a word counts more than its inside"
    assert matches("home arch", choices[0]) is None
    assert matches("rpl", choices[2]) is not None, "letters in order"
    assert matches("qqq", choices[2]) is None
    assert matches("", choices[3]) == 0


def test_the_finder_is_driven_by_keys(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(800, 600)
    done: list[str] = []
    finder = Finder(theme, parent, "Move to folder")
    finder.offer([Choice(name, "folder", partial(done.append, name)) for name in ("Alpha", "Beta", "Gamma")])
    finder.open_over(parent)
    press(finder.field, Qt.Key.Key_Up)
    press(finder.field, Qt.Key.Key_Up)
    press(finder.field, Qt.Key.Key_Return)
    assert done == ["Beta"]
    assert not finder.isVisible()


def test_the_sheet_tells_every_key(make_window: MakeWindow) -> None:
    window = make_window(show=False)
    keys = {key for _, group in lines(window.actions_) for key, _ in group}
    assert {"Ctrl+N", "Del", "V", "Ctrl+K", "F6", "Ctrl+Shift+P", "Ctrl+/"} <= keys
    sheet = window.dialogs.shortcuts()
    assert sheet.isVisible()
    sheet.close()


def test_keys_can_be_changed(make_window: MakeWindow) -> None:
    window = make_window(show=False)
    window.actions_.set_shortcuts({"archive": "E", "junk": ""})
    assert window.actions_[Act.ARCHIVE].shortcut().toString() == "E"
    assert window.actions_[Act.ARCHIVE].toolTip() == "Move to Archive (E)"
    assert window.actions_[Act.JUNK].shortcuts() == []
    assert window.actions_[Act.DELETE].shortcut().toString() == "Del"


def test_window_state_goes_round(tmp_path: Path) -> None:
    state = WindowState(
        "Zm9v", (220, 900), False, (400, 500), (), ("date", "subject"), ("size",), {"date": 99}, "subject", False,
        ("account:x",), "unified", "gmail", {"archive": "E"},
    )  # fmt: skip
    path = tmp_path / "window.toml"
    window_state.save(path, state)
    assert window_state.load(path) == state
    assert window_state.load(tmp_path / "absent.toml") == WindowState()
    path.write_text("panes = 'wide'", "utf-8")
    assert window_state.load(path) == WindowState()
    assert window_state.unpack("not base64!") == b""


@pytest.fixture
def reading() -> Iterator[Reading]:
    made = Reading()
    made.start()
    yield made
    made.end()


def test_the_newest_answer_of_a_lane_wins(qtbot: QtBot, reading: Reading) -> None:
    gate = threading.Event()
    heard: list[str] = []
    reading.ask("list", lambda: gate.wait(5) and "old", heard.append)
    reading.ask("list", lambda: "new", heard.append)
    reading.ask("other", lambda: "beside", heard.append)
    gate.set()
    qtbot.waitUntil(lambda: "beside" in heard)
    assert heard == ["new", "beside"]


def test_a_failure_comes_back_in_words(qtbot: QtBot, reading: Reading) -> None:
    heard: list[str] = []

    def fail() -> None:
        raise MailError("The disk is full.", hint="Make room.")

    reading.ask("act", fail, lambda value: None, lambda error: heard.append(error.sentence()))
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == ["The disk is full. Make room."]


@pytest.mark.expects_log
def test_a_bug_does_not_end_the_thread(qtbot: QtBot, reading: Reading) -> None:
    heard: list[object] = []
    reading.ask("act", lambda: 1 // 0, heard.append, lambda error: heard.append(str(error)))
    reading.ask("next", lambda: "still here", heard.append)
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert "went wrong" in str(heard[0])
    assert heard[1] == "still here"


def test_a_read_that_nobody_waits_for_is_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    mail = Mail(Profile(tmp_path).create())
    reading = Reading(stopper=mail.stopper)
    reading.start()
    began, ended = threading.Event(), threading.Event()

    def endless() -> None:
        began.set()
        try:
            mail._read().value("WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
        finally:
            ended.set()

    def give_up() -> bool:
        reading.forget("list")
        return ended.is_set()

    heard: list[object] = []
    reading.ask("list", endless, heard.append, heard.append, stoppable=True)
    assert began.wait(5)
    qtbot.waitUntil(give_up)
    reading.ask("list", lambda: mail._read().value("SELECT 7"), heard.append)
    qtbot.waitUntil(lambda: heard == [7])
    reading.end()
    mail.close()


def test_what_is_wrong_is_said_once_in_the_panel(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    panel = ActivityPanel(theme, parent)
    words = "The server does not accept the password."
    health = {WORK: Health(AccountState.WRONG_PASSWORD, words)}
    panel.tell(Situation(ACCOUNTS, health))
    panel.add_problem(Problem(WORK, words, "Type it again."))
    panel.open_above(parent)
    assert panel.words().count(words) == 1
    assert "The password is not accepted" in panel.words()
    panel.close()
