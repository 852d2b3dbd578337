"""How documents are made, from the theme and the settings in force."""

from PySide6.QtGui import QFontInfo, QFontMetricsF

from qtmail.engine.searching import Marks
from qtmail.settings import Settings
from qtmail.ui.reader.load import Frame, Look
from qtmail.ui.reader.textdoc import html_css, shadow_css, text_css
from qtmail.ui.theme import DARK, LIGHT, LINE_HEIGHT, Theme


def look_of(
    theme: Theme, settings: Settings, *, fold: bool, frame: Frame = Frame.PAGE, marks: Marks | None = None
) -> Look:
    """fold: unless the user unfolded the quotes of this message. marks: what a search looked for."""
    font = QFontInfo(theme.font())
    family, pixels = font.family(), font.pixelSize()
    dark = theme.dark and settings.dark_mails
    css = shadow_css if frame is Frame.SHADOW else html_css
    return Look(
        css(theme.palette, family, pixels) if frame is Frame.SHADOW else text_css(theme.palette, line_percent(theme)),
        css(LIGHT, family, pixels),
        css(DARK, family, pixels) if dark else "",
        settings.mail_form,
        fold and settings.fold_quotes,
        frame,
        marks or Marks(),
        f"background-color:{LIGHT.found};color:{LIGHT.text}",
    )


def line_percent(theme: Theme) -> int:
    """The height of a line as Qt takes it: of the font's own line spacing, where CSS means its size."""
    font = theme.font()
    return max(100, round(100 * LINE_HEIGHT * QFontInfo(font).pixelSize() / QFontMetricsF(font).lineSpacing()))


def remade(before: Settings, now: Settings) -> bool:
    """Whether documents made under the one settings differ from those of the other."""
    return any(getattr(before, name) != getattr(now, name) for name in ("mail_form", "dark_mails", "fold_quotes"))
