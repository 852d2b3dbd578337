"""Sending, and what is asked before."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qtmail.errors import BadInput
from qtmail.events import Wake
from qtmail.model import Address
from qtmail.ui.composer.hints import mentions_attachment
from tests.qt.composer.conftest import Compose, addressed, write
from tests.qt.fakes import WORK, FakeLink, FakeMail
from tests.qt.reader.samples import PLAIN


def test_sending(compose: Compose, mail: FakeMail, link: FakeLink, qtbot: QtBot) -> None:
    window = compose(addressed(mail))
    write(window, "Hi Bo")
    window.fields.bcc.typing.setText("carl@example.org")
    with qtbot.waitSignals([window.sent, window.closed]):
        qtbot.keyClick(window.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (sent,) = mail.sent
    assert sent.text.startswith("Hi Bo")
    assert sent.bcc == (Address("", "carl@example.org"),)
    assert sent.id is not None
    assert mail.journal == {}
    assert mail.kept == []
    assert link.wishes == [Wake((WORK,))]


def test_nobody_and_wrong_recipients(compose: Compose, mail: FakeMail) -> None:
    window = compose()
    window.send()
    assert "Add a recipient" in window.banner.text()
    window.fields.to.typing.setText("not right")
    window.send()
    assert "no “@”" in window.banner.text()
    assert mail.sent == []


def test_an_empty_subject_is_asked_about_once(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    window = compose(addressed(mail, subject=""))
    write(window, "Hi")
    window.send()
    assert window.banner.text() == "This mail has no subject."
    with qtbot.waitSignal(window.closed):
        window.banner.button("send").click()
    assert len(mail.sent) == 1


def test_a_forgotten_attachment(compose: Compose, mail: FakeMail, qtbot: QtBot, tmp_path: Path) -> None:
    window = compose(addressed(mail))
    write(window, "The plan is attached.")
    window.send()
    assert "You mention an attachment" in window.banner.text()
    (tmp_path / "plan.txt").write_text("the plan")
    window.attach_files([tmp_path / "plan.txt"])
    # Send waits for what is still on its way in.
    with qtbot.waitSignal(window.closed):
        window.send()
    assert [ref.name for ref in mail.sent[0].attachments] == ["plan.txt"]


@pytest.mark.parametrize(
    ("words", "there"),
    [
        ("see the attached file", True), ("anbei die Rechnung", True), ("im Anhang", True), ("ci-joint", True),
        ("no attachment needed", False), ("ohne Anhang", False), ("I am attached to it", True), ("hello", False),
    ],
)  # fmt: skip
def test_words_for_attachments(words: str, there: bool) -> None:
    assert mentions_attachment(words) is there


def test_a_quoted_word_is_no_promise(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    row = mail.add(PLAIN.replace("Hello Alice", "See the attachment"))
    window = compose(mail.reply(row, to_all=False, html=True))
    write(window, "Thanks")
    with qtbot.waitSignal(window.closed):
        window.send()


def test_a_refused_mail_stays_as_it_was(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    mail.send_error = BadInput("The account has no outgoing server.", hint="Add one.")
    window = compose(addressed(mail))
    write(window, "Hi Bo")
    window.send()
    qtbot.waitUntil(lambda: window.banner.text() == "The account has no outgoing server. Add one.")
    assert window.editor.isEnabled()
    assert window.editor.text().startswith("Hi Bo")
    assert len(mail.journal) == 1
    mail.send_error = None
    with qtbot.waitSignal(window.closed):
        window.send()
