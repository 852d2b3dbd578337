"""A look at an attachment without another program: pictures, PDF, and whatever can be told in text. No network."""

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QFontDatabase, QImage, QImageReader, QKeySequence, QPixmap, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from qtmail.mime.described import described
from qtmail.ui.theme import Space, Theme, mark

MOST_PIXELS = 60_000_000
"""Larger pictures are read smaller."""
_SIZE = QSize(860, 700)
_PICTURES = frozenset(
    {"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/x-icon"}
)
_SUFFIXES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "bmp", "ico", "tif", "tiff"})
_SOUNDS = frozenset({"mp3", "ogg", "oga", "opus", "wav", "flac", "m4a", "aac", "amr"})
_FILMS = frozenset({"mp4", "m4v", "webm", "mkv", "mov", "avi", "ogv", "3gp"})
_TEXTS = frozenset({"message/rfc822", "application/json", "application/xml", "application/zip"})
_TEXT_SUFFIXES = frozenset(
    {"txt", "md", "csv", "log", "eml", "ics", "vcf", "zip", "json", "xml", "py", "diff", "patch"}
)


def can_preview(name: str, kind: str) -> bool:
    """Whether a look at it needs no other program."""
    suffix = name.rpartition(".")[2].lower()
    shown = kind in _PICTURES or kind in _TEXTS or kind == "application/pdf" or kind.startswith("text/")
    return shown or suffix in _SUFFIXES or suffix in _TEXT_SUFFIXES or suffix == "pdf" or is_heard(name, kind)


def is_heard(name: str, kind: str) -> bool:
    """Whether it is sound or film."""
    suffix = name.rpartition(".")[2].lower()
    return kind.startswith(("audio/", "video/")) or suffix in _SOUNDS or suffix in _FILMS


def picture_of(data: bytes) -> QImage:
    """The picture in these bytes, at most MOST_PIXELS of it; null where there is none. Any thread."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    pixels = size.width() * size.height()
    if pixels > MOST_PIXELS:
        reader.setScaledSize(size * (MOST_PIXELS / pixels) ** 0.5)
    return reader.read()


class PictureView(QScrollArea):
    """A picture as large as there is room, never larger than it is."""

    def __init__(self, image: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap.fromImage(image)
        self._label = QLabel(self)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setAccessibleName(f"Picture, {image.width()} × {image.height()}")
        self.setWidget(self._label)
        self.setWidgetResizable(True)
        self._fit()

    def _fit(self) -> None:
        room = self.viewport().size() * self.devicePixelRatioF()
        shown = self._pixmap
        if shown.width() > room.width() or shown.height() > room.height():
            shown = shown.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        shown.setDevicePixelRatio(self.devicePixelRatioF())
        self._label.setPixmap(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class PreviewWindow(QWidget):
    """One attachment in a window of its own, with ways to open and to save it."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        kind: str,
        data: bytes,
        *,
        open_: Callable[[], None],
        save: Callable[[], None],
        open_words: str = "Open with another program",
    ) -> None:
        super().__init__(None)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(name)
        self.resize(_SIZE)
        mark(self, surface="window")
        self.view = self._view(theme, name, kind, data)
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.L, Space.S, Space.L, Space.M)
        foot.addStretch(1)
        for words, act in ((open_words, open_), ("Save …", save)):
            button = QPushButton(words, self)
            button.clicked.connect(act)
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addLayout(foot)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        self.view.setFocus()

    def _view(self, theme: Theme, name: str, kind: str, data: bytes) -> QWidget:
        suffix = name.rpartition(".")[2].lower()
        if kind in _PICTURES or suffix in _SUFFIXES:
            image = picture_of(data)
            return PictureView(image, self) if not image.isNull() else self._words("This picture cannot be read.")
        if kind == "application/pdf" or suffix == "pdf":
            return self._pdf(data)
        if is_heard(name, kind):
            return self._player(theme, name, data, film=kind.startswith("video/") or suffix in _FILMS)
        text = described(name, kind, data)
        if text is None:
            return self._words("Only another program can show this file.")
        page = QPlainTextEdit(self)
        page.setReadOnly(True)
        page.setPlainText(text)
        page.setAccessibleName(name)
        if kind not in ("message/rfc822", "text/calendar", "text/vcard"):
            page.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        else:
            page.setFont(theme.font())
        return page

    def _player(self, theme: Theme, name: str, data: bytes, *, film: bool) -> QWidget:
        try:
            from qtmail.ui.reader.player import Player
        except ImportError:
            return self._words("Sound and film cannot be played here. Open it with another program.")
        return Player(theme, name, data, film=film, parent=self)

    def _pdf(self, data: bytes) -> QWidget:
        try:
            from PySide6.QtPdf import QPdfDocument  # 20 MB that most sessions never need
            from PySide6.QtPdfWidgets import QPdfView
        except ImportError:
            return self._words("PDF cannot be shown here. Open it with another program.")
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.document = QPdfDocument(self)
        self.document.load(self._buffer)
        if self.document.pageCount() == 0:
            return self._words("This PDF is damaged or locked with a password.")
        view = QPdfView(self)
        view.setDocument(self.document)
        view.setPageMode(QPdfView.PageMode.MultiPage)
        view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        view.setAccessibleName(f"PDF, {self.document.pageCount()} pages")
        return view

    def _words(self, text: str) -> QWidget:
        label = QLabel(text, self)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark(label, tone="muted")
        return label
