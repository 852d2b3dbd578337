"""What may have to be done before the window can open: unlocking, bringing an old store up to date, saving what is only
in a damaged one, and what was asked for in the Storage window."""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QLabel, QMessageBox, QProgressBar, QPushButton, QVBoxLayout, QWidget

from qtmail.engine import protecting, recovering
from qtmail.engine.protecting import Stage
from qtmail.errors import MailError, StoreDamaged, StoreLocked
from qtmail.paths import Profile
from qtmail.ui.storage.recovery import UnlockDialog
from qtmail.ui.storage.task import Stopped, Task, Tell
from qtmail.ui.storage.window import Wanted
from qtmail.ui.theme import Size, Space, Theme, mark

SHOWN_AFTER_MS = 400
_TITLES = {
    Stage.ENCRYPT: "Encrypting your mail",
    Stage.DECRYPT: "Storing your mail without encryption",
    Stage.SHRINK: "Giving unused room back",
    Stage.REBUILD: "Saving what is only here, and making a new store",
}
_SAFE = "Your mail is written anew beside the old store, which stays until the new one is proven."


class Progress(QDialog):
    """One long piece of work while nothing else can be done; quick ones are over before it shows."""

    def __init__(self, title: str, words: str, theme: Theme, *, stoppable: bool) -> None:
        super().__init__(None)
        self.setWindowTitle("qtmail")
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setMaximum(0)
        self.stop = QPushButton("Stop", self)
        self.stop.setVisible(stoppable)
        self._stoppable = stoppable
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.M)
        heading = QLabel(title, self)
        mark(heading, tone="title")
        sentence = QLabel(words, self)
        sentence.setWordWrap(True)
        mark(sentence, tone="muted")
        for widget in (heading, sentence, self.bar):
            column.addWidget(widget)
        column.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(Size.SEARCH)

    def watch(self, work: Callable[[Tell], Any]) -> object:
        """Do it -> its result, or the MailError or Stopped that ended it."""
        task = Task(work)
        results: list[object] = []
        loop = QEventLoop()
        task.stepped.connect(lambda step: self._show_step(step.done, step.total))
        task.ended.connect(results.append)
        task.ended.connect(loop.quit)
        self.stop.clicked.connect(task.stop)
        soon = QTimer(self, interval=SHOWN_AFTER_MS, singleShot=True)
        soon.timeout.connect(self.show)
        soon.start()
        task.start()
        loop.exec()
        soon.stop()
        task.finish()
        self.hide()
        return results[0]

    def _show_step(self, done: int, total: int) -> None:
        self.bar.setMaximum(1000)
        self.bar.setValue(1000 * done // max(1, total))

    def reject(self) -> None:
        if self._stoppable:
            self.stop.click()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.reject()


def open_store(profile: Profile, theme: Theme, open_: Callable[[], None]) -> bool:
    """See to it that the store can be opened by `open_` (which closes it again) -> False: the user gave up.

    Raises MailError for what nothing here helps against (newer than this program, no permission).
    """
    while True:
        try:
            protecting.check_open(profile)
            if not protecting.is_old(profile):
                open_()
                return True
            words = "It is brought up to date for this version of qtmail. Nothing is lost if it is interrupted."
            result = Progress("Getting your mail ready", words, theme, stoppable=False).watch(lambda tell: open_())
            if isinstance(result, MailError):
                raise result
            return True
        except StoreLocked as locked:
            asked = UnlockDialog(lambda typed: protecting.unlock(profile, typed), str(locked), theme)
            if not asked.exec():
                return False
        except StoreDamaged as damaged:
            if not _recover(profile, theme, damaged):
                return False


def _recover(profile: Profile, theme: Theme, damaged: StoreDamaged) -> bool:
    box = QMessageBox(QMessageBox.Icon.Warning, "qtmail", "Your mail store is damaged.")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(
        f"{damaged}\n\nDrafts, the Outbox and mail that is only on this computer are saved first, as far as they "
        "can be read; then a new store is made, and your servers fill it again. The damaged files are kept."
    )
    go_on = box.addButton("Save and rebuild", QMessageBox.ButtonRole.AcceptRole)
    box.addButton("Quit", QMessageBox.ButtonRole.RejectRole)
    box.exec()
    if box.clickedButton() is not go_on:
        return False
    progress = Progress("Saving what is only here", "The damaged files stay untouched.", theme, stoppable=False)
    result = progress.watch(lambda tell: recovering.recover(profile, now=int(time.time())))
    if isinstance(result, MailError):
        raise result
    _say(QMessageBox.Icon.Information, "A new mail store was made.", recovering.words(result))
    return True


def carry_out(profile: Profile, theme: Theme, wanted: Wanted) -> None:
    """What the Storage window asked for, with nothing open; then say how it went where it did not go well."""
    acts: dict[Stage, Callable[[protecting.Progress], object]] = {
        Stage.ENCRYPT: lambda stop: protecting.turn_on(profile, wanted.key, stop),
        Stage.DECRYPT: lambda stop: protecting.turn_off(profile, stop),
        Stage.SHRINK: lambda stop: protecting.shrink(profile, stop),
        Stage.REBUILD: lambda stop: recovering.recover(profile, now=int(time.time())),
    }

    def work(tell: Tell) -> object:
        def stop(done: int, total: int) -> bool:
            try:
                tell(done, total)
            except Stopped:
                return True
            return False

        try:
            return acts[wanted.stage](stop)
        except protecting.CopyStopped as stopped:
            raise Stopped from stopped

    rebuilding = wanted.stage is Stage.REBUILD
    more = "The damaged files stay untouched." if rebuilding else _SAFE
    result = Progress(_TITLES[wanted.stage], more, theme, stoppable=not rebuilding).watch(work)
    if isinstance(result, MailError):
        _say(QMessageBox.Icon.Warning, "That could not be done; your mail is as it was.", result.sentence())
    elif rebuilding:
        _say(QMessageBox.Icon.Information, "A new mail store was made.", recovering.words(result))


def _say(icon: QMessageBox.Icon, what: str, more: str, parent: QWidget | None = None) -> None:
    box = QMessageBox(icon, QCoreApplication.applicationName(), what, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(more)
    box.exec()
