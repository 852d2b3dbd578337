"""What is going on: the quiet line at the bottom of the sidebar, and the activity panel behind it."""

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.events import Problem
from qtmail.model import LOCAL, Account, AccountKey, AccountState, OutboxId
from qtmail.ui import dates
from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.parts.popup import Popup
from qtmail.ui.sidebar.delegate import BUSY, STATE_ICONS
from qtmail.ui.sidebar.entries import Health
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

KEPT_PROBLEMS = 30
MEGABYTE = 1_000_000

STATE_WORDS: dict[AccountState, str] = {
    AccountState.IDLE: "Up to date",
    AccountState.CONNECTING: "Connecting",
    AccountState.SYNCING: "Syncing",
    AccountState.OFFLINE: "Offline",
    AccountState.WRONG_PASSWORD: "The password is not accepted",
    AccountState.SIGN_IN: "Waiting for you to sign in",
    AccountState.CERTIFICATE: "The server's certificate is not trusted",
    AccountState.PROBLEM: "There is a problem",
    AccountState.DISABLED: "Switched off",
}

ACCOUNT_WORDS = {
    AccountState.WRONG_PASSWORD: "Enter the password…",
    AccountState.SIGN_IN: "Sign in…",
    AccountState.CERTIFICATE: "Look at it…",
}
"""What is put right in the account's window."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the line and the panel tell."""

    accounts: tuple[Account, ...] = ()
    health: Mapping[AccountKey, Health] | None = None
    offline: bool = False
    """The user's wish."""
    waiting: int = 0
    checked_at: float | None = None
    """When an account last finished; None: not yet."""
    hint: str = ""
    """What the reader says of the link under the mouse."""


def sentence(situation: Situation, now: float) -> tuple[str, str, Tone]:
    """-> (icon, words, tone) of the status line: the most pressing thing first."""
    if situation.hint:
        return "link", situation.hint, Tone.MUTED
    health = situation.health or {}
    enabled = [account for account in situation.accounts if account.enabled]
    states = [(account, health.get(account.key, Health())) for account in enabled]
    waits = f" – {changes(situation.waiting)} waiting" if situation.waiting else ""
    if situation.offline:
        return "cloud-off", f"Offline{waits}", Tone.MUTED
    for account, one in states:
        if one.state in (*ACCOUNT_WORDS, AccountState.PROBLEM):
            icon, tone = STATE_ICONS[one.state]
            return icon, f"{account.name}: {one.words or STATE_WORDS[one.state]}", tone
    for account, one in states:
        if one.state in BUSY:
            return "loader-2", f"{STATE_WORDS[one.state]} {account.name}{_progress(one)}", Tone.MUTED
    if states and all(one.state is AccountState.OFFLINE for _, one in states):
        return "cloud-off", f"Offline{waits}", Tone.MUTED
    if not enabled:
        return "info-circle", "No account is switched on" if situation.accounts else "No account yet", Tone.MUTED
    if situation.checked_at is None:
        return "clock", f"Not checked yet{waits}", Tone.MUTED
    return "check", f"Up to date, {dates.ago(int(now - situation.checked_at))}{waits}", Tone.MUTED


def changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count:,} changes"


def _progress(health: Health) -> str:
    """Such as " – 120 of 2,000, 14 of 90 MB"."""
    octets = ""
    if health.octets_total >= MEGABYTE:
        octets = f", {health.octets // MEGABYTE:,} of {health.octets_total // MEGABYTE:,} MB"
    return f" – {health.done:,} of {health.total:,}{octets}" if health.total else ""


