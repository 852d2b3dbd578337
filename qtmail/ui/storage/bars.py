"""How much room each account and folder takes: names, bars, sizes; the largest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.theme import Radius, Size, Space, Theme, Tone, mark


@dataclass(frozen=True, slots=True)
class Line:
    """One bar. `heading`: an account, whose folders follow."""

    name: str
    octets: int
    words: str
    heading: bool = False


def octets(size: int) -> str:
    """“1.4 GB”; decimal, as disks are sold."""
    for unit, name, digits in ((10**9, "GB", 1), (10**6, "MB", 0 if size >= 10**7 else 1), (10**3, "kB", 0)):
        if size >= unit:
            return f"{size / unit:,.{digits}f} {name}"
    return f"{size} bytes"


class Bar(QWidget):
    """A part of a whole, as a quiet bar."""

    def __init__(self, part: float, theme: Theme, *, strong: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part, self._theme, self._strong = part, theme, strong
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(Size.SIDEBAR // 2, Space.S)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour(Tone.LINE))
        painter.setBrush(self._theme.colour(Tone.LINE))
        high = Space.S if self._strong else Space.XS
        top = (self.height() - high) / 2
        radius = min(Radius.CONTROL, high / 2)
        painter.setPen(self._theme.colour(Tone.LINE))
        painter.drawRoundedRect(QRectF(0.5, top, self.width() - 1, high), radius, radius)
        if self._part > 0:
            fill = self._theme.colour(Tone.ACCENT if self._strong else Tone.FAINT)
            painter.setPen(fill)
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(0.5, top, max(high, self._part * (self.width() - 1)), high), radius, radius)
        painter.end()


class Bars(QWidget):
    """All lines; `show_lines` replaces them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, Size.SIDEBAR - Space.XL)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Bars are parts of the largest account."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        largest = max((line.octets for line in lines), default=0)
        for row, line in enumerate(lines):
            self._add(row, line, line.octets / largest if largest else 0.0)

    def _add(self, row: int, line: Line, part: float) -> None:
        name = ElidedLabel(line.name, self)
        place = QWidget(self)
        place.setMaximumWidth(Size.SIDEBAR)
        indented = QHBoxLayout(place)
        indented.setContentsMargins(0 if line.heading else Size.INDENT, 0, 0, 0)
        indented.addWidget(name)
        bar = Bar(part, self._theme, strong=line.heading, parent=self)
        size = QLabel(octets(line.octets), self)
        size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        words = QLabel(line.words, self)
        for label in (name, size):
            mark(label, tone="strong" if line.heading else "")
        mark(words, tone="small")
        self._grid.setRowMinimumHeight(row, Size.SIDEBAR_ROW + Space.S if line.heading and row else 0)
        bar.setAccessibleName(f"{line.name}: {octets(line.octets)}. {line.words}")
        for column, widget in enumerate((place, bar, size, words)):
            self._grid.addWidget(widget, row, column)
