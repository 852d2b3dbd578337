"""Tells of new mail while the window is not in front: by the system's notification where there is a tray, else by
asking for attention in the task bar.
"""

from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from qtmail.engine.mail import Mail
from qtmail.model import FolderId, Row, RowId
from qtmail.ui.reading import Reading
from qtmail.ui.theme import Theme, Tone

GATHER_MS = 800
"""Mail that comes within this time is told of together."""


def words(count: int, newest: Row | None) -> tuple[str, str]:
    """-> (title, text) of a notification."""
    who = (newest.correspondent or newest.address) if newest else ""
    subject = (newest.subject or "(no subject)") if newest else ""
    if count == 1 and newest:
        return who, subject
    return f"{count:,} new messages", f"{who}: {subject}" if newest else ""


def program_icon(theme: Theme) -> QIcon:
    """A letter on the accent colour."""
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        image = QPixmap(QSize(size, size))
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(Tone.ACCENT_FILL))
        painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.22, size * 0.22)
        inner = round(size * 0.68)
        edge = round((size - inner) / 2)
        painter.drawPixmap(edge, edge, theme.pixmap("mail", Tone.ON_ACCENT, inner))
        painter.end()
        icon.addPixmap(image)
    return icon


class NewMail(QObject):
    """Feed it `arrived`; `opened` when the user clicks what was told."""

    opened = Signal(object, object)
    """(FolderId, RowId) of the newest message told of."""
    told = Signal(str, str)
    """(title, text), as shown."""

    def __init__(self, mail: Mail, reading: Reading, window: QWidget, icon: QIcon) -> None:
        super().__init__(window)
        self._mail = mail
        self._reading = reading
        self._window = window
        self._icon = icon
        self._tray: QSystemTrayIcon | None = None
        self._count = 0
        self._folder: FolderId | None = None
        self._row: RowId | None = None
        self._wait = QTimer(self, interval=GATHER_MS, singleShot=True)
        self._wait.timeout.connect(self._look)

    def arrived(self, folder: FolderId, count: int) -> None:
        """So many new unread messages are in this inbox."""
        self._count += count
        self._folder = folder
        if not self._wait.isActive():
            self._wait.start()

    def stop(self) -> None:
        self._wait.stop()
        if self._tray is not None:
            self._tray.hide()

    def _look(self) -> None:
        folder, count, self._count = self._folder, self._count, 0
        if folder is None or self._window.isActiveWindow():
            return

        def newest() -> Row | None:
            ids = self._mail.ids([folder])
            return next(iter(self._mail.rows([RowId(ids[0])]).values()), None) if ids else None

        self._reading.ask("new mail", newest, lambda row: self._tell(count, row))

    def _tell(self, count: int, row: Row | None) -> None:
        self._row = row.id if row else None
        title, text = words(count, row)
        if QSystemTrayIcon.isSystemTrayAvailable():
            if self._tray is None:
                self._tray = QSystemTrayIcon(self._icon, self)
                self._tray.setToolTip("qtmail")
                self._tray.messageClicked.connect(self._open)
                self._tray.activated.connect(self._open)
            self._tray.show()
            self._tray.showMessage(title, text, self._icon)
        else:
            QApplication.alert(self._window)
        self.told.emit(title, text)

    def _open(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        if self._folder is not None and self._row is not None:
            self.opened.emit(self._folder, self._row)
