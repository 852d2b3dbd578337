"""A field for a number, its digits set off from the frame as in every other field."""

from PySide6.QtWidgets import QSpinBox, QWidget

from qtmail.ui.theme import Space


class NumberField(QSpinBox):
    """From `least` to `most`."""

    def __init__(self, least: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.lineEdit().setTextMargins(Space.XS + 2, 0, 0, 0)
