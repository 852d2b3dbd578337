"""The message list's header: which columns are shown, where and how wide; remembered by key."""

from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from qtmail.model import SortKey
from qtmail.ui.message_list.columns import BY_KEY, COLUMNS
from qtmail.ui.theme import Size, Space, Theme, Tone, Type

LEAST = 24


@dataclass(frozen=True, slots=True)
class ColumnState:
    """What is remembered: keys left to right, the hidden ones, and widths the user chose."""

    order: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    widths: dict[str, int] = field(default_factory=dict)


SORT_BY = "Sort &by"
"""The title of a menu that is in View and in the list's context menu."""


class ListHeader(QHeaderView):
    """Quiet, sortable, movable. A click on a column sorts by it, another one turns the order round."""

    sort_wanted = Signal(object, bool)
    """(SortKey, descending)."""
    columns_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._chosen: dict[str, int] = {}
        self._applying = False
        self.sort = SortKey.DATE
        self.descending = True
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(LEAST)
        self.setFixedHeight(Size.SIDEBAR_ROW)
        self.setAccessibleName("Columns")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.sectionClicked.connect(self._clicked)
        self.sectionResized.connect(self._resized)
        self.sectionMoved.connect(lambda *_: self._tell())
        theme.changed.connect(self._recoloured)

    def adopt(self) -> None:
        """Once the view has its model: modes and first widths."""
        for place, column in enumerate(COLUMNS):
            stretch = column.width == 0
            mode = QHeaderView.ResizeMode.Stretch if stretch else QHeaderView.ResizeMode.Interactive
            if column.icon:
                mode = QHeaderView.ResizeMode.Fixed
            self.setSectionResizeMode(place, mode)
            self.setSectionHidden(place, not column.shown)
        self.share_out()

    def columns(self) -> ColumnState:
        """What to remember."""
        order = tuple(COLUMNS[self.logicalIndex(place)].key for place in range(len(COLUMNS)))
        hidden = tuple(c.key for place, c in enumerate(COLUMNS) if self.isSectionHidden(place))
        return ColumnState(order, hidden, dict(self._chosen))

    def restore_columns(self, state: ColumnState) -> None:
        """Keys that no longer exist are passed over; new columns take their usual place."""
        self._applying = True
        self._chosen = {key: width for key, width in state.widths.items() if key in BY_KEY and width >= LEAST}
        known = [key for key in state.order if key in BY_KEY]
        for target, key in enumerate(known):
            self.moveSection(self.visualIndex(BY_KEY[key]), target)
        if state.order:
            for place, column in enumerate(COLUMNS):
                hidden = column.key in state.hidden or (column.key not in state.order and not column.shown)
                self.setSectionHidden(place, hidden and column.key != "subject")
        self._applying = False
        self.share_out()

    def share_out(self) -> None:
        """Give every column its width: the user's, its share of the list, or its own."""
        self._applying = True
        whole = self.viewport().width()
        for place, column in enumerate(COLUMNS):
            if column.width == 0:
                continue
            usual = round(whole * column.share) if column.share and whole else column.width
            if column.key == "date":
                metrics = self.fontMetrics()
                usual = max(usual, metrics.horizontalAdvance("00/00/0000") + 2 * Space.S + Space.XS)
            self.resizeSection(place, self._chosen.get(column.key, max(usual, LEAST)))
        self._applying = False

    def set_sort(self, sort: SortKey, descending: bool) -> None:
        """Show this order (the list is in it already)."""
        self.sort, self.descending = sort, descending
        self.viewport().update()

    def _recoloured(self) -> None:
        self.viewport().update()

    def _clicked(self, place: int) -> None:
        column = COLUMNS[place]
        falling = not self.descending if column.sort is self.sort else column.falling
        self.set_sort(column.sort, falling)
        self.sort_wanted.emit(column.sort, falling)

    def _resized(self, place: int, _old: int, new: int) -> None:
        if not self._applying and COLUMNS[place].width and new:
            self._chosen[COLUMNS[place].key] = new
            self._tell()

    def _tell(self) -> None:
        if not self._applying:
            self.columns_changed.emit()

    def _menu(self, position: QPoint) -> None:
        menu = self.make_menu()
        menu.exec(self.mapToGlobal(position))

    def make_menu(self) -> QMenu:
        """Which columns are shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, column in enumerate(COLUMNS):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isSectionHidden(place))
            action.setEnabled(column.key != "subject")
            action.toggled.connect(lambda on, logical=place: self._show_column(logical, on))
        menu.addSeparator()
        menu.addAction("Usual columns").triggered.connect(lambda _checked=False: self.reset_columns())
        return menu

    def sort_menu(self, parent: QWidget) -> QMenu:
        """By what, and in which order: the way to sort cards, which have no header."""
        menu = QMenu(SORT_BY, parent)
        menu.aboutToShow.connect(lambda: self._fill_sort_menu(menu))
        return menu

    def _fill_sort_menu(self, menu: QMenu) -> None:
        menu.clear()
        for place, column in enumerate(COLUMNS):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(column.sort is self.sort)
            action.triggered.connect(lambda _checked=False, logical=place: self._clicked(logical))
        menu.addSeparator()
        turned = menu.addAction("Other way round")
        turned.triggered.connect(lambda _checked=False: self._clicked(self._sorted_place()))

    def _sorted_place(self) -> int:
        return next(place for place, column in enumerate(COLUMNS) if column.sort is self.sort)

    def reset_columns(self) -> None:
        """As they were at first."""
        self.restore_columns(ColumnState(tuple(c.key for c in COLUMNS), tuple(c.key for c in COLUMNS if not c.shown)))
        self._tell()

    def _show_column(self, place: int, on: bool) -> None:
        self.setSectionHidden(place, not on)
        self.share_out()
        self._tell()

    def paintSection(self, painter: QPainter, rect: QRect, place: int) -> None:
        theme, column = self._theme, COLUMNS[place]
        painter.save()
        painter.fillRect(rect, theme.colour(Tone.SURFACE))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), Size.LINE), theme.colour(Tone.LINE))
        sorted_by = column.sort is self.sort
        tone = Tone.TEXT if sorted_by else Tone.MUTED
        scale = self.devicePixelRatioF()
        if column.icon:
            side = Size.ICON - 2
            image = theme.pixmap(column.icon, Tone.ACCENT if sorted_by else Tone.FAINT, side, scale)
            painter.drawPixmap(rect.center() - QPoint(side // 2 - 1, side // 2), image)
        else:
            self._title(painter, rect.adjusted(Space.S, 0, -Space.S, 0), column.title, column.right, tone, sorted_by)
        painter.restore()

    def _title(self, painter: QPainter, rect: QRect, title: str, right: bool, tone: Tone, arrow: bool) -> None:
        theme = self._theme
        painter.setFont(theme.font(Type.SMALL))
        painter.setPen(theme.colour(tone))
        width = painter.fontMetrics().horizontalAdvance(title)
        side = Space.M
        if arrow:
            name = "chevron-down" if self.descending else "chevron-up"
            left = rect.right() - width - side - Space.XS if right else rect.left() + width + Space.XS
            image = theme.pixmap(name, Tone.MUTED, side, self.devicePixelRatioF())
            painter.drawPixmap(left, rect.center().y() - side // 2 + 1, image)
        align = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, align | Qt.AlignmentFlag.AlignVCenter, title)
