"""The composer on the real store: what is typed survives kill -9, what is sent is in the Outbox, editable again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtmail import accounts
from qtmail.engine.mail import Mail
from qtmail.model import Account, AccountKey, Role, RowId
from qtmail.paths import Profile
from qtmail.settings import Settings
from qtmail.ui.composer import ComposerWindow, open_composer
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink, account

_TYPES_AND_DIES = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from qtmail.engine.mail import Mail
from qtmail.paths import Profile
from qtmail.settings import Settings
from qtmail.ui.composer import open_composer
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink

app = QApplication([])
mail = Mail(Profile(Path(sys.argv[1])))
window = open_composer(mail, FakeLink(), Theme(app), Settings(), mail.new_draft(mail.accounts()[0].key))
window.fields.subject.setText("Never lost")
window.fields.to.typing.setText("bo@example.org")
window.editor.toggle("bold")
window.editor.insertPlainText("typed before the end")
window.attach_files([Path(sys.argv[2])])
window._timer.setInterval(1)

def look():
    drafts = mail.open_drafts()
    if drafts and drafts[0].attachments:
        os.kill(os.getpid(), signal.SIGKILL)

clock = QTimer(interval=20)
clock.timeout.connect(look)
clock.start()
QTimer.singleShot(20000, app.quit)
app.exec()
"""


@pytest.fixture
def owner(tmp_path: Path) -> Account:
    profile = Profile(tmp_path / "profile").create()
    return accounts.put(profile.accounts, account(AccountKey(""), "Work", "alice@example.test", "Alice"))


@pytest.fixture
def store(tmp_path: Path, owner: Account) -> Iterator[Mail]:
    mail = Mail(Profile(tmp_path / "profile"))
    yield mail
    mail.close()


@pytest.mark.usefixtures("owner")
def test_kill_9_loses_nothing_typed(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    (tmp_path / "plan.txt").write_text("the plan")
    command = [sys.executable, "-c", _TYPES_AND_DIES, str(tmp_path / "profile"), str(tmp_path / "plan.txt")]
    root = Path(__file__).parents[3]
    env = os.environ | {"PYTHONPATH": str(root)}
    died = subprocess.run(command, timeout=60, check=False, capture_output=True, env=env)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    mail = Mail(Profile(tmp_path / "profile"))
    (draft,) = mail.open_drafts()
    window = open_composer(mail, FakeLink(), theme, Settings(), draft)
    assert window.fields.subject.text() == "Never lost"
    assert window.fields.to.people()[0].address == "bo@example.org"
    assert "<b>typed before the end</b>" in window.editor.html()
    assert mail.content(window.draft().attachments[0].content) == b"the plan"
    with qtbot.waitSignal(window.closed):
        window.close()
    assert mail.open_drafts() == ()
    (row,) = rows_in(mail, Role.DRAFTS)
    assert mail.rows([row])[row].subject == "Never lost"
    mail.close()


def rows_in(mail: Mail, role: Role) -> list[RowId]:
    folders = [folder.id for folder in mail.folders() if folder.role is role]
    return [RowId(row) for row in mail.ids(folders)]


def _open(mail: Mail, theme: Theme, draft: object) -> ComposerWindow:
    return open_composer(mail, FakeLink(), theme, Settings(), draft)  # type: ignore[arg-type]


def test_from_draft_to_outbox_and_back(store: Mail, owner: Account, theme: Theme, qtbot: QtBot) -> None:
    window = _open(store, theme, store.new_draft(owner.key))
    window.fields.to.typing.setText("Bo <bo@example.org>")
    window.fields.subject.setText("Plan")
    window.editor.insertPlainText("Dear Bo")
    with qtbot.waitSignals([window.kept, window.closed]):
        window.close()
    (row,) = rows_in(store, Role.DRAFTS)

    again = _open(store, theme, store.edit(row))
    assert again.editor.rich
    assert again.editor.text().rstrip() == "Dear Bo\n\n-- \nAlice"
    again.editor.insertPlainText("Hello! ")
    with qtbot.waitSignals([again.sent, again.closed]):
        again.send()
    assert rows_in(store, Role.DRAFTS) == []
    (waiting,) = rows_in(store, Role.OUTBOX)
    assert b"Hello! Dear Bo" in store.raw(waiting)
    assert store.open_drafts() == ()

    edited = _open(store, theme, store.edit(waiting))
    assert rows_in(store, Role.OUTBOX) == []
    assert edited.editor.text().startswith("Hello! Dear Bo")
    with qtbot.waitSignals([edited.kept, edited.closed]):
        edited.close()
    assert len(rows_in(store, Role.DRAFTS)) == 1


def test_an_opened_draft_that_is_only_looked_at_stays_as_it_is(
    store: Mail, owner: Account, theme: Theme, qtbot: QtBot
) -> None:
    window = _open(store, theme, store.new_draft(owner.key))
    window.editor.insertPlainText("words")
    with qtbot.waitSignal(window.closed):
        window.close()
    before = rows_in(store, Role.DRAFTS)
    window = _open(store, theme, store.edit(before[0]))
    with qtbot.waitSignal(window.closed):
        window.close()
    assert rows_in(store, Role.DRAFTS) == before
