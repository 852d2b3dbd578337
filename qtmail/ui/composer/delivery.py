"""What the author wants of the servers on the way: reports, a time to be warned at, a server that keeps it."""

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from qtmail.model import Delivery
from qtmail.ui.parts.numbers import NumberField
from qtmail.ui.theme import Space, mark

REPORTS = {
    "success": "when it was delivered",
    "failure": "when it could not be delivered",
    "delay": "when it takes long",
}
_HOUR = 3600


class DeliveryDialog(QDialog):
    """`wanted()` after it was accepted."""

    def __init__(self, delivery: Delivery, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Delivery options")
        self._given = delivery
        self.reports = {name: QCheckBox(words[:1].upper() + words[1:], self) for name, words in REPORTS.items()}
        self.whole = QCheckBox("Reports bring back the whole message, not only its header", self)
        self.warned = QCheckBox("Tell me if it is not delivered after", self)
        self.hours = NumberField(1, 24 * 14, self)
        self.hours.setSuffix(" h")
        self._load(delivery)
        self._lay_out()
        self.warned.toggled.connect(self.hours.setEnabled)
        for box in self.reports.values():
            box.toggled.connect(self._adapt)
        self._adapt()

    def wanted(self) -> Delivery:
        """What is chosen; the time to hold it until is left as it was."""
        notify = tuple(name for name, box in self.reports.items() if box.isChecked())
        within = self.hours.value() * _HOUR if self.warned.isChecked() else 0
        return Delivery(notify, bool(notify) and self.whole.isChecked(), within, self._given.hold_until)

    def _load(self, delivery: Delivery) -> None:
        for name, box in self.reports.items():
            box.setChecked(name in delivery.notify)
        self.whole.setChecked(delivery.whole)
        self.warned.setChecked(bool(delivery.within))
        self.hours.setValue(max(1, delivery.within // _HOUR) if delivery.within else 4)
        self.hours.setEnabled(bool(delivery.within))

    def _lay_out(self) -> None:
        title = QLabel("Ask for a report", self)
        mark(title, tone="heading")
        words = QLabel("Each works only where the servers on the way offer it.", self)
        mark(words, tone="small")
        words.setWordWrap(True)
        form = QFormLayout()
        form.setSpacing(Space.S)
        form.addRow(title)
        for box in self.reports.values():
            form.addRow(box)
        form.addRow(self.whole)
        form.addRow(self.warned, self.hours)
        form.addRow(words)
        done = QPushButton("Done", self)
        done.setDefault(True)
        mark(done, kind="accent")
        done.clicked.connect(self.accept)
        cancel = QPushButton("Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(done)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(form)
        column.addLayout(buttons)

    def _adapt(self) -> None:
        self.whole.setEnabled(any(box.isChecked() for box in self.reports.values()))
