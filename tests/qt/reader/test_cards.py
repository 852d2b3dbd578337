"""Mail that is more than text: the cards above it, what their buttons do, and what they look like."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from qtmail.errors import Unreachable
from qtmail.mime.invitation import Answer
from qtmail.model import RowId
from qtmail.settings import Scheme
from qtmail.ui.reader import ReaderPane
from qtmail.ui.reader.cards.contact import ContactCard
from qtmail.ui.reader.cards.invitation import InvitationCard
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeMail
from tests.qt.reader.conftest import MakePane, Open
from tests.qt.reader.samples import PNG
from tests.qt.reader.test_looks import _keep
from tests.unit.mime.invitations import EVENT, calendar, invited

HEAD = "From: Bo <bo@example.org>\nTo: alice@example.test\nSubject: News\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n"
LIST = (
    "Authentication-Results: example.test; dkim=pass header.d=example.org\n"
    "DKIM-Signature: v=1; d=example.org; h=from:list-unsubscribe:list-unsubscribe-post; b=x\n"
    "List-Unsubscribe: <https://example.org/leave>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
    "List-Post: <mailto:all@example.org>\nList-Archive: <https://example.org/archive>\n"
)
BY_MAIL = "List-Unsubscribe: <mailto:leave@example.org>\n"
ASKS = "Return-Path: <bo@example.org>\nDisposition-Notification-To: bo@example.org\n"


def card_of(pane: ReaderPane) -> InvitationCard:
    (card,) = [one for one in pane.beyond.findChildren(InvitationCard) if one.isVisible()]
    return card


def person(photo: str = "") -> str:
    import base64

    photo = f"PHOTO;ENCODING=b;TYPE=PNG:{base64.b64encode(PNG).decode()}\n" if photo else ""
    return (
        f"{HEAD}Content-Type: text/vcard; name=bo.vcf\n\nBEGIN:VCARD\nVERSION:3.0\nFN:Bo Doe\nORG:Example Ltd;Post\n"
        f"TITLE:Postmaster\nEMAIL:bo@example.org\nTEL:+49 30 12345\n{photo}END:VCARD\n"
    )


def test_an_invitation_is_answered_from_its_card(
    pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot
) -> None:
    row = mail.add(invited(), seen=True)
    open_row(pane, row)
    card = card_of(pane)
    assert card.title.text() == "Planning, weekly"
    assert "2026" in card.when.text()
    assert card.repeats.text() == "Repeats every Tuesday until 14 March 2027"
    assert card.invited.text() == "Doe, Bo invites 3 people: 1 accepted, 1 declined"
    assert not card.names.isVisible()
    card.people.click()
    assert "di@example.org (optional): declined" in card.names.text()
    with qtbot.waitSignals([pane.done, pane.displayed], timeout=15_000):
        card.buttons[Answer.ACCEPTED].click()
    assert mail.answers == {row: Answer.ACCEPTED}
    assert card_of(pane).said.text() == "You accepted."
    assert card_of(pane).buttons[Answer.ACCEPTED].text() == "Accepted"


def test_what_clashes_in_the_users_calendar_is_told(
    make_pane: MakePane, mail: FakeMail, open_row: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "mine.ics"
    path.write_text(calendar("UID:1\nSUMMARY:Dentist\nDTSTART:20261201T133000Z\nDTEND:20261201T143000Z\n", "X", ""))
    pane = make_pane(calendar=str(path))
    open_row(pane, mail.add(invited(), seen=True))
    qtbot.waitUntil(
        lambda: card_of(pane).conflict.text().startswith("At that time you have: Dentist ("), timeout=25_000
    )


def test_what_cannot_be_answered_offers_no_answer(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    for method, words in (
        ("CANCEL", "Doe, Bo has cancelled this."),
        ("REPLY", "Alice: no answer yet."),
        ("COUNTER", "Alice proposes this time instead."),
        ("PUBLISH", ""),
    ):
        open_row(pane, mail.add(invited(method=method), seen=True))
        card = card_of(pane)
        assert card.about.text() == words
        assert not any(button.isVisible() for button in card.buttons.values())
    open_row(pane, mail.add(HEAD + "\nHello\n", seen=True))
    assert not pane.beyond.isVisible()


def test_a_card_of_strangers_words_stays_in_the_window(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    long = "x" * 3000
    event = EVENT.replace("Planning", long).replace("Room 5", long).replace("Doe, Bo", long) + f"COMMENT:{long}\n"
    for method in ("REQUEST", "CANCEL", "REPLY"):
        open_row(pane, mail.add(invited(calendar(event, method)), seen=True))
        assert card_of(pane).minimumSizeHint().width() < 600
        assert pane.width() == 700
        assert pane.beyond.height() < pane.height() * 0.6


def test_a_person_sent_along_is_written_to_and_kept(
    pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot
) -> None:
    open_row(pane, mail.add(person("yes"), seen=True))
    (card,) = pane.beyond.findChildren(ContactCard)
    with qtbot.waitSignal(pane.mailto_requested) as asked:
        card.written_to.emit("bo@example.org")
    assert asked.args == ["mailto:bo@example.org"]


@pytest.fixture
def lists(pane: ReaderPane) -> Callable[[], dict[str, Callable[[], None]]]:
    """What the menu of the list offers."""

    def read() -> dict[str, Callable[[], None]]:
        menu = QMenu(pane)
        pane.beyond.leaving.fill(menu, pane.shown)
        return {action.text(): action.trigger for action in menu.actions()}

    return read


def test_a_list_is_left_only_after_asking(
    pane: ReaderPane,
    mail: FakeMail,
    open_row: Open,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    lists: Callable[[], dict[str, Callable[[], None]]],
) -> None:
    said: list[str] = []
    choose: list[bool] = [False]

    def answer(box: QMessageBox) -> int:
        said.append(f"{box.text()} {box.informativeText()}")
        (box.buttons()[0] if choose[0] else box.button(QMessageBox.StandardButton.Cancel)).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    row = mail.add(HEAD + LIST + "\nHello\n", seen=True)
    open_row(pane, row)
    assert list(lists()) == ["Unsubscribe …", "Write to the list", "Archive"]
    lists()["Unsubscribe …"]()
    assert said[0].startswith(
        "example.org will be told to take alice@example.test off its list. It learns that you have"
    )
    assert mail.left == []
    choose[0] = True
    with qtbot.waitSignal(pane.status, check_params_cb=lambda text: text == "You were taken off the list."):
        lists()["Unsubscribe …"]()
    assert mail.left == [(row, "web")]
    mail.send_error = Unreachable("The server example.org was not found.")  # type: ignore[assignment]
    lists()["Unsubscribe …"]()
    qtbot.waitUntil(lambda: "was not found" in pane.banner.text())
    mail.send_error = None
    other = mail.add(HEAD + BY_MAIL + "\nHello\n", seen=True)
    open_row(pane, other)
    with qtbot.waitSignal(pane.done):
        lists()["Unsubscribe …"]()
    assert mail.left[1:] == [(other, "mail")]
    open_row(pane, mail.add(HEAD + "\nHello\n", seen=True))
    assert lists() == {}


def test_a_receipt_is_never_sent_by_itself(pane: ReaderPane, mail: FakeMail, open_row: Open, qtbot: QtBot) -> None:
    rows = [mail.add(HEAD + ASKS + "\nHello\n", seen=True) for _ in range(4)]
    open_row(pane, rows[0])
    assert pane.banner.text() == "The author asks to be told that you read this."
    assert mail.receipts == {}
    pane.banner.button("receipt-ignore").click()
    open_row(pane, rows[1])
    pane.banner.button("receipt-send").click()
    assert mail.receipts == {rows[0]: False, rows[1]: True}
    assert pane.banner.text() == ""
    open_row(pane, rows[2])
    with qtbot.waitSignal(pane.remember) as kept:
        pane.banner.button("receipt-never").click()
    assert kept.args == ["no_receipts_for", ("bo@example.org",)]
    elsewhere = (HEAD + ASKS).replace("To: bo@", "To: spy@")
    open_row(pane, mail.add(elsewhere + "\nHello\n", seen=True))
    assert "spy@example.org, not the sender" in pane.banner.text()


def test_a_signature_is_told_without_a_claim(pane: ReaderPane, mail: FakeMail, open_row: Open) -> None:
    signed = "MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHi\n"
    signed += "--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n"
    open_row(pane, mail.add(HEAD + signed, seen=True))
    assert pane.banner.text() == "Signed with OpenPGP (not verified yet)."


def _still(pane: ReaderPane, last: list[bytes]) -> bool:
    """Nothing moves any more: four pictures are the same."""
    image = pane.grab().toImage()  # its bits live as long as it does
    last.append(bytes(image.constBits()))
    return len(last) > 3 and len(set(last[-4:])) == 1


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_pictures_of_the_cards(
    make_pane: MakePane, mail: FakeMail, open_row: Open, theme: Theme, scheme: Scheme, qtbot: QtBot
) -> None:
    theme.set(scheme)
    pane = make_pane()
    pane.resize(760, 620)
    answered = mail.add(invited(), seen=True)
    mail.answers[answered] = Answer.TENTATIVE
    tokyo = EVENT.replace('TZID="W. Europe Standard Time"', "TZID=Asia/Tokyo").replace("SEQUENCE:2", "SEQUENCE:0")
    shown: dict[str, RowId] = {
        "invitation": mail.add(invited(calendar(tokyo)), seen=True),
        "answered": answered,
        "cancelled": mail.add(invited(method="CANCEL"), seen=True),
        "person": mail.add(person("yes"), seen=True),
        "receipt": mail.add(HEAD + ASKS + "\nHello\n", seen=True),
    }
    for name, row in shown.items():
        open_row(pane, row)
        last: list[bytes] = []
        qtbot.waitUntil(partial(_still, pane, last), timeout=10_000)
        _keep(pane, f"card-{name}-{scheme}")
        assert pane.beyond.isVisible() is (name != "receipt")
