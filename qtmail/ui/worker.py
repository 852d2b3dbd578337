"""One thread for what takes longer than a frame: parsing, sanitising, reading attachments, fetching pictures.

The thread stays (a store's reader belongs to a thread), and answers come back as one Signal(object).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QThreadPool, Signal

from qtmail.errors import MailError

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answer:
    then: Callable[[Any], None]
    value: object


class Worker(QObject):
    """Runs functions one after the other, off the window's thread."""

    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._stopped = False
        self._answered.connect(self._deliver)

    def run(self, work: Callable[[], T], then: Callable[[T | MailError], None]) -> None:
        """Do `work` there, then call `then` here with its result, or with the MailError it raised.

        A bug in `work` is logged, and comes back as a MailError in plain words: the window goes on.
        """
        if not self._stopped:
            self._pool.start(lambda: self._do(work, then))

    def stop(self) -> None:
        """Wait for what runs, drop what waits; nothing is delivered any more."""
        self._stopped = True
        self._pool.clear()
        self._pool.waitForDone()

    def _do(self, work: Callable[[], object], then: Callable[[Any], None]) -> None:
        value: object
        try:
            value = work()
        except MailError as error:
            value = error
        except Exception as error:
            log.exception("a bug in the window's worker")
            value = MailError(f"That went wrong inside qtmail ({type(error).__name__}).", hint="The log says more.")
        self._answered.emit(_Answer(then, value))

    def _deliver(self, answer: _Answer) -> None:
        if not self._stopped:
            answer.then(answer.value)
