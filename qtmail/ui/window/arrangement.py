"""How the main window is arranged: sizes, columns, folded lines, the place that is open; restored and remembered."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QApplication

from qtmail.model import AccountKey, SortKey
from qtmail.settings import Layout
from qtmail.ui.actions import Act
from qtmail.ui.keyboard.keys import Keys
from qtmail.ui.message_list.header import ColumnState
from qtmail.ui.theme import Size
from qtmail.ui.window import state as window_state
from qtmail.ui.window.state import WindowState

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow

PREFERRED = (1280, 800)
USUAL_RIGHT = [420, 640]
"""List and reader side by side, before the user chose."""
NARROW = 900
"""In a window of less than this, list and reader stand below each other, whatever was chosen for a wide one."""
USUAL_BELOW = [300, 460]

ANSWERS = (Act.REPLY, Act.REPLY_ALL, Act.FORWARD)
"""In the order of the reader's buttons."""


class Arrangement(QObject):
    """Each layout (reader right, reader below) has its own remembered sizes.

    In a narrow window the reader stands below; the layout chosen for a wide one is kept and comes back with the room.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._in_force = Layout.RIGHT
        self._path = window.profile.root / window_state.FILE
        self.state = window_state.load(self._path)
        self.keys = Keys(self.state.key_scheme, self.state.shortcuts)
        self._sizes = {Layout.RIGHT: list(self.state.reader_right), Layout.BELOW: list(self.state.reader_below)}

    def restore(self) -> None:
        """Put the window as it was left."""
        window, state = self._window, self.state
        window.resize(QSize(*PREFERRED).boundedTo(window.screen().availableSize()))
        if state.geometry:
            window.restoreGeometry(QByteArray(window_state.unpack(state.geometry)))
        window.panes.setSizes(list(state.panes) or [Size.SIDEBAR, PREFERRED[0] - Size.SIDEBAR])
        window.side.setVisible(state.sidebar)
        window.sidebar.collapsed = frozenset(state.collapsed)
        window.list.conversing.places = frozenset(state.conversations)
        window.sidebar.only_subscribed = frozenset(map(AccountKey, state.only_subscribed))
        header = window.list.header
        header.restore_columns(ColumnState(state.column_order, state.column_hidden, state.column_widths))
        if state.sort in {key.value for key in SortKey}:
            header.set_sort(SortKey(state.sort), state.descending)
        self._apply_keys()
        self.apply_layout()
        window.pages.restore(state.tabs, state.tab)
        window.mail_panes.installEventFilter(self)  # it has its new width already, and its panes their old ones

    def apply_layout(self) -> None:
        """Reader at the right or below: as the settings say, and where there is room."""
        self._arrange(self._wanted())

    def _wanted(self) -> Layout:
        return Layout.BELOW if self._window.width() < NARROW else self._window.settings.layout

    def _arrange(self, layout: Layout) -> None:
        panes = self._window.mail_panes
        if layout is not self._in_force and panes.isVisible():
            self._sizes[self._in_force] = panes.sizes()
        self._in_force = layout
        right = layout is Layout.RIGHT
        panes.setOrientation(Qt.Orientation.Horizontal if right else Qt.Orientation.Vertical)
        panes.setSizes(self._sizes[layout] or (USUAL_RIGHT if right else USUAL_BELOW))

    def use_keys(self, keys: Keys) -> None:
        """These are in force from now on, and remembered."""
        self.keys = keys
        self._apply_keys()
        self.save()

    def _apply_keys(self) -> None:
        window = self._window
        window.actions_.set_shortcuts(self.keys.all())
        window.reader.header.say_keys(*(window.actions_[act].toolTip() for act in ANSWERS))
        window.search.say_keys(window.actions_[Act.SEARCH].shortcut())

    def turn_sidebar(self) -> None:
        """Hide it, or show it again: in a narrow window it takes a quarter."""
        side = self._window.side
        side.setVisible(side.isHidden())
        if side.isHidden() and (focus := QApplication.focusWidget()) is not None and side.isAncestorOf(focus):
            self._window.list.setFocus()
        self._window.update_actions()

    def save(self) -> None:
        """Remember how it is now."""
        window_state.save(self._path, self.now())

    def now(self) -> WindowState:
        window = self._window
        self._sizes[self._in_force] = window.mail_panes.sizes()
        header = window.list.header
        columns = header.columns()
        tabs, tab = window.pages.kept()
        return WindowState(
            geometry=window_state.pack(bytes(window.saveGeometry().data())),
            panes=self.state.panes if window.side.isHidden() else tuple(window.panes.sizes()),
            sidebar=not window.side.isHidden(),
            reader_right=tuple(self._sizes[Layout.RIGHT]),
            reader_below=tuple(self._sizes[Layout.BELOW]),
            column_order=columns.order,
            column_hidden=columns.hidden,
            column_widths=columns.widths,
            sort=header.sort.value,
            descending=header.descending,
            collapsed=tuple(sorted(window.sidebar.collapsed)),
            conversations=tuple(sorted(window.list.conversing.places)),
            only_subscribed=tuple(sorted(window.sidebar.only_subscribed)),
            place=window.list.place.key if window.list.place else "",
            tabs=tabs,
            tab=tab,
            key_scheme=self.keys.scheme,
            shortcuts=dict(self.keys.own),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is wider or narrower now."""
        if event.type() == QEvent.Type.Resize and (wanted := self._wanted()) is not self._in_force:
            self._arrange(wanted)
        return super().eventFilter(watched, event)
