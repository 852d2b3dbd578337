"""A layout that wraps: attachment cards, address chips."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Rows from the reading side, as wide as there is room; the last item may stretch to the row's end."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 0, *, stretch_last: bool = False) -> None:
        super().__init__(parent)
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        self._items: list[QLayoutItem] = []
        self._stretch_last = stretch_last

    def insert(self, place: int, widget: QWidget) -> None:
        """Put a widget at this place."""
        self.addWidget(widget)
        self._items.insert(place, self._items.pop())
        self.invalidate()

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        """Lay the items out in rows within `rect` -> height needed."""
        margins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        row: list[tuple[QLayoutItem, QRect]] = []
        x, y, high = area.left(), area.top(), 0
        shown = [item for item in self._items if not item.isEmpty()]
        for item in shown:
            hint = item.sizeHint().boundedTo(QSize(max(area.width(), 1), 1 << 20)).expandedTo(item.minimumSize())
            last = self._stretch_last and item is shown[-1]
            wide = item.minimumSize().width() if last else hint.width()
            if row and x + wide > area.right() + 1:
                self._set(row, high, rect, place=place)
                x, y, high, row = area.left(), y + high + self.spacing(), 0, []
            if last:
                hint.setWidth(max(area.right() + 1 - x, wide))
            row.append((item, QRect(QPoint(x, y), hint)))
            x += hint.width() + self.spacing()
            high = max(high, hint.height())
        self._set(row, high, rect, place=place)
        return y + high - rect.top() + margins.bottom()

    def _set(self, row: list[tuple[QLayoutItem, QRect]], high: int, rect: QRect, *, place: bool) -> None:
        if not place:
            return
        widget = self.parentWidget()
        mirrored = widget is not None and widget.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for item, where in row:
            where.moveTop(where.top() + (high - where.height()) // 2)
            if mirrored:
                where.moveLeft(rect.left() + rect.right() - where.right())
            item.setGeometry(where)

    # Qt's overrides

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())
