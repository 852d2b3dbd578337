"""The search box: results as you type (150 ms after the last key), Esc goes back, Down enters the results."""

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from qtmail.engine.mail import Mail
from qtmail.ui.searching.chips import Chips
from qtmail.ui.searching.completion import Completion
from qtmail.ui.theme import Size, Space, Theme

DEBOUNCE_MS = 150
_INSET = Size.ICON + Space.S
"""What the lens and the cross take at both ends."""


class SearchBox(QLineEdit):
    """Emits what to search for; an empty text means: not searching any more."""

    searched = Signal(str)
    left = Signal()
    """Esc or Down: the focus belongs to the list."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = ""
        self._theme = theme
        self.setPlaceholderText("Search all mail")
        self.chips = Chips(self, theme)
        self.say_keys(QKeySequence())
        self.setAccessibleName("Search all mail")
        self.setClearButtonEnabled(False)
        self._lens = self.addAction(theme.icon("search", size=Size.ICON), QLineEdit.ActionPosition.LeadingPosition)
        theme.dress(self._lens, "search", size=Size.ICON)
        self._clear = self.addAction(theme.icon("x", size=Size.ICON), QLineEdit.ActionPosition.TrailingPosition)
        theme.dress(self._clear, "x", size=Size.ICON)
        self._clear.setToolTip("Clear the search (Esc)")
        self._clear.setVisible(False)
        self._clear.triggered.connect(self.leave)
        self.setMinimumWidth(Size.SIDEBAR)
        self.setMaximumWidth(Size.SEARCH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._wait = QTimer(self, interval=DEBOUNCE_MS, singleShot=True)
        self._wait.timeout.connect(self.tell)
        self.textChanged.connect(self._typed)
        self.returnPressed.connect(self._go)

    def say_keys(self, keys: QKeySequence) -> None:
        """The tooltip, with the keys that lead here."""
        shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
        there = f" ({shown})" if shown else ""
        self.setToolTip(f"Search all mail{there}. from:anna in:inbox has:attachment older:1y “exact words” narrow it.")

    def complete_from(self, mail: Mail) -> None:
        """Offer ways to go on while typing."""
        self.completion = Completion(self, self._theme, mail, self._wait.start)

    def leave(self) -> None:
        """Clear it and go back to what was open."""
        self.clear()
        self.tell()
        self.left.emit()

    def start(self) -> None:
        """Ctrl+K: ready to type, what is there selected."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def put_away(self) -> None:
        """A folder was opened: the text goes, nothing is told."""
        self._told = ""
        self.clear()
        self._wait.stop()

    def _typed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._wait.start()

    def _go(self) -> None:
        self.tell()
        if self.text().strip():
            self.left.emit()

    def tell(self) -> None:
        """Search for what is typed now."""
        self._wait.stop()
        text = self.text().strip()
        if text != self._told:
            self._told = text
            self.searched.emit(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.chips.chips:
            painter = QPainter(self)
            self.chips.paint(painter, self.rect().adjusted(_INSET, 0, -_INSET, 0))
            painter.end()

    def sizeHint(self) -> QSize:
        return QSize(Size.SEARCH, super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() == Qt.Key.Key_Down:
            self._go()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Esc is for the box while it has the focus, whatever shortcut the window has on it.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)
