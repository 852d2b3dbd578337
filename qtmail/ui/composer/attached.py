"""The attachments of the mail being written: cards in a wrapping row, removed by a click or Delete."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from qtmail.model import AttachmentRef
from qtmail.ui.parts.attachments import AttachmentCard, size_words
from qtmail.ui.parts.flow import FlowLayout
from qtmail.ui.theme import Space, Theme, mark

LARGE = 20_000_000
"""Octets from which many servers refuse a mail."""


class Attached(QWidget):
    """Hidden while there are none. Pictures of the text are kept here too, but have no card."""

    changed = Signal()
    opened = Signal(object)
    """AttachmentRef."""

    def __init__(self, theme: Theme, judge: Callable[[int], str], parent: QWidget | None = None) -> None:
        """`judge`: what is to be said of so many octets; empty: nothing."""
        super().__init__(parent)
        self._judge = judge
        mark(self, surface="surface")
        self._theme = theme
        self.refs: list[AttachmentRef] = []
        self.cards: list[AttachmentCard] = []
        self.total = QLabel(self)
        self.total.setWordWrap(True)
        mark(self.total, tone="section")
        self._flow = FlowLayout(None, Space.S)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        column.setSpacing(Space.S)
        column.addWidget(self.total)
        column.addLayout(self._flow)
        self.hide()

    def load(self, refs: Sequence[AttachmentRef]) -> None:
        for card in self.cards:
            self._flow.removeWidget(card)
            card.deleteLater()
        self.refs, self.cards = [], []
        for ref in refs:
            self._put(ref)
        self.tell()

    def add(self, ref: AttachmentRef) -> None:
        self._put(ref)
        self.tell()
        self.changed.emit()

    def picture(self, content_id: str) -> AttachmentRef | None:
        """The picture of the text with this Content-ID."""
        return next((ref for ref in self.refs if ref.content_id == content_id), None)

    def files(self) -> tuple[AttachmentRef, ...]:
        """Those with a card."""
        return tuple(ref for ref in self.refs if not ref.content_id)

    def _put(self, ref: AttachmentRef) -> None:
        self.refs.append(ref)
        if ref.content_id:
            return
        card = AttachmentCard(self._theme, ref.name, ref.type, ref.size, removable=True, parent=self)
        card.removed.connect(lambda: self.remove(ref, card))
        card.opened.connect(lambda: self.opened.emit(ref))
        self._flow.addWidget(card)
        self.cards.append(card)
        card.show()

    def remove(self, ref: AttachmentRef, card: AttachmentCard) -> None:
        self.refs.remove(ref)
        self.cards.remove(card)
        self._flow.removeWidget(card)
        card.hide()
        card.deleteLater()
        self.tell()
        self.changed.emit()

    def tell(self) -> None:
        """How many there are, how large, and whether that is too much."""
        files = self.files()
        size = sum(ref.size for ref in files)
        count = "1 attachment" if len(files) == 1 else f"{len(files)} attachments"
        judged = self._judge(sum(ref.size for ref in self.refs))
        self.total.setText(f"{count}, {size_words(size)}{f'. {judged}' if judged else ''}")
        self.setVisible(bool(files))
