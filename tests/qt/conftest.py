"""What every window test starts from: an application without a screen, a theme, and an account store made of lists."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.paths import Profile
from qtmail.settings import Density, Scheme, Settings
from qtmail.ui.main_window import MainWindow
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow


@pytest.fixture(autouse=True)
def _no_real_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where passwords are is told without asking this machine's own keyring."""
    monkeypatch.setattr("qtmail.secrets.place", lambda: "In a keyring for tests")


@pytest.fixture(scope="session")
def _one_theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Scheme.LIGHT)


@pytest.fixture
def theme(_one_theme: Theme) -> Iterator[Theme]:
    """The light theme, normal density; put back after each test."""
    made = _one_theme
    yield made
    if made.scheme is not Scheme.LIGHT or made.density is not Density.NORMAL:
        made.set(Scheme.LIGHT, Density.NORMAL)


@pytest.fixture
def shell() -> ShellMail:
    """A mailbox in memory with two accounts."""
    return ShellMail()


@pytest.fixture
def engine() -> FakeLink:
    """The link to an engine that only does what the test says."""
    return FakeLink()


@pytest.fixture
def make_window(qtbot: QtBot, shell: ShellMail, engine: FakeLink, theme: Theme, tmp_path: Path) -> Iterator[MakeWindow]:
    """Main windows on `shell`, taken down in order after the test. They share the profile in `tmp_path`."""
    windows: list[MainWindow] = []

    def make(settings: Settings | None = None, *, show: bool = True) -> MainWindow:
        chosen = replace(settings or Settings(scheme=Scheme.LIGHT), low_memory=True, mark_read_after=-1)
        window = MainWindow(shell.mail, engine, theme, chosen, Profile(tmp_path).create())
        qtbot.addWidget(window)
        windows.append(window)
        if show:
            window.show()
            qtbot.waitExposed(window)
        return window

    yield make
    for window in windows:
        window.dispose()
