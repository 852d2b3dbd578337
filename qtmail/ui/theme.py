"""The one place that says how things look: tokens (space, radius, type, colours, density) and what they are put on.

A widget never writes a colour, size or margin: it takes the theme and uses these names, or a QSS property that
resources/styles/app.qss knows:

- QPushButton / QToolButton: `kind` = "accent" (the one main action), "quiet" (no frame), "danger".
- QLabel: `tone` = "muted", "small" (muted and small), "heading" (weight 600), "title" (the reader's subject),
  "section" (small, 600, muted), "danger", "success", "warning".
- QFrame / QWidget (with WA_StyledBackground): `surface` = "window", "surface", "sidebar", "raised", "bar" (with a
  line below), "card" (raised, radius 8, line around).

`mark(widget, kind="accent")` sets such a property. Icons: `theme.dress(button, "send")` and it follows the theme.
What paints itself asks `theme.colour(Tone.MUTED)`, `theme.font(Type.SMALL)` at paint time and never keeps them.
"""

import sys
import weakref
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyle, QWidget
from shiboken6 import isValid

from qtmail.paths import resources
from qtmail.settings import Density, Scheme
from qtmail.ui import icons


class Space:
    """Distances in device-independent pixels."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


class Radius:
    CONTROL = 4
    CARD = 8


class Size:
    """Fixed sizes of look.md."""

    LINE = 1
    ICON = 16
    ICON_BAR = 20
    SIDEBAR_ROW = 28
    SIDEBAR = 220
    INDENT = 14
    AVATAR = 32
    AVATAR_READER = 36
    SEARCH = 480
    WIDE_LIST = 560
    EDGE = 3
    """The accent edge of a selected row."""
    DOT = 8
    FADE_MS = 120
    TOAST_MS = 6000


class Type(StrEnum):
    """The type scale."""

    SMALL = "small"
    BODY = "body"
    LARGE = "large"
    TITLE = "title"


TYPE_SCALE: dict[Type, float] = {Type.SMALL: 0.86, Type.BODY: 1.0, Type.LARGE: 1.14, Type.TITLE: 1.5}
LINE_HEIGHT = 1.45
"""Of text mails."""
STRONG = QFont.Weight.DemiBold


class Tone(StrEnum):
    """The names of colours; each is a field of Palette."""

    WINDOW = "window"
    SURFACE = "surface"
    SIDEBAR = "sidebar"
    RAISED = "raised"
    LINE = "line"
    TEXT = "text"
    MUTED = "muted"
    FAINT = "faint"
    """Icons and decoration only: too light for words."""
    ACCENT = "accent"
    ACCENT_FILL = "accent_fill"
    ON_ACCENT = "on_accent"
    ACCENT_SOFT = "accent_soft"
    HOVER = "hover"
    ROW_HOVER = "row_hover"
    """The same in lists, where hovering is constant: quieter."""
    DANGER = "danger"
    DANGER_FILL = "danger_fill"
    WARNING = "warning"
    WARNING_SOFT = "warning_soft"
    SUCCESS = "success"
    STAR = "star"
    FOUND = "found"
    """Behind words that a search looked for."""


@dataclass(frozen=True, slots=True)
class Palette:
    """One scheme's colours, "#RRGGBB"."""

    window: str
    surface: str
    sidebar: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_fill: str
    on_accent: str
    accent_soft: str
    hover: str
    row_hover: str
    danger: str
    danger_fill: str
    warning: str
    warning_soft: str
    success: str
    star: str
    found: str


LIGHT = Palette(
    window="#F6F7F9",
    surface="#FFFFFF",
    sidebar="#EEF0F3",
    raised="#FFFFFF",
    line="#DFE3E8",
    text="#1C2024",
    muted="#60646C",
    faint="#8B8D98",
    accent="#3E63DD",
    accent_fill="#3E63DD",
    on_accent="#FFFFFF",
    accent_soft="#EDF2FE",
    hover="#E6E9EE",
    row_hover="#F6F7F9",
    danger="#CE2C31",
    danger_fill="#CE2C31",
    warning="#AD5700",
    warning_soft="#FFF7C2",
    success="#218358",
    star="#B87503",
    found="#FFE88F",
)
DARK = Palette(
    window="#111113",
    surface="#18191B",
    sidebar="#141517",
    raised="#212225",
    line="#2E3135",
    text="#EDEEF0",
    muted="#B0B4BA",
    faint="#777B84",
    accent="#849DFF",
    accent_fill="#3E63DD",
    on_accent="#FFFFFF",
    accent_soft="#1B2550",
    hover="#212225",
    row_hover="#1D1E21",
    danger="#FF9592",
    danger_fill="#CE2C31",
    warning="#FFCA16",
    warning_soft="#2D2305",
    success="#3DD68C",
    star="#FFCA16",
    found="#504000",
)

