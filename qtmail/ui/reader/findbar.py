"""Find in what is shown: a quiet bar with a field, next, previous, close."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from qtmail.ui.theme import Size, Space, Theme, mark


class Searchable(Protocol):
    """What can be searched."""

    def find_words(self, text: str, *, back: bool = False, found: Callable[[bool], None] = ...) -> None: ...


class FindBar(QWidget):
    """Hidden until `open`."""

    closed = Signal()

    def __init__(self, theme: Theme, target: Callable[[], Searchable], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, surface="bar")
        self._target = target
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Find in this message")
        self.field.setAccessibleName("Find in this message")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(lambda: self.go())
        self.field.returnPressed.connect(self.go)
        self.answer = QLabel(self)
        mark(self.answer, tone="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, Space.XS, Space.S, Space.XS)
        row.setSpacing(Space.XS)
        row.addWidget(self.field, 1)
        row.addWidget(self.answer)
        for icon, words, act in (
            ("chevron-up", "Previous (Shift+Enter)", lambda: self.go(back=True)),
            ("chevron-down", "Next (Enter)", lambda: self.go()),
            ("x", "Close (Esc)", self.shut),
        ):
            button = QToolButton(self)
            button.setToolTip(words)
            button.setAccessibleName(words.partition(" (")[0])
            theme.dress(button, icon, size=Size.ICON)
            button.clicked.connect(act)
            row.addWidget(button)
        self.hide()

    def open(self, text: str = "") -> None:
        """Show it, with what is selected as the words to find."""
        self.show()
        if text and "\n" not in text:
            self.field.setText(text)
        self.field.setFocus()
        self.field.selectAll()

    def shut(self) -> None:
        """Hide it and take the marks away."""
        self.hide()
        self.answer.clear()
        self._target().find_words("")
        self.closed.emit()

    def go(self, *, back: bool = False) -> None:
        """To the next place."""
        words = self.field.text()
        if not words:
            self.answer.clear()
        self._target().find_words(words, back=back, found=self._tell)

    def _tell(self, found: bool) -> None:
        self.answer.setText("" if found or not self.field.text() else "Not found")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.go(back=True)
        else:
            super().keyPressEvent(event)
