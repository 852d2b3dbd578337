"""Paints one line of the sidebar: 28 px, icon, name, count at the right; headings with their account's state."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from qtmail.model import AccountState
from qtmail.ui.account_colours import colour_of
from qtmail.ui.icons import ROLE_ICONS
from qtmail.ui.sidebar.entries import Entry, Line
from qtmail.ui.sidebar.model import ENTRY
from qtmail.ui.theme import Radius, Size, Space, Theme, Tone, Type

Index = QModelIndex | QPersistentModelIndex

STATE_ICONS: dict[AccountState, tuple[str, Tone]] = {
    AccountState.CONNECTING: ("loader-2", Tone.MUTED),
    AccountState.SYNCING: ("loader-2", Tone.MUTED),
    AccountState.OFFLINE: ("cloud-off", Tone.MUTED),
    AccountState.WRONG_PASSWORD: ("key", Tone.WARNING),
    AccountState.SIGN_IN: ("key", Tone.WARNING),
    AccountState.CERTIFICATE: ("shield-x", Tone.DANGER),
    AccountState.PROBLEM: ("alert-circle", Tone.DANGER),
    AccountState.DISABLED: ("plug", Tone.FAINT),
}
"""IDLE has none: all is well, nothing to say."""
BUSY = frozenset({AccountState.CONNECTING, AccountState.SYNCING})


class SidebarDelegate(QStyledItemDelegate):
    """`turn` is the spinner's angle in degrees; `drop_row` the line messages would fall on."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.turn = 0
        self.drop_row = -1

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        entry: Entry = index.data(ENTRY)
        gap = Space.M if entry.line is Line.HEADING and index.row() > 0 else 0
        return QSize(Size.SIDEBAR, Size.SIDEBAR_ROW + gap)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        line = QRect(rect.left(), rect.bottom() - Size.SIDEBAR_ROW + 1, rect.width(), Size.SIDEBAR_ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, line, state, drop=index.row() == self.drop_row)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if entry.line is Line.HEADING:
            self._heading(painter, line, entry, hovered)
        else:
            self._folder(painter, line, entry, hovered, bool(state & QStyle.StateFlag.State_Selected))
        painter.restore()

    def chevron_rect(self, line: QRect, entry: Entry) -> QRect:
        """Where a click folds or unfolds; `line` is the lower 28 px of the row."""
        if entry.line is Line.HEADING:
            return QRect(line.left() + Space.S, line.top(), Size.ICON, line.height())
        return QRect(line.left() + Space.XS + entry.depth * Size.INDENT, line.top(), Size.ICON, line.height())

    def _ground(self, painter: QPainter, line: QRect, state: QStyle.StateFlag, *, drop: bool) -> None:
        theme = self._theme
        box = QRectF(line).adjusted(Space.XS, 0.5, -Space.XS, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected or drop:
            painter.setBrush(theme.colour(Tone.ACCENT_SOFT))
            painter.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.colour(Tone.HOVER))
            painter.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        if drop or state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour(Tone.ACCENT), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), Radius.CONTROL, Radius.CONTROL)

    def _heading(self, painter: QPainter, line: QRect, entry: Entry, hovered: bool) -> None:
        theme = self._theme
        right = line.right() - Space.M
        if entry.state in STATE_ICONS:
            self._state(painter, QRectF(right - Size.ICON, line.center().y() - Size.ICON / 2 + 1, 16, 16), entry.state)
            right -= Size.ICON + Space.S
        left = line.left() + Space.M
        if hovered or entry.collapsed:
            name = "chevron-right" if entry.collapsed else "chevron-down"
            spot = self.chevron_rect(line, entry)
            self._icon(painter, name, Tone.MUTED, spot.left(), line)
            left = spot.right() + Space.XS
        if entry.colour and self._dot(painter, left, line, entry.colour):
            left += Size.DOT + Space.S
        painter.setFont(theme.font(Type.SMALL, strong=True))
        painter.setPen(theme.colour(Tone.MUTED))
        self._text(painter, QRect(left, line.top(), right - left, line.height()), entry.title)

    def _folder(self, painter: QPainter, line: QRect, entry: Entry, hovered: bool, selected: bool) -> None:
        theme = self._theme
        left = line.left() + Space.XL - Space.XS + entry.depth * Size.INDENT
        if entry.children and (hovered or entry.collapsed):
            name = "chevron-right" if entry.collapsed else "chevron-down"
            self._icon(painter, name, Tone.MUTED, self.chevron_rect(line, entry).left(), line)
        if not (entry.colour and self._dot(painter, left + (Size.ICON - Size.DOT) // 2, line, entry.colour)):
            name = "search" if entry.search else ROLE_ICONS[entry.icon]
            self._icon(painter, name, Tone.ACCENT if selected else Tone.MUTED, left, line)
        right = self._count(painter, line, entry, selected)
        left += Size.ICON + Space.S
        painter.setFont(theme.font(strong=entry.count > 0 and entry.pill))
        painter.setPen(theme.colour(Tone.TEXT if entry.place else Tone.MUTED))
        self._text(painter, QRect(left, line.top(), right - left, line.height()), entry.title)

    def _count(self, painter: QPainter, line: QRect, entry: Entry, selected: bool) -> int:
        """-> where the title has to end."""
        right = line.right() - Space.M
        if not entry.count:
            return right
        theme = self._theme
        font = theme.font(Type.SMALL, strong=entry.pill, tabular=True)
        painter.setFont(font)
        text = f"{entry.count:,}"
        width = painter.fontMetrics().horizontalAdvance(text)
        if not entry.pill:
            painter.setPen(theme.colour(Tone.MUTED))
            painter.drawText(
                QRect(right - width, line.top(), width + 1, line.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
            return right - width - Space.S
        height = painter.fontMetrics().height() + 2
        pill_width = max(width + Space.M, height)
        pill = QRectF(right - pill_width + Space.XS, line.center().y() - height / 2 + 1, pill_width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(Tone.SURFACE if selected else Tone.ACCENT_SOFT))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(theme.colour(Tone.ACCENT))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        return int(pill.left()) - Space.XS

    def _state(self, painter: QPainter, spot: QRectF, state: AccountState) -> None:
        name, tone = STATE_ICONS[state]
        image = self._theme.pixmap(name, tone, Size.ICON, painter.device().devicePixelRatio())
        painter.save()
        if state in BUSY:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.translate(spot.center())
            painter.rotate(self.turn)
            painter.translate(-spot.center())
        painter.drawPixmap(QPointF(spot.topLeft()), image)
        painter.restore()

    def _dot(self, painter: QPainter, left: int, line: QRect, name: str) -> bool:
        """The account's colour. -> whether it is one."""
        colour = colour_of(self._theme, name)
        if colour is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QRectF(left, line.top() + (line.height() - Size.DOT) / 2, Size.DOT, Size.DOT))
        return colour is not None

    def _icon(self, painter: QPainter, name: str, tone: Tone, left: int, line: QRect) -> None:
        image = self._theme.pixmap(name, tone, Size.ICON, painter.device().devicePixelRatio())
        painter.drawPixmap(left, line.top() + (line.height() - Size.ICON) // 2, image)

    def _text(self, painter: QPainter, rect: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("Name of the folder")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY)
        rect: QRect = option.rect
        left = Space.XXL + Space.XS + entry.depth * Size.INDENT
        editor.setGeometry(rect.adjusted(left, 0, -Space.XS, 0))
