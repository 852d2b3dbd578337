"""The strip above search results: what was found and where, what the search covers, and what can be done with it."""

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.theme import Space, Theme, mark


class ScopeBar(QWidget):
    """Three lines; hidden while a folder is shown."""

    scope_changed = Signal(bool)
    """True: everywhere."""
    order_changed = Signal(bool)
    """True: the best first."""
    save_wanted = Signal()
    server_wanted = Signal()
    """Look for the same on the servers."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        mark(self, surface="bar")
        self.label = ElidedLabel("", self)
        mark(self.label, tone="muted")
        self.coverage = ElidedLabel("", self)
        mark(self.coverage, tone="small")
        self.everywhere = self._choice("All mail")
        self.here = self._choice("")
        self.best = self._choice("Best first")
        self.best.setToolTip("The best of the newest 1,000 results first, not the newest")
        both = QButtonGroup(self)
        both.addButton(self.everywhere)
        both.addButton(self.here)
        self.everywhere.setChecked(True)
        self.everywhere.toggled.connect(self.scope_changed)
        self.best.toggled.connect(self.order_changed)
        self.save = self._button("Save as folder", self.save_wanted)
        self.save.setToolTip("Keep this search in the sidebar; it stays up to date")
        self.server = self._button("Search the server too", self.server_wanted)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(Space.XS)
        first.addWidget(self.coverage, 1)
        first.addWidget(self.server)
        second = QHBoxLayout()
        second.setContentsMargins(0, 0, 0, 0)
        second.setSpacing(Space.XS)
        for button in (self.everywhere, self.here, self.best):
            second.addWidget(button)
        second.addStretch(1)
        second.addWidget(self.save)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(Space.M, Space.XS, Space.S, Space.XS)
        rows.setSpacing(Space.XS // 2)
        rows.addWidget(self.label)
        rows.addLayout(first)
        rows.addLayout(second)

    def say(self, words: str, here: str, *, wrong: bool = False) -> None:
        """Show it: what was found, and the name of what is open. `wrong`: what is typed is not understood (yet)."""
        mark(self.label, tone="warning" if wrong else "muted")
        self.label.setText(words)
        self.here.setText(here)
        self.here.setVisible(bool(here))
        self.save.setEnabled(not wrong)
        self.show()

    def say_coverage(self, words: str, *, server: bool) -> None:
        """What the search knows; `server`: whether the servers may know more."""
        self.coverage.setText(words)
        self.server.setVisible(server)

    def _choice(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        return button

    def _button(self, text: str, pressed: SignalInstance) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.clicked.connect(pressed)
        return button
