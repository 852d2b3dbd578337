"""A large mail of a POP3 server, of which only the beginning is here: said above the body, the rest a press away."""

from dataclasses import replace

from pytestqt.qtbot import QtBot

from qtmail.engine.pop3_shown import OnPopServer
from qtmail.events import BodiesArrived, FetchBody
from qtmail.ui.reader import ReaderPane
from tests.qt.fakes import FakeLink, FakeMail
from tests.qt.reader.conftest import Open
from tests.qt.reader.samples import PLAIN

BEGUN = OnPopServer("u", "kept", "", "", False, False, 5_200_000, 0, None, None, None)


def test_the_rest_is_offered_asked_for_and_shown(
    qtbot: QtBot, pane: ReaderPane, mail: FakeMail, link: FakeLink, open_row: Open
) -> None:
    row = mail.add(PLAIN)
    mail.there[row] = BEGUN
    open_row(pane, row)
    assert "Only the beginning of this large mail (5.2 MB)" in pane.banner.text()
    pane.banner.button("rest").click()
    message = mail.rows_by_id[row].message
    assert link.wishes[-1] == FetchBody((message,))
    qtbot.waitUntil(lambda: "being downloaded" in pane.banner.text())
    mail.there[row] = replace(BEGUN, whole=True)
    link.heard.emit(BodiesArrived((message,)))
    qtbot.waitUntil(lambda: not pane.banner.isVisibleTo(pane))


def test_what_the_server_lost_is_told(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    row = mail.add(PLAIN)
    mail.there[row] = replace(BEGUN, state="gone")
    open_row(pane, row)
    assert "does not have it any more" in pane.banner.text()
