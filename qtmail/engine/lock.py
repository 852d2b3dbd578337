"""One engine per profile: an operating-system lock that a killed process gives back by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from qtmail.errors import AlreadyRunning
from qtmail.paths import Profile


@contextmanager
def engine_lock(profile: Profile) -> Iterator[None]:
    """Hold the profile's engine lock. Raises AlreadyRunning at once where another process (or thread) has it."""
    profile.create()
    lock = FileLock(profile.engine_lock, timeout=0)
    try:
        lock.acquire()
    except Timeout as busy:
        raise AlreadyRunning(
            "Another qtmail is already fetching and sending mail for this profile.",
            hint="An open window does it by itself; close it first if you want to do it here.",
        ) from busy
    try:
        yield
    finally:
        lock.release()
