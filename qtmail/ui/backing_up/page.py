"""Backups: where, how often, how the last one went; one now, a rehearsal, a restore."""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.engine.backing_up.status import Last
from qtmail.settings import BackupEvery, Settings
from qtmail.ui import dates
from qtmail.ui.jobs import Outcome, Start
from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.parts.running import Running
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

EVERY = {BackupEvery.NEVER: "Only when I say so", BackupEvery.DAY: "Every day", BackupEvery.WEEK: "Every week"}
WHAT_IT_IS = (
    "A backup is a folder with every message as a file of its own (Maildir), a list of their hashes, and your accounts "
    "and settings without passwords. It is not encrypted. Only what is new is written, read again and compared. It is "
    "best kept on another disk."
)


def sentence(last: Last, folder: str, now: int) -> tuple[str, Tone]:
    """How things stand, in one line."""
    if last.problem and last.problem_at >= last.at:
        before = f" The last good one: {_when(last, now)}." if last.at else ""
        return f"The last try failed: {last.problem}{before}", Tone.DANGER
    if last.at and last.folder == folder:
        missing = f" {last.missing:,} more are not on this computer yet." if last.missing else ""
        return f"Last backup {_when(last, now)}: {_messages(last.messages)}, verified.{missing}", Tone.SUCCESS
    return ("No backup has been made here yet." if folder else "No folder is chosen yet."), Tone.MUTED


