"""Choosing the time at which a mail is to be sent."""

from datetime import datetime, timedelta

from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import (
    QCheckBox,
    QDateTimeEdit,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.ui import dates
from qtmail.ui.theme import Size, Space, mark

MUST_RUN = "qtmail must be running then, and online. If it is not, the mail waits, and is listed when qtmail starts."


def proposals(now: datetime) -> tuple[tuple[str, datetime], ...]:
    """Times people mean: (words, when), all of them ahead."""
    morning = now.replace(hour=8, minute=0, second=0, microsecond=0)
    monday = morning + timedelta(days=7 - now.weekday())
    wanted = [
        ("In an hour", now.replace(second=0, microsecond=0) + timedelta(hours=1)),
        ("This evening", now.replace(hour=18, minute=0, second=0, microsecond=0)),
        ("Tomorrow morning", morning + timedelta(days=1)),
        ("Monday morning", monday),
    ]
    soon = now + timedelta(minutes=30)
    found = [(words, when) for words, when in wanted if when > soon]
    return tuple(one for i, one in enumerate(found) if one[1] not in [earlier for _, earlier in found[:i]])


class LaterDialog(QDialog):
    """A time, by one press or typed. `moment()` after it was accepted."""

    def __init__(self, parent: QWidget | None = None, *, server_may: bool = False) -> None:
        """server_may: offer to have the server keep it (FUTURERELEASE)."""
        super().__init__(parent)
        self.setWindowTitle("Send later")
        self.by_server = QCheckBox("Hand it over now, let the server keep it until then", self)
        self.by_server.setToolTip("Only some servers can (FUTURERELEASE); then qtmail need not run.")
        self.by_server.setVisible(server_may)
        self.when = QDateTimeEdit(QDateTime.currentDateTime().addSecs(3600), self)
        self.when.setCalendarPopup(True)
        self.when.setMinimumHeight(Size.SIDEBAR_ROW + Space.XS)
        self.when.setMinimumDateTime(QDateTime.currentDateTime())
        self.when.setAccessibleName("Send at")
        self.choices: list[QPushButton] = []
        words = QLabel(MUST_RUN, self)
        mark(words, tone="small")
        words.setWordWrap(True)
        send = QPushButton("Send later", self)
        send.setDefault(True)
        mark(send, kind="accent")
        send.clicked.connect(self.accept)
        cancel = QPushButton("Cancel", self)
        cancel.clicked.connect(self.reject)
        form = QFormLayout()
        form.setSpacing(Space.S)
        for text, moment in proposals(datetime.now()):
            choice = QPushButton(f"{text} ({dates.medium(int(moment.timestamp()))})", self)
            choice.setAutoDefault(False)
            choice.clicked.connect(lambda _checked=False, at=moment: self._choose(at))
            form.addRow(choice)
            self.choices.append(choice)
        form.addRow("At", self.when)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(send)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(form)
        column.addWidget(self.by_server)
        column.addWidget(words)
        column.addLayout(buttons)
        self.when.setFocus()

    def moment(self) -> int:
        """Seconds since the epoch."""
        return self.when.dateTime().toSecsSinceEpoch()

    def _choose(self, at: datetime) -> None:
        self.when.setDateTime(QDateTime.fromSecsSinceEpoch(int(at.timestamp())))
        self.accept()
