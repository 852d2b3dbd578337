"""Joins what a mail is besides its text to its reader: the cards above the body, the list it came from, receipts."""

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from qtmail.engine.answering import Beyond
from qtmail.engine.mail import Done, Mail
from qtmail.errors import MailError
from qtmail.model import OutboxId, Part, Role, RowId
from qtmail.settings import RemoteImages
from qtmail.ui.parts.banner import Button
from qtmail.ui.reader.cards.leaving import Leaving
from qtmail.ui.reader.load import Shown
from qtmail.ui.reader.notices import Notice, notices
from qtmail.ui.theme import Space, Theme, mark
from qtmail.ui.worker import Worker

# What shows an event or a person comes with the first one: the start of the window need not wait for it.
if TYPE_CHECKING:
    from qtmail.engine.clashing import Clash
    from qtmail.mime.contactcard import Card
    from qtmail.mime.invitation import Answer, Invitation
    from qtmail.ui.reader.cards.invitation import InvitationCard
    from qtmail.ui.reader.pane import ReaderPane

SEND_RECEIPT = Button("receipt-send", "Send receipt")
IGNORE_RECEIPT = Button("receipt-ignore", "Ignore")
NEVER_RECEIPT = Button("receipt-never", "Never for this sender")
_MOST_PEOPLE = 5
_MOST_SHARE = 0.55
"""Of the reader's height; then the cards scroll, and the mail stays in sight."""


