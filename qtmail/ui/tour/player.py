"""Plays the steps: acts, waits for what must happen, takes the picture, goes on; says at the end whether all was well.

begin --act--> looking --it happened--> settling --the screen stands still--> picture --> begin the next
                  |  deadline, a problem told, a bug: picture of that moment, ended(1)
"""

import contextlib
import logging
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from qtmail.engine.mail import Mail
from qtmail.ui.link import Link
from qtmail.ui.tour.pictures import desk
from qtmail.ui.tour.script import STEPS
from qtmail.ui.tour.stage import Missing, Stage
from qtmail.ui.tour.step import Step
from qtmail.ui.window.arrangement import PREFERRED

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow

log = logging.getLogger(__name__)

POLL_MS = 40
STILL_S = 3.0
"""The picture is taken when the screen stands still, or after this long: something may always move."""


class Tour(QObject):
    """One walk. Prints a line a step on stdout."""

    ended = Signal(int)
    """The exit code: 0 only if every step really happened."""

    def __init__(
        self,
        window: "MainWindow",
        mail: Mail,
        link: Link,
        folder: Path,
        differences: Callable[[], Sequence[str]],
        steps: Sequence[Step] = STEPS,
    ) -> None:
        """Pictures go into `folder`, which is made. `differences`: see Stage."""
        super().__init__(window)
        self._window = window
        self._stage = Stage(window, mail, link, folder, differences)
        self._folder = folder
        self._steps = steps
        self._number = 0
        self._taken = 0
        self._began = self._started = time.monotonic()
        self._settling_since: float | None = None
        self._last: QImage | None = None
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Walk; `ended` follows."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._end(1, f"FAILED  No pictures can be kept in {self._folder}: {error.strerror}. Name another folder.")
            return
        self._window.resize(*PREFERRED)  # the same pictures on any screen: the one of no display is 800 wide
        self._began = time.monotonic()
        self._timer.start()
        self._begin()

    @property
    def _step(self) -> Step:
        return self._steps[self._number]

    def _begin(self) -> None:
        if self._number == len(self._steps):
            seconds = time.monotonic() - self._began
            self._end(0, f"The tour is done: {len(self._steps)} steps, {self._taken} pictures, {seconds:.0f} s.")
            return
        self._started = time.monotonic()
        self._settling_since = self._last = None
        self._window.toast.hide()  # what it says belongs to the picture before
        try:
            self._step.act(self._stage)
        except Missing as error:
            self._fail(f"there is no {error}")
        except Exception as error:  # the tour's outermost loop: it must come to an end, whatever happens
            log.exception("the tour met a bug")
            self._fail(f"{type(error).__name__}: {error}")

    def _look(self) -> None:
        try:
            trouble = self._stage.trouble()
            missing = trouble or self._step.missing(self._stage)
        except Missing as error:
            trouble, missing = "", str(error)
        except Exception as error:  # as above
            log.exception("the tour met a bug")
            trouble = missing = f"{type(error).__name__}: {error}"
        waited = time.monotonic() - self._started
        if trouble:
            self._fail(trouble)
        elif missing:
            self._settling_since = self._last = None
            if waited > self._step.seconds:
                self._fail(f"after {waited:.0f} s there is still missing: {missing}")
        elif self._settled():
            self._finish(waited)

    def _settled(self) -> bool:
        """Two looks in a row see the same: fades, lists and pages are drawn to their end."""
        if not self._step.picture:
            return True
        now = time.monotonic()
        if self._settling_since is None:
            self._settling_since = now
        before, self._last = self._last, desk(self._window, self._window.theme)
        return before == self._last or now - self._settling_since > STILL_S

    def _finish(self, waited: float) -> None:
        name = f"{self._number + 1:02}-{self._step.name}"
        if self._last is not None and not self._save(self._last, name):
            self._end(1, f"FAILED  {name}: the picture cannot be saved. Is the folder yours, and the disk not full?")
            return
        _say(f"ok      {name:<24} {waited:5.1f} s  {self._step.says}")
        self._number += 1
        self._begin()

    def _fail(self, why: str) -> None:
        name = f"{self._number + 1:02}-{self._step.name}"
        self._save(desk(self._window, self._window.theme), f"{name}-failed")
        self._keep_logs()
        self._end(1, f"FAILED  {name}  {self._step.says}: {why}")

    def _save(self, image: QImage, name: str) -> bool:
        self._taken += 1
        return image.save(str(self._folder / f"{name}.png"))

    def _keep_logs(self) -> None:
        """The demo's profile is gone when the program ends; what failed is told there."""
        for log_file in self._window.profile.logs.glob("*"):
            with contextlib.suppress(OSError):
                shutil.copy(log_file, self._folder)

    def _end(self, code: int, words: str) -> None:
        self._timer.stop()
        _say(words)
        self.ended.emit(code)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
