"""What is seen when the program cannot start."""

from pathlib import Path

import apsw
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from qtmail import app, log
from qtmail.errors import MailError
from qtmail.paths import Profile
from qtmail.store.db import Store


def test_who_starts_it_from_a_menu_reads_why_it_cannot(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def read() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(f"{box.text()} {box.informativeText()}")
        box.accept()

    profile = Profile(tmp_path).create()
    Store.open(profile).close()
    newer = apsw.Connection(str(profile.facts))
    newer.execute("PRAGMA user_version = 999")
    newer.close()
    monkeypatch.setattr(app, "make_application", lambda: qapp)
    monkeypatch.setattr(log, "configure", lambda profile: None)
    QTimer.singleShot(0, read)
    with pytest.raises(MailError):
        app.run(profile, app.Options())
    assert seen
    assert seen[0].startswith("qtmail cannot start. This mail was kept by a newer qtmail")
    assert "Install the newer version" in seen[0], "and what to do"
