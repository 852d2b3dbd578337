"""What of an IMAP account is kept on this computer, with the consequence in one sentence."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QWidget

from qtmail.accounts import MOST_CONNECTIONS
from qtmail.model import Account, Keep
from qtmail.ui import keeping
from qtmail.ui.parts.numbers import NumberField
from qtmail.ui.theme import Space, mark

USUAL_MB = 25


class KeepFields(QWidget):
    """Which messages, how large, over how many connections. Folders may say otherwise in their menu."""

    edited = Signal()

    def __init__(self, account: Account | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep = account.keep if account else Keep()
        largest = account.largest_mb if account else 0
        self.keep = QComboBox(self)
        self.keep.setAccessibleName("Keep on this computer")
        for choice in keeping.choices(keep):
            self.keep.addItem(keeping.words(choice), str(choice))
        self.keep.setCurrentIndex(self.keep.findData(str(keep)))
        self.limited = QCheckBox("No larger than", self)
        self.limited.setChecked(bool(largest))
        self.largest = NumberField(1, 100_000, self)
        self.largest.setValue(largest or USUAL_MB)
        self.largest.setSuffix(" MB")
        self.connections = NumberField(1, MOST_CONNECTIONS, self)
        self.connections.setValue(account.connections if account else 3)
        self.sentence = QLabel(self)
        mark(self.sentence, tone="small")
        self.sentence.setWordWrap(True)
        for number, name in ((self.largest, "Size limit"), (self.connections, "Connections at a time")):
            number.setFixedWidth(Space.XXL * 4)
            number.setAccessibleName(name)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(Space.S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Messages", self.keep)
        form.addRow(self.limited, self.largest)
        form.addRow("Connections at a time", self.connections)
        form.addRow(self.sentence)
        self.form = form
        self.keep.currentIndexChanged.connect(self._weigh)
        self.limited.toggled.connect(self._weigh)
        self.largest.valueChanged.connect(self._weigh)
        self.connections.valueChanged.connect(self._weigh)
        self._weigh()

    def values(self) -> tuple[Keep, int, int]:
        """(keep, largest_mb, connections)."""
        keep = Keep.of(str(self.keep.currentData()))
        return keep, self.largest.value() if self.limited.isChecked() else 0, self.connections.value()

    def _weigh(self) -> None:
        keep, largest, _ = self.values()
        self.largest.setEnabled(self.limited.isChecked())
        if keep.days is None and not largest:
            words = "Everything can be read, searched and answered without the internet."
        else:
            words = "The list is always complete. Other messages are fetched when you open them, and stay then."
        self.sentence.setText(f"{words} Each folder can say otherwise in its menu.")
        self.edited.emit()
