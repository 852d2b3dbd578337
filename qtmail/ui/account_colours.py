"""The colours an account can have, each seen well on the light and the dark scheme (WCAG 1.4.11: 3:1)."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from qtmail.ui.theme import Size, Theme, Tone

ACCOUNT_COLOURS: dict[str, tuple[str, str]] = {
    "blue": ("#0D74CE", "#70B8FF"),
    "teal": ("#007A6A", "#0BD8B6"),
    "green": ("#1D7A51", "#3DD68C"),
    "amber": ("#985800", "#FFCA16"),
    "red": ("#CE2C31", "#FF9592"),
    "pink": ("#C2298A", "#FF8DCC"),
    "purple": ("#8145B5", "#D19DFF"),
}
"""Name, as accounts.toml has it -> (on light, on dark)."""


def colour_of(theme: Theme, name: str) -> QColor | None:
    """As it is painted now; None for no colour, or one that is not known."""
    if name not in ACCOUNT_COLOURS:
        return None
    light, dark = ACCOUNT_COLOURS[name]
    return QColor(dark if theme.colour(Tone.SURFACE).lightness() < 128 else light)


def swatch(theme: Theme, name: str) -> QIcon:
    """A dot of this colour."""
    image = QPixmap(Size.ICON, Size.ICON)
    image.fill(Qt.GlobalColor.transparent)
    if colour := colour_of(theme, name):
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        edge = (Size.ICON - Size.DOT) // 2
        painter.drawEllipse(edge, edge, Size.DOT, Size.DOT)
        painter.end()
    return QIcon(image)
