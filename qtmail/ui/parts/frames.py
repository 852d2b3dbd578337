"""How panes stand beside and below each other."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget


def column(*widgets: QWidget, filling: QWidget) -> QWidget:
    """Widgets below each other; `filling` takes what is left."""
    box = QWidget()
    inside = QVBoxLayout(box)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.setSpacing(0)
    for widget in widgets:
        inside.addWidget(widget, 1 if widget is filling else 0)
    return box


def splitter(orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    """Panes that can be resized but not pushed out of sight."""
    made = QSplitter(orientation)
    made.setChildrenCollapsible(False)
    made.setHandleWidth(1)
    for widget in widgets:
        made.addWidget(widget)
    return made
