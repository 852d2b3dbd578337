"""How documents are made, from the theme and the settings in force."""

from PySide6.QtGui import QFontInfo, QFontMetricsF

from qtmail.settings import Settings
from qtmail.ui.reader.load import Look
from qtmail.ui.reader.textdoc import html_css, text_css
from qtmail.ui.theme import DARK, LIGHT, LINE_HEIGHT, Theme


def look_of(theme: Theme, settings: Settings, *, fold: bool) -> Look:
    """fold: unless the user unfolded the quotes of this message."""
    # Qt takes line-height as a part of the font's own line spacing, CSS as one of its size.
    font = QFontInfo(theme.font())
    percent = round(100 * LINE_HEIGHT * font.pixelSize() / QFontMetricsF(theme.font()).lineSpacing())
    dark = theme.dark and settings.dark_mails
    return Look(
        text_css(theme.palette, max(percent, 100)),
        html_css(LIGHT, font.family(), font.pixelSize()),
        html_css(DARK, font.family(), font.pixelSize()) if dark else "",
        settings.mail_form,
        fold and settings.fold_quotes,
    )


def remade(before: Settings, now: Settings) -> bool:
    """Whether documents made under the one settings differ from those of the other."""
    return any(getattr(before, name) != getattr(now, name) for name in ("mail_form", "dark_mails", "fold_quotes"))
