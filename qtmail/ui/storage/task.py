"""One long piece of work beside the window: a thread of its own, how far it is, and stopping it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from qtmail.errors import MailError

log = logging.getLogger(__name__)


class Stopped(Exception):
    """The user ended it."""


@dataclass(frozen=True, slots=True)
class Step:
    """So much of so much."""

    done: int
    total: int


Tell = Callable[[int, int], None]
"""Given to the work: (done, total). Raises Stopped."""


class Task(QObject):
    """Runs once. `stepped` carries a Step, `ended` the result, or the MailError or Stopped that ended it."""

    stepped = Signal(object)
    ended = Signal(object)

    def __init__(self, work: Callable[[Tell], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="storage")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """End it at the next step; `ended` follows."""
        self._stop.set()

    def finish(self) -> None:
        """End it at the next step and wait; nothing is told any more."""
        self.blockSignals(True)
        self.stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _tell(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Stopped
        self.stepped.emit(Step(done, total))

    def _run(self) -> None:
        result: object
        try:
            result = self._work(self._tell)
        except (MailError, Stopped) as error:
            result = error
        except Exception as error:
            log.exception("a bug while taking care of the store")
            result = MailError(f"That went wrong inside qtmail ({type(error).__name__}).", hint="The log says more.")
        self.ended.emit(result)
