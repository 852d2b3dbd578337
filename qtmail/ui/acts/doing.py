"""Carries out what the user does, in the order of the clicks: at once where the store is free, else as soon as it is.

The window's thread waits for another program's writing for no longer than PATIENCE_S; after that the act, and every
later one until it is done, waits in line on a thread of its own. No click is lost, none overtakes another.
"""

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from qtmail.engine.mail import Done, Mail
from qtmail.errors import MailError, StoreBusy

log = logging.getLogger(__name__)

PATIENCE_S = 0.25
"""A window that stands still for longer feels broken."""
AT_THE_END_S = 15.0
"""For what must be saved before the program ends."""

Act = Callable[[], Done]
Then = Callable[[Done], object]
Failed = Callable[[MailError], object]


@dataclass(frozen=True, slots=True)
class _Waiting:
    act: Act
    then: Then
    failed: Failed


@dataclass(frozen=True, slots=True)
class _Outcome:
    of: _Waiting
    done: Done | None = None
    error: MailError | None = None


class Doing(QThread):
    """Make it on the window's thread, which is in a hurry from then on. `end` it before the store is closed."""

    delayed = Signal()
    """The store is busy: what was asked for is done as soon as it is free."""
    _finished_one = Signal(object)

    def __init__(self, mail: Mail, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("doing")
        self._line: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._under_way = 0
        self._ending = False
        self._finished_one.connect(self._deliver)
        mail.hurry(PATIENCE_S)

    def do(self, act: Act, then: Then, failed: Failed, *, large: bool = False) -> bool:
        """Then `then` with what it did, or `failed`, on the window's thread. -> False where that comes later.

        large: it takes long in any case, so it is not tried on the window's thread.
        """
        if not self._under_way and not large:
            try:
                done = act()
            except StoreBusy:
                self.delayed.emit()
            except MailError as error:
                failed(error)
                return True
            else:
                then(done)
                return True
        self._under_way += 1
        self._line.put(_Waiting(act, then, failed))
        if not self.isRunning():
            self.start()
        return False

    def end(self) -> None:
        """Returns when all that was asked for is done, and the thread gone."""
        self._ending = True
        self._line.put(None)
        self.wait()

    def run(self) -> None:
        while (waiting := self._line.get()) is not None:
            self._finished_one.emit(self._carry_out(waiting))

    def _carry_out(self, waiting: _Waiting) -> _Outcome:
        """Another program may hold the store for long; only when ours ends is there an end to patience."""
        while True:
            last_try = self._ending
            try:
                return _Outcome(waiting, waiting.act())
            except StoreBusy as error:
                if last_try:
                    log.warning("given up at the end: %s", error)
                    return _Outcome(waiting, error=error)
            except MailError as error:
                return _Outcome(waiting, error=error)
            except Exception as error:  # the thread's outermost loop: a bug must not end it
                log.exception("an act failed")
                return _Outcome(waiting, error=MailError(f"Something in qtmail went wrong: {error}."))

    def _deliver(self, outcome: _Outcome) -> None:
        self._under_way -= 1
        if self._ending:
            return
        if outcome.error is not None:
            outcome.of.failed(outcome.error)
        elif outcome.done is not None:
            outcome.of.then(outcome.done)
