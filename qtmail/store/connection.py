"""SQLite itself: opening one database, its readers and its writer, migrations, and what its failures mean."""

import contextlib
import threading
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any
from weakref import WeakSet

import apsw
import msgspec

from qtmail.errors import StoreBusy, StoreDamaged, StoreError
from qtmail.store import sealing

Record = tuple[Any, ...]

BUSY_MS = 15_000
"""How long a writer waits for the other process's transaction before it says so."""

_BUSY = (apsw.BusyError, apsw.LockedError, apsw.ProtocolError)
_MEANINGS: tuple[tuple[type[apsw.Error], str, str, bool], ...] = (
    (apsw.FullError, "There is no room left on the disk.", "Free some space; nothing was lost.", True),
    (apsw.ReadOnlyError, "The mail store cannot be written.", "Check the permissions of the profile's folder.", False),
    (apsw.PermissionsError, "The mail store cannot be read.", "Check the permissions of its folder.", False),
    (apsw.CantOpenError, "The mail store cannot be opened.", "Check that its folder is there and yours.", False),
    (apsw.IOError, "The disk failed while reading or writing mail.", "Check the disk and its cables.", True),
    (apsw.InterruptError, "Reading was stopped.", "", True),
    (apsw.NoMemError, "There is not enough memory.", "Close other programs.", True),
)


def meaning(error: apsw.Error) -> Exception:
    """A StoreError for what the world did; a bug of ours stays the error it is."""
    if isinstance(error, _BUSY):
        return StoreBusy()
    if isinstance(error, apsw.IOError) and getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE:
        error = apsw.FullError()  # what a full disk is called when a database is opened (its -shm file cannot grow)
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return StoreDamaged("The mail store is damaged.")
    for kind, what, hint, retry in _MEANINGS:
        if isinstance(error, kind):
            return StoreError(what, hint=hint, retry=retry)
    return error


_numbers = msgspec.json.Decoder(list[int])
_PIECE = 500_000
"""Characters of JSON that are read at once."""


def only_reading(path: Path) -> apsw.Connection:
    """A connection to a database that may be damaged; nothing is written. Raises apsw.Error, StoreLocked."""
    key = sealing.pragma(path)
    sqlite = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    if key:
        sqlite.execute(key)
    return sqlite


class Reader:
    """One connection that reads. Every method raises StoreError for what the world did (full, locked, damaged)."""

    __slots__ = ("__weakref__", "_sqlite")

    def __init__(self, sqlite: apsw.Connection) -> None:
        self._sqlite = sqlite

    def stop(self) -> None:
        """From any thread: what this connection is reading raises StoreError. Harmless when it reads nothing."""
        with contextlib.suppress(apsw.ConnectionClosedError):
            self._sqlite.interrupt()

    def all(self, sql: str, *values: Any) -> list[Record]:
        """Every record of the answer."""
        try:
            return self._sqlite.execute(sql, values).fetchall()
        except apsw.Error as error:
            raise meaning(error) from error

    def one(self, sql: str, *values: Any) -> Record | None:
        """The first record, None if there is none."""
        try:
            cursor = self._sqlite.execute(sql, values)
            record = next(cursor, None)
            cursor.close()
        except apsw.Error as error:
            raise meaning(error) from error
        return record

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first record, None if there is none."""
        record = self.one(sql, *values)
        return None if record is None else record[0]

    def column(self, sql: str, *values: Any) -> list[Any]:
        """The first column of every record."""
        return [record[0] for record in self.all(sql, *values)]

    def numbers(self, column: str, sql: str, *values: Any) -> "array[int]":
        """One column of many records, array('q'), in order: 200,000 in half the time of building their records, and
        other threads are kept waiting for no more than 100,000."""
        text: str = self.value(f"SELECT json_group_array({column}) FROM ({sql})", *values)  # noqa: S608 - literals
        found = array("q")
        start, last = 1, len(text) - 1
        while start < last:
            end = text.find(",", start + _PIECE)
            end = last if end < 0 else end
            found.extend(_numbers.decode(f"[{text[start:end]}]"))
            start = end + 1
        return found


def listed(values: Iterable[int] | Iterable[str]) -> str:
    """Many values as one, for `IN (SELECT value FROM json_each(?))`."""
    return msgspec.json.encode(values if isinstance(values, list | tuple) else list(values)).decode()


class Database:
    """One database file: a reader for each thread, one writer for all."""

    def __init__(self, path: Path, schema: str, *, page_size: int = 4096) -> None:
        """Open `path`, creating it or migrating it forward by schema/`schema`_NNN.sql. Raises StoreError."""
        self.path = path
        self._lock = threading.RLock()
        self._local = threading.local()
        self._readers: WeakSet[Reader] = WeakSet()
        self._closed = False
        self._key = sealing.pragma(path)
        self.writer = self._first(page_size)
        try:
            migrate(self.writer, schema)
        except apsw.Error as error:
            self.writer.close()
            raise meaning(error) from error
        except StoreError:
            self.writer.close()
            raise

    @property
    def sealed(self) -> bool:
        """Whether it is encrypted."""
        return bool(self._key)

    def read(self) -> Reader:
        """This thread's reader."""
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            if self._closed:
                raise StoreError("The mail store is closed.")
            try:
                sqlite = self._connect(0)
                sqlite.execute("PRAGMA query_only = 1")
            except apsw.Error as error:
                raise meaning(error) from error
            reader = self._local.reader = Reader(sqlite)
            self._readers.add(reader)
        return reader

    def hurry(self, seconds: float) -> None:
        """From now on this thread waits at most so long for its turn to write."""
        self._local.wait = seconds

    @contextmanager
    def turn(self) -> Iterator[apsw.Connection]:
        """The writer, for this thread alone; the transactions in it wait for other programs as long as this thread
        can. Raises StoreBusy."""
        wait: float | None = getattr(self._local, "wait", None)
        if not self._lock.acquire(timeout=-1 if wait is None else wait):
            raise StoreBusy
        try:
            self.writer.set_busy_timeout(BUSY_MS if wait is None else int(wait * 1000))
            yield self.writer
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close every connection; the last one of all processes folds the WAL into the database."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for reader in list(self._readers):
                reader._sqlite.close()
            self.writer.close()
            self._local = threading.local()

    def _first(self, page_size: int) -> apsw.Connection:
        """A connection to the file that has this name now: while it waited, another program may have replaced it
        (copying.py). From then on nobody can."""
        while True:
            try:
                before = _identity(self.path)
                sqlite = self._connect(page_size)
                if before in (None, _identity(self.path)):
                    copy_of(self.path).unlink(missing_ok=True)
                    return sqlite
                sqlite.close()
                self._key = sealing.pragma(self.path)
            except apsw.Error as error:
                now = sealing.pragma(self.path)
                if now == self._key:
                    raise meaning(error) from error
                self._key = now

    def _connect(self, page_size: int) -> apsw.Connection:
        sqlite = apsw.Connection(str(self.path))
        try:
            sqlite.set_busy_timeout(BUSY_MS)
            if self._key:
                sqlite.execute(self._key)
            if page_size:
                sqlite.execute(f"PRAGMA page_size = {page_size}")
            sqlite.execute("PRAGMA journal_mode = WAL").fetchall()
            sqlite.execute(
                """
                PRAGMA synchronous = FULL;
                PRAGMA foreign_keys = ON;
                PRAGMA secure_delete = FAST;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -32000;
                PRAGMA wal_autocheckpoint = 4000;
                PRAGMA journal_size_limit = 67108864;
                """
            )
        except apsw.Error:
            sqlite.close()
            raise
        return sqlite


