"""An editor for a setting that is a list of words: add one, take one out."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from qtmail.ui.theme import Size, Space


class WordList(QWidget):
    """`changed` carries the words as a tuple, sorted, each once, in lower case."""

    changed = Signal(object)

    def __init__(self, words: Sequence[str], placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget(self)
        self.list.addItems(sorted(words))
        self.list.setMaximumHeight(Size.SIDEBAR // 2)
        self.list.setAccessibleName("Entries")
        self.typing = QLineEdit(self)
        self.typing.setPlaceholderText(placeholder)
        self.typing.setAccessibleName(f"New entry: {placeholder}")
        self.typing.returnPressed.connect(self._add_typed)
        self.add_button = QPushButton("Add", self)
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self._add_typed)
        self.remove_button = QPushButton("Remove", self)
        self.remove_button.setAutoDefault(False)
        self.remove_button.clicked.connect(self._remove_current)
        self.list.itemSelectionChanged.connect(self._enable)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.typing, 1)
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.list)
        column.addLayout(row)
        self.setFocusProxy(self.list)  # the first of them: Tab would leave out what is before it
        self._enable()

    def words(self) -> tuple[str, ...]:
        return tuple(self.list.item(line).text() for line in range(self.list.count()))

    def set_words(self, words: Sequence[str]) -> None:
        """Show these; `changed` follows only when they are others."""
        wanted = tuple(sorted({word.strip().lower() for word in words if word.strip()}))
        if wanted == self.words():
            return
        self.list.clear()
        self.list.addItems(wanted)
        self.changed.emit(wanted)
        self._enable()

    def _add_typed(self) -> None:
        self.set_words((*self.words(), self.typing.text()))
        self.typing.clear()

    def _remove_current(self) -> None:
        chosen = {item.text() for item in self.list.selectedItems()}
        self.set_words([word for word in self.words() if word not in chosen])

    def _enable(self) -> None:
        self.remove_button.setEnabled(bool(self.list.selectedItems()))

    # Qt's overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.list.hasFocus():
            self._remove_current()
        else:
            super().keyPressEvent(event)
