"""The reader pane."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from qtmail.engine.mail import Mail
from qtmail.model import RowId
from qtmail.settings import Settings
from qtmail.ui.link import Link
from qtmail.ui.theme import Theme


class ReaderPane(QWidget):
    """Shows the message of one row, or says calmly why there is none."""

    reply_requested = Signal(object)
    """RowId, as of the next four."""
    reply_all_requested = Signal(object)
    forward_requested = Signal(object)
    edit_requested = Signal(object)
    """A row of Drafts or of the Outbox: open `mail.edit(row)` in a composer."""
    done = Signal(object)
    """engine.mail.Done of an act made here (marked read, ...): apply its events; its label is for no toast."""
    mailto_requested = Signal(str)
    """A mailto: URL was clicked: give it to composer.draft_of_mailto and open that."""
    status = Signal(str)
    """A word for the status line (the target of the link under the mouse); empty: nothing any more."""
    remember = Signal(str, object)
    """(field of Settings, new value): keep it."""

    def __init__(self, mail: Mail, link: Link, theme: Theme, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)

    @property
    def row(self) -> RowId | None:
        """What is shown."""
        raise NotImplementedError

    def show_row(self, row: RowId | None) -> None:
        """Show this message; None: nothing is selected. Returns at once, the body follows."""
        raise NotImplementedError

    def show_selection(self, count: int) -> None:
        """Several rows are selected: a calm summary."""
        raise NotImplementedError

    def apply_settings(self, settings: Settings) -> None:
        """The user changed the settings."""
        raise NotImplementedError

    def scroll_page(self) -> bool:
        """Space: one page down. -> False when the end was already in sight (then go to the next unread)."""
        raise NotImplementedError

    def find_text(self) -> None:
        """Open the find bar."""
        raise NotImplementedError

    def view_source(self) -> None:
        """A window with the message as it came."""
        raise NotImplementedError

    def show_story(self) -> None:
        """A dialog with everything that happened to the message."""
        raise NotImplementedError

    def print_(self) -> None:
        """The print dialog; nothing is loaded for it."""
        raise NotImplementedError

    def save_attachments(self) -> None:
        """Save all attachments into a folder the user chooses."""
        raise NotImplementedError

    def zoom(self, steps: int) -> None:
        """Larger (1), smaller (-1), or back to 100 % (0)."""
        raise NotImplementedError

    def close_windows(self) -> None:
        """Orderly end: stop what runs, close source windows, remove temporary copies."""
        raise NotImplementedError
