"""The message list's model: an array of ids and a small cache of rows, read in windows around what is in sight."""

from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from qtmail.engine.mail import Mail
from qtmail.model import Row, RowId
from qtmail.ui import dates
from qtmail.ui.message_list.columns import BY_KEY, COLUMNS
from qtmail.ui.message_list.heads import Heads, Sight
from qtmail.ui.message_list.listing import Listing

Index = QModelIndex | QPersistentModelIndex

CACHED = 1200
"""Rows kept."""
AROUND = 40
"""Rows read before and after those in sight."""
_NO_PARENT = QModelIndex()


class MessageListModel(QAbstractTableModel):
    """Lines are messages and group headings; `data` answers few roles, the view's painter does the rest."""

    def __init__(self, mail: Mail) -> None:
        super().__init__()
        self._mail = mail
        self.listing = Listing()
        self._rows: OrderedDict[RowId, Row] = OrderedDict()
        self.heads = Heads(mail)
        """Of a list of conversations: what its lines stand for."""

    def show(self, listing: Listing) -> None:
        """Replace everything; cached rows are kept, they are still true."""
        self.beginResetModel()
        self.listing = listing
        self.heads.show(listing)
        self.endResetModel()

    def forget(self, rows: Iterable[RowId] | None = None) -> None:
        """These (or all) rows have to be read again: something about them changed."""
        self.heads.forget()
        if rows is None:
            self._rows.clear()
        else:
            for row in rows:
                self._rows.pop(row, None)

    def row(self, line: int) -> Row | None:
        """What a line says: its message, in a list of conversations all of it. None for headings, and for one that is
        gone from the store by now."""
        found = self.listing.id_at(line)
        if found is None:
            return None
        if found not in self._rows:
            self.read_around(line, line)
        row = self._rows.get(found)
        if row is None or not self.listing.query.conversations:
            return row
        self.heads.read([found])
        return self.heads.as_line(row)

    def sight(self, line: int) -> Sight | None:
        """How the line of a conversation looks; None in other lists, and for headings."""
        found = self.listing.id_at(line)
        return None if found is None else self.heads.sight(found)

    def read_around(self, first: int, last: int) -> None:
        """Make sure that the rows of these lines are cached: at most one small read."""
        wanted = [RowId(i) for i in self.listing.ids_in(first, last) if i]
        self.heads.read(wanted)
        if all(row in self._rows for row in wanted):
            return
        window = self.listing.ids_in(max(first - AROUND, 0), min(last + AROUND, self.listing.lines - 1))
        missing = [RowId(i) for i in window if i and i not in self._rows]
        self._rows.update(self._mail.rows(missing))
        while len(self._rows) > CACHED:
            self._rows.popitem(last=False)

    def known(self, row: RowId) -> Row | None:
        """A row if it happens to be cached; else read by itself."""
        if row not in self._rows:
            self._rows.update(self._mail.rows([row]))
        return self._rows.get(row)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else self.listing.lines

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self.listing.heading_at(index.row()) is not None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return None
        heading = self.listing.heading_at(index.row())
        if heading is not None:
            return heading.title if index.column() == BY_KEY["subject"] else None
        row = self.row(index.row())
        if row is None:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return dates.full(row.date) if index.column() == BY_KEY["date"] else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row, self.sight(index.row()))
        return COLUMNS[index.column()].text(row)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return "" if column.icon else column.title
            case Qt.ItemDataRole.ToolTipRole:
                return f"Sort by {column.title.lower()}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return column.title
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
                return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


def spoken(row: Row, sight: Sight | None = None) -> str:
    """One message, or conversation, as a screen reader says it."""
    parts = [column.text(row) for column in COLUMNS if column.key != "size"]
    if sight is not None and sight.open is not None:
        parts.append(f"conversation of {sight.count:,}, {'open' if sight.open else 'closed'}")
    if sight is not None and sight.muted:
        parts.append("muted")
    return ", ".join(part for part in parts if part)
