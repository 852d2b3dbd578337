"""Recipients: typed, completed, pasted, edited, removed, dragged."""

import json
from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.model import Address
from qtmail.ui.composer.chips import ADDRESS_MIME, ChipField, entries_of
from qtmail.ui.theme import Theme

BO = Address("Bo Berg", "bo@example.org")
PEOPLE = (BO, Address("Bob", "bob@example.org"), Address("", "carl@example.org"))


def complete(words: str, then: Callable[[tuple[Address, ...]], None]) -> None:
    then(tuple(person for person in PEOPLE if words.casefold() in str(person).casefold()))


@pytest.fixture
def field(qtbot: QtBot, theme: Theme) -> ChipField:
    made = ChipField("To", theme, complete)
    qtbot.addWidget(made)
    made.resize(400, 80)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.typing.setFocus()
    return made


def names(field: ChipField) -> list[str]:
    return [str(person) for person in field.people()]


def test_typed_addresses_become_chips(field: ChipField, qtbot: QtBot) -> None:
    qtbot.keyClicks(field.typing, "x@example.org,")
    qtbot.keyClicks(field.typing, '"Doe, Jane" <jane@example.org>')
    qtbot.keyClick(field.typing, Qt.Key.Key_Return)
    assert names(field) == ["x@example.org", "Doe, Jane <jane@example.org>"]
    assert field.typing.text() == ""
    assert field.problem() == ""


def test_what_is_no_address_says_so(field: ChipField, qtbot: QtBot) -> None:
    qtbot.keyClicks(field.typing, "nobody")
    qtbot.keyClick(field.typing, Qt.Key.Key_Return)
    assert field.chips[0].property("chip") == "invalid"
    assert "no “@”" in field.problem()
    field.focus_problem()
    assert field.chips[0].hasFocus()


def test_one_wrong_one_among_many_does_not_lose_the_rest() -> None:
    found = entries_of("a@x.org, wrong; Bo <bo@x.org>\nc@x.org")
    assert [(entry.person.address, bool(entry.problem)) for entry in found] == [
        ("a@x.org", False), ("wrong", True), ("bo@x.org", False), ("c@x.org", False),
    ]  # fmt: skip


def test_completion(field: ChipField, qtbot: QtBot) -> None:
    qtbot.keyClicks(field.typing, "bo")
    assert field._model.stringList() == ["Bo Berg <bo@example.org>", "Bob <bob@example.org>"]
    qtbot.keyClick(field._popup, Qt.Key.Key_Down)
    qtbot.keyClick(field._popup, Qt.Key.Key_Return)
    assert names(field) == ["Bob <bob@example.org>"]
    qtbot.keyClicks(field.typing, "bo")
    # Who is there already is not offered again; Tab takes the first.
    assert field._model.stringList() == ["Bo Berg <bo@example.org>"]
    qtbot.keyClick(field._popup, Qt.Key.Key_Tab)
    assert names(field) == ["Bob <bob@example.org>", "Bo Berg <bo@example.org>"]


def test_a_whole_address_is_meant_as_it_stands(field: ChipField, qtbot: QtBot) -> None:
    # Each of these is part of an address that is known.
    qtbot.keyClicks(field.typing, "o@example.org")
    assert field._popup.isVisible()
    qtbot.keyClick(field._popup, Qt.Key.Key_Return)
    qtbot.keyClicks(field.typing, "bo@example.org")
    qtbot.keyClick(field._popup, Qt.Key.Key_Comma)
    assert names(field) == ["o@example.org", "Bo Berg <bo@example.org>"]


def test_keys_on_chips(field: ChipField, qtbot: QtBot) -> None:
    field.set_people(PEOPLE)
    qtbot.keyClick(field.typing, Qt.Key.Key_Backspace)
    assert field.chips[2].hasFocus()
    qtbot.keyClick(field.chips[2], Qt.Key.Key_Left)
    assert field.chips[1].hasFocus()
    qtbot.keyClick(field.chips[1], Qt.Key.Key_Delete)
    assert names(field) == ["Bo Berg <bo@example.org>", "carl@example.org"]
    field.chips[0].setFocus()
    qtbot.keyClick(field.chips[0], Qt.Key.Key_F2)
    assert field.typing.text() == "Bo Berg <bo@example.org>"
    assert [chip.entry.person.address for chip in field.chips] == ["carl@example.org"]
    qtbot.keyClick(field.typing, Qt.Key.Key_Return)
    assert names(field) == ["carl@example.org", "Bo Berg <bo@example.org>"]


def test_pasting_many(field: ChipField, qtbot: QtBot) -> None:
    QApplication.clipboard().setText("a@x.org; b@x.org\nC <c@x.org>, a@x.org")
    qtbot.keyClick(field.typing, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert names(field) == ["a@x.org", "b@x.org", "C <c@x.org>"]
    QApplication.clipboard().setText("part")
    qtbot.keyClick(field.typing, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.typing.text() == "part"


def test_leaving_the_field_commits(field: ChipField, qtbot: QtBot) -> None:
    qtbot.keyClicks(field.typing, "z@example.org")
    field.typing.clearFocus()
    assert names(field) == ["z@example.org"]


def test_dropping_a_chip(field: ChipField) -> None:
    data = QMimeData()
    data.setData(ADDRESS_MIME, json.dumps({"name": "Bo Berg", "address": "bo@example.org"}).encode())
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    field.dropEvent(event)
    assert field.people() == (BO,)
    broken = QMimeData()
    broken.setData(ADDRESS_MIME, b"[1]")
    field.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.MoveAction, broken, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    assert field.people() == (BO,)
