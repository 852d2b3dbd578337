"""Type to find: a panel with a field and a list, for folders (move, copy), and for everything (the palette)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.ui.parts.popup import Popup
from qtmail.ui.theme import Radius, Size, Space, Theme, Tone, Type, mark

SHOWN = 60
WIDTH = 520
LINES = 10
SCATTERED = 1000
"""From this score on, a word was only found letter by letter: such choices come after all others."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to find: `detail` stands muted at the right (keys, kind, address)."""

    text: str
    icon: str
    run: Callable[[], object]
    detail: str = ""
    words: str = ""
    """More words it is found by."""


def matches(typed: str, choice: Choice) -> int | None:
    """How well it fits, smaller is better; None if it does not. Every word typed must be found, by its beginning or
    inside; letters in order count least, and in the text only."""
    hay = f"{choice.text} {choice.words}".casefold()
    score = 0
    for word in typed.casefold().split():
        place = hay.find(word)
        if place < 0:
            letters = iter(choice.text.casefold())
            if not all(letter in letters for letter in word):
                return None
            score += SCATTERED
        else:
            begins = place == 0 or not hay[place - 1].isalnum()
            score += place + (0 if begins else 200)
    return score


class Finder(Popup):
    """A popup over its parent's top. Enter does what is chosen and closes it, Esc closes it."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, placeholder: str) -> None:
        super().__init__(theme, parent)
        self._choices: Sequence[Choice] = ()
        self._more: Callable[[str], Sequence[Choice]] = lambda typed: ()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(placeholder)
        self.field.setAccessibleName(placeholder)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Found")
        self.list.setItemDelegate(_ChoiceDelegate(theme, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        mark(self.list, surface="raised")
        self.nothing = QLabel("Nothing is called that.", self)
        mark(self.nothing, tone="muted")
        self.nothing.setContentsMargins(Space.S, Space.XS, Space.S, Space.S)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        column.setSpacing(Space.S)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._take)
        self.setFixedWidth(min(WIDTH, max(parent.width() - 2 * Space.XXL, Size.SIDEBAR)))

    def offer(self, choices: Sequence[Choice], more: Callable[[str], Sequence[Choice]] = lambda typed: ()) -> None:
        """What there is to find; `more` adds what is only looked up for a text (people)."""
        self._choices, self._more = choices, more
        self._filter("")

    def open_over(self, parent: QWidget) -> None:
        """Show it at the top of the window, in the middle."""
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - self.width()) // 2, corner.y() + Space.XXL * 2)
        self.show()
        self.field.setFocus()

    def take(self) -> None:
        """Do what is chosen."""
        if self.list.currentItem() is not None:
            self._take(self.list.currentItem())

    def texts(self) -> list[str]:
        """What is shown, best first."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def _filter(self, typed: str) -> None:
        typed = typed.strip()
        scored = [(score, place) for place, c in enumerate(self._choices) if (score := matches(typed, c)) is not None]
        scored.sort()
        found = [self._choices[place] for score, place in scored if score < SCATTERED]
        if typed:
            found += self._more(typed)
        found += [self._choices[place] for score, place in scored if score >= SCATTERED]
        self.list.clear()
        for choice in found[:SHOWN]:
            item = QListWidgetItem(choice.text)
            item.setData(Qt.ItemDataRole.UserRole, choice)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{choice.text}, {choice.detail}".rstrip(", "))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self.list.setFixedHeight(max(min(len(found), LINES), 1) * (Size.SIDEBAR_ROW + Space.XS))
        self.adjustSize()

    def _take(self, item: QListWidgetItem) -> None:
        choice: Choice = item.data(Qt.ItemDataRole.UserRole)
        self.close()
        self.closed.emit()
        choice.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            match event.key():
                case Qt.Key.Key_Down | Qt.Key.Key_Up:
                    step = 1 if event.key() == Qt.Key.Key_Down else -1
                    count = max(self.list.count(), 1)
                    self.list.setCurrentRow((self.list.currentRow() + step) % count)
                    return True
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    self.take()
                    return True
                case Qt.Key.Key_Escape:
                    self.close()
                    return True
        return super().eventFilter(watched, event)


class _ChoiceDelegate(QStyledItemDelegate):
    """Icon, text, detail at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, Size.SIDEBAR_ROW + Space.XS)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._theme
        choice: Choice = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(Tone.ACCENT_SOFT if chosen else Tone.HOVER))
            painter.drawRoundedRect(rect, Radius.CONTROL, Radius.CONTROL)
        if choice.icon:
            image = theme.pixmap(choice.icon, Tone.MUTED, Size.ICON, painter.device().devicePixelRatio())
            painter.drawPixmap(rect.left() + Space.S, rect.top() + (rect.height() - Size.ICON) // 2, image)
        right = rect.right() - Space.S
        painter.setFont(theme.font(Type.SMALL))
        painter.setPen(theme.colour(Tone.MUTED))
        detail = painter.fontMetrics().elidedText(choice.detail, Qt.TextElideMode.ElideRight, rect.width() // 2)
        width = painter.fontMetrics().horizontalAdvance(detail)
        side = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(right - width, rect.top(), width + 1, rect.height()), side, detail)
        painter.setFont(theme.font())
        painter.setPen(theme.colour(Tone.TEXT))
        left = rect.left() + 2 * Space.S + Size.ICON
        room = right - width - Space.M - left
        text = painter.fontMetrics().elidedText(choice.text, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRect(left, rect.top(), room, rect.height()), side, text)
        painter.restore()
