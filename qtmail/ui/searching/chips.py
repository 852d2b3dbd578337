"""Chips in the search box: what is understood of the text looks like one, and goes with one click or Backspace."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit

from qtmail.engine.searching import understood
from qtmail.ui.theme import Radius, Theme, Tone

CROSS = 14
"""The side of the square in which a click takes a chip away."""
_ALPHA = 60


@dataclass(frozen=True, slots=True)
class Chip:
    """From where to where in the text."""

    start: int
    end: int


class Chips(QObject):
    """Joined to a box, which calls `paint` when it has painted itself."""

    def __init__(self, box: QLineEdit, theme: Theme) -> None:
        super().__init__(box)
        self._box = box
        self._theme = theme
        self._chips: tuple[Chip, ...] = ()
        self._under: Chip | None = None
        box.textChanged.connect(self._read)
        box.setMouseTracking(True)
        box.installEventFilter(self)

    @property
    def chips(self) -> tuple[Chip, ...]:
        return self._chips

    def rect(self, chip: Chip) -> QRectF:
        """Where it is in the box, as far as the text is scrolled."""
        metrics, cursor = self._box.fontMetrics(), self._box.cursorRect()
        origin = cursor.center().x() - metrics.horizontalAdvance(self._box.text()[: self._box.cursorPosition()])
        left = origin + metrics.horizontalAdvance(self._box.text()[: chip.start])
        width = metrics.horizontalAdvance(self._box.text()[chip.start : chip.end])
        height = metrics.height() + 2
        return QRectF(left - 1.5, self._box.rect().center().y() - height / 2 + 0.5, width + 3, height)

    def cross(self, chip: Chip) -> QRectF:
        """Where a click takes it away: at its upper right corner."""
        box = self.rect(chip)
        return QRectF(box.right() - CROSS / 2, box.top() - CROSS / 2 + 3, CROSS, CROSS)

    def paint(self, painter: QPainter, clip: QRect) -> None:
        """Over the text, so soft that it can be read."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(clip)
        for chip in self._chips:
            ground = self._theme.colour(Tone.ACCENT)
            edge = self._theme.colour(Tone.ACCENT)
            ground.setAlpha(_ALPHA // 2)
            edge.setAlpha(_ALPHA * 2)
            painter.setBrush(ground)
            painter.setPen(QPen(edge, 1))
            painter.drawRoundedRect(self.rect(chip), Radius.CONTROL, Radius.CONTROL)
        if self._under is not None:
            painter.setClipping(False)
            spot = self.cross(self._under).adjusted(1, 1, -1, -1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(Tone.ACCENT_FILL))
            painter.drawEllipse(spot)
            painter.setPen(QPen(self._theme.colour(Tone.ON_ACCENT), 1.5))
            inner = spot.adjusted(3.5, 3.5, -3.5, -3.5)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())

    def remove(self, chip: Chip) -> None:
        """Take it out of the text, with the space after it."""
        text = self._box.text()
        before, after = text[: chip.start], text[chip.end :].lstrip()
        self._box.setText(before + after)
        self._box.setCursorPosition(len(before))

    def _read(self, text: str) -> None:
        self._chips = tuple(Chip(start, end) for start, end in understood(text))
        self._under = None
        self._box.update()

    def _at(self, point: QPointF) -> Chip | None:
        near = ((self.rect(chip) | self.cross(chip), chip) for chip in self._chips)
        return next((chip for spot, chip in near if spot.contains(point)), None)

    def _backspace(self) -> bool:
        """Right after a chip, or after the space behind it. -> whether there was one."""
        at = self._box.cursorPosition()
        if self._box.hasSelectedText():
            return False
        text = self._box.text()
        for chip in self._chips:
            if at == chip.end or (at == chip.end + 1 and text[chip.end : at] == " " and at == len(text)):
                self.remove(chip)
                return True
        return False

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            under = self._at(event.position())
            if under != self._under:
                self._under = under
                self._box.update()
            on_cross = under is not None and self.cross(under).contains(event.position())
            self._box.setCursor(Qt.CursorShape.PointingHandCursor if on_cross else Qt.CursorShape.IBeamCursor)
        elif event.type() is QEvent.Type.Leave and self._under is not None:
            self._under = None
            self._box.update()
        elif event.type() is QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            under = self._under
            if under is not None and self.cross(under).contains(event.position()):
                self.remove(under)
                return True
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            return event.key() == Qt.Key.Key_Backspace and plain and self._backspace()
        return False