ROW_PADDING: dict[Density, int] = {Density.COMPACT: 2, Density.NORMAL: 6, Density.RELAXED: 10}

TEXT_PAIRS: tuple[tuple[Tone, Tone], ...] = (
    *((text, ground) for text in (Tone.TEXT, Tone.MUTED) for ground in
      (Tone.WINDOW, Tone.SURFACE, Tone.SIDEBAR, Tone.RAISED, Tone.ACCENT_SOFT, Tone.HOVER, Tone.ROW_HOVER)),
    *((Tone.ACCENT, ground) for ground in (Tone.WINDOW, Tone.SURFACE, Tone.SIDEBAR, Tone.ACCENT_SOFT)),
    *((Tone.DANGER, ground) for ground in (Tone.WINDOW, Tone.SURFACE, Tone.RAISED)),
    (Tone.WARNING, Tone.WARNING_SOFT),
    (Tone.TEXT, Tone.WARNING_SOFT),
    *((text, Tone.FOUND) for text in (Tone.TEXT, Tone.MUTED)),
    (Tone.SUCCESS, Tone.SURFACE),
    (Tone.ON_ACCENT, Tone.ACCENT_FILL),
    (Tone.ON_ACCENT, Tone.DANGER_FILL),
)  # fmt: skip
"""(text, ground) pairs in use: at least 4.5:1."""
MARK_PAIRS: tuple[tuple[Tone, Tone], ...] = (
    *((Tone.FAINT, ground) for ground in (Tone.WINDOW, Tone.SURFACE)),
    *((Tone.ACCENT, ground) for ground in (Tone.WINDOW, Tone.SURFACE, Tone.SIDEBAR, Tone.RAISED)),
    *((mark, ground) for mark in (Tone.WARNING, Tone.DANGER, Tone.STAR) for ground in
      (Tone.SURFACE, Tone.SIDEBAR, Tone.ACCENT_SOFT)),
)  # fmt: skip
"""(icon or focus ring, ground) pairs in use: at least 3:1."""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(QColor(one)), _luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mark(widget: QWidget, **properties: str) -> QWidget:
    """Set QSS properties (`kind`, `tone`, `surface`) and have the style look again. -> the widget."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    if "surface" in properties:
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    return widget


class Dressable(Protocol):
    """What carries an icon: QAction, QAbstractButton."""

    def setIcon(self, icon: QIcon, /) -> None: ...


class Theme(QObject):
    """The look in force. `changed` is emitted after every switch; widgets that paint themselves then update()."""

    changed = Signal(object)
    """The new Palette."""

    def __init__(self, app: QApplication, scheme: Scheme = Scheme.SYSTEM, density: Density = Density.NORMAL) -> None:
        super().__init__(app)
        self._app = app
        self._drawn = QTemporaryDir()
        app.aboutToQuit.connect(self._drawn.remove)
        self.scheme = scheme
        self.density = density
        self.palette = LIGHT
        self._dressed: weakref.WeakKeyDictionary[Dressable, tuple[str, Tone, Tone, int]] = weakref.WeakKeyDictionary()
        app.setStyle("Fusion")
        app.setFont(_base_font(app.font()))
        app.styleHints().colorSchemeChanged.connect(self._system_switched)
        self.apply()

    @property
    def dark(self) -> bool:
        return self.palette is DARK

    @property
    def row_padding(self) -> int:
        """Above and below a line of a list."""
        return ROW_PADDING[self.density]

    def set(self, scheme: Scheme | None = None, density: Density | None = None) -> None:
        """Switch live."""
        self.scheme = scheme or self.scheme
        self.density = density or self.density
        self.apply()

    def apply(self) -> None:
        """Put palette and style sheet on the application, recolour the icons, tell everyone."""
        system_dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        wants_dark = self.scheme is Scheme.DARK or (self.scheme is Scheme.SYSTEM and system_dark)
        self.palette = DARK if wants_dark else LIGHT
        self._app.setPalette(_qt_palette(self.palette))
        self._app.setStyleSheet(self._style_sheet())
        for target, (name, tone, on_tone, size) in list(self._dressed.items()):
            if isValid(target):  # Python may hold on to what Qt has deleted already
                target.setIcon(self.icon(name, tone, on=on_tone, size=size))
        self.changed.emit(self.palette)

    def hex(self, tone: Tone) -> str:
        """ "#RRGGBB" of a tone, now."""
        return str(getattr(self.palette, tone.value))

    def colour(self, tone: Tone) -> QColor:
        return QColor(self.hex(tone))

    def font(self, size: Type = Type.BODY, *, strong: bool = False, tabular: bool = False) -> QFont:
        """The application's font at a step of the type scale; `tabular` for dates and counts."""
        font = QFont(self._app.font())
        font.setPointSizeF(font.pointSizeF() * TYPE_SCALE[size])
        if strong:
            font.setWeight(STRONG)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def icon(self, name: str, tone: Tone = Tone.MUTED, *, on: Tone = Tone.ACCENT, size: int = Size.ICON_BAR) -> QIcon:
        """An icon in the colours of now. Prefer `dress`, which follows a switch."""
        return icons.icon(name, self.hex(tone), self.hex(on), self.hex(Tone.FAINT), size)

    def pixmap(self, name: str, tone: Tone = Tone.MUTED, size: int = Size.ICON, scale: float = 1.0) -> QPixmap:
        """For painting: `scale` is the device pixel ratio of what is painted on."""
        return icons.pixmap(name, self.hex(tone), size, scale)

    def dress(
        self,
        target: Dressable,
        name: str,
        tone: Tone = Tone.MUTED,
        *,
        on: Tone = Tone.ACCENT,
        size: int = Size.ICON_BAR,
    ) -> None:
        """Give an action or button an icon that is recoloured with every switch."""
        self._dressed[target] = (name, tone, on, size)
        target.setIcon(self.icon(name, tone, on=on, size=size))

    def motion_ms(self) -> int:
        """How long a fade takes: 0 when the system asks for no motion."""
        return Size.FADE_MS if self._app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) else 0

    def _system_switched(self, _scheme: Qt.ColorScheme) -> None:
        if self.scheme is Scheme.SYSTEM:
            self.apply()

    def _style_sheet(self) -> str:
        template = (resources() / "styles" / "app.qss").read_text("utf-8")
        base = self._app.font().pointSizeF()
        return Template(template).substitute(
            asdict(self.palette),
            arrow_down=self._draw("chevron-down", Tone.MUTED),
            arrow_up=self._draw("chevron-up", Tone.MUTED),
            check=self._draw("check", Tone.ON_ACCENT),
            xs=Space.XS, s=Space.S, m=Space.M, l=Space.L, xl=Space.XL,
            radius=Radius.CONTROL, card=Radius.CARD,
            small=f"{base * TYPE_SCALE[Type.SMALL]:.2f}",
            body=f"{base:.2f}",
            large=f"{base * TYPE_SCALE[Type.LARGE]:.2f}",
            title=f"{base * TYPE_SCALE[Type.TITLE]:.2f}",
        )  # fmt: skip

    def _draw(self, name: str, tone: Tone) -> str:
        """A style sheet takes pictures from files only: the icon in this tone as one. -> its path."""
        colour = self.hex(tone)
        path = self._drawn.filePath(f"{name}-{colour[1:]}.svg")
        Path(path).write_text(icons.drawing(name, colour), "utf-8")
        return path


