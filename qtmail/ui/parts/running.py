"""Work under way, in a dialog: what is done, how far it is, and a button to stop it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from qtmail.ui.jobs import Job, Outcome
from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.theme import Space, mark

_PARTS = 1000


class Running(QWidget):
    """Shows one job at a time; `ended` carries its Outcome."""

    ended = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._words: Callable[[dict[str, Any]], tuple[str, int, int]] = lambda _told: ("", 0, 0)
        self.title = QLabel(self)
        self.title.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.told = ElidedLabel("", self)
        mark(self.told, tone="muted")
        self.stop = QPushButton("Stop", self)
        self.stop.setAutoDefault(False)
        self.stop.clicked.connect(self.cancel)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.told, 1)
        line.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.title)
        column.addWidget(self.bar)
        column.addLayout(line)

    @property
    def busy(self) -> bool:
        return self._job is not None

    def watch(self, job: Job, title: str, words: Callable[[dict[str, Any]], tuple[str, int, int]]) -> None:
        """`words`: a progress line -> (what to say, how far, of how much; 0: unknown)."""
        self._job, self._words = job, words
        self.title.setText(title)
        self.told.setText("")
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        job.progressed.connect(self._progressed)
        job.ended.connect(self._ended)

    def cancel(self) -> None:
        """Ask it to end; it may have a batch to finish."""
        if self._job is not None:
            self.stop.setEnabled(False)
            self.told.setText("Stopping …")
            self._job.cancel()

    def _progressed(self, told: dict[str, Any]) -> None:
        text, done, total = self._words(told)
        if self.stop.isEnabled():
            self.told.setText(text)
        self.bar.setRange(0, _PARTS if total else 0)
        self.bar.setValue(_PARTS * done // total if total else 0)

    def _ended(self, outcome: Outcome) -> None:
        self._job = None
        self.bar.setRange(0, _PARTS)
        self.ended.emit(outcome)
