"""The banner: one sentence and one or two buttons, in the place it is about (a problem, blocked images)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPropertyAnimation, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGraphicsOpacityEffect, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from qtmail.ui.theme import Size, Space, Theme, Tone, mark


class Kind(StrEnum):
    """How serious it is; decides colour and icon."""

    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"
    SUCCESS = "success"


_LOOK: dict[Kind, tuple[str, Tone]] = {
    Kind.INFO: ("info-circle", Tone.ACCENT),
    Kind.WARNING: ("alert-triangle", Tone.WARNING),
    Kind.DANGER: ("alert-circle", Tone.DANGER),
    Kind.SUCCESS: ("circle-check", Tone.SUCCESS),
}


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a banner: `id` is what `Banner.pressed` says, `text` what the user reads."""

    id: str
    text: str


class Banner(QFrame):
    """Hidden until `say`; hides itself with its close button (if closable) or `clear`."""

    pressed = Signal(str)
    """The id of the button."""
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name, self._icon_tone = _LOOK[Kind.INFO]
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons: list[QPushButton] = []
        self._close = QToolButton(self)
        self._close.setAccessibleName("Close")
        self._close.setToolTip("Close")
        theme.dress(self._close, "x", size=Size.ICON)
        self._close.clicked.connect(self._closed_by_user)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(Space.M, Space.XS, Space.S, Space.XS)
        self._row.setSpacing(Space.S)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)
        theme.changed.connect(self._draw_icon)
        self.hide()

    def say(
        self,
        text: str,
        kind: Kind = Kind.INFO,
        buttons: Sequence[Button] = (),
        *,
        icon: str = "",
        closable: bool = True,
    ) -> None:
        """Show this sentence in place of what was there. The first button is the one to press."""
        name, tone = _LOOK[kind]
        self._icon_name, self._icon_tone = icon or name, tone
        self._text.setText(text)
        self.setAccessibleName(text)
        self._close.setVisible(closable)
        self._put_buttons(buttons)
        mark(self, banner=kind.value)
        self._draw_icon()
        self.show()

    def clear(self) -> None:
        """Take it away."""
        self.hide()

    def text(self) -> str:
        """The sentence shown; empty when hidden."""
        return self._text.text() if not self.isHidden() else ""

    def reword(self, text: str) -> None:
        """Another sentence, the same buttons: whoever is about to press one still does."""
        self._text.setText(text)
        self.setAccessibleName(text)

    def count(self) -> int:
        """How many buttons there are."""
        return len(self._buttons)

    def button(self, button_id: str) -> QPushButton:
        """The push button of that id. Raises KeyError."""
        for button in self._buttons:
            if button.objectName() == button_id:
                return button
        raise KeyError(button_id)

    def _put_buttons(self, buttons: Sequence[Button]) -> None:
        for old in self._buttons:
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._buttons = []
        for place, wanted in enumerate(buttons):
            button = QPushButton(wanted.text, self)
            button.setAutoDefault(True)
            button.setObjectName(wanted.id)
            mark(button, kind="plain" if place == 0 else "quiet")
            button.clicked.connect(lambda _checked=False, name=wanted.id: self.pressed.emit(name))
            self._row.insertWidget(2 + place, button)
            self._buttons.append(button)

    def _draw_icon(self) -> None:
        self._icon.setPixmap(
            self._theme.pixmap(self._icon_name, self._icon_tone, Size.ICON_BAR, self.devicePixelRatioF())
        )

    def _closed_by_user(self) -> None:
        self.hide()
        self.closed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        fade_in(self, self._theme)


def fade_in(widget: QWidget, theme: Theme) -> None:
    """Let a panel that was just shown appear within the theme's time; at once where no motion is wanted."""
    duration = theme.motion_ms()
    if not duration:
        return
    effect = QGraphicsOpacityEffect(widget)
    widget.setGraphicsEffect(effect)
    animation = QPropertyAnimation(effect, b"opacity", effect)
    animation.setDuration(duration)
    animation.setStartValue(0.0)
    animation.setEndValue(1.0)
    animation.finished.connect(lambda: widget.setGraphicsEffect(None))  # type: ignore[arg-type]
    animation.start()