def _base_font(font: QFont) -> QFont:
    """The system's font; where no desktop names one, Qt falls back to 9 pt, a size nobody chose: 10 pt then."""
    font = QFont(font)
    if sys.platform.startswith("linux") and font.family() == "Sans Serif" and font.pointSizeF() <= 9:
        font.setPointSizeF(10)
    return font


def _qt_palette(tokens: Palette) -> QPalette:
    """What Fusion draws with, where the style sheet says nothing."""
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.window, role.WindowText: tokens.text, role.Base: tokens.surface,
        role.AlternateBase: tokens.window, role.Text: tokens.text, role.Button: tokens.raised,
        role.ButtonText: tokens.text, role.BrightText: tokens.danger, role.Link: tokens.accent,
        role.LinkVisited: tokens.accent, role.Highlight: tokens.accent_fill, role.HighlightedText: tokens.on_accent,
        role.ToolTipBase: tokens.raised, role.ToolTipText: tokens.text, role.PlaceholderText: tokens.muted,
        role.Light: tokens.raised, role.Midlight: tokens.line, role.Mid: tokens.line, role.Dark: tokens.line,
        role.Shadow: tokens.line, role.Accent: tokens.accent_fill,
    }  # fmt: skip
    palette = QPalette()
    for key, value in colours.items():
        palette.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(tokens.faint))
    return palette
