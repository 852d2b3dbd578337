"""How the line of a conversation is marked: what opens it, how many messages it has, that it is muted."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from qtmail.ui.message_list.heads import Sight
from qtmail.ui.theme import Size, Space, Theme, Tone, Type

GUTTER = Size.ICON + Space.XS
"""Left of the names in a table: the triangle stands there."""
STEP = Space.L
"""How far messages of an open conversation are moved to the right."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks at the right end of a line of text."""

    theme: Theme

    def width(self, sight: Sight, *, arrow: bool) -> int:
        """What they take, with the space before them; 0 for none."""
        used = 0
        if sight.muted:
            used += Size.ICON + Space.XS
        if sight.count > 1:
            used += self._pill(sight)[0] + Space.XS
            if arrow:
                used += Size.ICON
        return used + Space.XS if used else 0

    def paint(self, painter: QPainter, rect: QRect, sight: Sight, *, arrow: bool) -> int:
        """At the right end of `rect`; `arrow`: the triangle too. -> the width they take."""
        right = rect.right() + 1
        if sight.count > 1:
            if arrow:
                right -= Size.ICON
                self.triangle(painter, QRect(right, rect.top(), Size.ICON, rect.height()), sight)
            width, height, font = self._pill(sight)
            right -= width
            box = QRectF(right, rect.center().y() - height / 2 + 0.5, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.colour(Tone.HOVER))
            painter.drawRoundedRect(box, height / 2, height / 2)
            painter.setFont(font)
            painter.setPen(self.theme.colour(Tone.MUTED))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{sight.count:,}")
            right -= Space.XS
        if sight.muted:
            right -= Size.ICON
            self._icon(painter, "bell-off", QRect(right, rect.top(), Size.ICON, rect.height()))
        return self.width(sight, arrow=arrow)

    def triangle(self, painter: QPainter, rect: QRect, sight: Sight) -> None:
        """In the middle of `rect`; nothing where there is nothing to be opened."""
        if sight.open is not None:
            self._icon(painter, "chevron-down" if sight.open else "chevron-right", rect)

    def _pill(self, sight: Sight) -> tuple[int, int, QFont]:
        font = self.theme.font(Type.SMALL, tabular=True)
        metrics = QFontMetrics(font)
        height = metrics.height() + 2
        return max(metrics.horizontalAdvance(f"{sight.count:,}") + 2 * Space.S - 2, height), height, font

    def _icon(self, painter: QPainter, name: str, rect: QRect) -> None:
        image = self.theme.pixmap(name, Tone.MUTED, Size.ICON, painter.device().devicePixelRatio())
        painter.drawPixmap(
            rect.left() + (rect.width() - Size.ICON) // 2, rect.top() + (rect.height() - Size.ICON) // 2, image
        )
