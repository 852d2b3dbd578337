"""Marks as read what was in sight for as long as the settings say, and nothing else."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from qtmail.engine.mail import Mail
from qtmail.errors import MailError, StoreBusy
from qtmail.model import Flag, RowId

BUSY_AGAIN_MS = 1000
"""Another program held the store: a little later."""


class Marking(QObject):
    """Told what is in sight, it waits."""

    done = Signal(object)
    """engine.mail.Done."""
    failed = Signal(object)
    """MailError."""

    def __init__(self, mail: Mail, parent: QObject) -> None:
        super().__init__(parent)
        self._mail = mail
        self._rows: tuple[RowId, ...] = ()
        self.timer = QTimer(self, singleShot=True)
        self.timer.timeout.connect(self._mark)

    def watch(self, unread: Iterable[RowId], seconds: int) -> None:
        """These unread ones are in sight now. seconds: below 0 nothing is ever marked."""
        rows = tuple(unread)
        if rows == self._rows and self.timer.isActive():
            return
        self.stop()
        if rows and seconds >= 0:
            self._rows = rows
            self.timer.start(seconds * 1000)

    def stop(self) -> None:
        """Nothing is in sight any more."""
        self.timer.stop()
        self._rows = ()

    def _mark(self) -> None:
        rows = self._rows
        try:
            done = self._mail.set_flag(rows, Flag.SEEN, True, quiet=True)
        except StoreBusy:
            self.timer.start(BUSY_AGAIN_MS)
            return
        except MailError as error:
            self.failed.emit(error)
            return
        self._rows = ()
        self.done.emit(done)
