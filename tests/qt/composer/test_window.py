"""Writing a mail from the first letter to the Outbox, and never losing one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QDesktopServices, QDragEnterEvent, QDropEvent, QImage, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from qtmail.errors import BadInput, StoreError
from qtmail.events import Wake
from qtmail.model import Address, Draft
from qtmail.settings import Settings
from qtmail.ui.acts.composing import Composing
from qtmail.ui.composer import ROWS_MIME, ComposerWindow, draft_of_mailto, open_composer
from qtmail.ui.composer.hints import mentions_attachment
from qtmail.ui.theme import Theme
from tests.qt.composer.conftest import Compose
from tests.qt.fakes import HOME, WORK, FakeLink, FakeMail
from tests.qt.reader.samples import PLAIN, html_mail

BO = Address("Bo", "bo@example.org")


def addressed(mail: FakeMail, subject: str = "Hello") -> Draft:
    return replace(mail.new_draft(WORK), to=(BO,), subject=subject)


def write(window: ComposerWindow, words: str) -> None:
    window.editor.textCursor().insertText(words)


# ---- opening -----------------------------------------------------------------------------------------------------


def test_a_new_mail(compose: Compose) -> None:
    window = compose()
    assert window.windowTitle() == "New message"
    assert window.fields.to.typing.hasFocus()
    assert window.editor.rich
    assert window.editor.text() == "\n-- \nAlice Doe\nExample Ltd"
    assert window.fields._rows["cc"].isHidden()
    window.fields.show_cc.click()
    assert not window.fields._rows["cc"].isHidden()


def test_plain_when_wished(compose: Compose) -> None:
    window = compose(compose_html=False)
    assert not window.editor.rich
    assert window.bar.isHidden()
    assert window.draft().html == ""


def test_a_reply_is_ready_to_be_typed(compose: Compose, mail: FakeMail) -> None:
    row = mail.add(PLAIN)
    window = compose(mail.reply(row, to_all=True, html=True))
    assert window.editor.hasFocus()
    assert window.editor.textCursor().position() == 0
    draft = window.draft()
    assert draft.to == (Address("Jürgen Klein", "juergen@example.org"),)
    assert len(draft.cc) == 5
    assert draft.in_reply_to == "<one@example.org>"
    assert "> Hello Alice," in draft.text
    assert ">>> Which day is best?" in draft.text
    assert not window.is_changed()


def test_a_reply_below_the_quote(compose: Compose, mail: FakeMail) -> None:
    row = mail.add(PLAIN)
    draft = mail.reply(row, to_all=False, html=False)
    below = replace(draft, text="Bo wrote:\n> hi\n\n\n\n-- \nAlice Doe\nExample Ltd\n")
    window = compose(below, quote_below=True, compose_html=False)
    assert window.editor.textCursor().blockNumber() == 3


# ---- the journal -------------------------------------------------------------------------------------------------


def test_a_change_is_saved_within_seconds(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    window = compose()
    assert not window._timer.isActive()
    write(window, "first words")
    assert window._timer.isActive()
    assert window._timer.interval() == 3000
    window._timer.setInterval(10)
    window._timer.start()
    qtbot.waitUntil(lambda: len(mail.journal) == 1)
    assert window.footer.words.text().startswith("Saved ")
    (saved,) = mail.journal.values()
    assert saved.text.startswith("first words")
    window.save_now()
    assert mail.saves == 1
    write(window, "more ")
    window.save_now()
    assert mail.saves == 2
    assert len(mail.journal) == 1


def test_what_the_journal_has_comes_back(compose: Compose, mail: FakeMail) -> None:
    window = compose(addressed(mail))
    window.editor.toggle("bold")
    window.editor.insertPlainText("never lost")
    window.fields.cc.set_people((Address("", "half typed"),))
    window.save_now()
    (saved,) = mail.open_drafts()
    again = compose(saved)
    assert again.draft() == saved
    assert "<b>never lost</b>" in again.draft().html
    assert again.fields.cc.problem()


def test_a_failing_journal_is_told_and_tried_again(
    compose: Compose, mail: FakeMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = compose()
    write(window, "words")

    with monkeypatch.context() as patch:
        patch.setattr(mail, "save_draft", _full)
        window.save_now()
    assert window.banner.text() == "The disk is full. Make room."
    assert window._timer.isActive()
    window.save_now()
    assert len(mail.journal) == 1


def test_the_program_does_not_end_over_words_that_cannot_be_saved(
    mail: FakeMail, link: FakeLink, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = QObject()
    composing = Composing(mail.mail, link, theme, Settings(), parent)
    composing.new(WORK)
    (window,) = composing.windows
    asked: list[str] = []

    def stay(title: str, question: str, button: str) -> bool:
        asked.append(button)
        return False

    assert composing.may_end(stay), "nothing was typed"
    write(window, "precious")
    with monkeypatch.context() as patch:
        patch.setattr(mail, "save_draft", _full)
        assert not composing.may_end(stay)
        assert composing.may_end(lambda *_: True), "the user may want it so"
    assert asked == ["Close and lose it"]
    assert composing.may_end(stay)
    with qtbot.waitSignal(window.destroyed):
        composing.save_all()


def _full(_draft: Draft) -> Draft:
    raise StoreError("The disk is full.", hint="Make room.")


def test_the_program_ends(mail: FakeMail, link: FakeLink, theme: Theme, qtbot: QtBot) -> None:
    window = open_composer(mail.mail, link, theme, Settings(), mail.new_draft(WORK))
    write(window, "last words")
    window.fields.to.typing.setText("bo@exam")
    with qtbot.waitSignal(window.destroyed):
        window.leave()
    (saved,) = mail.open_drafts()
    assert saved.text.startswith("last words")
    assert saved.to == (Address("", "bo@exam"),)
    assert mail.kept == []


# ---- closing -----------------------------------------------------------------------------------------------------


def test_closing_keeps_the_draft_and_says_so(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    window = compose()
    write(window, "half a thought")
    with qtbot.waitSignals([window.kept, window.closed]):
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert mail.kept[0].text.startswith("half a thought")
    assert mail.journal == {}


def test_closing_an_untouched_window_leaves_nothing(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    window = compose(mail.reply(mail.add(PLAIN), to_all=False, html=True))
    with qtbot.waitSignal(window.closed):
        window.close()
    assert mail.kept == []
    assert mail.saves == 0


def test_a_draft_that_cannot_be_kept_stays_open(
    compose: Compose, mail: FakeMail, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = compose()
    write(window, "words")

    def full(_draft: Draft) -> None:
        raise StoreError("The disk is full.", hint="Make room.")

    with monkeypatch.context() as patch:
        patch.setattr(mail, "keep_draft", full)
        window.close()
        qtbot.waitUntil(lambda: "disk is full" in window.banner.text())
    assert window.isVisible()
    assert window.editor.isEnabled()


@pytest.mark.parametrize("sure", [True, False])
def test_discarding_asks(
    compose: Compose, mail: FakeMail, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    row = mail.add(PLAIN)
    window = compose(replace(addressed(mail), replaces=row))
    write(window, "words")
    window.save_now()
    answer = QMessageBox.StandardButton.Discard if sure else QMessageBox.StandardButton.Cancel
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answer)
    window.discard()
    assert (row in mail.rows_by_id) is not sure
    assert bool(mail.journal) is not sure
    assert mail.kept == []


# ---- sending -----------------------------------------------------------------------------------------------------


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


def test_tab_goes_from_the_recipients_to_the_subject_to_the_text(compose: Compose, qtbot: QtBot) -> None:
    window = compose()
    fields = window.fields
    fields.to.setFocus()
    met = []
    for _ in range(2):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        met.append(QApplication.focusWidget())
    assert met == [fields.subject, window.editor]
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is fields.cc.typing)


def test_tab_in_the_list_of_people_takes_one_and_goes_on(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    fields = compose().fields
    fields.to._complete = lambda words, tell: tell((BO,))
    fields.to.setFocus()
    qtbot.keyClicks(fields.to.typing, "bo")
    qtbot.keyClick(fields.to._popup, Qt.Key.Key_Tab)
    assert fields.to.people() == (BO,)
    assert QApplication.focusWidget() is fields.subject


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


# ---- accounts and formatting -------------------------------------------------------------------------------------


def test_another_account_signs(compose: Compose, mail: FakeMail) -> None:
    window = compose(addressed(mail))
    write(window, "Hi")
    box = window.fields.sender_box
    box.setCurrentIndex(box.findData(HOME))
    box.activated.emit(box.currentIndex())
    draft = window.draft()
    assert draft.account == HOME
    assert draft.from_.address == "alice@home.test"
    assert draft.text == "Hi\n-- \nAlice"
    box.setCurrentIndex(box.findData(WORK))
    box.activated.emit(box.currentIndex())
    assert window.draft().text == "Hi\n-- \nAlice Doe\nExample Ltd"


def test_to_plain_and_back_without_loss_asks_nothing(compose: Compose, mail: FakeMail) -> None:
    window = compose(mail.reply(mail.add(PLAIN), to_all=False, html=True))
    write(window, "Plain words")
    window.footer.format_button.click()
    assert window.banner.text() == ""
    assert not window.editor.rich
    assert window.draft().html == ""
    assert "> Hello Alice," in window.draft().text
    window.footer.format_button.click()
    assert window.editor.rich
    assert '<blockquote type="cite"' in window.draft().html


def test_to_plain_asks_where_formatting_is_lost(compose: Compose, mail: FakeMail) -> None:
    window = compose(replace(addressed(mail), html="<b>loud</b>"))
    window.footer.format_button.click()
    assert window.editor.rich
    assert window.footer.format_button.isChecked()
    window.banner.button("plain").click()
    assert not window.editor.rich
    assert window.draft().text == "loud"


# ---- attachments -------------------------------------------------------------------------------------------------


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


# ---- odds and ends -----------------------------------------------------------------------------------------------


def test_completion_looks_people_up(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    mail.people = (BO,)
    window = compose()
    window.activateWindow()
    window.fields.to.typing.setFocus()
    qtbot.keyClicks(window.fields.to.typing, "bo")
    qtbot.waitUntil(lambda: window.fields.to._model.stringList() == ["Bo <bo@example.org>"])
    window.fields.to._popup.hide()


def test_mailto(mail: FakeMail) -> None:
    draft = draft_of_mailto(
        mail.mail, WORK,
        "mailto:bo@example.org,c%40x.org?subject=Hi%20there&cc=d@x.org&body=One%0D%0ATwo+3&attach=/etc/passwd&to=e@x.org",
    )  # fmt: skip
    assert [person.address for person in draft.to] == ["bo@example.org", "c@x.org", "e@x.org"]
    assert draft.cc == (Address("", "d@x.org"),)
    assert draft.subject == "Hi there"
    assert draft.text.startswith("One\nTwo+3")
    assert draft.attachments == ()
    assert draft_of_mailto(mail.mail, WORK, "http://x").to == ()


def test_several_windows_at_once(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    one, two = compose(), compose()
    write(one, "first")
    write(two, "second")
    one.save_now()
    two.save_now()
    assert sorted(draft.text.split("\n")[0] for draft in mail.open_drafts()) == ["first", "second"]


def test_opening_needs_no_account_but_shows(mail: FakeMail, link: FakeLink, theme: Theme, qtbot: QtBot) -> None:
    draft = addressed(mail)
    mail.all_accounts = mail.all_accounts[:1]
    window = open_composer(mail.mail, link, theme, Settings(), draft)
    assert window.fields._rows["from"].isHidden()
    with qtbot.waitSignal(window.closed):
        window.close()
