"""The composer's window."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from qtmail.engine.mail import Mail
from qtmail.model import Draft
from qtmail.settings import Settings
from qtmail.ui.link import Link
from qtmail.ui.theme import Theme

ROWS_MIME = "application/x-qtmail-rows"
"""What a drag out of the message list carries: a JSON list of row ids, UTF-8."""


class ComposerWindow(QWidget):
    """Writes one mail. It deletes itself when closed; keep a reference until `closed`."""

    sent = Signal(object)
    """engine.mail.Done: the mail is in the Outbox; show its toast, wake the engine (already wished for)."""
    kept = Signal(object)
    """engine.mail.Done: the window was closed, the draft is in Drafts; show its toast."""
    closed = Signal(object)
    """This window, after it has gone."""
    remember = Signal(str, object)
    """(field of Settings, new value): keep it."""

    def __init__(self, mail: Mail, link: Link, theme: Theme, settings: Settings, draft: Draft) -> None:
        super().__init__(None)

    def save_now(self) -> None:
        """Bring the journal up to date (the program is about to end); the window stays as it is."""
        raise NotImplementedError


def open_composer(mail: Mail, link: Link, theme: Theme, settings: Settings, draft: Draft) -> ComposerWindow:
    """Show a window for this draft, the cursor where the writer wants it."""
    raise NotImplementedError
