"""How one mail is to be seen, who really wrote it, where its links lead."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from qtmail.engine.viewing import Choices
from qtmail.settings import MailForm, Scheme, Settings
from qtmail.ui.reader import ReaderPane
from qtmail.ui.reader.load import Look, load
from qtmail.ui.reader.printing import paper
from qtmail.ui.reader.textdoc import UNFOLD
from qtmail.ui.reader.trust import trust_words
from qtmail.ui.theme import Theme, Tone
from tests.qt.fakes import FakeMail
from tests.qt.reader.conftest import MakePane, Open
from tests.qt.reader.letters import FORGED, LONG_ANSWER, NEWSLETTER, OFFICE
from tests.qt.reader.samples import PLAIN, html_mail


def body(pane: ReaderPane) -> str:
    return pane.bodies.text.browser.toPlainText()


def choose(pane: ReaderPane, qtbot: QtBot, what: str, value: str) -> None:
    with qtbot.waitSignal(pane.displayed, timeout=15_000):
        pane.view_menu.chosen.emit(what, value)


def test_dark_mails_light_ones_and_the_choice_for_one(
    make_pane: MakePane, mail: FakeMail, open_row: Open, theme: Theme, qtbot: QtBot
) -> None:
    theme.set(Scheme.DARK)
    pane = make_pane()
    row = mail.add(html_mail(NEWSLETTER))
    open_row(pane, row)
    assert _dark(pane)
    pane.view_menu.aboutToShow.emit()
    assert not pane.view_menu.light.isChecked()
    choose(pane, qtbot, "colours", "light")
    assert not _dark(pane)
    assert mail.chosen[row] == Choices(colours="light")
    open_row(pane, mail.add(PLAIN))
    open_row(pane, row)
    assert not _dark(pane), "the choice is remembered"
    on_picture = '<div style="background-image:url(https://x.test/a.jpg)"><p>Words</p></div>'
    safe = mail.add(html_mail(on_picture))
    open_row(pane, safe)
    assert _dark(pane), "the picture is not there"
    with qtbot.waitSignal(pane.displayed, timeout=15_000):
        pane.apply_settings(replace(Settings(low_memory=True), dark_mails=False))
    assert not _dark(pane)


def _dark(pane: ReaderPane) -> bool:
    assert pane._shown is not None
    assert pane._shown.content is not None
    return pane._shown.content.dark


def test_forms_of_one_mail(make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    pane = make_pane()
    row = mail.add(html_mail(NEWSLETTER))
    open_row(pane, row)
    document = _document(pane)
    assert "<table" in document
    choose(pane, qtbot, "form", "simple")
    assert "<table" not in _document(pane)
    assert "What to sow in November" in body(pane)
    choose(pane, qtbot, "form", "text")
    assert body(pane).startswith("The plain alternative.")
    pane.view_menu.aboutToShow.emit()
    assert [one.data() for one in pane.view_menu._forms.actions() if one.isChecked()] == ["text"]
    assert pane.banner.text() == "", "a text loads no pictures"
    choose(pane, qtbot, "form", "designed")
    assert _document(pane) == document
    other = make_pane(mail_form=MailForm.SIMPLE)
    open_row(other, mail.add(html_mail(NEWSLETTER)))
    assert "<table" not in _document(other)


def _document(pane: ReaderPane) -> str:
    assert pane._shown is not None
    assert pane._shown.content is not None
    return pane._shown.content.document


def test_another_charset(pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    head = b"From: a@b.test\nContent-Type: text/plain; charset=iso-8859-1\n\n"
    row = mail.add(head + "Привет".encode("koi8-r"))
    open_row(pane, row)
    assert "Привет" not in body(pane)
    choose(pane, qtbot, "charset", "koi8-r")
    assert body(pane).strip() == "Привет"


def test_long_quotes_are_folded_until_they_are_wanted(
    pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot
) -> None:
    row = mail.add(LONG_ANSWER)
    open_row(pane, row)
    assert "Show quoted text (12 lines)" in body(pane)
    assert "said before" not in body(pane)
    assert "Shall we meet on Wednesday?" in body(pane), "a short quote stays"
    assert pane._shown is not None
    assert paper(pane._shown).count("said before") == 12
    with qtbot.waitSignal(pane.displayed, timeout=5000):
        pane.bodies.link_clicked.emit(UNFOLD)
    assert body(pane).count("said before") == 12
    open_row(pane, mail.add(LONG_ANSWER))
    with qtbot.waitSignal(pane.displayed, timeout=5000):
        pane.find_text()
    assert body(pane).count("said before") == 12


def test_quotes_of_html_mails_fold_too(mail: FakeMail) -> None:
    row = mail.add(html_mail(OFFICE))
    shown = load(mail.mail, row, Look("", fold=True))
    assert shown.content is not None
    assert '<details class="quoted"><summary>' in shown.content.document
    assert '<details class="quoted" open>' in paper(shown)
    unfolded = load(mail.mail, row, Look(""))
    assert unfolded.content is not None
    assert "<details" not in unfolded.content.document


# ---- who wrote it ------------------------------------------------------------------------------------------------

SIGNED = "Authentication-Results: mx.example.test; dkim=pass header.d=example.org; dmarc=pass header.from=example.org\n"


@pytest.mark.parametrize(
    ("head", "met", "text", "tone"),
    [
        (SIGNED, (107, 108), "You have exchanged 214 mails; signed by example.org", Tone.SUCCESS),
        (SIGNED, (1, 0), "First mail from this address; signed by example.org", Tone.MUTED),
        ("", (5, 0), "4 mails came from here before", Tone.MUTED),
        ("", (1, 3), "You have written to this address before", Tone.MUTED),
        (SIGNED.replace("pass", "fail"), (50, 50),
         "example.org does not confirm this mail: it may be forged", Tone.DANGER),
        (SIGNED.replace("mx.example.test", "mx.evil.org"), (2, 0), "1 mail came from this address before", Tone.MUTED),
    ],
)  # fmt: skip
def test_the_sentence_of_trust(mail: FakeMail, head: str, met: tuple[int, int], text: str, tone: Tone) -> None:
    mail.met = {"juergen@example.org": met}
    words = trust_words(load(mail.mail, mail.add(head + PLAIN), Look("")))
    assert words is not None
    assert (words.text, words.tone) == (text, tone)


def test_what_is_said_of_a_forged_mail(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    open_row(pane, mail.add(FORGED))
    assert "may be forged" in pane.header.trust.label.text()
    assert "DMARC fail (bank.com)" in pane.header.trust.toolTip()
    assert "paypal.com" in pane.banner.text()
    open_row(pane, mail.add(PLAIN.replace("juergen@example.org", "alice@example.test")))
    assert pane.header.trust.isHidden(), "nothing is said of one's own mail"


# ---- links -------------------------------------------------------------------------------------------------------


def test_a_link_that_lies_is_told_and_asked_about(
    pane: ReaderPane, mail: FakeMail, open_row: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    asked: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()))
    said: list[str] = []
    pane.status.connect(said.append)
    open_row(pane, mail.add(FORGED))
    pane.bodies.link_hovered.emit("https://evil.test/login")
    assert said[-1] == "https://evil.test/login   – not to www.bank.com, as its words say"
    pane.bodies.link_clicked.emit("https://evil.test/login")
    assert asked == ["The words of this link say www.bank.com, but it leads to evil.test."]
    assert opened == []
    pane.bodies.link_clicked.emit("https://garden.example.org/?utm_source=nl&id=7")
    assert opened == ["https://garden.example.org/?id=7"]
    pane.apply_settings(replace(Settings(low_memory=True), clean_links=False))
    pane.bodies.link_clicked.emit("https://garden.example.org/?utm_source=nl")
    assert opened[1:] == ["https://garden.example.org/?utm_source=nl"]
    pane.bodies.link_hovered.emit("")
    assert said[-1] == ""
