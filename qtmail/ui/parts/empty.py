"""What stands where there is nothing: an icon, one sentence, one action."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from qtmail.ui.theme import Size, Space, Theme, Tone, mark


class EmptyState(QWidget):
    """Centred in the place it fills."""

    pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = "inbox"
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = QLabel(self)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setWordWrap(True)
        mark(self._text, tone="muted")
        self._button = QPushButton(self)
        self._button.setAutoDefault(True)
        self._button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.M)
        column.addStretch(2)
        column.addWidget(self._icon)
        column.addWidget(self._text)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.changed.connect(self._draw)
        self.say("")

    def say(self, text: str, icon: str = "inbox", action: str = "") -> None:
        """One sentence; `action` is the button's text, no button when empty."""
        self._icon_name = icon
        self._text.setText(text)
        self.setAccessibleName(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._draw()

    def text(self) -> str:
        return self._text.text()

    def _draw(self) -> None:
        scale = self.devicePixelRatioF()
        self._icon.setPixmap(self._theme.pixmap(self._icon_name, Tone.FAINT, Size.AVATAR_READER + Space.M, scale))
