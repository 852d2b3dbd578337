"""A message in a window of its own."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from qtmail.ui.actions import Act
from qtmail.ui.pages.page import MessagePage
from qtmail.ui.parts.page import open_at

_SIZE = QSize(860, 760)


class MessageWindow(QWidget):
    """Closed, it is gone; its keys are those of the main window."""

    closed = Signal(object)
    """Itself."""

    def __init__(self, make: Callable[[dict[Act, QAction]], MessagePage], actions: dict[Act, QAction]) -> None:
        """actions: made for this window alone; `make` puts them on the page."""
        super().__init__(None)
        self.page = make(actions)
        for action in actions.values():
            action.setParent(self)
            self.addAction(action)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.page.moved_on.connect(lambda: self.setWindowTitle(self.page.title))
        self.page.emptied.connect(self.close)
        self.setFocusProxy(self.page)
        open_at(self, _SIZE)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit(self)
