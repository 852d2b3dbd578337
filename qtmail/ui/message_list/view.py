"""The table of messages: Qt's keys, selection and header; every line painted whole by one painter."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QToolTip, QWidget

from qtmail.model import Row, RowId
from qtmail.ui import dates
from qtmail.ui.actions import Act
from qtmail.ui.message_list.columns import BY_KEY, COLUMNS
from qtmail.ui.message_list.listing import Listing
from qtmail.ui.message_list.model import MessageListModel
from qtmail.ui.message_list.painter import Cell, Looks, RowPainter
from qtmail.ui.theme import Size, Space, Theme, Tone

_Flag = QItemSelectionModel.SelectionFlag
_TIPS = {Act.ARCHIVE: "Archive", Act.DELETE: "Delete", Act.READ: "Mark read or unread", Act.STAR: "Star"}


class MessageView(QTableView):
    """A table when wider than 560 px, cards otherwise. Knows no facade: ids go in, wishes come out."""

    selection_changed = Signal()
    """The selected messages are others now (not emitted when a refresh kept them)."""
    opened = Signal(object)
    """RowId: Enter or a double click."""
    act_wanted = Signal(object, object)
    """(Act, RowId) of a hover action or the star."""
    fold_wanted = Signal(object, bool)
    """(RowId, open): a conversation is to be opened, or closed."""
    menu_wanted = Signal(object)
    """QPoint, global: a context menu for what is selected."""
    form_changed = Signal()
    """Cards became a table or the other way round."""

    def __init__(self, model: MessageListModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines = model
        self._painter = RowPainter(theme)
        self._quiet = 0
        self._hover_line = -1
        self._hover_act: Act | None = None
        self._heading_lines: list[int] = []
        self.loading = False
        self.place_names: Callable[[Row], str] | None = None
        """In search results: what folder a row is in."""
        self.drag_data: Callable[[Sequence[RowId]], QMimeData] | None = None
        """Makes what a drag of these rows carries."""
        self.setModel(model)
        self._set_up()
        self.selectionModel().selectionChanged.connect(self._changed)
        theme.changed.connect(self._adopt)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setAccessibleName("Messages")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMinimumWidth(Size.SIDEBAR)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(Space.M)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size_rows()

    # What is shown

    def show_listing(self, listing: Listing, *, keep_place: bool, gone: AbstractSet[RowId] = frozenset()) -> None:
        """Replace the list. `keep_place`: a refresh, row under the eye and selection stay; else go to the top.
        `gone` is known not to be in it."""
        whole = keep_place and bool(self._lines.rowCount()) and self.selected_count() == len(self._lines.listing.ids)
        moved = listing.moved
        before = {moved.get(row, row) for row in self.selected_ids()} - gone if keep_place and not whole else set()
        current, near = (self.current_id(), self.currentIndex().row()) if keep_place else (None, 0)
        current = moved.get(current, current) if current is not None else None
        anchor = self._anchor() if keep_place else None
        self._quiet += 1
        self._lines.show(listing)
        self._size_headings()
        if whole:
            self.selectAll()
        elif before:
            self._restore(before, current if current not in gone else None, max(near, 0))
        if anchor is not None:
            self._scroll_to(moved.get(anchor[0], anchor[0]), *anchor[1:])
        elif not keep_place:
            self.scrollToTop()
        self._quiet -= 1
        if whole or not keep_place or self.selected_count() != len(before):
            self.selection_changed.emit()
        self.viewport().update()

    def selected_ids(self) -> list[RowId]:
        """In the order of the list."""
        found: list[RowId] = []
        listing = self._lines.listing
        for top, bottom in self._selected_spans():
            found += listing.ids_in(top, bottom)  # type: ignore[arg-type]  # ints, and there may be 200,000
        return found if listing.whole else [row for row in found if row]

    def selected_count(self) -> int:
        """How many `selected_ids` would name, without naming them."""
        listing = self._lines.listing
        return sum(listing.count_in(top, bottom) for top, bottom in self._selected_spans())

    def _selected_spans(self) -> list[tuple[int, int]]:
        """First and last line of each run that is selected, rising."""
        selection = self.selectionModel().selection()
        return sorted({(selection.at(i).top(), selection.at(i).bottom()) for i in range(selection.count())})

    def current_id(self) -> RowId | None:
        return self._lines.listing.id_at(self.currentIndex().row())

    def select(self, row: RowId | None) -> None:
        """Make this the one selected message, in sight; None: nothing."""
        line = self._lines.listing.line_of(row) if row is not None else -1
        if line < 0:
            self.clearSelection()
            return
        index = self._lines.index(line, BY_KEY["subject"])
        self.selectionModel().setCurrentIndex(index, _Flag.ClearAndSelect | _Flag.Rows)
        self.scrollTo(index)

    def select_lines(self, first: int, last: int) -> None:
        """Select these lines, both included; headings among them do not count."""
        span = QItemSelection(self._lines.index(first, 0), self._lines.index(last, len(COLUMNS) - 1))
        self.selectionModel().select(span, _Flag.ClearAndSelect | _Flag.Rows)

    def neighbour(self, rows: set[RowId]) -> RowId | None:
        """What to select once these are gone: the first after them, else the last before."""
        listing = self._lines.listing
        lines = listing.lines_of(rows)
        if not lines:
            return None
        after = range(lines[-1] + 1, min(lines[-1] + 3, listing.lines))
        before = range(lines[0] - 1, max(lines[0] - 3, -1), -1)
        for line in (*after, *before):
            row = listing.id_at(line)
            if row is not None:
                return row
        return None

    def visible_lines(self) -> tuple[int, int]:
        """First and last line in sight; (0, -1) when there are none."""
        if not self._lines.listing.lines:
            return 0, -1
        first = max(self.rowAt(0), 0)
        last = self.rowAt(self.viewport().height() - 1)
        return first, last if last >= 0 else self._lines.listing.lines - 1

    @property
    def cards(self) -> bool:
        return self._painter.cards

    def _restore(self, rows: set[RowId], current: RowId | None, near: int) -> None:
        selection = QItemSelection()
        last_column = len(COLUMNS) - 1
        for first, last in _runs(self._lines.listing.lines_of(rows, near)):
            selection.select(self._lines.index(first, 0), self._lines.index(last, last_column))
        line = self._lines.listing.line_of(current, near) if current is not None else -1
        if line >= 0:
            index = self._lines.index(line, BY_KEY["subject"])
            self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)
        self.selectionModel().select(selection, _Flag.ClearAndSelect | _Flag.Rows)

    def _anchor(self) -> tuple[RowId, int, int] | None:
        """The first whole message in sight, its line, and how far below the top it is; None at the very top: new mail
        shows."""
        if self.verticalScrollBar().value() == 0:
            return None
        first, last = self.visible_lines()
        for line in range(first, last + 1):
            row = self._lines.listing.id_at(line)
            if row is not None and self.rowViewportPosition(line) >= 0:
                return row, line, self.rowViewportPosition(line)
        return None

    def _scroll_to(self, row: RowId, near: int, offset: int) -> None:
        line = self._lines.listing.line_of(row, near)
        if line >= 0:
            self.updateGeometries()
            self.verticalScrollBar().setValue(self.verticalHeader().sectionPosition(line) - offset)

    def _size_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._painter.row_height)
        self._size_headings()

    def _size_headings(self) -> None:
        header = self.verticalHeader()
        # One signal a heading would lay the table out anew each time.
        header.blockSignals(True)
        # A header keeps the sizes of its lines when the model is reset, also where a message is now.
        for line in self._heading_lines:
            if line < header.count():
                header.resizeSection(line, self._painter.row_height)
        self._heading_lines = [heading.start + place for place, heading in enumerate(self._lines.listing.headings)]
        for line in self._heading_lines:
            header.resizeSection(line, self._painter.heading_height)
        header.blockSignals(False)
        self.updateGeometries()

    def _adopt(self) -> None:
        self._painter.adopt()
        self._size_rows()
        self.viewport().update()

    def _changed(self) -> None:
        if not self._quiet:
            self.selection_changed.emit()
        self.viewport().update()

    # The mouse

    def _line_rect(self, line: int) -> QRect:
        return QRect(0, self.rowViewportPosition(line), self.viewport().width(), self.rowHeight(line))

    def action_rects(self, line: int) -> list[tuple[Act, QRect]]:
        """Where the hover actions of a line are."""
        return self._painter.action_rects(self._line_rect(line))

    def _act_at(self, position: QPoint) -> tuple[Act, RowId] | None:
        """The hover action or star under the mouse."""
        line = self.rowAt(position.y())
        row = self._lines.listing.id_at(line)
        if row is None:
            return None
        for act, spot in self.action_rects(line):
            if line == self._hover_line and spot.contains(position):
                return act, row
        if not self.cards and self.columnAt(position.x()) == BY_KEY["star"]:
            return Act.STAR, row
        return None

    def _fold_at(self, position: QPoint) -> tuple[RowId, bool] | None:
        """The conversation under the mouse, where its triangle is, and whether a click opens it."""
        line = self.rowAt(position.y())
        row, sight = self._lines.listing.id_at(line), self._lines.sight(line)
        if row is None or sight is None or sight.open is None:
            return None
        if not self._painter.fold_rect(self._line_rect(line), self._cells(), sight).contains(position):
            return None
        return row, not sight.open

    def _fold_by_key(self, key: int) -> bool:
        """Right opens a conversation, Left closes it, or goes from a message in it to its line. -> whether it did."""
        listing, line = self._lines.listing, self.currentIndex().row()
        row, sight = listing.id_at(line), self._lines.sight(line)
        if row is None or sight is None or key not in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            return False
        opening = key == Qt.Key.Key_Right
        if sight.below and not opening:
            self.select(RowId(listing.parents[row]))
        elif sight.open is not None and sight.open is not opening:
            self.fold_wanted.emit(row, opening)
        return True

    def _hover(self, position: QPoint | None) -> None:
        line = self.rowAt(position.y()) if position is not None else -1
        if line != self._hover_line:
            for changed in (line, self._hover_line):
                if changed >= 0:
                    self.viewport().update(self._line_rect(changed))
            self._hover_line = line
        found = self._act_at(position) if position is not None else None
        if (act := found[0] if found else None) is not self._hover_act:
            self._hover_act = act
            if line >= 0:
                self.viewport().update(self._line_rect(line))

    # Painting

    def _cells(self) -> list[Cell]:
        header = self.horizontalHeader()
        return [
            Cell(column.key, header.sectionViewportPosition(place), header.sectionSize(place))
            for place, column in enumerate(COLUMNS)
            if not header.isSectionHidden(place)
        ]

    def _paint_lines(self, painter: QPainter, clip: QRect) -> None:
        first, last = self.visible_lines()
        self._lines.read_around(first, last)
        selected = {
            line for top, bottom in self._selected_spans() for line in range(max(top, first), min(bottom, last) + 1)
        }
        current = self.currentIndex().row() if self.selectionModel().hasSelection() else -1
        several = len(selected) != 1
        cells = self._cells()
        listing = self._lines.listing
        self._painter.marks = listing.marks
        for line in range(first, last + 1):
            rect = self._line_rect(line)
            if not rect.intersects(clip):
                continue
            heading = listing.heading_at(line)
            if heading is not None:
                self._painter.paint_heading(painter, rect, heading.title)
                continue
            row = self._lines.row(line)
            if row is None:
                self._painter.paint_skeleton(painter, rect, line)
                continue
            hovered = line == self._hover_line
            looks = Looks(
                selected=line in selected,
                current=line == current and several,
                focused=self.hasFocus(),
                hovered=hovered,
                under=self._hover_act if hovered else None,
                place=self.place_names(row) if self.place_names else "",
                sight=self._lines.sight(line),
            )
            self._painter.paint_row(painter, rect, row, cells, looks)

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self._theme.colour(Tone.SURFACE))
        if self.loading:
            height = self._painter.row_height
            for number in range(self.viewport().height() // height + 1):
                rect = QRect(0, number * height, self.viewport().width(), height)
                self._painter.paint_skeleton(painter, rect, number)
        elif self._lines.listing.lines:
            self._paint_lines(painter, event.rect())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        cards = self.viewport().width() <= Size.WIDE_LIST
        if cards != self._painter.cards:
            anchor = self._anchor()
            self._painter.cards = cards
            self._size_rows()
            if anchor is not None:
                self._scroll_to(*anchor)
            self.form_changed.emit()

    def startDrag(self, _supported: Qt.DropAction) -> None:
        rows = self.selected_ids()
        if not rows or self.drag_data is None:
            return
        drag = QDrag(self)
        drag.setMimeData(self.drag_data(rows))
        icon = "mail" if len(rows) == 1 else "stack-2"
        drag.setPixmap(self._theme.pixmap(icon, Tone.ACCENT, Size.ICON_BAR, self.devicePixelRatioF()))
        drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, Qt.DropAction.MoveAction)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        position = event.position().toPoint()
        if left and (fold := self._fold_at(position)) is not None:
            self.fold_wanted.emit(*fold)
            event.accept()
            return
        found = self._act_at(position)
        if left and found is not None:
            self.act_wanted.emit(*found)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        row = self._lines.listing.id_at(self.rowAt(position.y()))
        if event.button() != Qt.MouseButton.LeftButton or row is None or self._act_at(position) is not None:
            return
        if (fold := self._fold_at(position)) is not None:
            self.fold_wanted.emit(*fold)
        else:
            self.opened.emit(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(event.position().toPoint())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End go to the ends of the list (a table's go to those of the row); nothing stops at a heading.

        MoveNext is what Qt asks when the focus comes: it must not make a message current that nobody sees chosen."""
        move = QAbstractItemView.CursorAction
        if action is move.MoveNext and not self.currentIndex().isValid():
            return QModelIndex()
        if action in (move.MoveHome, move.MoveEnd):
            modifiers |= Qt.KeyboardModifier.ControlModifier
        found = super().moveCursor(action, modifiers)
        line = found.row()
        if self._lines.listing.heading_at(line) is None:
            return found
        above = line > 0 and self.currentIndex().row() == line + 1
        return found.siblingAtRow(line - 1 if above else line + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current_id()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row is not None:
            self.opened.emit(row)
            return
        if not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier and self._fold_by_key(event.key()):
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            current = self.visualRect(self.currentIndex())
            self.menu_wanted.emit(self.viewport().mapToGlobal(current.center()))
        elif self._lines.listing.id_at(self.rowAt(event.pos().y())) is not None:
            self.menu_wanted.emit(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(event.pos()), self)
            return True
        return super().viewportEvent(event)

    def _tip(self, position: QPoint) -> str:
        found = self._act_at(position)
        if found is not None:
            return _TIPS[found[0]]
        row = self._lines.row(self.rowAt(position.y())) if self.rowAt(position.y()) >= 0 else None
        if row is None:
            return ""
        on_date = self.cards or self.columnAt(position.x()) == BY_KEY["date"]
        return dates.full(row.date) if on_date else ""


def _runs(lines: Sequence[int]) -> list[tuple[int, int]]:
    """Rising numbers as spans: 1 2 3 7 -> (1, 3), (7, 7)."""
    runs: list[tuple[int, int]] = []
    for line in lines:
        if runs and runs[-1][1] == line - 1:
            runs[-1] = (runs[-1][0], line)
        else:
            runs.append((line, line))
    return runs
