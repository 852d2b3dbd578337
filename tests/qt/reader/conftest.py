"""A reader on a made-up account store, and pictures of what it looks like."""

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from qtmail.model import RowId
from qtmail.settings import Settings
from qtmail.ui.reader import ReaderPane, prepare_web_engine
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink, FakeMail

prepare_web_engine()


@pytest.fixture
def mail() -> FakeMail:
    return FakeMail()


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


MakePane = Callable[..., ReaderPane]


@pytest.fixture
def make_pane(qtbot: QtBot, mail: FakeMail, link: FakeLink, theme: Theme) -> Iterator[MakePane]:
    """Readers, taken down in order after the test. Simple viewer unless `low_memory=False`."""
    panes: list[ReaderPane] = []

    def make(**values: object) -> ReaderPane:
        settings = Settings(**({"low_memory": True, "mark_read_after": -1} | values))  # type: ignore[arg-type]
        pane = ReaderPane(mail.mail, link, theme, settings)
        qtbot.addWidget(pane)
        pane.resize(700, 600)
        pane.show()
        panes.append(pane)
        return pane

    yield make
    for pane in panes:
        pane.close_windows()


@pytest.fixture
def pane(make_pane: MakePane) -> ReaderPane:
    return make_pane()


Open = Callable[[ReaderPane, RowId], None]


@pytest.fixture
def open_row(qtbot: QtBot) -> Open:
    """Show a row and wait until its body is on screen."""

    def show(pane: ReaderPane, row: RowId) -> None:
        with qtbot.waitSignal(pane.displayed, timeout=15_000, check_params_cb=lambda shown: shown == row):
            pane.show_row(row)

    return show
