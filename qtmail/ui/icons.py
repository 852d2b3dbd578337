"""Tabler's outline icons, drawn from resources/icons in any colour and sharp at any scale.

Widgets ask the theme (`Theme.icon`, `Theme.dress`, `Theme.pixmap`); only the theme and delegates come here.
"""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from qtmail.model import Role
from qtmail.paths import resources

ROLE_ICONS: dict[Role, str] = {
    Role.NONE: "folder",
    Role.INBOX: "inbox",
    Role.OUTBOX: "outbound",
    Role.DRAFTS: "pencil",
    Role.SENT: "send",
    Role.ARCHIVE: "archive",
    Role.JUNK: "ban",
    Role.TRASH: "trash",
    Role.ALL: "stack-2",
    Role.FLAGGED: "star",
}
"""The icon of each kind of folder."""
LARGE = 32
"""From this size on lines are drawn lighter."""


def names() -> tuple[str, ...]:
    """Every icon there is."""
    return tuple(sorted(path.stem for path in (resources() / "icons").glob("*.svg")))


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int, scale: float) -> QPixmap:
    """The icon in `colour` ("#RRGGBB"), `size` device-independent pixels square. Raises KeyError if there is none."""
    image = QPixmap(QSize(round(size * scale), round(size * scale)))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    lines = drawing(name, colour, light=size >= LARGE)
    QSvgRenderer(QByteArray(lines.encode())).render(painter, QRectF(image.rect()))
    painter.end()
    image.setDevicePixelRatio(scale)
    return image


def icon(name: str, colour: str, on_colour: str, off_colour: str, size: int) -> QIcon:
    """A QIcon of that pixmap as the screens need it: `on_colour` when checked, `off_colour` when disabled."""
    made = QIcon()
    # Drawing them at every scale there is took a tenth of the window's start; on a screen that comes later they are
    # scaled until the theme is switched or the program started again.
    for scale in sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()}):
        for mode, state, wanted in (
            (QIcon.Mode.Normal, QIcon.State.Off, colour),
            (QIcon.Mode.Normal, QIcon.State.On, on_colour),
            (QIcon.Mode.Disabled, QIcon.State.Off, off_colour),
            (QIcon.Mode.Disabled, QIcon.State.On, off_colour),
        ):
            made.addPixmap(pixmap(name, wanted, size, scale), mode, state)
    return made


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    path = resources() / "icons" / f"{name}.svg"
    if not path.is_file():
        raise KeyError(f"there is no icon {name!r} in resources/icons")
    return path.read_text("utf-8")


def drawing(name: str, colour: str, *, light: bool = False) -> str:
    """The SVG itself in this colour; `light` for large ones, whose lines would look coarse."""
    made = _source(name).replace("currentColor", QColor(colour).name())
    return made.replace('stroke-width="1.75"', 'stroke-width="1.25"') if light else made
