"""The message shown as a file or as words for other programs: PDF, a look before it is printed, Markdown, text."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QFileDialog

from qtmail.engine.mail import Mail
from qtmail.errors import BadInput, MailError
from qtmail.mime import shown as mime_shown
from qtmail.mime.file_names import safe_name
from qtmail.mime.markdown import markdown_of_html, markdown_of_text
from qtmail.model import RowId
from qtmail.ui.reader.load import Shown, load
from qtmail.ui.reader.preview import PreviewWindow
from qtmail.ui.theme import Theme

if TYPE_CHECKING:
    from qtmail.ui.reader.pane import ReaderPane


class Papers(QObject):
    """Of a reader; in a conversation the message that commands are about."""

    def __init__(self, pane: "ReaderPane", mail: Mail, theme: Theme) -> None:
        super().__init__(pane)
        self._pane, self._mail, self._theme = pane, mail, theme

    def print_(self) -> None:
        """The print dialog; nothing is loaded for it."""
        self._with_page(self._pane.printing.ask)

    def preview(self) -> None:
        """What paper would show, page by page."""
        self._with_page(self._preview)

    def save_pdf(self) -> None:
        """Ask where, and write it there."""
        self._with_page(self._save_pdf)

    def copy(self, *, markdown: bool) -> None:
        """All of the message onto the clipboard."""
        row = self._pane.row
        if row is not None:
            self._pane.worker.run(lambda: self._words(row, markdown=markdown), self._put)

    def _with_page(self, act: Callable[[Shown], None]) -> None:
        """Call it with the message as a document of its own; a conversation has it as a piece of one."""
        pane, shown = self._pane, self._pane.shown
        if shown is None:
            return
        if not pane.threads.active:
            act(shown)
            return
        row, look = shown.row.id, pane.look()
        pane.worker.run(lambda: load(self._mail, row, look), lambda answer: self._told(answer, act))

    def _told(self, answer: Shown | MailError, act: Callable[[Shown], None]) -> None:
        if isinstance(answer, MailError):
            self._pane.board.complain(answer)
        else:
            act(answer)

    def _save_pdf(self, shown: Shown) -> None:
        name = safe_name(shown.row.subject, "message") + ".pdf"
        start = str(Path(self._pane.strip.folder or Path.home()) / name)
        chosen, _ = QFileDialog.getSaveFileName(self._pane.window(), "Save as PDF", start)
        if chosen:
            said = partial(self._pane.status.emit, f"Saved {Path(chosen).name}")
            self._pane.printing.save_pdf(shown, Path(chosen), said)

    def _preview(self, shown: Shown) -> None:
        folder = TemporaryDirectory(prefix="qtmail-print-")
        path = Path(folder.name) / "page.pdf"

        def show() -> None:
            with folder:
                try:
                    data = path.read_bytes()
                except OSError as error:
                    self._pane.board.complain(BadInput(f"The preview cannot be read: {error.strerror}."))
                    return
            title = f"Print preview: {shown.row.subject or '(no subject)'}"
            ask, save = partial(self._pane.printing.ask, shown), partial(self._save_pdf, shown)
            kind = "application/pdf"
            window = PreviewWindow(self._theme, title, kind, data, open_=ask, save=save, open_words="Print …")
            self._pane.windows.open(window)

        self._pane.printing.save_pdf(shown, path, show)

    def _words(self, row: RowId, *, markdown: bool) -> str:
        message = self._mail.message_in(row, self._mail.choices(row).charset)
        if not markdown:
            return message.text
        if not message.html:
            return markdown_of_text(message.text)
        return markdown_of_html(mime_shown.safe(message, row).body.html)

    def _put(self, answer: str | MailError) -> None:
        if isinstance(answer, MailError):
            self._pane.board.complain(answer)
        else:
            QApplication.clipboard().setText(answer)
            self._pane.status.emit("Copied")
