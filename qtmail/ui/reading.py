"""The window's one thread for slow reads and big acts: jobs in, replies out by one Signal(object).

Each lane keeps only its newest answer: what was asked before in the same lane is dropped when its reply comes.
"""

import itertools
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from qtmail.errors import MailError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a job: a value, or the MailError it ended with."""

    lane: str
    serial: int
    value: Any = None
    error: MailError | None = None


@dataclass(frozen=True, slots=True)
class _Job:
    lane: str
    serial: int
    work: Callable[[], Any]
    stoppable: bool


class Reading(QThread):
    """Start it with the window, `end` it before the store is closed."""

    replied = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        stopper: Callable[[], Callable[[], None]] = lambda: lambda: None,
    ) -> None:
        """`stopper` is called once on the thread, and makes what stops a read that is under way there."""
        super().__init__(parent)
        self.setObjectName("reading")
        self._stopper = stopper
        self._stop: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        """Held while one job follows another, so that none is stopped for what was asked of the one before."""
        self._lane = ""
        """Of the job under way, where it can be stopped."""
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._serials = itertools.count(1)
        self._newest: dict[str, int] = {}
        self._then: dict[int, tuple[Callable[[Any], None], Callable[[MailError], None]]] = {}
        self.replied.connect(self._deliver)

    def ask(
        self,
        lane: str,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[MailError], None] = lambda error: None,
        *,
        stoppable: bool = False,
    ) -> None:
        """Do `work` on the thread, then call `then` with its value (or `failed`) on the window's thread. `stoppable`:
        it only reads, and is stopped half-way when something else is asked in its lane."""
        serial = next(self._serials)
        self._newest[lane] = serial
        self._then[serial] = (then, failed)
        self._jobs.put(_Job(lane, serial, work, stoppable))
        self._give_up(lane)

    def forget(self, lane: str) -> None:
        """Whatever is under way in this lane is of no interest any more."""
        self._newest[lane] = next(self._serials)
        self._give_up(lane)

    def _give_up(self, lane: str) -> None:
        with self._lock:
            if self._lane == lane:
                self._stop()

    def end(self) -> None:
        """Stop the job in hand where it can be, and the thread; returns when it is gone."""
        self._newest.clear()
        self._jobs.put(None)
        with self._lock:
            if self._lane:
                self._stop()
        self.wait()

    def run(self) -> None:
        self._stop = self._stopper()
        while (job := self._jobs.get()) is not None:
            reply = Reply(job.lane, job.serial)
            with self._lock:
                wanted = self._newest.get(job.lane) == job.serial
                self._lane = job.lane if wanted and job.stoppable else ""
            if wanted:
                reply = _answer(job)
            with self._lock:
                self._lane = ""
            self.replied.emit(reply)

    def _deliver(self, reply: Reply) -> None:
        then, failed = self._then.pop(reply.serial)
        if self._newest.get(reply.lane) != reply.serial:
            return
        if reply.error is not None:
            failed(reply.error)
        else:
            then(reply.value)


def _answer(job: _Job) -> Reply:
    try:
        return Reply(job.lane, job.serial, job.work())
    except MailError as error:
        return Reply(job.lane, job.serial, error=error)
    except Exception as error:  # the thread's outermost loop: a bug must not end it
        log.exception("a read failed in lane %s", job.lane)
        return Reply(job.lane, job.serial, error=MailError(f"Something in qtmail went wrong: {error}."))
