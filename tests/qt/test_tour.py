"""The player of the tour, on steps made for it: it waits, takes pictures, and says that all is well only when it is."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.model import Role
from qtmail.ui.main_window import MainWindow
from qtmail.ui.tour import Tour
from qtmail.ui.tour.pictures import desk, ink
from qtmail.ui.tour.script import STEPS
from qtmail.ui.tour.stage import Missing, Stage
from qtmail.ui.tour.step import Step, no_act
from tests.qt.fakes import WORK, FakeLink
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, settle

Play = Callable[..., int]


def happened(_stage: Stage) -> str:
    return ""


def never(_stage: Stage) -> str:
    return "what never comes"


@pytest.fixture
def window(make_window: MakeWindow, shell: ShellMail, qtbot: QtBot) -> MainWindow:
    shell.put(shell.of_role(Role.INBOX), "Hello")
    made = make_window()
    settle(qtbot, made, 1)
    return made


@pytest.fixture
def play(window: MainWindow, shell: ShellMail, engine: FakeLink, tmp_path: Path, qtbot: QtBot) -> Play:
    """Play these steps -> the exit code. `differences`: what the servers say."""

    def run(*steps: Step, differences: Callable[[], Sequence[str]] = tuple, folder: Path = tmp_path) -> int:
        tour = Tour(window, shell.mail, engine, folder, differences, steps)
        with qtbot.waitSignal(tour.ended, timeout=10_000) as ended:
            tour.start()
        code: int = ended.args[0]
        return code

    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".png")


def test_a_step_waits_for_what_must_happen(
    play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str], window: MainWindow
) -> None:
    asked = []

    def third_time(_stage: Stage) -> str:
        asked.append(1)
        return "" if len(asked) > 2 else "patience"

    assert play(Step("one", "first", no_act, third_time), Step("two", "second", no_act, happened, picture=False)) == 0
    assert len(asked) >= 3
    assert names(tmp_path) == ["01-one.png"]
    assert QImage(str(tmp_path / "01-one.png")).size() == window.size()
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in told[:2]] == [["ok", "01-one"], ["ok", "02-two"]]


def test_what_does_not_happen_fails_with_a_picture(
    play: Play, window: MainWindow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window.profile.logs.mkdir()
    (window.profile.logs / "qtmail.log").write_text("what happened")
    assert play(Step("one", "first", no_act, never, seconds=0.1), Step("two", "second", no_act, happened)) == 1
    assert names(tmp_path) == ["01-one-failed.png"]
    assert (tmp_path / "qtmail.log").read_text() == "what happened"
    assert "FAILED  01-one" in (told := capsys.readouterr().out)
    assert "what never comes" in told


def act_in_vain(_stage: Stage) -> None:
    raise Missing("door")


def check_in_vain(_stage: Stage) -> str:
    raise Missing("a house")


def test_what_is_not_there_fails(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(Step("one", "first", act_in_vain, happened)) == 1
    assert "there is no door" in capsys.readouterr().out
    assert play(Step("one", "first", no_act, check_in_vain, seconds=0.1)) == 1
    assert "a house" in capsys.readouterr().out


@pytest.mark.expects_log
@pytest.mark.parametrize("where", ["act", "check"])
def test_a_bug_ends_the_tour(play: Play, where: str) -> None:
    def bug(_stage: Stage) -> str:
        raise ZeroDivisionError

    assert play(Step("one", "first", bug if where == "act" else no_act, bug if where == "check" else happened)) == 1


def test_a_problem_told_by_the_window_ends_the_tour(
    play: Play, engine: FakeLink, capsys: pytest.CaptureFixture[str]
) -> None:
    def trouble(_stage: Stage) -> None:
        engine.heard.emit(events.Problem(WORK, "The server is on fire."))

    assert play(Step("one", "first", trouble, happened)) == 1
    assert "on fire" in capsys.readouterr().out


def test_the_servers_are_asked_until_they_answer(play: Play) -> None:
    said: list[Sequence[str]] = []

    def ask(stage: Stage) -> None:
        stage.compare()

    def answered(stage: Stage) -> str:
        if stage.agreement is not None:
            said.append(stage.agreement)
        return "" if said else "an answer"

    assert play(Step("one", "first", ask, answered), differences=lambda: ("one is missing",)) == 0
    assert said[0] == ("one is missing",)


def test_a_folder_that_cannot_be_made(play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert play(Step("one", "first", no_act, happened), folder=in_the_way) == 1
    assert "Name another folder" in capsys.readouterr().out


def test_a_picture_holds_the_window_and_what_is_over_it(window: MainWindow, qtbot: QtBot) -> None:
    for other in QApplication.topLevelWidgets():
        if other is not window:
            other.hide()  # what an earlier test left on the desk
    alone = desk(window, window.theme)
    over = QWidget()
    qtbot.addWidget(over)
    over.setStyleSheet("background: #FF00FF")
    over.resize(200, 100)
    over.show()
    both = desk(window, window.theme)
    assert both.size() == alone.size()
    centre = both.rect().center()
    assert both.pixelColor(centre) == QColor("#FF00FF")
    assert alone.pixelColor(centre) != QColor("#FF00FF")


def test_ink(qtbot: QtBot) -> None:
    blank, written = QLabel(), QLabel("Words on a page, many of them")
    for label in (blank, written):
        qtbot.addWidget(label)
        label.resize(200, 30)
    assert ink(blank) == 0
    assert ink(written) > 0.01


def test_the_walk_is_complete() -> None:
    assert sum(step.picture for step in STEPS) >= 12
    assert len({step.name for step in STEPS}) == len(STEPS)
    assert all(step.says[0].islower() and not step.says.endswith(".") for step in STEPS)
