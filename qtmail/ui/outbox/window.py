"""Everything that waits to be sent, in the order in which it goes; each with how it stands and what can be done."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail import events
from qtmail.engine.mail import Mail
from qtmail.engine.outboxing import UNDER_WAY
from qtmail.errors import MailError
from qtmail.events import CancelSending, Event, Wake
from qtmail.model import OutboxId, OutboxItem, SendState
from qtmail.ui.link import Link
from qtmail.ui.outbox import sentences
from qtmail.ui.outbox.later import LaterDialog
from qtmail.ui.parts.page import open_at
from qtmail.ui.theme import Space, Theme, mark

PREFERRED = QSize(680, 420)
_ITEM = Qt.ItemDataRole.UserRole
_ICONS = {
    SendState.NOT_BEFORE: "clock",
    SendState.HELD: "clock",
    SendState.DEFERRED: "refresh",
    SendState.REFUSED: "alert-circle",
    SendState.UNCERTAIN: "help",
}


class OutboxWindow(QDialog):
    """Follows the store for as long as it is open."""

    edit_wanted = Signal(object)
    """RowId."""
    delete_wanted = Signal(object)
    """RowId: with the toast and Undo of every deletion."""
    acted = Signal()

    def __init__(self, mail: Mail, link: Link, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Outbox")
        self._mail, self._link, self._theme = mail, link, theme
        self._items: dict[OutboxId, OutboxItem] = {}
        self._progress: dict[OutboxId, tuple[int, int]] = {}
        self.list = QListWidget(self)
        self.list.setAccessibleName("Mail waiting to be sent")
        self.list.setWordWrap(True)
        self.list.setSpacing(Space.XS)
        self.paused = QCheckBox("Pause the Outbox: send nothing for now", self)
        self.problem = QLabel(self)
        mark(self.problem, tone="danger")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.empty = mark(QLabel("Nothing is waiting to be sent.", self), tone="muted")
        self.buttons: dict[str, QPushButton] = {}
        self._lay_out()
        self.list.currentItemChanged.connect(self._adapt)
        self.list.itemActivated.connect(lambda _item: self._press("edit"))
        self.paused.clicked.connect(self._pause)
        link.heard.connect(self._hear)
        self.reload()
        open_at(self, PREFERRED)
        self.list.setFocus()

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(Space.S)
        for name, words, keys in (
            ("now", "Send &now", ""),
            ("arrived", "It a&rrived", ""),
            ("later", "Send &later …", ""),
            ("hold", "&Hold", ""),
            ("edit", "&Edit", ""),
            ("up", "Move &up", "Alt+Up"),
            ("down", "Move &down", "Alt+Down"),
            ("delete", "Dele&te", "Del"),
        ):
            button = QPushButton(words, self)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, act=name: self._press(act))
            if keys:
                QShortcut(QKeySequence(keys), self, button.click)
                button.setToolTip(f"{words.replace('&', '')} ({keys})")
            self.buttons[name] = button
            side.addWidget(button)
        side.addStretch(1)
        close = QPushButton("Close", self)
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        side.addWidget(close)
        left = QVBoxLayout()
        left.setSpacing(Space.S)
        left.addWidget(self.empty)
        left.addWidget(self.list, 1)
        left.addWidget(self.paused)
        left.addWidget(self.problem)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        row.setSpacing(Space.L)
        row.addLayout(left, 1)
        row.addLayout(side)

    def reload(self) -> None:
        """Read the Outbox anew; what is chosen stays chosen."""
        chosen = self._chosen_id()
        place = max(0, self.list.currentRow())
        items = self._mail.outbox()
        rows = self._mail.rows([item.row for item in items])
        self._items = {item.id: item for item in items}
        self.list.clear()
        for item in items:
            words = sentences.state_words(item, *self._progress.get(item.id, (0, 0)))
            entry = QListWidgetItem(f"{sentences.title(rows.get(item.row))}\n{words}")
            entry.setIcon(self._theme.icon(_ICONS.get(item.state, "send")))
            entry.setData(_ITEM, item.id)
            entry.setToolTip(words)
            self.list.addItem(entry)
            if item.id == chosen:
                self.list.setCurrentItem(entry)
        if self.list.currentRow() < 0 and items:
            self.list.setCurrentRow(min(place, len(items) - 1))
        self.empty.setVisible(not items)
        self.paused.setChecked(self._mail.outbox_paused())
        self._adapt()

    def chosen(self) -> OutboxItem | None:
        """The one the buttons are about."""
        found = self._chosen_id()
        return self._items.get(found) if found is not None else None

    def _chosen_id(self) -> OutboxId | None:
        entry = self.list.currentItem()
        return OutboxId(entry.data(_ITEM)) if entry else None

    def _adapt(self) -> None:
        item, row = self.chosen(), self.list.currentRow()
        moving = item is not None and item.state in UNDER_WAY
        unsure = item is not None and item.state is SendState.UNCERTAIN
        waits = item is not None and not moving
        able = {
            "now": waits and item is not None and item.state is not SendState.QUEUED,
            "arrived": unsure,
            "later": waits and not unsure,
            "hold": item is not None and item.state not in (SendState.HELD, SendState.REFUSED, SendState.UNCERTAIN),
            "edit": waits and not unsure,
            "up": row > 0,
            "down": 0 <= row < self.list.count() - 1,
            "delete": item is not None,
        }
        for name, on in able.items():
            self.buttons[name].setEnabled(on)
        self.buttons["arrived"].setVisible(unsure)
        self.buttons["now"].setText("Send a&gain" if unsure else "Send &now")
        self.buttons["hold"].setText("&Stop" if moving else "&Hold")

    def _press(self, act: str) -> None:
        item = self.chosen()
        if item is None or not self.buttons[act].isEnabled():
            return
        acts: dict[str, Callable[[OutboxItem], object]] = {
            "now": lambda one: self._mail.retry_now(one.id),
            "arrived": lambda one: self._mail.settle_as_sent(one.id),
            "later": self._later,
            "hold": self._hold,
            "edit": lambda one: self.edit_wanted.emit(one.row),
            "up": lambda one: self._shift(one, -1),
            "down": lambda one: self._shift(one, 1),
            "delete": lambda one: self.delete_wanted.emit(one.row),
        }
        self.problem.hide()
        try:
            acts[act](item)
        except MailError as error:
            self.problem.setText(error.sentence())
            self.problem.show()
        self._changed()

    def _hold(self, item: OutboxItem) -> None:
        if item.state in UNDER_WAY:
            self._link.wish(CancelSending(item.id))
        else:
            self._mail.hold(item.id)

    def _later(self, item: OutboxItem) -> None:
        dialog = LaterDialog(self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._mail.send_at(item.id, dialog.moment())

    def _shift(self, item: OutboxItem, by: int) -> None:
        order = list(self._items)
        at = order.index(item.id)
        order.insert(min(max(at + by, 0), len(order) - 1), order.pop(at))
        self._mail.arrange_outbox(order)

    def _pause(self, on: bool) -> None:
        self._mail.pause_outbox(on)
        self._changed()

    def _changed(self) -> None:
        self._link.wish(Wake())
        self.reload()
        self.acted.emit()

    def _hear(self, event: Event) -> None:
        match event:
            case events.Sending(item=item, done=done, total=total):
                self._progress[item] = (done, total)
                self.reload()
            case events.OutboxChanged() | events.FolderChanged():
                self.reload()
