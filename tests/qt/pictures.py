"""Pictures of widgets, and what can be told from them. QTMAIL_PICTURES names a folder to keep them in and look at."""

import os
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.window.status import StatusLine

UNPAINTED = "#FF00FF"


def picture(widget: QWidget, scale: float, name: str) -> QImage:
    """The widget at so many pixels a point; what it does not paint is UNPAINTED."""
    pixmap = QPixmap(widget.size() * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.magenta)
    widget.render(pixmap, QPoint(0, 0))
    kept = os.environ.get("QTMAIL_PICTURES")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        pixmap.save(str(Path(kept) / f"{name}.png"))
    return pixmap.toImage()


def colours(image: QImage) -> dict[str, int]:
    """How often each colour is there, of every few pixels."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    seen = Counter(memoryview(plain.constBits()).cast("I")[::7].tolist())
    return {f"#{pixel & 0xFFFFFF:06X}": count for pixel, count in seen.items()}


def cut_off(widget: QWidget) -> list[str]:
    """The words of labels and buttons that have less room than they need (those that elide by themselves may)."""
    found = []
    for child in widget.findChildren(QWidget):
        if not child.isVisible() or isinstance(child, ElidedLabel | StatusLine):
            continue
        if isinstance(child, QLabel | QAbstractButton) and child.text() and child.width() < needed(child):
            found.append(f"{child.text()!r} has {child.width()} of {needed(child)} pixels")
    return found


def needed(child: QLabel | QAbstractButton) -> int:
    """The least width that shows all its words."""
    if isinstance(child, QLabel) and child.wordWrap():
        longest = max(child.text().split(), key=len, default="")
        return min(child.fontMetrics().horizontalAdvance(longest), child.minimumSizeHint().width())
    return child.minimumSizeHint().width() if isinstance(child, QLabel) else child.sizeHint().width()