def copy_of(path: Path) -> Path:
    """Where a new copy of a database is made (copying.py); one that is there when it is opened is half of one."""
    return path.with_name(path.name + ".copy")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def scripts(schema: str) -> dict[int, str]:
    """Version -> the script that leads to it from the one before."""
    folder = resources.files("qtmail.store") / "schema"
    found = [entry for entry in folder.iterdir() if entry.name.startswith(f"{schema}_") and entry.name.endswith(".sql")]
    return {int(entry.name.removesuffix(".sql").rpartition("_")[2]): entry.read_text("utf-8") for entry in found}


def migrate(sqlite: apsw.Connection, schema: str) -> None:
    """Bring the database to this program's version, one transaction a step. Raises StoreError if it is newer."""
    steps = scripts(schema)
    newest = max(steps)
    while (version := _version(sqlite)) < newest:
        with Immediate(sqlite):
            if _version(sqlite) == version:  # or else the other process was quicker
                sqlite.execute(steps[version + 1])
                sqlite.execute(f"PRAGMA user_version = {version + 1}")
    if version > newest:
        raise StoreError(
            "This mail was kept by a newer qtmail, which this one would damage.",
            hint="Install the newer version again, or use another profile.",
        )


def is_old(path: Path, schema: str) -> bool:
    """Whether opening it brings it forward first. Raises StoreLocked."""
    if not path.exists():
        return False
    try:
        sqlite = only_reading(path)
        try:
            return 0 < _version(sqlite) < max(scripts(schema))
        finally:
            sqlite.close(True)
    except apsw.Error:
        return False  # opening it says why


def opens(path: Path) -> bool:
    """Whether it is a database with a readable schema (or not there yet). Raises StoreLocked."""
    if not path.exists():
        return True
    try:
        sqlite = only_reading(path)
        try:
            sqlite.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        finally:
            sqlite.close(True)
    except (apsw.CorruptError, apsw.NotADBError):
        return False
    except apsw.Error:
        return True  # opening it for good says why not
    return True


class Immediate:
    """BEGIN IMMEDIATE ... COMMIT, or ROLLBACK when the block or the COMMIT fails."""

    def __init__(self, sqlite: apsw.Connection) -> None:
        self._sqlite = sqlite

    def __enter__(self) -> None:
        self._sqlite.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._sqlite.execute("COMMIT")
        finally:
            if self._sqlite.in_transaction:  # SQLite rolls back by itself when the disk is full
                self._sqlite.execute("ROLLBACK")


def _version(sqlite: apsw.Connection) -> int:
    return int(sqlite.execute("PRAGMA user_version").fetchall()[0][0])  # type: ignore[arg-type]
