"""What else there is at the time of an invitation, in the calendar files that the user named."""

import subprocess
import sys
import threading
import time

import msgspec

from qtmail.engine import clashing_process as wire
from qtmail.engine.clashing_process import Clash, Question
from qtmail.mime.invitation import Invitation

__all__ = ["Clash", "clashes"]

MOST_S = 20.0
_DAY = 86_400


def clashes(path: str, one: Invitation, stop: threading.Event) -> tuple[Clash, ...]:
    """Nothing where no calendar is named, or it cannot be read in time. Waits: call it off the window's thread; `stop`
    ends it."""
    if not path or one.start is None or one.start.at is None or one.cancelled:
        return ()
    start = one.start.at
    end = one.end.at if one.end is not None and one.end.at is not None else start
    asked = msgspec.json.encode(Question(path, start, min(end, start + _DAY), one.uid))
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console
    pipe = subprocess.PIPE
    with subprocess.Popen(
        _command(), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, creationflags=flags
    ) as process:
        until = time.monotonic() + MOST_S
        told = b""
        given: bytes | None = asked
        while not stop.is_set() and time.monotonic() < until:
            try:
                told, _ = process.communicate(given, timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                given = None
        else:
            process.kill()
    try:
        return tuple(msgspec.json.decode(told, type=list[Clash]))
    except msgspec.DecodeError:
        return ()


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, wire.ARGUMENT]
    return [sys.executable, "-m", wire.__name__]
