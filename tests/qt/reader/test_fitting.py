"""HTML mails made for a fixed width are shown whole, and no smaller than they need to be."""

import pytest
from pytestqt.qtbot import QtBot

from qtmail.model import RowId
from qtmail.ui.reader import ReaderPane
from qtmail.ui.reader.webview import WebBody
from tests.qt.fakes import FakeMail
from tests.qt.reader.conftest import MakePane, Open

HEAD = "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
FIXED = '<div style="width:600px;background:#ddeeff">A newsletter</div>'
FLUID = "<p>Words that go on and on, as wide as there is room.</p>" * 20


@pytest.fixture
def pane(make_pane: MakePane) -> ReaderPane:
    return make_pane(low_memory=False)


def zoom(pane: ReaderPane) -> float:
    view = pane.bodies.current
    assert isinstance(view, WebBody)
    return view.view.zoomFactor()


def add(mail: FakeMail, html: str) -> RowId:
    return mail.add(HEAD + html)


def test_a_wide_mail_is_zoomed_out_until_there_is_room(
    qtbot: QtBot, mail: FakeMail, pane: ReaderPane, open_row: Open
) -> None:
    pane.resize(500, 500)
    open_row(pane, add(mail, FIXED))
    qtbot.waitUntil(lambda: 0.6 <= zoom(pane) < 0.9, timeout=10_000)
    pane.resize(900, 500)
    qtbot.waitUntil(lambda: zoom(pane) == 1.0, timeout=10_000)
    pane.resize(500, 500)
    qtbot.waitUntil(lambda: zoom(pane) < 0.9, timeout=10_000)
    open_row(pane, add(mail, FLUID))
    qtbot.waitUntil(lambda: zoom(pane) == 1.0, timeout=10_000)


def test_nothing_gets_too_small_to_read(qtbot: QtBot, mail: FakeMail, pane: ReaderPane, open_row: Open) -> None:
    pane.resize(500, 500)
    open_row(pane, add(mail, FIXED.replace("600px", "3000px")))
    qtbot.waitUntil(lambda: zoom(pane) == pytest.approx(0.6, abs=0.01), timeout=10_000)
