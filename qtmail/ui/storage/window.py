"""Storage: how much room the mail takes, making room, checking and repairing everything, encryption."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from qtmail import events
from qtmail.engine import protecting
from qtmail.engine.mail import Mail
from qtmail.engine.protecting import Protection, Stage
from qtmail.errors import MailError, StoreDamaged
from qtmail.model import LOCAL
from qtmail.paths import Profile
from qtmail.ui.link import Link
from qtmail.ui.parts.page import Page, open_at
from qtmail.ui.storage.bars import Bars, Line, octets
from qtmail.ui.storage.recovery import RecoveryKeyDialog
from qtmail.ui.storage.sections import CheckSection, EncryptionSection, RoomSection, Section, heading
from qtmail.ui.storage.task import Stopped, Task, Tell
from qtmail.ui.theme import Space, Theme, mark

PREFERRED = QSize(720, 640)
FOLDERS = 8
"""So many of an account are shown one by one, the rest together."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be done to the whole store while no window is open. `key`: the recovery key of a new encryption."""

    stage: Stage
    key: str = ""


class StorageWindow(QDialog):
    """One thing at a time is under way; closing the window ends it."""

    acted = Signal()
    """Something was repaired."""
    stage_wanted = Signal(object)
    """Wanted."""

    def __init__(self, mail: Mail, link: Link, profile: Profile, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Storage")
        self._mail, self._link, self._profile, self._theme = mail, link, profile, theme
        self._freeing = False
        link.heard.connect(self._hear)
        self._task: Task | None = None
        self._focus: QWidget | None = None
        self._waiting: list[Callable[[], None]] = []
        self.summary = QLabel("Measuring …", self)
        mark(self.summary, tone="muted")
        self.summary.setWordWrap(True)
        self.bars = Bars(theme, self)
        self.room = RoomSection(self)
        self.check = CheckSection(self)
        self.encryption = EncryptionSection(self)
        self._lay_out()
        self.room.ask.clicked.connect(self.count)
        self.room.drop.clicked.connect(self.free)
        self.room.shrink.clicked.connect(lambda: self.stage_wanted.emit(Wanted(Stage.SHRINK)))
        self.check.start.clicked.connect(self.verify)
        self.check.repair.clicked.connect(self.repair)
        self.check.rebuild.clicked.connect(lambda: self.stage_wanted.emit(Wanted(Stage.REBUILD)))
        for section in (self.room, self.check):
            section.stop.clicked.connect(self.stop)
        self.encryption.turn.clicked.connect(self._turn)
        self.encryption.show_key.clicked.connect(self._show_key)
        self.encryption.tell(protecting.protection(profile))
        self.measure()
        open_at(self, PREFERRED)

    def _lay_out(self) -> None:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.M)
        title = QLabel("Storage", inside)
        mark(title, tone="title")
        for widget in (title, self.summary, self.bars):
            column.addWidget(widget)
        for name, section in (
            ("Free up space", self.room),
            ("Check everything", self.check),
            ("Encryption", self.encryption),
        ):
            column.addSpacing(Space.L)
            column.addWidget(heading(name, inside))
            column.addWidget(section)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Page(inside, self))

    # What can be done

    def measure(self) -> None:
        """How much room everything takes, in the background."""
        self._begin(None, lambda tell: self._mail.space(tell), self._measured)

    def count(self) -> None:
        """What could be dropped."""
        days = self.room.days()
        self._begin(self.room, lambda tell: self._mail.could_free(self._mail.accounts(), days, tell), self.room.counted)

    def free(self) -> None:
        """Have the engine drop it, after it asked each server."""
        self._freeing = True
        self._set_busy(True)
        self.room.say("")
        self.room.set_working(True)
        self._link.wish(events.MakeRoom(self.room.days()))

    def verify(self) -> None:
        """Check everything, change nothing."""
        self._begin(self.check, lambda tell: self._mail.verify(tell), self.check.checked)

    def repair(self) -> None:
        """Put right what can be, then check again."""

        def repaired(result: Any) -> None:
            self.check.repaired(result)
            self.acted.emit()
            self.measure()

        self._begin(self.check, lambda tell: self._mail.repair(tell), repaired)

    def stop(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.stop()
        if self._freeing:
            self._link.wish(events.MakeRoom(0, stop=True))

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.RoomMade) and self._freeing:
            self._freeing = False
            self._set_busy(False)
            self.room.set_working(False)
            self.room.freed(event)
            self.measure()

    # How it goes

    def _begin(self, place: Section | None, work: Callable[[Tell], Any], then: Callable[[Any], None]) -> None:
        """`place`: where it was begun, and where is said how it goes."""
        if self._task is not None:
            self._waiting.append(lambda: self._begin(place, work, then))
            return
        task = Task(work, self)
        if place is not None:
            place.say("")
            place.set_working(True)
            task.stepped.connect(lambda step: place.progress(step.done, step.total))
        task.ended.connect(lambda result: self._ended(place, result, then))
        self._task = task
        self._focus = self.focusWidget()
        self._set_busy(place is not None)
        task.start()

    def _ended(self, place: Section | None, result: object, then: Callable[[Any], None]) -> None:
        self._task = None
        self._set_busy(False)
        if place is not None:
            place.set_working(False)
        if self._focus is not None:  # what is disabled loses it, and the page would scroll after it
            self._focus.setFocus()
        if isinstance(result, StoreDamaged) and place is self.check:
            self.check.hopeless()
        elif isinstance(result, MailError | Stopped):
            words = result.sentence() if isinstance(result, MailError) else "Stopped. What was done so far holds."
            (place.say if place is not None else self.summary.setText)(words)
        else:
            then(result)
        if self._waiting:
            self._waiting.pop(0)()

    def _set_busy(self, busy: bool) -> None:
        for section in (self.room, self.check, self.encryption):
            section.set_busy(busy)

    def _measured(self, found: Any) -> None:
        names = {account.key: account.name for account in self._mail.accounts()} | {LOCAL: "On this computer"}
        lines: list[Line] = []
        by_account: dict[str, list[Any]] = {}
        for one in found.folders:
            if one.account in names:
                by_account.setdefault(names[one.account], []).append(one)
        for name, folders in sorted(by_account.items(), key=lambda pair: -sum(one.octets for one in pair[1])):
            lines += _account_lines(name, sorted(folders, key=lambda one: (-one.octets, one.path)))
        self.bars.show_lines(lines)
        total = sum(one.octets for one in found.folders)
        self.summary.setText(
            f"{octets(total)} of mail. On the disk, compressed: {octets(found.content)}, and {octets(found.facts)} for "
            f"lists and search. A message in several folders counts once."
        )
        self.room.tell_unused(found.unused)

    def _turn(self) -> None:
        if protecting.protection(self._profile) is Protection.OFF:
            key = protecting.new_recovery_key()
            if RecoveryKeyDialog(key, self._theme, self).exec():
                self.stage_wanted.emit(Wanted(Stage.ENCRYPT, key))
        elif protecting.protection(self._profile) is Protection.PARTLY:
            self.stage_wanted.emit(Wanted(Stage.ENCRYPT))
        else:
            self.stage_wanted.emit(Wanted(Stage.DECRYPT))

    def _show_key(self) -> None:
        try:
            key = protecting.recovery_key(self._profile)
        except MailError as error:
            self.encryption.say(error.sentence())
            return
        RecoveryKeyDialog(key, self._theme, self, new=False).exec()

    def done(self, code: int) -> None:
        self._finish()
        super().done(code)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._finish()
        super().closeEvent(event)

    def _finish(self) -> None:
        self._waiting.clear()
        if self._task is not None:
            self._task.finish()
            self._task = None


def _account_lines(name: str, folders: list[Any]) -> list[Line]:
    """The account and its largest folders; those that take nothing are only counted."""
    taking = [one for one in folders if one.octets]
    lines = [Line(name, sum(one.octets for one in folders), _words(folders), heading=True)]
    lines += [Line(one.path, one.octets, _words([one])) for one in taking[:FOLDERS]]
    if rest := taking[FOLDERS:]:
        what = "1 more folder" if len(rest) == 1 else f"{len(rest)} more folders"
        lines.append(Line(what, sum(one.octets for one in rest), _words(rest)))
    return lines


def _words(folders: list[Any]) -> str:
    here, away = sum(one.messages for one in folders), sum(one.away for one in folders)
    words = f"{here:,} {'message' if here == 1 else 'messages'}"
    return f"{words}, {away:,} not here" if away else words
