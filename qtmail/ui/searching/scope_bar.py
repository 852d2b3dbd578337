"""The strip above search results: what was searched, and where."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.theme import Space, Theme, mark


class ScopeBar(QWidget):
    """Hidden while a folder is shown."""

    scope_changed = Signal(bool)
    """True: everywhere."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        mark(self, surface="bar")
        self.label = ElidedLabel("", self)
        mark(self.label, tone="muted")
        self.everywhere = self._button("All mail")
        self.here = self._button("")
        both = QButtonGroup(self)
        both.addButton(self.everywhere)
        both.addButton(self.here)
        self.everywhere.setChecked(True)
        self.everywhere.toggled.connect(self.scope_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.XS, Space.S, Space.XS)
        row.setSpacing(Space.XS)
        row.addWidget(self.label, 1)
        row.addWidget(self.everywhere)
        row.addWidget(self.here)
        self.hide()

    def say(self, words: str, here: str) -> None:
        """Show it: what was found, and the name of what is open."""
        self.label.setText(words)
        self.here.setText(here)
        self.here.setVisible(bool(here))
        self.show()

    def _button(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        return button
