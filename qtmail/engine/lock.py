"""One engine per profile: an operating-system lock that a killed process gives back by itself."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from qtmail.errors import AlreadyRunning
from qtmail.paths import Profile

# filelock does the same, but importing it takes as long as a pass without news.
if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def engine_lock(profile: Profile) -> Iterator[None]:
    """Hold the profile's engine lock. Raises AlreadyRunning at once where another process (or thread) has it."""
    profile.create()
    busy = AlreadyRunning(
        "Another qtmail is already fetching and sending mail for this profile.",
        hint="An open window does it by itself; close it first if you want to do it here.",
    )
    with file_lock(profile.engine_lock, busy):
        yield


@contextmanager
def file_lock(path: Path, busy: AlreadyRunning) -> Iterator[None]:
    """Hold a lock on a file, made if it is not there. Raises `busy` at once where another process (or thread) has
    it."""
    with path.open("ab") as file:  # closing it gives the lock back
        try:
            _take(file)
        except (BlockingIOError, PermissionError) as taken:
            raise busy from taken
        yield
