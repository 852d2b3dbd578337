"""Help > Network: whom this program talked to, when, what for, how much; filtered by typing, saved as a table."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from qtmail.engine.contacted import Host, Receipts, receipts
from qtmail.paths import Profile
from qtmail.ui import dates
from qtmail.ui.parts.page import open_at
from qtmail.ui.storage.bars import octets
from qtmail.ui.storage.task import Task
from qtmail.ui.theme import Space, Theme, mark

PREFERRED = QSize(860, 560)
HEADINGS = ("Host", "What for", "Last", "Times", "Received", "Sent")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NUMBERS = (3, 4, 5)
SORT = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex


class Hosts(QAbstractTableModel):
    """One row a host and purpose."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hosts: tuple[Host, ...] = ()

    def show(self, hosts: tuple[Host, ...]) -> None:
        self.beginResetModel()
        self.hosts = hosts
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.hosts)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section in _NUMBERS else _LEFT
        return HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self.hosts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(one)[index.column()]
        if role == SORT:
            return (one.host, one.purpose, one.last, one.times, one.octets_in, one.octets_out)[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in _NUMBERS:
            return _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            failed = f"; {one.failed:,} did not come about" if one.failed else ""
            return f"{one.host}, port {one.port}: first {dates.full(one.first)}, last {dates.full(one.last)}{failed}"
        return None

    def _words(self, one: Host) -> tuple[str, ...]:
        received, sent = octets(one.octets_in), octets(one.octets_out)
        return (one.host, one.purpose, dates.medium(one.last), f"{one.times:,}", received, sent)


class Roomy(QStyledItemDelegate):
    """Air at both sides of what a cell says."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.rect.adjust(Space.S, 0, -Space.S, 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return super().sizeHint(option, index) + QSize(2 * Space.S, 0)


class NetworkWindow(QDialog):
    """Read in the background when it is opened, and again by the button."""

    def __init__(self, profile: Profile, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Network")
        self._profile = profile
        self._receipts = Receipts((), ())
        self._task: Task | None = None
        self.summary = QLabel("Reading …", self)
        mark(self.summary, tone="muted")
        self.summary.setWordWrap(True)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Host or purpose")
        self.filter.setAccessibleName("Show only")
        self.filter.setClearButtonEnabled(True)
        self.model = Hosts(self)
        self.sorted = QSortFilterProxyModel(self)
        self.sorted.setSourceModel(self.model)
        self.sorted.setSortRole(SORT)
        self.sorted.setFilterKeyColumn(-1)
        self.sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.table = QTableView(self)
        self.again = QPushButton("Read again", self)
        self.save_button = QPushButton("Save as a table …", self)
        self._lay_out()
        self.filter.textChanged.connect(self.sorted.setFilterFixedString)
        self.again.clicked.connect(self.read)
        self.save_button.clicked.connect(self._choose)
        self.read()
        open_at(self, PREFERRED)

    def _lay_out(self) -> None:
        table = self.table
        table.setModel(self.sorted)
        table.setAccessibleName("Contacts")
        table.setSortingEnabled(True)
        table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.setItemDelegate(Roomy(table))
        heads = table.horizontalHeader()
        heads.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (0, 1):
            heads.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        for button in (self.save_button, self.again):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column_box.setSpacing(Space.M)
        column_box.addWidget(mark(QLabel("Network", self), tone="title"))
        column_box.addWidget(self.summary)
        column_box.addWidget(self.filter)
        column_box.addWidget(table, 1)
        column_box.addLayout(buttons)

    def read(self) -> None:
        """What is known now."""
        if self._task is None:
            self._task = Task(lambda _tell: receipts(self._profile), self)
            self._task.ended.connect(self._show)
            self._task.start()

    def done(self, result: int) -> None:
        """Nothing is read any more once it is closed."""
        if self._task is not None:
            self._task.finish()
        super().done(result)

    def _show(self, found: object) -> None:
        self._task = None
        if not isinstance(found, Receipts):
            self.summary.setText("The list of contacts could not be read.")
            return
        self._receipts = found
        self.model.show(found.hosts)
        self.save_button.setEnabled(bool(found.every))
        if found.since is None:
            self.summary.setText("Nobody was contacted yet. Every host qtmail talks to will be listed here.")
            return
        hosts = len({one.host for one in found.hosts})
        received = octets(sum(one.octets_in for one in found.hosts))
        sent = octets(sum(one.octets_out for one in found.hosts))
        who = "1 host was" if hosts == 1 else f"{hosts:,} hosts were"
        self.summary.setText(
            f"Since {dates.full(found.since)} {who} contacted, {len(found.every):,} times in all: {received} received, "
            f"{sent} sent. Reading, searching and answering contact nobody."
        )
        self.summary.setMinimumHeight(self.summary.heightForWidth(self.summary.width()))

    def save(self, path: Path) -> None:
        """Every contact, the newest first, as comma-separated values. Raises OSError."""
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(("at", "why", "host", "port", "octets_in", "octets_out", "seconds", "trouble"))
            for one in self._receipts.every:
                at = datetime.fromtimestamp(one.at, UTC).isoformat()
                seconds = "" if one.seconds is None else one.seconds
                table.writerow(
                    (at, one.why.value, one.host, one.port, one.octets_in, one.octets_out, seconds, one.trouble)
                )

    def _choose(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the contacts", "network.csv", "Tables (*.csv)")
        if not name:
            return
        try:
            self.save(Path(name))
        except OSError as error:
            self.summary.setText(f"{name} could not be written: {error.strerror or error}.")