class BeyondText(QScrollArea):
    """The cards of the message shown; hidden where it has none."""

    def __init__(self, pane: "ReaderPane", mail: Mail, theme: Theme) -> None:
        super().__init__(pane)
        self._pane, self._mail, self._theme = pane, mail, theme
        self._shown: Shown | None = None
        self._invitation: InvitationCard | None = None
        self._worker = Worker(self)
        """Apart from the reader's: the next message need not wait for a slow server, or a large calendar."""
        self._stop = threading.Event()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._field = QWidget(self)
        mark(self._field, surface="surface")
        self._column = QVBoxLayout(self._field)
        self._column.setContentsMargins(Space.L, 0, Space.L, Space.M)
        self._column.setSpacing(Space.S)
        self.setWidget(self._field)
        self._field.installEventFilter(self)
        self.leaving = Leaving(pane)
        self.leaving.at_once.connect(self._leave_at_once)
        self.leaving.by_mail.connect(lambda: self._send(self._mail.leave_list_by_mail, "The list is asked by mail."))
        self.leaving.mailto.connect(pane.mailto_requested)
        pane.board.pressed.connect(self._pressed)
        self.hide()

    def show_message(self, shown: Shown | None) -> None:
        """The cards of this one; None: of none."""
        self._shown = shown
        self._clear()
        found = shown.beyond if shown is not None else Beyond()
        if found.invitation is not None:
            self._put_invitation(found, found.invitation)
        for one in found.cards[:_MOST_PEOPLE]:
            self._put_person(one)
        self.setVisible(self._column.count() > 0)
        self._fit()

    def _put_invitation(self, found: Beyond, one: "Invitation") -> None:
        from qtmail.ui.reader.cards.invitation import InvitationCard

        self._invitation = card = InvitationCard(self._theme, self._field)
        card.show_invitation(found)
        part = Part(one.part, _file_name(one.summary), "text/calendar", 0, False)
        card.answered.connect(self._answer)
        card.opened.connect(partial(self._pane.strip.open, part))
        card.saved.connect(partial(self._pane.strip.save, part))
        card.joined.connect(self._pane.links.follow)
        self._put(card)
        self._look_for_clashes(card, one)

    def _put_person(self, one: "Card") -> None:
        from qtmail.ui.reader.cards.contact import ContactCard

        person = ContactCard(self._theme, one, self._field)
        part = Part(one.part, f"{one.name}.vcf", "text/vcard", 0, False)
        person.written_to.connect(
            lambda address: self._pane.mailto_requested.emit(f"mailto:{quote(address, safe='@')}")
        )
        person.saved.connect(partial(self._pane.strip.save, part))
        self._put(person)

    def notices(self, shown: Shown) -> tuple[Notice, ...]:
        """All there is to say above its body, most important first."""
        offered = self._pane.settings.remote_images is RemoteImages.ASK
        said = list(notices(shown, pictures_offered=offered))
        asked = shown.beyond.receipt
        wanted = asked is not None and asked.to.address.casefold() not in self._pane.settings.no_receipts_for
        if (
            asked is not None
            and wanted
            and shown.trustworthy
            and shown.role not in (Role.SENT, Role.DRAFTS, Role.OUTBOX)
        ):
            text = "The author asks to be told that you read this."
            if asked.elsewhere:
                text = f"Somebody asks to be told that you read this: {asked.to.address}, not the sender."
            buttons = (SEND_RECEIPT, IGNORE_RECEIPT, NEVER_RECEIPT)
            said.append(Notice("receipt", text, buttons=buttons, icon="mail-opened"))
        if shown.beyond.signed_with:
            text = f"Signed with {shown.beyond.signed_with} (not verified yet)."
            said.append(Notice("signed", text, icon="signature"))
        return tuple(said)

    def shut(self) -> None:
        """The program ends."""
        self._stop.set()
        self._worker.stop()

    def _look_for_clashes(self, card: "InvitationCard", one: "Invitation") -> None:
        from qtmail.engine.clashing import clashes
        from qtmail.ui.reader.cards import words

        if not (path := self._pane.settings.calendar):
            return
        self._stop = stop = threading.Event()

        def told(answer: "tuple[Clash, ...] | MailError") -> None:
            if self._invitation is card and not isinstance(answer, MailError):
                card.show_conflict(words.conflicts(answer))

        self._worker.run(lambda: clashes(path, one, stop), told)

    # What was pressed

    def _answer(self, said: "Answer") -> None:
        if self._send(partial(self._mail.answer_invitation, said=said), ""):
            self._pane.reload()

    def _pressed(self, button: str) -> None:
        shown = self._shown
        if shown is None or shown.beyond.receipt is None:
            return
        match button:
            case "receipt-send":
                self._send(self._mail.send_receipt, "The receipt is sent.")
            case "receipt-ignore":
                self._refuse(shown.row.id)
            case "receipt-never":
                known = self._pane.settings.no_receipts_for
                address = shown.beyond.receipt.to.address.casefold()
                self._pane.remember.emit("no_receipts_for", tuple(sorted({*known, address})))
                self._refuse(shown.row.id)
            case _:
                return
        self._pane.board.drop("receipt")

    def _refuse(self, row: RowId) -> None:
        try:
            self._pane.done.emit(self._mail.refuse_receipt(row))
        except MailError as error:
            self._pane.board.complain(error)

    def _send(self, act: Callable[..., tuple[OutboxId, Done]], said: str) -> bool:
        """Put what was asked for into the Outbox; the undo of sending applies. -> whether it is there."""
        if self._shown is None:
            return False
        row, undo_s = self._shown.row.id, self._pane.settings.undo_send_s
        try:
            _, done = act(row, undo_s=undo_s)
        except MailError as error:
            self._pane.board.complain(error)
            return False
        (self._pane.done if undo_s else self._pane.acted).emit(done)
        self._pane.status.emit(said)
        return True

    def _leave_at_once(self) -> None:
        shown = self._shown
        if shown is None:
            return
        self._pane.status.emit("Unsubscribing …")
        row = shown.row.id

        def told(answer: MailError | None) -> None:
            if isinstance(answer, MailError):
                self._pane.status.emit("")
                self._pane.board.complain(answer)
            else:
                self._pane.status.emit("You were taken off the list.")

        self._worker.run(lambda: self._mail.leave_list_at_once(row), told)

    # How it stands

    def _put(self, card: QWidget) -> None:
        self._column.addWidget(card)
        card.show()  # Qt would do it later, and until then it takes no room

    def _clear(self) -> None:
        self._stop.set()
        self._invitation = None
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _fit(self) -> None:
        """As high as the cards are, up to a share of the reader."""
        wanted = self._column.totalHeightForWidth(self.width())
        wanted = wanted if wanted >= 0 else self._column.totalSizeHint().height()
        self.setFixedHeight(max(min(wanted, round(self._pane.height() * _MOST_SHARE)), 1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _file_name(summary: str) -> str:
    return f"{summary[:60].strip() or 'invitation'}.ics"
