"""A message on paper: its header fields, then its body, dark on white; nothing is loaded for it."""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QObject, Signal
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from qtmail.errors import BadInput
from qtmail.mime.folding import without_folds
from qtmail.ui import dates
from qtmail.ui.reader.content import Body, BodyKind
from qtmail.ui.reader.load import Shown
from qtmail.ui.reader.textdoc import text_css, text_document
from qtmail.ui.theme import LIGHT


class Printing(QObject):
    """Prints what is shown, in the view that shows it."""

    printed = Signal()
    failed = Signal(object)
    """MailError."""

    def __init__(self, parent: QWidget, body: Callable[[], Body]) -> None:
        super().__init__(parent)
        self._window, self._body = parent, body
        self._printer: QPrinter | None = None

    def ask(self, shown: Shown | None) -> None:
        """The print dialog."""
        if shown is None or shown.content is None:
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if QPrintDialog(printer, self._window).exec():
            self.print_to(shown, printer)

    def print_to(self, shown: Shown | None, printer: QPrinter) -> None:
        """On this printer, or into its file; `printed` or `failed` follows."""
        if shown is None or shown.content is None:
            return
        self._printer = printer  # kept alive until it is done
        self._body().print_document(paper(shown), printer, self._done)

    def _done(self, ok: bool) -> None:
        if ok:
            self.printed.emit()
        else:
            self.failed.emit(BadInput("The message was not printed.", hint="Is the printer there?"))


def paper(shown: Shown) -> str:
    """The document shown, with the message's header at its top."""
    assert shown.content is not None
    document = _unfolded(shown)
    start = document.find(">", max(document.find("<body"), 0)) + 1
    css = f"<style>{text_css(LIGHT)}</style>" if shown.content.kind is BodyKind.TEXT else ""
    return f"{document[:start]}{css}{_head(shown)}{document[start:]}"


def _unfolded(shown: Shown) -> str:
    """The document with every quote open: paper cannot be clicked."""
    assert shown.content is not None
    assert shown.message is not None
    if shown.content.kind is BodyKind.TEXT:
        return text_document(shown.message.text, text_css(LIGHT))
    return without_folds(shown.content.document)


def _head(shown: Shown) -> str:
    message = shown.message
    assert message is not None
    lines = [
        (name, ", ".join(str(person) for person in people))
        for name, people in (("From", message.from_), ("To", message.to), ("Cc", message.cc))
        if people
    ]
    lines.append(("Date", dates.full(message.date if message.date is not None else shown.row.date)))
    rows = "".join(f"<tr><td>{name}:&nbsp;</td><td>{escape(value)}</td></tr>" for name, value in lines)
    return f"<h2>{escape(message.subject)}</h2><table>{rows}</table><hr>"
