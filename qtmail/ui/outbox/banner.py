"""The banner of the Outbox: it counts down, shows how far a large mail is, and asks what only the user can answer.

It says what the store says: when that changes, by whomever, the banner does too.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from qtmail import events
from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.events import CancelSending, Event, Wake
from qtmail.model import OutboxId, OutboxItem, Row, RowId, SendState
from qtmail.ui.link import Link
from qtmail.ui.outbox import sentences
from qtmail.ui.outbox.sentences import Said
from qtmail.ui.parts.banner import Banner
from qtmail.ui.theme import Space, Theme

TICK_MS = 250
SAID_IN_READER = ("uncertain", "refused", "deferred")


class OutboxBanner(QWidget):
    """Hidden while there is nothing to say. One sentence at a time, the most pressing first."""

    edit_wanted = Signal(object)
    """RowId of the Outbox: back into a composer."""
    draft_wanted = Signal(object)
    """Draft: a composer for it."""
    list_wanted = Signal()
    failed = Signal(str)
    acted = Signal()
    """Something was changed in the Outbox here."""
    standing = Signal(object)
    """frozenset of OutboxId: what is neither sent to everybody nor taken out; emitted when that changes."""

    def __init__(self, mail: Mail, link: Link, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mail, self._link = mail, link
        self._closed: set[tuple[object, ...]] = set()
        self._progress: dict[OutboxId, tuple[int, int]] = {}
        self._shown: Said | None = None
        self._standing: frozenset[OutboxId] = frozenset()
        self._in_reader: RowId | None = None
        self.clock: Callable[[], float] = time.time
        self.banner = Banner(theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.XS, Space.S, Space.XS)
        column.addWidget(self.banner)
        self.banner.pressed.connect(self._pressed)
        self.banner.closed.connect(self._close)
        self._ticks = QTimer(self, interval=TICK_MS)
        self._ticks.timeout.connect(self.refresh)
        self.hide()

    def hear(self, event: Event) -> None:
        """Events of the engine, and of what was done here."""
        match event:
            case events.Sending(item=item, done=done, total=total):
                before = self._progress.get(item)
                self._progress[item] = (done, total)
                if before is None or total >= sentences.LARGE:
                    self.refresh()
            case events.OutboxChanged() | events.FolderChanged() | events.EngineReady():
                self.refresh()

    def refresh(self) -> None:
        """Read the Outbox anew and say the most pressing."""
        try:
            items, partly = self._mail.outbox(), self._mail.refusals()
            said = next((one for one in self._all(items, partly) if not self._known(one)), None)
        except MailError:
            return  # the store is busy: the next event or tick asks again
        standing = frozenset(one.id for one in (*items, *partly))
        if standing != self._standing:
            self._standing = standing
            self.standing.emit(standing)
        counting = said is not None and said.key[0] == "countdown"
        if counting != self._ticks.isActive():
            self._ticks.start() if counting else self._ticks.stop()
        if said == self._shown:
            return
        same = said is not None and self._shown is not None and said.key == self._shown.key
        self._shown = said
        self.setVisible(said is not None)
        if said is None:
            self.banner.clear()
        elif same and said.buttons and len(said.buttons) == self.banner.count():
            self.banner.reword(said.text)
        else:
            self.banner.say(said.text, said.kind, said.buttons, icon=said.icon, closable=said.closable)

    def leave_to_reader(self, row: RowId | None) -> None:
        """The reader shows this message, and how its sending stands: that is not said twice."""
        if row != self._in_reader:
            self._in_reader = row
            self.refresh()

    def stop(self) -> None:
        """The window goes."""
        self._ticks.stop()

    def _known(self, said: Said) -> bool:
        in_reader = said.item is not None and said.item.row == self._in_reader and said.key[0] in SAID_IN_READER
        return in_reader or said.key in self._closed

    def _all(self, items: Sequence[OutboxItem], partly: Sequence[OutboxItem]) -> Iterator[Said]:
        """Everything there is to say, most pressing first."""
        late = self._mail.overdue()
        rows = self._mail.rows([one.row for one in (*items, *partly)])
        now = self.clock()

        def of(item: OutboxItem) -> Row | None:
            return rows.get(item.row)

        states: dict[SendState, list[OutboxItem]] = {}
        for item in items:
            states.setdefault(item.state, []).append(item)
        for item in states.get(SendState.NOT_BEFORE, ()):
            if not item.scheduled and item.not_before > now:
                yield sentences.countdown(item, of(item), now)
        for item in states.get(SendState.UNCERTAIN, ()):
            yield sentences.uncertain(item, of(item))
        for item in states.get(SendState.REFUSED, ()):
            yield sentences.refused(item, of(item))
        for item in partly:
            yield sentences.partly(item, of(item))
        for item in (*states.get(SendState.ENVELOPE, ()), *states.get(SendState.DATA, ())):
            done, total = self._progress.get(item.id, (0, 0))
            if total >= sentences.LARGE:
                yield sentences.on_its_way(item, of(item), done, total)
        if late:
            yield sentences.overdue(late, [of(item) for item in late])
        if waiting := [one for one in states.get(SendState.DEFERRED, ()) if one.attempts and one.reply]:
            yield sentences.deferred(waiting[0], of(waiting[0]), len(waiting) - 1)
        if self._mail.outbox_paused() and items:
            yield sentences.paused(len(items))

    def _close(self) -> None:
        if self._shown is None:
            return
        self._closed.add(self._shown.key)
        if self._shown.key[0] == "partly" and self._shown.item is not None:
            self._mail.note_refused(self._shown.item.id)
        self.refresh()

    def _pressed(self, button: str) -> None:
        said = self._shown
        try:
            self._act(button, said.item if said else None)
        except MailError as error:
            self.failed.emit(error.sentence())
        self.refresh()
        self.acted.emit()

    def _act(self, button: str, item: OutboxItem | None) -> None:
        match button:
            case "open":
                self.list_wanted.emit()
            case "resume":
                self._mail.pause_outbox(False)
                self._link.wish(Wake())
            case "undo" | "edit" if item is not None:
                self.edit_wanted.emit(item.row)
            case "now" | "again" if item is not None:
                self._mail.retry_now(item.id)
                self._link.wish(Wake((item.account,)))
            case "arrived" if item is not None:
                self._mail.settle_as_sent(item.id)
                self._link.wish(Wake((item.account,)))
            case "stop" if item is not None:
                self._link.wish(CancelSending(item.id))
            case "to-refused" if item is not None:
                self._mail.send_to_refused(item.id)
                self._link.wish(Wake((item.account,)))
            case "edit-refused" if item is not None:
                self.draft_wanted.emit(self._mail.edit_refused(item.id))
                self._mail.note_refused(item.id)
