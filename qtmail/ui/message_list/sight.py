"""Tells the engine which messages without content are on the screen, so that they come before all others."""

from PySide6.QtCore import QObject, QTimer

from qtmail.events import LookAt
from qtmail.model import MessageId
from qtmail.ui.link import Link
from qtmail.ui.message_list.model import MessageListModel
from qtmail.ui.message_list.view import MessageView

SETTLE_MS = 150
"""The list must have stood still for so long: scrolling past asks for nothing."""


class InSight(QObject):
    """Watches one list. It runs no timer while nothing moves."""

    def __init__(self, view: MessageView, model: MessageListModel, link: Link) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._link = link
        self._told: tuple[MessageId, ...] = ()
        self._settled = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settled.timeout.connect(self.tell)
        bar = view.verticalScrollBar()
        for moved in (bar.valueChanged, bar.rangeChanged, model.modelReset):
            moved.connect(lambda *_: self._settled.start())  # or the timer would take the place for its interval

    def tell(self) -> None:
        """Ask for what is in sight now, top first; once for the same messages."""
        first, last = self._view.visible_lines()
        rows = (self._model.row(line) for line in range(first, last + 1))
        wanted = tuple(row.message for row in rows if row is not None and not row.has_body)
        if wanted != self._told:
            self._told = wanted
            self._link.wish(LookAt(wanted))
