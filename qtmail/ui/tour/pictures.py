"""Pictures of the window with whatever is open over it, and what can be told from their pixels."""

from collections import Counter

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from qtmail.ui.theme import Radius, Space, Theme, Tone

SAMPLED = 5
"""Every so many-th pixel is looked at."""


def desk(window: QWidget, theme: Theme) -> QImage:
    """The window, and each other window and popup over it, as they would be seen on a screen."""
    pixmap = window.grab()
    scale = pixmap.devicePixelRatio()
    image = pixmap.toImage()
    painter = QPainter(image)
    for other in _over(window):
        _lay(painter, other, _spot(other, window), theme)
    painter.end()
    image.setDevicePixelRatio(scale)
    return image


def _over(window: QWidget) -> list[QWidget]:
    """Popups last: they belong to something."""
    seen = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not window and w.width() > 1]
    return sorted(seen, key=_is_popup)


def _is_popup(widget: QWidget) -> bool:
    return widget.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip)


def _spot(other: QWidget, window: QWidget) -> QRect:
    """Where it goes: popups where they are, windows in the middle (without a desktop they are all in one corner)."""
    area = QRect(QPoint(0, 0), other.size())
    if _is_popup(other):
        area.moveTopLeft(window.mapFromGlobal(other.mapToGlobal(QPoint(0, 0))))
    else:
        area.moveCenter(window.rect().center())
    return area


def _lay(painter: QPainter, other: QWidget, area: QRect, theme: Theme) -> None:
    """With the shadow and the line a desktop gives a window."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for reach in range(Space.XL, 0, -Space.XS):
        painter.setBrush(QColor(0, 0, 0, 9))
        around = QRectF(area).adjusted(-reach, -reach / 2, reach, reach)
        painter.drawRoundedRect(around, Radius.CARD + reach, Radius.CARD + reach)
    painter.drawPixmap(area.topLeft(), other.grab())
    if not _is_popup(other):
        painter.setPen(theme.colour(Tone.LINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(area).adjusted(-0.5, -0.5, 0.5, 0.5))
    painter.restore()


def colours(widget: QWidget) -> Counter[int]:
    """How often each colour is seen in it (of every few pixels)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return Counter(memoryview(image.constBits()).cast("I")[::SAMPLED].tolist())


def ink(widget: QWidget) -> float:
    """The share of what is not ground: 0 for a blank widget."""
    seen = colours(widget)
    total = seen.total()
    return 1 - seen.most_common(1)[0][1] / total if total else 0.0
