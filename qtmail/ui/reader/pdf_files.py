"""Messages as PDF files, one each with a name that can be read: what the reader prints, without any window."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, QUrl
from PySide6.QtGui import QFontInfo, QGuiApplication, QPageLayout, QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QApplication

from qtmail.engine import mailfiles
from qtmail.engine.mail import Mail
from qtmail.engine.outgo import Exported, ExportReport, Going, parts_of
from qtmail.errors import BadInput, Cancelled
from qtmail.mime.file_names import safe_name
from qtmail.model import Row, RowId
from qtmail.ui.reader.content import Content
from qtmail.ui.reader.load import Look, load
from qtmail.ui.reader.printing import paper
from qtmail.ui.reader.textdoc import html_css, text_css
from qtmail.ui.theme import LIGHT

DOTS_PER_INCH = 96
MARGIN_MM = 16.0


class Paper(QTextDocument):
    """A document that shows pictures of the message only: never a file, never anything from elsewhere."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self._content = content

    def loadResource(self, type_: int, name: QUrl | str) -> object:
        url = QUrl(name)
        if url.scheme() == "data":
            return super().loadResource(type_, url)
        picture = self._content.pictures.get(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        return QByteArray(picture.data) if picture else QByteArray()


def export(
    mail: Mail,
    what: Exported,
    path: Path,
    progress: Callable[[Going], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> ExportReport:
    """A directory of them, folders inside as directories, whole or not at all. Raises BadInput where something is in
    the way or the disk says no; Cancelled."""
    application()
    began = time.monotonic()
    look = _look()
    parts = parts_of(mail, what)
    total = sum(len(part.rows) for part in parts)
    written = seen = 0
    with mailfiles.whole(path) as top:
        for part in parts:
            folder = top.joinpath(*(safe_name(name, "folder") for name in part.path.split("/") if name))
            folder.mkdir(parents=True, exist_ok=True)
            for row in part.rows:
                if stop is not None and stop.is_set():
                    raise Cancelled("The export was stopped; nothing of it was kept.")
                written += write(mail, row, folder, look)
                seen += 1
                if seen % 20 == 0:
                    progress(Going(seen, total))
    progress(Going(seen, total))
    return ExportReport(path, written, total - written, time.monotonic() - began, written)


def write(mail: Mail, row: RowId, folder: Path, look: Look) -> bool:
    """One file -> False where only the header of the message is here, or it is gone. Raises OSError."""
    try:
        shown = load(mail, row, look)
    except BadInput:
        return False
    if shown.content is None:
        return False
    target = folder / file_name(shown.row)
    writer = QPdfWriter(str(target))
    writer.setResolution(DOTS_PER_INCH)
    writer.setTitle(shown.row.subject)
    writer.setCreator("qtmail")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM),
            QPageLayout.Unit.Millimeter,
        )
    )
    document = Paper(shown.content)
    document.setHtml(paper(shown))
    document.print_(writer)
    del writer  # written out only now
    if not target.is_file() or not target.stat().st_size:
        raise OSError(None, "the PDF could not be written")
    os.utime(target, (shown.row.received, shown.row.received))
    return True


def file_name(row: Row) -> str:
    """As .eml files are called."""
    return mailfiles.eml_name(mailfiles.ToWrite(b"", row.flags, row.received, row.subject, "", row.id), ".pdf")


def application() -> QGuiApplication:
    """The one that runs, else one without a screen: fonts and painting need it."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication([])


def _look() -> Look:
    info = QFontInfo(QGuiApplication.font())
    return Look(text_css(LIGHT), html_css(LIGHT, info.family(), info.pixelSize()))
