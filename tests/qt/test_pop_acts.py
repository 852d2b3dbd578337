"""The user's word on mail on a POP3 server, in the window: a submenu, and the answers to what the engine asks."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.engine.mail import Done
from qtmail.engine.pop3_doubt import Answer, Doubt, Question
from qtmail.engine.pop3_shown import OnPopServer
from qtmail.model import AccountKey, RowId
from qtmail.ui.acts.pop import PopActs
from tests.qt.fakes import WORK, FakeLink, FakeMail
from tests.qt.reader.samples import PLAIN

THERE = OnPopServer("u", "kept", "", "keep", False, False, 5_200_000, 0, None, None, None)


class PopMail(FakeMail):
    """Some of its mail came by POP3, and the engine asks something."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Question | None = Question(Doubt.RENAMED, 45, 40, 45)
        self.wishes: list[tuple[str, tuple[RowId, ...]]] = []
        self.answers: list[tuple[AccountKey, Answer]] = []

    def pops(self, rows: tuple[RowId, ...]) -> dict[RowId, OnPopServer]:
        return {row: self.there[row] for row in rows if row in self.there}

    def keep_on_server(self, rows: tuple[RowId, ...]) -> Done:
        return self._wish("Keep", rows)

    def remove_from_server(self, rows: tuple[RowId, ...]) -> Done:
        return self._wish("Remove", rows)

    def pop_question(self, _account: AccountKey) -> Question | None:
        return self.asked

    def answer_pop(self, account: AccountKey, answer: Answer) -> None:
        self.answers.append((account, answer))

    def _wish(self, word: str, rows: tuple[RowId, ...]) -> Done:
        self.wishes.append((word, tuple(rows)))
        return Done(None, f"{word} 1 message on the server", ())


@pytest.fixture
def mail() -> PopMail:
    return PopMail()


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def acts(qtbot: QtBot, mail: PopMail, link: FakeLink) -> PopActs:
    parent = QObject()
    made = PopActs(mail.mail, link, parent)
    made._kept = parent  # type: ignore[attr-defined]
    return made


def test_a_submenu_for_what_is_on_a_server(qtbot: QtBot, acts: PopActs, mail: PopMail, link: FakeLink) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    row, other = mail.add(PLAIN), mail.add(PLAIN)
    acts.add_to(menu, [other])
    assert menu.actions() == []
    mail.there = {row: THERE, other: replace(THERE, state="gone")}
    acts.add_to(menu, [row, other])
    inside = menu.actions()[0].menu()
    assert isinstance(inside, QMenu)
    keep, remove, rest = inside.actions()
    assert (keep.isChecked(), remove.isChecked()) == (True, False)
    with qtbot.waitSignals([acts.done, acts.said]):
        remove.trigger()
    assert mail.wishes == [("Remove", (row,))]
    rest.trigger()
    assert mail.there[row].wanted
    assert link.wishes == [events.FetchBody((mail.rows_by_id[row].message,))]


def test_what_is_asked_has_a_button_for_each_answer(acts: PopActs, mail: PopMail, link: FakeLink) -> None:
    asked = acts.question(WORK)
    assert asked is not None
    words, buttons = asked
    assert "new names (45 of 45)" in words
    assert [button.text for button in buttons] == ["Compare first", "Download all again"]
    assert acts.pressed(buttons[0].id)
    assert mail.answers == [(WORK, Answer.MATCH)]
    assert link.wishes == [events.Wake((WORK,), check=True)]
    assert not acts.pressed("panel")
    mail.asked = None
    assert acts.question(WORK) is None
