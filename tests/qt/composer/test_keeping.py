"""Nothing typed is lost: the journal, the draft, closing, the end of the program."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from qtmail.errors import StoreError
from qtmail.model import Address, Draft
from qtmail.settings import Settings
from qtmail.ui.acts.composing import Composing
from qtmail.ui.composer import open_composer
from qtmail.ui.theme import Theme
from tests.qt.composer.conftest import Compose, addressed, write
from tests.qt.fakes import WORK, FakeLink, FakeMail
from tests.qt.reader.samples import PLAIN


def test_a_change_is_saved_within_a_second(compose: Compose, mail: FakeMail, qtbot: QtBot) -> None:
    window = compose()
    assert not window._timer.isActive()
    write(window, "first words")
    assert window._timer.isActive()
    assert window._timer.interval() == 1000
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
