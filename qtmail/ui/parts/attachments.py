"""The card of one attachment, as reader and composer show it: icon by kind, name, size; opened, dragged, removed."""

import mimetypes

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

_ICONS: tuple[tuple[str, str], ...] = (
    ("image/", "photo"),
    ("audio/", "music"),
    ("video/", "movie"),
    ("message/", "mail"),
    ("application/pdf", "file-type-pdf"),
    ("text/calendar", "calendar"),
    ("text/html", "code"),
    ("text/csv", "file-spreadsheet"),
    ("text/vcard", "user"),
    ("text/", "file-text"),
)
_WORDS: tuple[tuple[str, str], ...] = (
    ("spreadsheet", "file-spreadsheet"),
    ("excel", "file-spreadsheet"),
    ("word", "file-text"),
    ("zip", "file-zip"),
    ("compressed", "file-zip"),
    ("tar", "file-zip"),
    ("rar", "file-zip"),
)


def icon_name(type_: str, name: str) -> str:
    """The icon for a MIME type; where that says nothing ("application/octet-stream"), for the file's name."""
    kind = type_.lower()
    if kind in ("", "application/octet-stream"):
        kind = mimetypes.guess_type(name)[0] or kind
    for prefix, icon in _ICONS:
        if kind.startswith(prefix):
            return icon
    return next((icon for word, icon in _WORDS if word in kind), "file")


def size_words(octets: int) -> str:
    """ "812 bytes", "12 kB", "3.4 MB" (powers of 1000, as file managers say)."""
    if octets < 1000:
        return f"{octets} byte{'' if octets == 1 else 's'}"
    size = float(octets)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5 or unit == "GB":
            break
    return f"{size:.1f} {unit}" if size < 10 and unit != "kB" else f"{size:.0f} {unit}"


class AttachmentCard(QFrame):
    """A card of fixed width that can be focused: Enter opens, Delete removes (where that is offered)."""

    opened = Signal()
    pressed = Signal()
    """The mouse went down: a drag may follow."""
    dragged = Signal()
    menu_wanted = Signal(QPoint)
    removed = Signal()

    def __init__(
        self, theme: Theme, name: str, type_: str, size: int, *, removable: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        mark(self, surface="card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Attachment {name}, {size_words(size)}")
        self._press: QPoint | None = None
        self._icon = QLabel(self)
        self._icon_name = icon_name(type_, name)
        self._theme = theme
        self.label = ElidedLabel(name, self, Qt.TextElideMode.ElideMiddle)
        amount = QLabel(size_words(size), self)
        mark(amount, tone="small")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.label)
        words.addWidget(amount)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.S, Space.XS, Space.XS if removable else Space.S, Space.XS)
        row.setSpacing(Space.S)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        self.remove_button: QToolButton | None = None
        if removable:
            self.remove_button = QToolButton(self)
            self.remove_button.setToolTip("Remove (Delete)")
            self.remove_button.setAccessibleName(f"Remove {name}")
            theme.dress(self.remove_button, "x", size=Size.ICON)
            self.remove_button.clicked.connect(self.removed)
            row.addWidget(self.remove_button)
        theme.changed.connect(self._draw)
        self._draw()

    @property
    def name(self) -> str:
        return self.label.text()

    def _draw(self) -> None:
        self._icon.setPixmap(self._theme.pixmap(self._icon_name, Tone.ACCENT, Size.ICON_BAR, self.devicePixelRatioF()))

    # Qt's overrides

    def sizeHint(self) -> QSize:
        return QSize(Size.SIDEBAR, super().sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._press = event.position().toPoint()
            self.pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        moved = (event.position().toPoint() - self._press).manhattanLength()
        if moved >= QApplication.startDragDistance():
            self._press = None
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is not None and self.rect().contains(event.position().toPoint()):
            self.opened.emit()
        self._press = None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.opened.emit()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace if self.remove_button is not None:
                self.removed.emit()
            case _:
                super().keyPressEvent(event)
