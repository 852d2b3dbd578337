"""Files and pictures in a mail: attached, dropped, pasted, opened, missing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QColor, QDesktopServices, QDragEnterEvent, QDropEvent, QImage, QTextCursor
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from qtmail.ui.composer import ROWS_MIME, ComposerWindow
from tests.qt.composer.conftest import Compose, addressed
from tests.qt.fakes import FakeMail
from tests.qt.reader.samples import PLAIN, html_mail


def test_attaching_opening_and_removing(
    compose: Compose, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(
        QFileDialog, "getOpenFileNames", lambda *_: ([str(tmp_path / "a.txt"), str(tmp_path / "b.txt")], "")
    )
    window = compose()
    with qtbot.waitSignal(window.intake.idle):
        window.footer.attach_button.click()
    assert [card.name for card in window.attached.cards] == ["a.txt", "b.txt"]
    # The bytes are ours now: the file may go.
    (tmp_path / "a.txt").unlink()
    window.attached.cards[0].setFocus()
    qtbot.keyClick(window.attached.cards[1], Qt.Key.Key_Delete)
    assert [ref.name for ref in window.draft().attachments] == ["a.txt"]
    assert window.is_changed()


def test_what_is_too_large_for_a_server_is_told_before_it_is_sent(compose: Compose, mail: FakeMail) -> None:
    window = compose()
    for limits, octets, said in (
        ((None, None), 1_000_000, ""),
        ((None, None), 21_000_000, "Many servers refuse a mail this large."),
        ((50_000_000, None), 21_000_000, ""),
        ((25_000_000, None), 21_000_000, "As a mail that is 28.8 MB, and the server sends up to 25 MB."),
        ((50_000_000, 25_000_000), 21_000_000, "the server keeps no copy of more than 25 MB."),
    ):
        mail.limits = limits
        window.attached.load([replace(mail.attach_bytes("a.bin", "x/y", b"a"), size=octets)])
        assert window.attached.total.text().partition(" MB")[2].lstrip(". ").endswith(said)
        assert bool(said) is (". " in window.attached.total.text().partition(" MB")[2])
    window.close()


def test_a_file_that_is_gone_is_told(compose: Compose, qtbot: QtBot, tmp_path: Path) -> None:
    window = compose()
    window.attach_files([tmp_path / "gone.txt"])
    qtbot.waitUntil(lambda: "gone.txt" in window.banner.text())
    assert window.attached.isHidden()


def test_an_attachment_is_looked_at(
    compose: Compose, mail: FakeMail, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.fileName()) or True)
    files = (mail.attach_bytes("a.txt", "text/plain", b"a"), mail.attach_bytes("b.exe", "x/y", b"b"))
    window = compose(replace(addressed(mail), attachments=files))
    for card in window.attached.cards:
        qtbot.keyClick(card, Qt.Key.Key_Return)
    assert opened == ["a.txt"]
    assert "could run" in window.banner.text()


def _drop(window: ComposerWindow, data: QMimeData) -> None:
    mods, button, action = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPointF(9, 9).toPoint(), action, data, button, mods)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    assert window.frame.isVisible()
    window.dropEvent(QDropEvent(QPointF(9, 9), action, data, button, mods))
    assert not window.frame.isVisible()


def test_files_and_messages_are_dropped_anywhere(
    compose: Compose, mail: FakeMail, qtbot: QtBot, tmp_path: Path
) -> None:
    window = compose()
    (tmp_path / "a.txt").write_text("a")
    data = QMimeData()
    data.setUrls([(tmp_path / "a.txt").as_uri()])
    with qtbot.waitSignal(window.intake.idle):
        _drop(window, data)
    rows = QMimeData()
    rows.setData(ROWS_MIME, json.dumps([mail.add(html_mail("<p>x</p>"))]).encode())
    with qtbot.waitSignal(window.intake.idle):
        _drop(window, rows)
    assert [(ref.name, ref.type) for ref in window.draft().attachments] == [
        ("a.txt", "application/octet-stream"), ("News.eml", "message/rfc822"),
    ]  # fmt: skip
    missing = QMimeData()
    missing.setData(ROWS_MIME, json.dumps([mail.add(PLAIN, here=False)]).encode())
    _drop(window, missing)
    qtbot.waitUntil(lambda: "not downloaded yet" in window.banner.text())
    text = QMimeData()
    text.setText("dropped words")
    _drop(window, text)
    assert "dropped words" in window.editor.text()


def _picture() -> QImage:
    image = QImage(900, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    return image


def test_a_pasted_picture_lies_in_the_text(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    window = compose(addressed(mail))
    with qtbot.waitSignal(window.intake.idle):
        window.insert_picture(_picture())
    draft = window.draft()
    (ref,) = draft.attachments
    assert ref.type == "image/png"
    assert f'<img src="cid:{ref.content_id}" alt="" width="640">' in draft.html
    assert window.attached.cards == []
    # Taken out of the text, it does not go along; undone, it does.
    window.editor.moveCursor(QTextCursor.MoveOperation.Start)
    window.editor.textCursor().deleteChar()
    assert window.draft().attachments == ()
    window.editor.undo()
    assert window.draft().attachments == (ref,)


def test_a_picture_pasted_into_a_plain_mail_is_a_file(compose: Compose, qtbot: QtBot) -> None:
    window = compose(compose_html=False)
    with qtbot.waitSignal(window.intake.idle):
        window.insert_picture(_picture())
    assert len(window.attached.cards) == 1
    assert window.draft().attachments[0].content_id == ""


def test_a_draft_with_pictures_opens_with_them(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    window = compose(addressed(mail))
    with qtbot.waitSignal(window.intake.idle):
        window.insert_picture(_picture())
    window.save_now()
    (saved,) = mail.open_drafts()
    again = compose(saved)
    assert again.draft() == saved
    assert again._picture(saved.attachments[0].content_id) is not None
