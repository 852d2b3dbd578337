"""Marking what was looked for: a soft ground behind the words, under the text that is painted on it."""

from collections.abc import Iterable

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

_ROUND = 2.0


def paint_marks(
    painter: QPainter, rect: QRect, metrics: QFontMetrics, text: str, spans: Iterable[tuple[int, int]], colour: QColor
) -> None:
    """Behind these (start, end) of one line of text that stands at the left of `rect`, in its middle."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    height = metrics.height()
    top = rect.center().y() - height / 2 + 0.5
    for start, end in spans:
        left = rect.left() + metrics.horizontalAdvance(text[:start])
        width = metrics.horizontalAdvance(text[:end]) - metrics.horizontalAdvance(text[:start])
        painter.drawRoundedRect(QRectF(left - 1, top, width + 2, height), _ROUND, _ROUND)
