"""The sidebar's lines as a Qt model; they change in place where only counts changed, so that nothing jumps."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from qtmail.model import Folder, Right, Role
from qtmail.ui import dates
from qtmail.ui.sidebar.entries import Entry, Line

Index = QModelIndex | QPersistentModelIndex

ENTRY = Qt.ItemDataRole.UserRole
_NO_PARENT = QModelIndex()


class SidebarModel(QAbstractListModel):
    """Rows are `Entry` values, read through the ENTRY role."""

    renamed = Signal(object, str)
    """(Folder, new name) typed in place."""
    search_renamed = Signal(object, str)
    """(SavedSearch, new name) typed in place."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[Entry, ...] = ()

    def apply(self, entries: Sequence[Entry]) -> bool:
        """Show these. -> whether lines came, went or moved (selections are lost then)."""
        wanted = tuple(entries)
        if [e.key for e in wanted] == [e.key for e in self._entries]:
            changed = [row for row, (old, new) in enumerate(zip(self._entries, wanted, strict=True)) if old != new]
            self._entries = wanted
            if changed:
                self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
            return False
        self.beginResetModel()
        self._entries = wanted
        self.endResetModel()
        return True

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._entries

    def entry(self, index: Index) -> Entry | None:
        return self._entries[index.row()] if index.isValid() else None

    def index_of(self, key: str) -> QModelIndex:
        """The line of this key; invalid when it is not shown."""
        for row, entry in enumerate(self._entries):
            if entry.key == key:
                return self.index(row)
        return QModelIndex()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self._entries[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.title
            case Qt.ItemDataRole.EditRole:
                return entry.folder.name if entry.folder else entry.title
            case Qt.ItemDataRole.ToolTipRole:
                return tip(entry)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(entry)
        return entry if role == ENTRY else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        entry = self._entries[index.row()]
        name = str(value).strip()
        if role == Qt.ItemDataRole.EditRole and entry.search is not None and name and name != entry.search.name:
            self.search_renamed.emit(entry.search, name)
            return True
        if role != Qt.ItemDataRole.EditRole or entry.folder is None or not name or name == entry.folder.name:
            return False
        self.renamed.emit(entry.folder, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        entry = self.entry(index)
        if entry is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if entry.search is not None or (entry.folder is not None and renamable(entry.folder)):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags | Qt.ItemFlag.ItemIsDropEnabled if entry.folder is not None and entry.place else flags


def renamable(folder: Folder) -> bool:
    """The user's own, or one of others that they let one rename."""
    return folder.role is Role.NONE and (folder.selectable or not folder.shared) and folder.may(Right.REMOVE_FOLDER)


def tip(entry: Entry) -> str:
    """Totals and when it was last proven equal to the server's."""
    if entry.line is Line.HEADING:
        return entry.words
    if entry.search is not None:
        return f"{entry.search.query}\n{entry.count:,} unread"
    folder = entry.folder
    words = f"{entry.title}: {entry.total:,} messages"
    words += f", {folder.unread:,} unread" if folder else f", {entry.count:,} unread"
    if folder and folder.verified_at:
        words += f"\nCompared with the server: {dates.full(folder.verified_at)}"
    if folder and (folder.verified_at or folder.bodies_missing or folder.left_out):
        words += f"\nComplete offline: {folder.offline}"
    if folder and folder.shared:
        words += f"\nShared by {folder.owner}" if folder.owner else "\nShared with others"
    if folder and not folder.subscribed:
        words += "\nNot subscribed"
    if folder and folder.read_only:
        words += "\nRead only: nothing can be changed here"
    return words


def spoken(entry: Entry) -> str:
    """What a screen reader says."""
    if entry.line is Line.HEADING:
        return f"{'Account ' if entry.account else ''}{entry.title}{', ' + entry.words if entry.words else ''}"
    state = (", collapsed" if entry.collapsed else ", expanded") if entry.children else ""
    counted = "messages" if entry.icon in (Role.DRAFTS, Role.OUTBOX) else "unread"
    return f"{entry.title}{f', {entry.count} {counted}' if entry.count else ''}{state}"
