"""A message on paper: its header fields, then its body, dark on white; nothing is loaded for it."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF, QObject, Signal
from PySide6.QtGui import QPageLayout
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from qtmail.errors import BadInput
from qtmail.mime.folding import without_folds
from qtmail.ui import dates
from qtmail.ui.reader.content import Body, BodyKind
from qtmail.ui.reader.load import Shown
from qtmail.ui.reader.textdoc import text_css, text_document
from qtmail.ui.theme import LIGHT, Space

_MARGINS = QMarginsF(15, 15, 15, 18)
"""Millimetres; the page number stands in the lowest."""
_HEAD_CSS = f"""
table.print-head {{ border-collapse: collapse; margin: 0 0 {Space.S}px; }}
table.print-head td {{ padding: 1px {Space.M}px 1px 0; vertical-align: top; font-size: 13px; }}
td.print-name {{ color: {LIGHT.muted}; white-space: nowrap; }}
"""
_WEB_CSS = f"""
@page {{ @bottom-right {{ content: counter(page) " / " counter(pages);
  font: 11px sans-serif; color: {LIGHT.muted}; }} }}
html, body {{ background: {LIGHT.surface} !important; margin: 0 !important; }}
body > div[style*="background"]:only-of-type {{ min-height: 0 !important; }}
details.quoted > summary {{ display: none; }}
h2.print-head {{ font-size: 20px; margin: 0 0 {Space.S}px; }}
hr.print-head {{ border: 0; border-top: 1px solid {LIGHT.line}; margin: 0 0 {Space.M}px; }}
"""
"""Room at the edges, page numbers, nothing that asks to be clicked; no page for what only fills a screen."""


class Printing(QObject):
    """Prints what is shown, in the view that shows it."""

    printed = Signal()
    failed = Signal(object)
    """MailError."""

    def __init__(self, parent: QWidget, body: Callable[[], Body]) -> None:
        super().__init__(parent)
        self._window, self._body = parent, body
        self._printer: QPrinter | None = None
        self._then: Callable[[], None] = self.printed.emit

    def ask(self, shown: Shown | None) -> None:
        """The print dialog; what is selected can be printed alone."""
        if shown is None or shown.content is None:
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self._window)
        words = self._body().selected_text()
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintSelection, bool(words))
        if not dialog.exec():
            return
        if words and printer.printRange() is QPrinter.PrintRange.Selection:
            self._print(selection(shown, words), printer)
        else:
            self.print_to(shown, printer)

    def print_to(self, shown: Shown | None, printer: QPrinter) -> None:
        """On this printer, or into its file; `printed` or `failed` follows."""
        if shown is not None and shown.content is not None:
            self._print(paper(shown), printer)

    def save_pdf(self, shown: Shown | None, target: Path, then: Callable[[], None] | None = None) -> None:
        """As a PDF file; `then` instead of `printed` follows."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(target))
        if shown is not None and shown.content is not None:
            self._print(paper(shown), printer, then)

    def _print(self, document: str, printer: QPrinter, then: Callable[[], None] | None = None) -> None:
        if _WEB_CSS in document:  # QTextDocument adds margins of its own
            printer.setPageMargins(_MARGINS, QPageLayout.Unit.Millimeter)
        self._printer = printer  # kept alive until it is done
        self._then = then or self.printed.emit
        self._body().print_document(document, printer, self._done)

    def _done(self, ok: bool) -> None:
        if ok:
            self._then()
        else:
            self.failed.emit(BadInput("The message was not printed.", hint="Is the printer there?"))


def selection(shown: Shown, words: str) -> str:
    """These words alone, with the message's header above them."""
    body = text_document(words.replace("\u2029", "\n"), f"{text_css(LIGHT)}{_HEAD_CSS}")
    start = body.index("<body>") + len("<body>")
    return f"{body[:start]}{_head(shown)}{body[start:]}"


def paper(shown: Shown) -> str:
    """The document shown, with the message's header at its top."""
    assert shown.content is not None
    document = _unfolded(shown)
    start = document.find(">", max(document.find("<body"), 0)) + 1
    css = text_css(LIGHT) if shown.content.kind is BodyKind.TEXT else _WEB_CSS
    return f"{document[:start]}<style>{css}{_HEAD_CSS}</style>{_head(shown)}{document[start:]}"


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
    rows = "".join(f'<tr><td class="print-name">{name}</td><td>{escape(value)}</td></tr>' for name, value in lines)
    title = f'<h2 class="print-head">{escape(message.subject or "(no subject)")}</h2>'
    return f'{title}<table class="print-head">{rows}</table><hr class="print-head">'
