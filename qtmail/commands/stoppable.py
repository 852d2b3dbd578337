"""Long work that can be stopped in order: by Ctrl+C, or by whoever started this program and closes its stdin."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stoppable(*, watched: bool = False) -> Iterator[threading.Event]:
    """-> set at the first Ctrl+C (the second one interrupts as ever), or with `watched` when stdin ends: a window that
    is gone, or says so."""
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        stop.set()

    before = signal.signal(signal.SIGINT, asked)
    if watched:
        threading.Thread(target=_await_end, args=(stop,), name="stdin", daemon=True).start()
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _await_end(stop: threading.Event) -> None:
    """On the bare descriptor: a blocking read of sys.stdin could not be left at the end."""
    while os.read(sys.stdin.fileno(), 4096):
        continue
    stop.set()
