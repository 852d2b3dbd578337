"""A database written anew under another key, or none, or the same one (which leaves out its free pages).

    mail.db  --lock for us alone--> mail.db.copy --compare, flush--> renamed over mail.db

Killed anywhere, there is one whole database under the name: the old one before the rename, the new one after it. What
is left of a copy is removed when the database is opened next.
"""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import apsw

from qtmail.errors import StoreBusy, StoreError
from qtmail.paths import Profile
from qtmail.store import sealing
from qtmail.store.connection import copy_of, meaning

MARGIN = 64 * 1024 * 1024
"""So much room is left on the disk."""
_STEPS = 20_000
"""Instructions of SQLite between two looks at the progress: some milliseconds."""
_WAIT_MS = 2_000
Progress = Callable[[int, int], bool]
"""(octets done, of how many) -> whether to stop."""


class CopyStopped(Exception):
    """The user stopped it; the database is as it was."""


def _never(_done: int, _total: int) -> bool:
    return False


def sealed(profile: Profile) -> tuple[bool | None, ...]:
    """Of each database (content, facts), whether it is encrypted."""
    return tuple(sealing.is_sealed(path) for path in _databases(profile))


def copy(profile: Profile, recovery_key: str | None, progress: Progress = _never) -> None:
    """Every database written anew: encrypted with this key, or (None) not encrypted. One that is so already is written
    anew as well.

    Nobody may have the store open. Raises StoreError (in use, no room, damaged), StoreLocked, CopyStopped; what was
    done up to then is good, and the same call goes on with the rest.
    """
    present = [path for path in _databases(profile) if path.exists()]
    check_room(profile)
    try:
        if recovery_key is not None:
            sealing.name_key(profile, recovery_key)
        total = sum(path.stat().st_size for path in present)
        before = 0
        for path in present:
            size = path.stat().st_size
            _copy_one(path, recovery_key, lambda here, before=before: progress(before + here, total))  # type: ignore[misc]
            before += size
        if recovery_key is None:
            sealing.name_key(profile, None)
        progress(total, total)
    except OSError as error:
        raise _disk(error) from error


def check_room(profile: Profile) -> None:
    """Raises StoreError where the disk cannot hold the largest database twice."""
    present = [path for path in _databases(profile) if path.exists()]
    needed = max((path.stat().st_size for path in present), default=0) + MARGIN
    room = shutil.disk_usage(profile.root).free
    if room < needed:
        raise StoreError(
            f"There is not enough room on the disk: {needed / 1e6:,.0f} MB are needed, {room / 1e6:,.0f} MB are free.",
            hint="Free some space; nothing was changed.",
            retry=True,
        )


def _databases(profile: Profile) -> tuple[Path, Path]:
    """Content first: a half changed store is then one whose facts are as they were."""
    return profile.content, profile.facts


def _copy_one(path: Path, recovery_key: str | None, progress: Callable[[int], bool]) -> None:
    copy = copy_of(path)
    copy.unlink(missing_ok=True)
    source = _alone(path)
    try:
        source.set_progress_handler(lambda: progress(copy.stat().st_size if copy.exists() else 0), _STEPS)
        source.execute("VACUUM INTO ?", (_target(copy, recovery_key),))
        source.set_progress_handler(None)
        _compare(source, copy, recovery_key)
        _flush(copy)
        if sys.platform == "win32":  # where an open file cannot be replaced
            source.close()
        copy.chmod(0o600)
        copy.replace(path)
        _flush(path.parent)
    except apsw.InterruptError as error:
        raise CopyStopped from error
    except apsw.Error as error:
        raise meaning(error) from error
    finally:
        source.close(True)
        with suppress(OSError):
            copy.unlink(missing_ok=True)


def _alone(path: Path) -> apsw.Connection:
    """A connection beside which no other one can be, with the write-ahead log folded in."""
    key = sealing.pragma(path)
    source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI)
    try:
        source.set_busy_timeout(_WAIT_MS)
        if key:
            source.execute(key)
        source.execute("PRAGMA temp_store = MEMORY")
        source.execute("PRAGMA synchronous = FULL")
        source.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        source.execute("PRAGMA journal_mode = DELETE").fetchall()
        source.execute("BEGIN EXCLUSIVE; COMMIT")
    except (apsw.BusyError, apsw.LockedError) as error:
        source.close(True)
        raise StoreBusy from error
    except apsw.Error as error:
        source.close(True)
        raise meaning(error) from error
    return source


def _target(copy: Path, recovery_key: str | None) -> str:
    key = sealing.raw_key(recovery_key, copy) if recovery_key is not None else ""
    return f"file:{quote(str(copy))}?key={key}"


def _compare(source: apsw.Connection, copy: Path, recovery_key: str | None) -> None:
    """The copy opens, and holds as many records of everything. Raises StoreError."""
    made = apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        if recovery_key is not None:
            made.execute(f"PRAGMA key = '{sealing.raw_key(recovery_key, copy)}'")
        if _counts(made) != _counts(source):
            raise StoreError("The copy of the mail store is not equal to it.", hint="Run “qtmail verify” first.")
    finally:
        made.close(True)


def _counts(sqlite: apsw.Connection) -> list[object]:
    """The schema's version, and how many records each table has, counted in its smallest index."""
    tables = sqlite.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
    names = [str(record[0]) for record in tables.fetchall()]
    found: list[object] = [*sqlite.execute("PRAGMA user_version").fetchall()]
    for name in names:
        found += sqlite.execute(f'SELECT count(*) FROM "{name}"').fetchall()  # noqa: S608 - a name of our own schema
    return found


def _flush(path: Path) -> None:
    """Onto the disk: a file, or (where the system can) the names in a directory."""
    if sys.platform == "win32" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _disk(error: OSError) -> StoreError:
    return StoreError(
        f"The mail store could not be written anew: {error.strerror or error}.",
        hint="It is as it was. Check the disk and the permissions of the profile's folder.",
    )


def fits(profile: Profile, recovery_key: str) -> bool:
    """Whether this key opens every encrypted database of the profile."""
    for path in _databases(profile):
        if not sealing.is_sealed(path):
            continue
        sqlite = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            sqlite.execute(f"PRAGMA key = '{sealing.raw_key(recovery_key, path)}'")
            sqlite.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except apsw.NotADBError:
            return False
        except apsw.Error as error:
            raise meaning(error) from error
        finally:
            sqlite.close(True)
    return True
