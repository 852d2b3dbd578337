"""Ways to go on with a search, in a list under the box: operators, folders, people, days."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from qtmail.ui.theme import Radius, Size, Space, Theme, Tone, Type, mark

if TYPE_CHECKING:
    from qtmail.engine.mail import Mail

MOST = 8
"""Offered at a time."""
_SAYS = Qt.ItemDataRole.UserRole
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class Completion(QObject):
    """Joined to a box. Nothing is chosen until the arrow keys or the mouse go into the list: Enter still searches."""

    def __init__(self, box: QLineEdit, theme: Theme, mail: "Mail", taken: Callable[[], object]) -> None:
        """`taken`: called after a suggestion was put in."""
        super().__init__(box)
        self._box = box
        self._mail = mail
        self._taken = taken
        self._start = 0
        self._model = QStandardItemModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(MOST)
        self._completer.setWidget(box)
        self.list = QListView(box)
        mark(self.list, kind="popup")
        self.list.setAccessibleName("Ways to go on")
        self._completer.setPopup(self.list)
        self.list.setItemDelegate(_SuggestionDelegate(theme, self.list))
        self._completer.activated.connect(self._put)
        self.list.installEventFilter(self)
        box.textEdited.connect(self._offer)

    def _offer(self) -> None:
        """For what stands before the cursor, if the word under it ends there."""
        before, after = self._box.text()[: self._box.cursorPosition()], self._box.text()[self._box.cursorPosition() :]
        self._model.clear()
        if not after or after[0].isspace():
            self._start, found = self._mail.search_suggestions(before, MOST)
            for suggestion in found:
                item = QStandardItem(suggestion.text)
                item.setData(suggestion.says, _SAYS)
                item.setData(f"{suggestion.text} {suggestion.says}".strip(), Qt.ItemDataRole.AccessibleTextRole)
                self._model.appendRow(item)
        if self._model.rowCount():
            self._completer.complete()
            self.list.setCurrentIndex(QModelIndex())
        else:
            self.list.hide()

    def _put(self, text: str) -> None:
        """Instead of the unfinished word. After a colon the value follows; else the next word."""
        rest = self._box.text()[self._box.cursorPosition() :]
        done = self._box.text()[: self._start] + text + ("" if text.endswith(":") else " ")
        self._box.setText(done + rest.lstrip())
        self._box.setCursorPosition(len(done))
        self._taken()
        if text.endswith(":"):
            self._offer()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Tab take what is chosen; Esc closes the list only."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in _TAKES and self.list.currentIndex().isValid():
                text = str(self.list.currentIndex().data())
                self.list.hide()
                self._put(text)
                return True
            if event.key() in _TAKES:
                self.list.hide()
            elif event.key() == Qt.Key.Key_Escape:
                self.list.hide()
                return True
        return super().eventFilter(watched, event)


class _SuggestionDelegate(QStyledItemDelegate):
    """What is put in, and at the right in muted what it means."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, Size.SIDEBAR_ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, rect = self._theme, QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(Tone.ACCENT_SOFT if chosen else Tone.HOVER))
            painter.drawRoundedRect(rect, Radius.CONTROL, Radius.CONTROL)
        inner = rect.adjusted(Space.S, 0, -Space.S, 0)
        painter.setFont(theme.font())
        painter.setPen(theme.colour(Tone.TEXT))
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, inner.width())
        used = painter.fontMetrics().horizontalAdvance(text) + Space.L
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setFont(theme.font(Type.SMALL))
        painter.setPen(theme.colour(Tone.MUTED))
        says = painter.fontMetrics().elidedText(
            str(index.data(_SAYS)), Qt.TextElideMode.ElideRight, max(inner.width() - used, 0)
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, says)
        painter.restore()
