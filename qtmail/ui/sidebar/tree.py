"""The sidebar: accounts and folders. Opens places, takes messages dropped on folders, renames in place."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from qtmail.model import Account, AccountKey, Folder, Right, Role
from qtmail.ui.message_list.drag import ROWS_MIME, files_in, rows_in
from qtmail.ui.places import Place
from qtmail.ui.sidebar.delegate import BUSY, SidebarDelegate
from qtmail.ui.sidebar.entries import Entry, Health, KeptSearch, Line, build, with_fold
from qtmail.ui.sidebar.model import SidebarModel
from qtmail.ui.theme import Size, Space, Theme, mark

_TURN_MS = 80


class Sidebar(QListView):
    """One line an entry; what is folded otherwise than at first is remembered in `collapsed` (keys)."""

    place_chosen = Signal(object)
    """Place: by click, key or `open_place`."""
    dropped = Signal(object, object, bool)
    """(row ids, Folder, copy) of messages dropped on a folder."""
    files_dropped = Signal(object, object)
    """(paths, Folder): files and directories dropped on a folder, to be imported."""
    renamed = Signal(object, str)
    """(Folder, new name)."""
    menu_wanted = Signal(object, QPoint)
    """(Entry, global position): a context menu."""
    delete_wanted = Signal(object)
    """Folder: the Delete key on it."""
    search_renamed = Signal(object, str)
    """(SavedSearch, new name)."""
    search_delete_wanted = Signal(object)
    """SavedSearch: the Delete key on it."""
    folded = Signal()
    """`collapsed` or `only_subscribed` changed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._accounts: Sequence[Account] = ()
        self._folders: Sequence[Folder] = ()
        self._health: Mapping[AccountKey, Health] = {}
        self._room: Mapping[AccountKey, str] = {}
        self.collapsed: frozenset[str] = frozenset()
        self.only_subscribed: frozenset[AccountKey] = frozenset()
        self._open_key = ""
        self._lines = SidebarModel()
        self._lines.renamed.connect(self.renamed)
        self._lines.search_renamed.connect(self.search_renamed)
        self._searches: Sequence[KeptSearch] = ()
        self._delegate = SidebarDelegate(theme, self)
        self.setModel(self._lines)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setAccessibleName("Folders")
        self.setMinimumWidth(Size.SIDEBAR - Space.XXL)
        mark(self, surface="sidebar")
        self._spin = QTimer(self, interval=_TURN_MS)
        self._spin.timeout.connect(self._turn)
        self._hover_open = QTimer(self, interval=700, singleShot=True)
        self._hover_open.timeout.connect(self._unfold_under_drag)
        self.selectionModel().currentChanged.connect(self._current_changed)
        theme.changed.connect(self._recoloured)

    def show_state(
        self,
        accounts: Sequence[Account],
        folders: Sequence[Folder],
        health: Mapping[AccountKey, Health],
        room: Mapping[AccountKey, str] | None = None,
    ) -> None:
        """Show these; what is open stays so, if it is still there. `room`: see `build`; None: as before."""
        self._accounts, self._folders, self._health = accounts, folders, dict(health)
        self._room = self._room if room is None else room
        self._rebuild()

    def show_searches(self, searches: Sequence[KeptSearch]) -> None:
        """Show these saved searches above the accounts."""
        self._searches = tuple(searches)
        self._rebuild()

    @property
    def spinning(self) -> bool:
        return self._spin.isActive()

    def open_place(self, key: str) -> bool:
        """Choose the line of this key (as a click would). -> False when there is none."""
        index = self._lines.index_of(key)
        if not index.isValid():
            return False
        self.setCurrentIndex(index)
        return True

    def entry_of(self, key: str) -> Entry | None:
        return self._lines.entry(self._lines.index_of(key))

    def follow(self, place: Place) -> Place | None:
        """The line that shows what `place` showed, under another name perhaps; it is the open one now, silently."""
        entry = self.entry_of(place.key)
        if entry is None or entry.place is None:
            same = (e for e in self._lines.entries if e.place and e.place.folders == place.folders)
            entry = next(same, None) if place.folders else None
        if entry is None or entry.place is None:
            return None
        self._open_key = entry.key
        self._rebuild()
        return entry.place

    def current_entry(self) -> Entry | None:
        return self._lines.entry(self.currentIndex())

    def places(self) -> tuple[Place, ...]:
        """The places in sight, top to bottom: Ctrl+1..9."""
        return tuple(entry.place for entry in self._lines.entries if entry.place)

    def fold(self, key: str, closed: bool) -> None:
        """Fold or unfold what is beneath a line."""
        self.collapsed = with_fold(self.collapsed, key, closed)
        self._rebuild()
        self.folded.emit()

    def show_only_subscribed(self, account: AccountKey, only: bool) -> None:
        """Whether this account's other folders are left out."""
        self.only_subscribed = self.only_subscribed | {account} if only else self.only_subscribed - {account}
        self._rebuild()
        self.folded.emit()

    def edit_line(self, key: str) -> None:
        """Edit the name of this folder in place."""
        index = self._lines.index_of(key)
        if index.isValid():
            self.scrollTo(index)
            self.edit(index)

    def _rebuild(self) -> None:
        current = self.current_entry()
        wanted = self._open_key or (current.key if current else "")
        self.selectionModel().blockSignals(True)
        reset = self._lines.apply(
            build(
                self._accounts,
                self._folders,
                self._health,
                self.collapsed,
                self._room,
                self.only_subscribed,
                self._searches,
            )
        )
        index = self._lines.index_of(wanted)
        on_heading = current is not None and current.line is Line.HEADING
        if index.isValid() and (reset or (index != self.currentIndex() and not on_heading)):
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.selectionModel().blockSignals(False)
        busy = any(health.state in BUSY for health in self._health.values())
        if busy and self._theme.motion_ms() and not self._spin.isActive():
            self._spin.start()
        elif not busy:
            self._spin.stop()
        self.viewport().update()

    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        entry = self._lines.entry(current)
        if entry is not None and entry.place is not None and entry.key != self._open_key:
            self._open_key = entry.key
            self.place_chosen.emit(entry.place)

    def _recoloured(self) -> None:
        self.viewport().update()

    def _turn(self) -> None:
        self._delegate.turn = (self._delegate.turn + 30) % 360
        for row, entry in enumerate(self._lines.entries):
            if entry.line is Line.HEADING and entry.state in BUSY:
                self.update(self._lines.index(row))

    def _drop_folder(self, event: QDropEvent) -> Folder | None:
        """The folder messages may fall on; not the one that only unifies, and no Outbox."""
        index = self.indexAt(event.position().toPoint())
        entry = self._lines.entry(index)
        folder = entry.folder if entry is not None and entry.place and entry.icon is not Role.OUTBOX else None
        allowed = folder is not None and folder.may(Right.ADD)
        row = index.row() if _is_ours(event) and allowed else -1
        if row != self._delegate.drop_row:
            self._delegate.drop_row = row
            self.viewport().update()
        if entry is not None and entry.collapsed:
            self._hover_open.start()
        return entry.folder if entry is not None and row >= 0 else None

    def _unfold_under_drag(self) -> None:
        entry = self._lines.entry(self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos())))
        if entry is not None and entry.collapsed:
            self.fold(entry.key, False)

    def _copies(self, event: QDropEvent) -> bool:
        return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)

    def _clear_drop(self) -> None:
        self._hover_open.stop()
        self._delegate.drop_row = -1
        self.viewport().update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _is_ours(event):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._drop_folder(event) is None:
            event.ignore()
            return
        copies = self._copies(event) or not event.mimeData().hasFormat(ROWS_MIME)
        event.setDropAction(Qt.DropAction.CopyAction if copies else Qt.DropAction.MoveAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._clear_drop()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        folder = self._drop_folder(event)
        self._clear_drop()
        rows = rows_in(event.mimeData())
        paths = [] if rows else files_in(event.mimeData())
        if folder is None or not (rows or paths):
            event.ignore()
            return
        # Nothing is left for the source to remove: the list hears of it from the store.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if paths:
            self.files_dropped.emit(paths, folder)
        else:
            self.dropped.emit(rows, folder, self._copies(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        index = self.indexAt(position)
        entry = self._lines.entry(index)
        if entry is None:
            return
        row = self.visualRect(index)
        line = QRect(row.left(), row.bottom() - Size.SIDEBAR_ROW + 1, row.width(), Size.SIDEBAR_ROW)
        on_chevron = entry.children and self._delegate.chevron_rect(line, entry).contains(position)
        if event.button() == Qt.MouseButton.LeftButton and (on_chevron or entry.line is Line.HEADING):
            self.fold(entry.key, not entry.collapsed)
            return
        if event.button() == Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        entry = self._lines.entry(index)
        if entry is not None:
            spot = self.visualRect(index).center() if by_key else event.pos()
            self.menu_wanted.emit(entry, self.viewport().mapToGlobal(spot))

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QListView.ScrollHint = QListView.ScrollHint.EnsureVisible,
    ) -> None:
        """As little as needed, but to the very top where the line can be seen from there: no half a line above it."""
        super().scrollTo(index, hint)
        bar = self.verticalScrollBar()
        if bar.value() + self.visualRect(index).bottom() < self.viewport().height():
            bar.setValue(bar.minimum())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entry = self.current_entry()
        if entry is not None and self._folding_key(event, entry):
            return
        if entry is not None and event.key() == Qt.Key.Key_Delete and not event.isAutoRepeat():
            if entry.search is not None:
                self.search_delete_wanted.emit(entry.search)
            elif entry.folder is not None and entry.folder.role is Role.NONE:
                self.delete_wanted.emit(entry.folder)
            return
        super().keyPressEvent(event)

    def _folding_key(self, event: QKeyEvent, entry: Entry) -> bool:
        if not entry.children:
            return False
        opens = event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Plus)
        closes = event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Minus)
        toggles = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and entry.line is Line.HEADING
        if toggles or (opens and entry.collapsed) or (closes and not entry.collapsed):
            self.fold(entry.key, not entry.collapsed)
            return True
        return False

    def event(self, event: QEvent) -> bool:
        # Delete means the folder while the sidebar has the focus, not the messages of the window's shortcut.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_F2)
        ):
            event.accept()
            return True
        return super().event(event)


def _is_ours(event: QDropEvent) -> bool:
    """Messages of ours, or files."""
    return event.mimeData().hasFormat(ROWS_MIME) or bool(files_in(event.mimeData()))
