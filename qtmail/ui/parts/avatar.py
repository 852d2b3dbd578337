"""Round initials with a colour that belongs to the address: the same person looks the same everywhere."""

import hashlib
from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from qtmail.ui.theme import STRONG, Size, Theme

_HUES = (8, 28, 45, 95, 150, 172, 195, 214, 234, 262, 290, 325)


def initials(name: str, address: str) -> str:
    """One or two letters: of the first and last word of the name, else of the address."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    if not words:
        words = [address] if address[:1].isalnum() else []
    if not words:
        return "?"
    first = words[0][0]
    # A second letter says nothing more in scripts without capitals (Japanese, Arabic).
    last = words[-1][0] if len(words) > 1 and first.upper() != first.lower() else ""
    return (first + last).upper()


def colours(address: str, *, dark: bool) -> tuple[QColor, QColor]:
    """-> (ground, letters) of an address, with a contrast of at least 4.5:1 in both schemes."""
    hue = _HUES[hashlib.sha256(address.casefold().encode("utf-8", "surrogateescape")).digest()[0] % len(_HUES)]
    if dark:
        return QColor.fromHsl(hue, 80, 62), QColor.fromHsl(hue, 170, 212)
    return QColor.fromHsl(hue, 130, 228), QColor.fromHsl(hue, 150, 68)


def paint_avatar(painter: QPainter, rect: QRectF, name: str, address: str, theme: Theme) -> None:
    """Draw it into this square."""
    scale = painter.device().devicePixelRatio()
    text, of = initials(name, address), (address or name).casefold()
    painter.drawPixmap(rect.topLeft(), _drawn(text, of, round(rect.height()), scale, theme.dark, theme.font().family()))


@lru_cache(maxsize=512)
def _drawn(text: str, of: str, size: int, scale: float, dark: bool, family: str) -> QPixmap:
    """Drawn once: lists show the same few people again and again."""
    ground, letters = colours(of, dark=dark)
    image = QPixmap(QSize(round(size * scale), round(size * scale)))
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    rect = QRectF(0, 0, size, size)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawEllipse(rect)
    font = QFont(family)
    font.setWeight(STRONG)
    font.setPixelSize(max(9, round(size * 0.38)))
    painter.setFont(font)
    painter.setPen(letters)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return image


class Avatar(QWidget):
    """The same as a widget, 36 px for the reader."""

    def __init__(self, theme: Theme, size: int = Size.AVATAR_READER, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = ""
        self._address = ""
        self._size = size
        self.setFixedSize(size, size)
        theme.changed.connect(self.update)

    def set_person(self, name: str, address: str) -> None:
        self._name, self._address = name, address
        self.setAccessibleName(name or address)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_avatar(painter, QRectF(self.rect()), self._name, self._address, self._theme)
        painter.end()
