"""The windows behind a message: its source, its story. They live until they are closed, or the program ends."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.mime.tree import Node
from qtmail.model import Row, Step
from qtmail.ui.reader.partsview import PartsWindow, nodes_of
from qtmail.ui.reader.source import SourceWindow, StoryDialog, source_of
from qtmail.ui.reader.strip import AttachmentStrip
from qtmail.ui.theme import Theme
from qtmail.ui.worker import Worker


class Windows(QWidget):
    """Opens them; invisible itself."""

    failed = Signal(object)
    """MailError."""

    def __init__(self, mail: Mail, theme: Theme, worker: Worker, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._mail, self._theme, self._worker = mail, theme, worker
        self.all: list[QWidget] = []

    def source(self, row: Row) -> None:
        """The message as it came."""
        self._worker.run(lambda: source_of(self._mail, row.id), partial(self._show_source, row.subject))

    def story(self, row: Row) -> None:
        """Everything that happened to it."""
        self._worker.run(lambda: self._mail.story(row.id), partial(self._tell_story, row.subject))

    def parts(self, row: Row, strip: AttachmentStrip) -> None:
        """Its MIME tree; `strip` does what is asked of a part."""
        self._worker.run(lambda: nodes_of(self._mail, row), partial(self._show_parts, row, strip))

    def open(self, window: QWidget) -> None:
        """Show it, and keep it until it is closed."""
        self.all.append(window)
        window.destroyed.connect(lambda: self.all.remove(window) if window in self.all else None)
        window.show()

    def shut(self) -> None:
        for window in tuple(self.all):
            window.close()

    def _show_source(self, subject: str, answer: bytes | MailError) -> None:
        if isinstance(answer, MailError):
            self.failed.emit(answer)
        else:
            self.open(SourceWindow(self._theme, subject or "(no subject)", answer))

    def _show_parts(self, row: Row, strip: AttachmentStrip, answer: tuple[Node, ...] | MailError) -> None:
        if isinstance(answer, MailError):
            self.failed.emit(answer)
        else:
            self.open(PartsWindow(self._theme, row, answer, strip))

    def _tell_story(self, subject: str, answer: tuple[Step, ...] | MailError) -> None:
        if isinstance(answer, MailError):
            self.failed.emit(answer)
        else:
            self.open(StoryDialog(self._theme, subject or "(no subject)", answer, self.window()))