class BackupPage(QWidget):
    """`changed` carries (setting, value)."""

    changed = Signal(str, object)
    restored = Signal()
    """Mail came back: the window reads again."""

    def __init__(
        self, chosen: Settings, last: Callable[[], Last], start: Start, theme: Theme, parent: QWidget | None = None
    ) -> None:
        """`last`: what is known of the last backup; asked again after each."""
        super().__init__(parent)
        self._last, self._start, self._theme = last, start, theme
        self._folder = chosen.backup_folder
        self._then: Callable[[Outcome], str] = lambda _outcome: ""
        self.state = QLabel(self)
        self.state.setWordWrap(True)
        self.icon = QLabel(self)
        self.folder = ElidedLabel("", self)
        self.choose = self._button("Choose…", self._choose)
        self.every = QComboBox(self)
        self.every.setAccessibleName("Back up by itself")
        for every, text in EVERY.items():
            self.every.addItem(text, every)
        self.every.setCurrentIndex(self.every.findData(chosen.backup_every))
        self.every.setFixedWidth(Size.SIDEBAR)
        self.every.currentIndexChanged.connect(lambda _: self.changed.emit("backup_every", self._how_often()))
        self.now = self._button("Back up now", self.back_up)
        self.rehearse = self._button("Rehearse a restore", self._rehearse)
        self.restore = self._button("Restore…", self._restore)
        self.rehearse.setToolTip(
            "Restore everything into a place of its own, compare each message, and remove it again"
        )
        self.restore.setToolTip("Bring back what is not here any more; nothing is doubled or overwritten")
        self.running = Running(self)
        self.running.hide()
        self.running.ended.connect(self._ended)
        self.result = QLabel(self)
        self.result.setWordWrap(True)
        self.result.hide()
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        """Say how things stand."""
        text, tone = sentence(self._last(), self._folder, int(time.time()))
        icons = {Tone.SUCCESS: "shield-check", Tone.DANGER: "alert-circle", Tone.MUTED: "info-circle"}
        self.state.setText(text)
        self.icon.setPixmap(self._theme.icon(icons[tone], tone).pixmap(Size.ICON_BAR, Size.ICON_BAR))
        self.folder.setText(self._folder or "None")
        self.folder.setToolTip(self._folder)
        for button in (self.now, self.rehearse):
            button.setEnabled(bool(self._folder) and not self.running.busy)
        self.restore.setEnabled(not self.running.busy)

    def use_folder(self, folder: str) -> None:
        """From now on backups go there."""
        self._folder = folder
        self.changed.emit("backup_folder", folder)
        if self._how_often() is BackupEvery.NEVER and not self._last().at:
            self.every.setCurrentIndex(self.every.findData(BackupEvery.DAY))
        self.refresh()

    def back_up(self) -> None:
        """One now."""
        self._run(["backup", self._folder, "--watched"], "Backing up …", _backup_words, _backed_up)

    def restore_from(self, folder: str) -> None:
        """Merge this one."""
        self._run(["restore", folder, "--watched"], "Restoring …", _restore_words, self._restored)

    def _how_often(self) -> BackupEvery:
        return BackupEvery(self.every.currentData())  # Qt hands a plain str back

    def _rehearse(self) -> None:
        words = ["backup", self._folder, "--rehearse", "--watched"]
        self._run(words, "Restoring into a place of its own …", _rehearsal_words, _rehearsed)

    def _restore(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Restore from the backup in", self._folder)
        if name:
            self.restore_from(name)

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder for backups", self._folder)
        if name:
            self.use_folder(name)

    def _run(
        self,
        words: list[str],
        title: str,
        progress: Callable[[dict[str, Any]], tuple[str, int, int]],
        then: Callable[[Outcome], str],
    ) -> None:
        self._then = then
        self.result.hide()
        self.running.watch(self._start(words, self), title, progress)
        self.running.show()
        self.refresh()

    def _ended(self, outcome: Outcome) -> None:
        self.running.hide()
        told = self._then(outcome) if outcome.result is not None else ""
        self.result.setText("\n".join(part for part in (told, outcome.words) if part) or "It ended early; try again.")
        self.result.show()
        self.refresh()

    def _restored(self, outcome: Outcome) -> str:
        self.restored.emit()
        result = outcome.result or {}
        back = " ".join(
            f"The account “{name}” came back switched off: give it its password, then switch it on."
            for name in result["accounts"]
        )
        told = f"{_messages(result['new'])} brought back, {result['already_there']:,} were here already. {back}"
        return "\n".join([told.strip(), *result["problems"][:5]])

    def _lay_out(self) -> None:
        words = QLabel(WHAT_IT_IS, self)
        words.setWordWrap(True)
        mark(words, tone="muted")
        status = QHBoxLayout()
        status.setSpacing(Space.S)
        status.addWidget(self.icon)
        status.addWidget(self.state, 1)
        where = QHBoxLayout()
        where.addWidget(self.folder, 1)
        where.addWidget(self.choose)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(Space.M)
        form.setHorizontalSpacing(Space.L)
        form.addRow("Folder", where)
        form.addRow("Back up by itself", self.every)
        buttons = QHBoxLayout()
        for button in (self.now, self.rehearse, self.restore):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        column.addWidget(words)
        column.addLayout(status)
        column.addLayout(form)
        column.addLayout(buttons)
        column.addWidget(self.running)
        column.addWidget(self.result)
        column.addStretch(1)

    def _button(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        return button


def _backup_words(told: dict[str, Any]) -> tuple[str, int, int]:
    return f"{told['done']:,} of {told['total']:,}, {told['new']:,} new", told["done"], told["total"]


def _rehearsal_words(told: dict[str, Any]) -> tuple[str, int, int]:
    return f"{told['new']:,} messages restored", told["done"], told["total"]


def _restore_words(told: dict[str, Any]) -> tuple[str, int, int]:
    return f"{told['read']:,} looked at, {told['new']:,} brought back", told["octets"], told["octets_total"]


def _backed_up(outcome: Outcome) -> str:
    result = outcome.result or {}
    new = f"{_messages(result['new'])} written, read again and verified." if result["new"] else "Nothing was new."
    return f"Done. {new}"


def _rehearsed(outcome: Outcome) -> str:
    result = outcome.result or {}
    if result["ok"]:
        return f"A restore would bring back all {_messages(result['messages'])}, each of them equal to its original."
    told = f"{result['equal']:,} of {_messages(result['messages'])} would come back equal."
    return "\n".join([told, *result["problems"][:5]])


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"


def _when(last: Last, now: int) -> str:
    if now - last.at < 3600:
        return dates.ago(now - last.at)
    when = dates.medium(last.at)
    return f"today at {when}" if len(when) < 9 else when  # only a time: it is of today
