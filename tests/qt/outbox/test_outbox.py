"""The Outbox's banner and window say what the store says, and offer exactly what can be done."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.events import CancelSending, Sending, Wake
from qtmail.model import ContentHash, Delivery, OutboxId, OutboxItem, Recipient, RowId, SendState
from qtmail.ui.composer.delivery import DeliveryDialog
from qtmail.ui.outbox import OutboxBanner, OutboxWindow
from qtmail.ui.outbox.later import LaterDialog, proposals
from qtmail.ui.parts.attachments import size_words
from qtmail.ui.theme import Theme
from tests.qt.fakes import OUTBOX, WORK, FakeLink, FakeMail

S = SendState
NOW = 1_800_000_000


@pytest.fixture
def mail() -> FakeMail:
    return FakeMail()


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def banner(qtbot: QtBot, theme: Theme, mail: FakeMail, link: FakeLink) -> OutboxBanner:
    made = OutboxBanner(mail.mail, link, theme)
    made.clock = lambda: NOW
    qtbot.addWidget(made)
    return made


def item(mail: FakeMail, state: SendState, number: int = 1, **more: object) -> OutboxItem:
    row = mail.add(f"From: Bob <bob@example.test>\nSubject: Mail {number}\n\nx\n", OUTBOX)
    made = OutboxItem(
        OutboxId(number), WORK, RowId(row), ContentHash(b""), "<m@x>", "a@x", (Recipient("bob@x"),), state, 1, 0, "", 5
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_it_counts_down_and_can_be_undone(qtbot: QtBot, banner: OutboxBanner, mail: FakeMail) -> None:
    mine = item(mail, S.NOT_BEFORE, not_before=NOW + 7)
    mail.waiting_items = (mine,)
    banner.hear(events.OutboxChanged(mine.id))
    assert "Sending “Mail 1” to Bob in 7 s" in banner.banner.text()
    undo = banner.banner.button("undo")
    banner.clock = lambda: NOW + 3
    banner.refresh()
    assert "in 4 s" in banner.banner.text()
    assert banner.banner.button("undo") is undo
    with qtbot.waitSignal(banner.edit_wanted) as wanted:
        undo.click()
    assert wanted.args == [mine.row]
    mail.waiting_items = ()
    banner.refresh()
    assert banner.isHidden()


def test_uncertain_is_asked_with_both_choices(banner: OutboxBanner, mail: FakeMail, link: FakeLink) -> None:
    mail.waiting_items = (item(mail, S.UNCERTAIN),)
    banner.refresh()
    assert banner.banner.text().startswith("Was “Mail 1” to Bob sent?")
    banner.banner.button("arrived").click()
    assert mail.settled == [OutboxId(1)]
    banner.banner.button("again").click()
    assert mail.retried == [OutboxId(1)]
    assert link.wishes == [Wake((WORK,)), Wake((WORK,))]


def test_what_was_refused_goes_when_it_was_seen_to(qtbot: QtBot, banner: OutboxBanner, mail: FakeMail) -> None:
    mail.waiting_items = (item(mail, S.REFUSED, reply="550 no"),)
    banner.refresh()
    assert "550 no" in banner.banner.text()
    with qtbot.waitSignal(banner.list_wanted):
        banner.banner.button("open").click()
    mail.waiting_items = ()
    banner.hear(events.FolderChanged(OUTBOX))
    assert banner.isHidden()


def test_refused_for_some(qtbot: QtBot, banner: OutboxBanner, mail: FakeMail) -> None:
    told = (Recipient("bob@x", "accepted"), Recipient("ann@x", "refused", "550 5.1.1 unknown"))
    mail.partly_refused = (item(mail, S.ACCEPTED, recipients=told),)
    banner.refresh()
    assert "but not to ann@x (550 5.1.1 unknown)" in banner.banner.text()
    banner.banner.button("to-refused").click()
    assert mail.calls == [("to refused", OutboxId(1))]
    with qtbot.waitSignal(banner.draft_wanted):
        banner.banner.button("edit-refused").click()


def test_a_large_mail_shows_how_far_it_is(banner: OutboxBanner, mail: FakeMail, link: FakeLink) -> None:
    mail.waiting_items = (item(mail, S.ENVELOPE),)
    banner.hear(Sending(OutboxId(1), 5_000_000, 27_000_000))
    assert f"{size_words(5_000_000)} of {size_words(27_000_000)}" in banner.banner.text()
    banner.banner.button("stop").click()
    assert link.wishes == [CancelSending(OutboxId(1))]
    banner.hear(Sending(OutboxId(1), 27_000_000, 27_000_000))
    assert "has not said yes" in banner.banner.text()


def test_overdue_and_paused_are_told_and_closed_for_good(banner: OutboxBanner, mail: FakeMail) -> None:
    mine = item(mail, S.NOT_BEFORE, not_before=NOW - 9000, scheduled=True)
    mail.waiting_items, mail.late = (mine,), (mine,)
    banner.refresh()
    assert "was to be sent" in banner.banner.text()
    banner.banner._close.click()
    assert banner.isHidden()
    mail.paused = True
    banner.refresh()
    assert banner.banner.text() == "The Outbox is paused: 1 mail waits."
    banner.banner.button("resume").click()
    assert not mail.paused
    assert banner.isHidden()


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, mail: FakeMail, link: FakeLink) -> Callable[..., OutboxWindow]:
    def make(*items: OutboxItem) -> OutboxWindow:
        mail.waiting_items = items
        made = OutboxWindow(mail.mail, link, theme)
        qtbot.addWidget(made)
        made.show()
        qtbot.waitUntil(made.isActiveWindow)
        return made

    return make


def test_the_window_by_keyboard(qtbot: QtBot, window: Callable[..., OutboxWindow], mail: FakeMail) -> None:
    one, two = item(mail, S.QUEUED, 1), item(mail, S.DEFERRED, 2, reply="451 later", next_attempt=NOW)
    made = window(one, two)
    assert "451 later" in made.list.item(1).text()
    made.list.setFocus()
    qtbot.keyClick(made.list, Qt.Key.Key_Down)
    assert made.chosen() == two
    qtbot.keyClick(made.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert mail.calls == [("arrange", (two.id, one.id))]
    with qtbot.waitSignal(made.delete_wanted) as wanted:
        qtbot.keyClick(made.list, Qt.Key.Key_Delete)
    assert wanted.args == [two.row]
    made.buttons["now"].click()
    assert mail.retried == [two.id]
    made.buttons["hold"].click()
    assert mail.calls[-1] == ("hold", two.id)
    made.paused.click()
    assert mail.paused


def test_the_window_offers_what_can_be_done(
    window: Callable[..., OutboxWindow], mail: FakeMail, link: FakeLink
) -> None:
    made = window(item(mail, S.UNCERTAIN, 1), item(mail, S.DATA, 2))

    def able() -> set[str]:
        return {name for name, button in made.buttons.items() if button.isEnabled() and button.isVisible()}

    assert able() == {"now", "arrived", "delete", "down"}
    made.list.setCurrentRow(1)
    assert able() == {"hold", "delete", "up"}
    made.buttons["hold"].click()
    assert CancelSending(OutboxId(2)) in link.wishes


def test_times_to_choose_from_are_ahead(qtbot: QtBot) -> None:
    from datetime import datetime

    for now in (datetime(2026, 11, 23, 7), datetime(2026, 11, 23, 17, 45), datetime(2026, 11, 29, 23, 59)):
        found = proposals(now)
        assert all(when > now for _, when in found)
        assert len({when for _, when in found}) == len(found) >= 2
    dialog = LaterDialog()
    qtbot.addWidget(dialog)
    dialog.choices[-1].click()
    assert dialog.moment() > time.time()


def test_delivery_options_come_out_as_they_went_in(qtbot: QtBot) -> None:
    wanted = Delivery(("success", "delay"), whole=True, within=4 * 3600, hold_until=9)
    dialog = DeliveryDialog(wanted)
    qtbot.addWidget(dialog)
    assert dialog.wanted() == wanted
    for box in dialog.reports.values():
        box.setChecked(False)
    assert dialog.wanted() == Delivery((), within=4 * 3600, hold_until=9)


def test_what_the_reader_says_of_a_mail_is_not_said_twice(qtbot: QtBot, banner: OutboxBanner, mail: FakeMail) -> None:
    mine, other = item(mail, S.REFUSED, 1, reply="no"), item(mail, S.REFUSED, 2, reply="never")
    mail.waiting_items = (mine, other)
    banner.refresh()
    assert "Mail 1" in banner.banner.text()
    banner.leave_to_reader(mine.row)
    assert "Mail 2" in banner.banner.text()
    banner.leave_to_reader(None)
    assert "Mail 1" in banner.banner.text()
    mail.waiting_items = (mine,)
    banner.leave_to_reader(mine.row)
    assert banner.isHidden()
    counting = item(mail, S.NOT_BEFORE, 3, not_before=NOW + 7)
    mail.waiting_items = (counting,)
    banner.leave_to_reader(counting.row)
    assert "in 7 s" in banner.banner.text(), "the reader has no Undo for it"


def test_it_tells_which_mails_still_stand(qtbot: QtBot, banner: OutboxBanner, mail: FakeMail) -> None:
    told: list[frozenset[OutboxId]] = []
    banner.standing.connect(told.append)
    mine, other = item(mail, S.REFUSED, 1), item(mail, S.QUEUED, 2)
    mail.waiting_items = (mine, other)
    banner.refresh()
    banner.refresh()
    mail.waiting_items = (other,)
    banner.refresh()
    assert told == [{mine.id, other.id}, {other.id}]
