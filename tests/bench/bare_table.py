"""The peer of the window's start: a bare PySide6 table over the same SQLite file, rows read as they are painted."""

import json
import sys
import time
from pathlib import Path

import apsw
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QTableView

from qtmail.paths import Profile
from tests.bench.memory import megabytes, since_start


class Rows(QAbstractTableModel):
    """Ids in an array, one query a row."""

    def __init__(self, sqlite: apsw.Connection) -> None:
        super().__init__()
        self._sqlite = sqlite
        question = "SELECT id FROM placement WHERE gone_at IS NULL ORDER BY folder, date DESC, id DESC"
        self._ids = [row[0] for row in sqlite.execute(question)]
        self._cache: dict[int, tuple[object, ...]] = {}

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 3

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.row() not in self._cache:
            question = (
                "SELECT m.from_name, m.subject, m.date FROM placement p "
                "JOIN message m ON m.id = p.message WHERE p.id = ?"
            )
            self._cache[index.row()] = self._sqlite.execute(question, (self._ids[index.row()],)).fetchall()[0]
        return self._cache[index.row()][index.column()]


application = QApplication([])
view = QTableView()
view.setModel(Rows(apsw.Connection(str(Profile(Path(sys.argv[1])).facts), flags=apsw.SQLITE_OPEN_READONLY)))
view.resize(1280, 800)
view.show()
application.processEvents()
view.viewport().repaint()
print(json.dumps({"seconds": since_start(), "processor": time.process_time(), "megabytes": megabytes()}))
