"""Mail files opened from outside, in the real store: without an account, and more than once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtmail.engine.mail import Mail
from qtmail.model import LOCAL
from qtmail.paths import Profile
from qtmail.settings import Scheme, Settings
from qtmail.ui.acts.folders import OPENED
from qtmail.ui.main_window import MainWindow
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, theme: Theme) -> Iterator[MainWindow]:
    profile = Profile(tmp_path / "profile").create()
    mail = Mail(profile)
    link = FakeLink()
    made = MainWindow(mail, link, theme, Settings(scheme=Scheme.LIGHT, low_memory=True, mark_read_after=-1), profile)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.dispose()
    mail.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.eml"
    path.write_bytes(b"From: Bo <bo@example.test>\r\nSubject: A letter\r\nMessage-ID: <1@x>\r\n\r\nHello.\r\n")
    return path


def test_a_file_is_opened_without_any_account(window: MainWindow, file: Path, qtbot: QtBot) -> None:
    assert window.stack.currentWidget() is window.first_run
    window.open_things((str(file),))
    qtbot.waitUntil(lambda: window.list.selected_count() == 1)
    row = window.list.row(window.list.selected()[0])
    assert row is not None
    assert row.subject == "A letter"
    assert window.stack.currentWidget() is window.page
    assert [f.path for f in window.folders if f.account == LOCAL and f.total] == [OPENED]
    window.open_things((str(file),))
    qtbot.waitUntil(lambda: "already" in window.toast.label.text())
    assert window.list.count == 1


def test_what_was_opened_can_be_deleted_for_good_and_undone(
    window: MainWindow, file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open_things((str(file),))
    qtbot.waitUntil(lambda: window.list.selected_count() == 1)
    monkeypatch.setattr(window.acts, "_ask", lambda *words: True)
    window.acts.delete()
    assert window.list.count == 0
    window.acts.undo()
    qtbot.waitUntil(lambda: window.list.count == 1)


def test_a_file_that_is_not_there_is_explained(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.open_things((str(tmp_path / "absent.eml"),))
    qtbot.waitUntil(lambda: bool(window.banner.text()))
    assert "absent.eml" in window.banner.text()
