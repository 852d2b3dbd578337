"""The window mail is written in: what it opens with, how keys go through it, changing what it is."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.model import Address
from qtmail.settings import Settings
from qtmail.ui.composer import draft_of_mailto, open_composer
from qtmail.ui.theme import Theme
from tests.qt.composer.conftest import BO, Compose, addressed, write
from tests.qt.fakes import HOME, WORK, FakeLink, FakeMail
from tests.qt.reader.samples import PLAIN


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
