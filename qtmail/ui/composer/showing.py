"""Opening a composer, the way every part of the window does."""

from qtmail.engine.mail import Mail
from qtmail.model import Draft
from qtmail.settings import Settings
from qtmail.ui.composer.window import ComposerWindow
from qtmail.ui.link import Link
from qtmail.ui.theme import Theme


def open_composer(mail: Mail, link: Link, theme: Theme, settings: Settings, draft: Draft) -> ComposerWindow:
    """Show a window for this draft, the cursor where the writer wants it."""
    window = ComposerWindow(mail, link, theme, settings, draft)
    window.show()
    window.raise_()
    window.activateWindow()
    window.place_cursor()
    return window
