"""What can be dropped on a composer: files, messages of the list, text; and the frame that says so."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from qtmail.model import RowId
from qtmail.ui.message_list.drag import rows_in
from qtmail.ui.theme import Radius, Space, Theme, Tone, Type


@dataclass(frozen=True, slots=True)
class Dropped:
    """One of the three is filled."""

    files: tuple[Path, ...] = ()
    rows: tuple[RowId, ...] = ()
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.files or self.rows or self.text)


def dropped(data: QMimeData) -> Dropped:
    """Our own rows before the files they also come as."""
    rows = rows_in(data)
    if rows:
        return Dropped(rows=rows)
    files = tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    if files:
        return Dropped(files=files)
    return Dropped(text=data.text() if data.hasText() else "")


class DropFrame(QWidget):
    """Lies over the window while something hangs over it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def invite(self, what: Dropped) -> None:
        """Say what would happen."""
        if what.rows:
            self._words = "Drop to attach the message" if len(what.rows) == 1 else "Drop to attach the messages"
        elif what.files:
            self._words = "Drop to attach the file" if len(what.files) == 1 else "Drop to attach the files"
        else:
            self._words = "Drop to insert the text"
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self._theme.colour(Tone.ACCENT_SOFT)
        ground.setAlphaF(0.85)
        pen = QPen(self._theme.colour(Tone.ACCENT), 2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(ground)
        inset = Space.S
        area = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(area, Radius.CARD, Radius.CARD)
        painter.setFont(self._theme.font(Type.LARGE, strong=True))
        painter.setPen(self._theme.colour(Tone.ACCENT))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._words)
        painter.end()


class DropWindow(QWidget):
    """A window that takes what is dropped anywhere on it. (Its fields must not: setAcceptDrops(False) on them.)"""

    was_dropped = Signal(object, QPoint)
    """(Dropped, where in the window)."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(None)
        self.setAcceptDrops(True)
        self.frame = DropFrame(theme, self)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        what = dropped(event.mimeData())
        if what:
            event.acceptProposedAction()
            self.frame.invite(what)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.frame.hide()
        event.acceptProposedAction()
        self.was_dropped.emit(dropped(event.mimeData()), event.position().toPoint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.frame.setGeometry(self.rect())
