"""Content that may be taller than its window, and windows that are never taller than the screen."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QFrame, QScrollArea, QWidget

from qtmail.ui.theme import Space


class Page(QScrollArea):
    """The wheel scrolls the page: it never changes the field that happens to come under the mouse."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have it
        self.setWidget(content)

    def showEvent(self, event: QShowEvent) -> None:
        for field in (*self.findChildren(QComboBox), *self.findChildren(QAbstractSpinBox)):
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.installEventFilter(self)  # a second time changes nothing
        super().showEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QComboBox | QAbstractSpinBox):
            QCoreApplication.sendEvent(self.viewport(), event)
            return True
        return super().eventFilter(watched, event)


def open_at(window: QWidget, size: QSize) -> None:
    """As large as wanted, but within the screen and its window's frame.

    Without a size of its own Qt gives a dialog two thirds of the screen at most, which is tiny on a small one.
    """
    frame = QSize(Space.L, Space.XXL + Space.L)
    window.resize(size.boundedTo(window.screen().availableSize() - frame))
