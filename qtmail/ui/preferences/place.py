"""An editor for a setting that names a file or a folder: typed, or chosen."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from qtmail.ui.theme import Space


class PlaceField(QWidget):
    """`changed` carries the path once it is typed or chosen; empty: none."""

    changed = Signal(str)

    def __init__(self, path: str, kinds: str, parent: QWidget | None = None) -> None:
        """kinds: as QFileDialog filters files."""
        super().__init__(parent)
        self._kinds, self._told = kinds, path
        self.typing = QLineEdit(path, self)
        self.typing.setPlaceholderText("None")
        self.typing.setClearButtonEnabled(True)
        self.typing.editingFinished.connect(self._tell)
        self.choose_button = QPushButton("Choose …", self)
        self.choose_button.setAutoDefault(False)
        self.choose_button.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.typing, 1)
        row.addWidget(self.choose_button)
        self.setFocusProxy(self.typing)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.typing.setAccessibleName(name)

    def _choose(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self.window(), "Choose", self.typing.text(), self._kinds)
        if chosen:
            self.typing.setText(chosen)
            self._tell()

    def _tell(self) -> None:
        if (path := self.typing.text().strip()) != self._told:
            self._told = path
            self.changed.emit(path)
