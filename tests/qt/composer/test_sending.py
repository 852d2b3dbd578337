"""When a mail leaves, as whom, and with which wishes."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from qtmail.model import Address, Delivery, Draft, Identity
from qtmail.ui.composer.delivery import DeliveryDialog
from qtmail.ui.outbox.later import LaterDialog
from tests.qt.composer.conftest import Compose
from tests.qt.fakes import WORK, FakeMail

BOB = (Address("Bob", "bob@example.test"),)
CLUB = Identity("club", "Chair", "chair@club.example", "board@club.example", "The chair", patterns=("*@club.example",))
MOMENT = 1_900_000_000


def addressed(mail: FakeMail) -> Draft:
    return replace(mail.mail.new_draft(WORK), to=BOB, subject="Hello")


def answered(monkeypatch: pytest.MonkeyPatch, kind: type[QDialog], prepare: object = None) -> None:
    """The dialog is accepted at once, after `prepare` (given the dialog)."""

    def exec_(dialog: QDialog) -> QDialog.DialogCode:
        if callable(prepare):
            prepare(dialog)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(kind, "exec", exec_)


@pytest.mark.parametrize(("values", "times"), [({}, (5, 0)), ({"undo_send_s": 0}, (0, 0)), ({"offline": True}, (0, 0))])
def test_sending_waits_for_an_undo_where_something_can_leave(
    qtbot: QtBot, compose: Compose, mail: FakeMail, values: dict[str, object], times: tuple[int, int]
) -> None:
    window = compose(addressed(mail), **values)
    with qtbot.waitSignal(window.closed):
        window.send()
    assert mail.times == [times]


def test_send_later_by_us_or_by_the_server(
    qtbot: QtBot, compose: Compose, mail: FakeMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LaterDialog, "moment", lambda _dialog: MOMENT)
    answered(monkeypatch, LaterDialog)
    window = compose(addressed(mail))
    with qtbot.waitSignal(window.closed):
        window.send_later()
    answered(monkeypatch, LaterDialog, lambda dialog: dialog.by_server.setChecked(True))
    window = compose(addressed(mail))
    with qtbot.waitSignal(window.closed):
        window.send_later()
    assert mail.times == [(0, MOMENT), (5, 0)]
    assert [draft.delivery.hold_until for draft in mail.sent] == [0, MOMENT]


def test_wishes_about_the_delivery_go_along(
    qtbot: QtBot, compose: Compose, mail: FakeMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, DeliveryDialog, lambda dialog: dialog.reports["success"].setChecked(True))
    window = compose(addressed(mail))
    window.choose_delivery()
    with qtbot.waitSignal(window.closed):
        window.send()
    assert mail.sent[0].delivery == Delivery(("success",))


def test_every_identity_can_write_and_signs_as_itself(qtbot: QtBot, compose: Compose, mail: FakeMail) -> None:
    mail.all_accounts = (replace(mail.all_accounts[0], more_identities=(CLUB,)),)
    window = compose(addressed(mail))
    box = window.fields.sender_box
    assert box.isVisible()
    box.setCurrentIndex(1)
    box.activated.emit(1)
    draft = window.draft()
    assert (draft.from_, draft.identity) == (CLUB.mailbox, "club")
    assert draft.reply_to == (Address("", "board@club.example"),)
    assert "The chair" in draft.text
    assert "Example Ltd" not in draft.text


def test_an_answer_keeps_the_address_that_only_a_pattern_knows(compose: Compose, mail: FakeMail) -> None:
    mail.all_accounts = (replace(mail.all_accounts[0], more_identities=(CLUB,)),)
    cash = Address("Chair", "cash@club.example")
    window = compose(replace(addressed(mail), identity="club", from_=cash))
    assert window.fields.sender_box.currentText() == str(cash)
    assert window.draft().from_ == cash


def test_every_file_that_cannot_be_attached_is_named(
    qtbot: QtBot, compose: Compose, mail: FakeMail, tmp_path: Path
) -> None:
    window = compose(addressed(mail))
    with qtbot.waitSignal(window.intake.idle):
        window.attach_files([tmp_path / "one.pdf", tmp_path / "two.pdf"])
    assert "one.pdf" in window.banner.text()
    assert "two.pdf" in window.banner.text()
    with qtbot.waitSignal(window.intake.idle):
        window.attach_files([tmp_path / "three.pdf"])
    assert "one.pdf" not in window.banner.text()
