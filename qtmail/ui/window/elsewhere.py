"""Accounts that another program (`qtmail account add`) changes while the window is open."""

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

QUIET_MS = 200


class AccountsElsewhere(QObject):
    """Looks at the account file whenever something in its folder is replaced: files are only ever written whole."""

    changed = Signal()

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._seen = self._read()
        self._soon = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._soon.timeout.connect(self._look)
        self._watcher = QFileSystemWatcher([str(path.parent)], self)
        self._watcher.directoryChanged.connect(self._soon.start)

    def _look(self) -> None:
        now = self._read()
        if now != self._seen:
            self._seen = now
            self.changed.emit()

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError:
            return b""