class StatusLine(QToolButton):
    """A button that looks like a line of text; a click opens the activity panel."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._situation = Situation()
        self._words = ""
        mark(self, kind="status")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(Size.ICON, Size.ICON))
        self._tick = QTimer(self, interval=30_000)
        self._tick.timeout.connect(self._draw)
        self._tick.start()

    def tell(self, situation: Situation) -> None:
        self._situation = situation
        self._draw()

    def words(self) -> str:
        """The whole sentence, not elided."""
        return self._words

    def _draw(self) -> None:
        icon, words, tone = sentence(self._situation, time.time())
        self._words = words
        room = self.width() - Size.ICON - 2 * Space.L
        self.setText(self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, max(room, 0)))
        self.setToolTip(f"{words}\nClick for more")
        self.setAccessibleName(f"Status: {words}")
        self._theme.dress(self, icon, tone, size=Size.ICON)

    def minimumSizeHint(self) -> QSize:
        return QSize(Space.XXL, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(Size.SIDEBAR, super().sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._draw()


class ActivityPanel(Popup):
    """One block an account with its state, progress and problems, each in words."""

    retry = Signal(object)
    """AccountKey: check it now."""
    cancel = Signal(object)
    """AccountKey: end what is under way there."""
    stop = Signal()
    """Go offline: what is under way ends."""
    edit = Signal(object)
    """AccountKey: its settings (a wrong password)."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._situation = Situation()
        self._problems: list[Problem] = []
        self.setAccessibleName("Activity")
        self._inside = QWidget(self)
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        self._column.setSpacing(Space.S)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._inside)
        area.viewport().setAutoFillBackground(False)
        self._inside.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(area)
        self.setFixedWidth(Size.SEARCH - Space.XXL * 2)

    def tell(self, situation: Situation) -> None:
        self._situation = situation
        if self.isVisible():
            self._fill()

    def add_problem(self, problem: Problem) -> None:
        """Keep it; the same one again counts once."""
        others = [known for known in self._problems if known != problem]
        self._problems = [*others[-KEPT_PROBLEMS:], problem]
        if self.isVisible():
            self._fill()

    def forget_problems(self, account: AccountKey) -> None:
        """The account works again."""
        self._problems = [known for known in self._problems if known.account != account]

    def keep_items(self, items: Set[OutboxId]) -> None:
        """These alone are still to be sent: what was said of others is settled."""
        self._problems = [known for known in self._problems if known.item is None or known.item in items]
        if self.isVisible():
            self._fill()

    def problems(self) -> Sequence[Problem]:
        return tuple(self._problems)

    def words(self) -> str:
        """All that the panel says, top to bottom."""
        shown = self._inside.findChildren(QLabel) + self._inside.findChildren(QPushButton)
        return "\n".join(widget.text() for widget in shown if widget.text() and not widget.isHidden())

    def button(self, text: str) -> QPushButton:
        """The last button of that text. Raises KeyError."""
        found = [b for b in self._inside.findChildren(QPushButton) if b.text() == text and not b.isHidden()]
        if not found:
            raise KeyError(text)
        return found[-1]

    def open_above(self, widget: QWidget) -> None:
        self._fill()
        for inside in self._inside.findChildren(QWidget):
            inside.ensurePolished()  # sizes are right only once the style sheet has been applied
        wanted = self._column.totalHeightForWidth(self.width() - 2) + 2 + Space.S
        height = min(wanted, Size.SEARCH)
        self.setFixedHeight(height)
        corner = widget.mapToGlobal(QPoint(0, 0))
        self.move(corner.x() + Space.S, corner.y() - height - Space.XS)
        self.show()
        self.setFocus()

    def _fill(self) -> None:
        while item := self._column.takeAt(0):
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        health = self._situation.health or {}
        for account in self._situation.accounts:
            default = Health() if account.enabled else Health(AccountState.DISABLED)
            self._column.addWidget(self._block(account, health.get(account.key, default)))
        for problem in self._problems:
            if problem.account == LOCAL:
                self._column.addWidget(self._words(problem))
        if self._situation.waiting:
            waiting = QLabel(f"{changes(self._situation.waiting)} waiting for a server", self)
            mark(waiting, tone="small")
            self._column.addWidget(waiting)
        self._column.addWidget(self._buttons())

    def _block(self, account: Account, health: Health) -> QWidget:
        block = QWidget(self)
        column = QVBoxLayout(block)
        column.setContentsMargins(0, 0, 0, Space.S)
        column.setSpacing(Space.XS)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        icon = QLabel(block)
        name, tone = STATE_ICONS.get(health.state, ("circle-check", Tone.SUCCESS))
        icon.setPixmap(self._theme.pixmap(name, tone, Size.ICON, self.devicePixelRatioF()))
        title = ElidedLabel(account.name, block)
        mark(title, tone="strong")
        again = QPushButton("Check now", block)
        again.setAutoDefault(True)
        mark(again, kind="quiet")
        again.setEnabled(account.enabled and not self._situation.offline and health.state not in BUSY)
        if health.state in ACCOUNT_WORDS:
            again.setText(ACCOUNT_WORDS[health.state])
            again.setEnabled(True)
            again.clicked.connect(lambda _checked=False: self._close_and(self.edit, account.key))
        elif health.state is AccountState.SYNCING:
            again.setText("Cancel")
            again.setEnabled(True)
            again.clicked.connect(lambda _checked=False: self.cancel.emit(account.key))
        else:
            again.clicked.connect(lambda _checked=False: self.retry.emit(account.key))
        for widget in (icon, title, again):
            head.addWidget(widget, 1 if widget is title else 0)
        column.addLayout(head)
        said_below = any(one.what == health.words for one in self._problems if one.account == account.key)
        state = STATE_WORDS[health.state] if said_below else health.words or STATE_WORDS[health.state]
        words = QLabel(f"{state}{_progress(health)}", block)
        words.setWordWrap(True)
        mark(words, tone="small")
        column.addWidget(words)
        if health.state in BUSY:
            column.addWidget(self._bar(health))
        for problem in self._problems:
            if problem.account == account.key:
                column.addWidget(self._words(problem))
        return block

    def _bar(self, health: Health) -> QProgressBar:
        bar = QProgressBar(self)
        bar.setTextVisible(False)
        bar.setRange(0, health.total)
        bar.setValue(min(health.done, health.total))
        bar.setAccessibleName("Progress")
        return bar

    def _words(self, problem: Problem) -> QLabel:
        said = f"\nThe server said: {problem.server_words}" if problem.server_words else ""
        label = QLabel(f"{problem.what} {problem.hint}{said}".strip(), self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        mark(label, tone="small-warning" if problem.retry else "small-danger")
        return label

    def _buttons(self) -> QWidget:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addStretch(1)
        busy = any(health.state in BUSY for health in (self._situation.health or {}).values())
        working = "Cancel and work offline" if busy else "Work offline"
        stop = QPushButton("Go online" if self._situation.offline else working, row)
        stop.setAutoDefault(True)
        stop.clicked.connect(lambda _checked=False: self._close_and(self.stop))
        line.addWidget(stop)
        return row

    def _close_and(self, signal: object, *values: object) -> None:
        self.close()
        signal.emit(*values)  # type: ignore[attr-defined]
