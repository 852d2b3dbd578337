"""What stands above a conversation: its subject, how many messages, and how they are shown."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from qtmail.ui.parts.labels import WrappedText
from qtmail.ui.theme import Space, Theme, mark

_SUBJECT_LINES = 3


class ConversationBar(QWidget):
    """Hidden while a single message is shown."""

    order_wanted = Signal()
    """The other way round."""
    all_wanted = Signal()
    """Open every message; where they are, fold them."""
    single_wanted = Signal()
    """Show one message alone again."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        mark(self, surface="surface")
        self.subject = WrappedText("", self, most=_SUBJECT_LINES)
        mark(self.subject, tone="title")
        self.count = QLabel(self)
        mark(self.count, tone="muted")
        self.order = self._button("arrows-sort", "Newest first", self.order_wanted)
        self.all = self._button("list", "Open all messages", self.all_wanted)
        self.single = self._button("mail", "Show one message alone", self.single_wanted)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self.subject)
        words.addWidget(self.count)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.L, Space.L, Space.L, Space.S)
        line.setSpacing(Space.XS)
        line.addLayout(words, 1)
        for button in (self.order, self.all, self.single):
            line.addWidget(button)
        self.hide()

    def _button(self, icon: str, words: str, signal: object) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(words)
        button.setAccessibleName(words)
        self._theme.dress(button, icon)
        button.clicked.connect(signal)
        return button

    def tell(self, subject: str, count: int, unread: int, *, newest_first: bool) -> None:
        """What it is about."""
        self.subject.setText(subject or "(no subject)")
        self.count.setText(f"{count} messages" + (f", {unread} unread" if unread else ""))
        words = "Oldest first" if newest_first else "Newest first"
        self.order.setToolTip(words)
        self.order.setAccessibleName(words)
