"""The bar below the text: Send, attach, formatting, what the journal knows, discard."""

from PySide6.QtCore import QDateTime, QLocale, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from qtmail.model import Draft
from qtmail.ui.theme import Size, Space, Theme, Tone, mark


class Footer(QWidget):
    """Says "Saved 12:04" where the eye goes when it is in doubt."""

    send = Signal()
    send_later = Signal()
    delivery = Signal()
    attach = Signal()
    formatted = Signal(bool)
    discard = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, surface="window")
        self.send_button = QPushButton("Send", self)
        self.send_button.setAutoDefault(True)
        self.send_button.setToolTip("Send (Ctrl+Enter)")
        mark(self.send_button, kind="accent")
        theme.dress(self.send_button, "send", Tone.ON_ACCENT, size=Size.ICON)
        self.send_button.clicked.connect(self.send)
        self.menu_button = self._send_menu(theme)
        self.attach_button = self._tool(theme, "paperclip", "Attach files (Ctrl+Shift+A)")
        self.attach_button.clicked.connect(self.attach)
        self.format_button = self._tool(theme, "typography", "Formatting")
        self.format_button.setCheckable(True)
        self.format_button.clicked.connect(self.formatted)
        self.words = QLabel(self)
        mark(self.words, tone="small")
        discard = self._tool(theme, "trash", "Throw this draft away")
        discard.clicked.connect(self.discard)
        row = QHBoxLayout()
        row.setContentsMargins(Space.L, Space.S, Space.M, Space.S)
        row.setSpacing(Space.S)
        together = QHBoxLayout()
        together.setSpacing(Size.LINE)
        together.addWidget(self.send_button)
        together.addWidget(self.menu_button)
        row.addLayout(together)
        row.addWidget(self.attach_button)
        row.addWidget(self.format_button)
        row.addStretch(1)
        row.addWidget(self.words, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(discard)
        self.setLayout(row)

    def _send_menu(self, theme: Theme) -> QPushButton:
        """The narrow half of the button: other ways to send."""
        menu = QMenu(self)
        menu.addAction("Send &now\tCtrl+Enter", self.send.emit)
        menu.addAction("Send &later …\tCtrl+Shift+Enter", self.send_later.emit)
        menu.addSeparator()
        menu.addAction("&Delivery options …", self.delivery.emit)
        button = QPushButton(self)
        button.setAutoDefault(True)
        button.setToolTip("Other ways to send")
        button.setAccessibleName("Other ways to send")
        mark(button, kind="accent-menu")
        theme.dress(button, "chevron-up", Tone.ON_ACCENT, size=Size.ICON)
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height()))))
        return button

    def _tool(self, theme: Theme, icon: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        theme.dress(button, icon)
        return button

    def say(self, words: str) -> None:
        self.words.setText(words)

    def say_saved(self, draft: Draft | None) -> None:
        """ "Saved 12:04"; nothing before it is saved at all."""
        if draft is None:
            self.say("")
            return
        moment = QDateTime.fromSecsSinceEpoch(draft.saved_at) if draft.saved_at else QDateTime.currentDateTime()
        self.say(f"Saved {QLocale().toString(moment.time(), QLocale.FormatType.ShortFormat)}")

    def set_formatted(self, on: bool) -> None:
        """Show which of the two the mail is."""
        self.format_button.setChecked(on)
        self.format_button.setToolTip("Formatted: switch to plain text" if on else "Plain text: switch to formatted")
