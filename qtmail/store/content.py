"""Raw bytes of messages and attachments, immutable, found by their SHA-256; zstd where that is smaller.

Content is made durable first, then the facts that refer to it: a fact without its content cannot exist, and content
that nobody refers to is harmless and collected later (grace.py).
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import apsw
import zstandard

from qtmail.errors import StoreError
from qtmail.model import ContentHash
from qtmail.store.connection import Database, Immediate, meaning

BATCH = 1000
BATCH_OCTETS = 16 * 1024 * 1024
"""A transaction holds at most so many contents, and about so many octets of them."""
DROPPED = 100
"""Contents dropped in one transaction."""
LISTED = 20_000
"""Names of contents looked at in one go."""
PIECE = 1024 * 1024
PAGE_SIZE = 16 * 1024
LEVEL = 3


def hash_of(content: bytes) -> ContentHash:
    """What `put_many` will call these bytes."""
    return ContentHash(sha256(content).digest())


class Packed(NamedTuple):
    """Bytes as they are kept: one record of `blob`."""

    hash: ContentHash
    size: int
    """Octets before compression."""
    stored: int
    """0: `data` is the bytes; 1: zstd."""
    at: int
    data: bytes


class Content:
    """The content database. One object a process; any thread may use it."""

    def __init__(self, path: Path) -> None:
        """Open, creating or migrating as needed. Raises StoreError."""
        self._database = Database(path, "content", page_size=PAGE_SIZE)
        self._local = threading.local()

    @property
    def path(self) -> Path:
        """Where the database is."""
        return self._database.path

    def spool(self) -> Path:
        """A directory beside it, for large contents on their way to `put_file`; made if it is not there."""
        directory = self.path.with_name("fetched")
        directory.mkdir(exist_ok=True, mode=0o700)
        return directory

    def spool_for_text(self) -> Path | None:
        """The same for what may be read there; None where the store is encrypted: such contents stay in memory."""
        return None if self._database.sealed else self.spool()

    def put_many(self, contents: Sequence[bytes], *, now: int) -> list[ContentHash]:
        """Keep these, durably when it returns. Bytes that are here already cost a look-up.

        Putting again counts as new use: what is about to be referred to is not collected.
        """
        packed = self.pack(contents, now=now)
        self.keep(packed)
        return [one.hash for one in packed]

    def pack(self, contents: Iterable[bytes], *, now: int) -> list[Packed]:
        """Hash and compress, the part of the work that can go ahead of `keep`; nothing is written."""
        return [self._pack(content, now) for content in contents]

    def keep(self, packed: Sequence[Packed]) -> None:
        """Write these, durably when it returns, in transactions of bounded size. Raises StoreError."""
        for batch in _batches(packed):
            self._write(batch)

    def put_file(self, path: Path, digest: ContentHash, *, now: int) -> None:
        """Keep a file's bytes, durably when it returns, without holding them in memory; `digest` is their hash_of.
        Raises StoreError, OSError. A name beside `path` (with “.zst”) is used meanwhile."""
        packed = path.with_name(path.name + ".zst")
        size = path.stat().st_size
        try:
            with path.open("rb") as source, packed.open("wb") as target:
                zstandard.ZstdCompressor(level=LEVEL).copy_stream(source, target, size=size)
            smaller = packed.stat().st_size < size
            self._write_file(packed if smaller else path, Packed(digest, size, int(smaller), now, b""))
        finally:
            packed.unlink(missing_ok=True)

    def put(self, content: bytes, *, now: int) -> ContentHash:
        """Keep these bytes, durably when it returns."""
        return self.put_many([content], now=now)[0]

    def get(self, content: ContentHash) -> bytes:
        """The bytes, hashed again. Raises StoreError when they are not there or not what they were."""
        record = self._database.read().one("SELECT stored, size, data FROM blob WHERE hash = ?", content)
        if record is None:
            raise StoreError("The content of this message is missing.", hint="Run “qtmail verify” to see what else is.")
        stored, size, data = record
        try:
            found = self._unpack(data, size) if stored else bytes(data)
        except zstandard.ZstdError:
            found = b""
        if hash_of(found) != content:
            raise StoreError("The content of this message is damaged on disk.", hint="Run “qtmail verify”.")
        return found

    def has(self, content: ContentHash) -> bool:
        """Whether it is here (not whether it is whole: `get` proves that)."""
        return self._database.read().value("SELECT 1 FROM blob WHERE hash = ?", content) is not None

    def size(self, content: ContentHash) -> int:
        """Octets, before compression. Raises StoreError when it is not here."""
        size = self._database.read().value("SELECT size FROM blob WHERE hash = ?", content)
        if size is None:
            raise StoreError("The content of this message is missing.", hint="Run “qtmail verify” to see what else is.")
        return int(size)

    def hashes(self, after: bytes = b"", limit: int = -1) -> list[ContentHash]:
        """What is here, in order, from the first greater than `after`: read from an index, no content is touched."""
        return self._database.read().column("SELECT hash FROM blob WHERE hash > ? ORDER BY hash LIMIT ?", after, limit)

    def collect(self, referenced: Callable[[bytes, bytes], Collection[ContentHash]], *, before: int) -> int:
        """Drop what is not `referenced(after, last)`, asked for one stretch of names after the other, and was last put
        before that time -> how many."""
        dropped, after = 0, b""
        while part := self.hashes(after, LISTED):
            known = referenced(after, part[-1])
            dropped += self.drop([content for content in part if content not in known], before=before)
            after = part[-1]
        return dropped

    def drop(self, contents: Sequence[ContentHash], *, before: int | None = None) -> int:
        """Drop these, unless they were put (again) at or after that time -> how many. Small transactions."""
        dropped = 0
        for start in range(0, len(contents), DROPPED):
            batch = [(content, before) for content in contents[start : start + DROPPED]]
            with self._database.turn() as writer:
                try:
                    with Immediate(writer):
                        changes = writer.total_changes()
                        writer.executemany("DELETE FROM blob WHERE hash = ?1 AND (?2 IS NULL OR at < ?2)", batch)
                        dropped += writer.total_changes() - changes
                except apsw.Error as error:
                    raise meaning(error) from error
        return dropped

    def unused(self) -> int:
        """Octets of the file that hold nothing: what comes next goes there before the file grows."""
        reader = self._database.read()
        return int(reader.value("PRAGMA freelist_count")) * int(reader.value("PRAGMA page_size"))

    def hurry(self, seconds: float) -> None:
        """From now on this thread waits at most so long for others that write."""
        self._database.hurry(seconds)

    def close(self) -> None:
        """Close this process's connections."""
        self._database.close()

    def _write(self, records: Sequence[Packed]) -> None:
        with self._database.turn() as writer:
            try:
                with Immediate(writer):
                    writer.executemany(
                        """
                        INSERT INTO blob (hash, size, stored, at, data) VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (hash) DO UPDATE SET at = excluded.at WHERE at < excluded.at - 3600
                        """,
                        records,
                    )
            except apsw.Error as error:
                raise meaning(error) from error

    def _write_file(self, path: Path, record: Packed) -> None:
        """One record whose `data` is this file."""
        with self._database.turn() as writer, path.open("rb") as source:
            try:
                with Immediate(writer):
                    if writer.execute(
                        "UPDATE blob SET at = ? WHERE hash = ? RETURNING id", (record.at, record.hash)
                    ).fetchall():
                        return
                    writer.execute(
                        "INSERT INTO blob (hash, size, stored, at, data) VALUES (?, ?, ?, ?, zeroblob(?))",
                        (*record[:4], path.stat().st_size),
                    )
                    with writer.blob_open("main", "blob", "data", writer.last_insert_rowid(), True) as blob:
                        while piece := source.read(PIECE):
                            blob.write(piece)
            except apsw.Error as error:
                raise meaning(error) from error

    def _pack(self, content: bytes, now: int) -> Packed:
        compressor = getattr(self._local, "compressor", None)
        if compressor is None:  # not shared between threads
            compressor = self._local.compressor = zstandard.ZstdCompressor(level=LEVEL)
        packed: bytes = compressor.compress(content)
        if len(packed) < len(content):
            return Packed(hash_of(content), len(content), 1, now, packed)
        return Packed(hash_of(content), len(content), 0, now, content)

    def _unpack(self, data: bytes, size: int) -> bytes:
        decompressor = getattr(self._local, "decompressor", None)
        if decompressor is None:
            decompressor = self._local.decompressor = zstandard.ZstdDecompressor()
        unpacked: bytes = decompressor.decompress(data, max_output_size=size)
        return unpacked


def _batches(packed: Sequence[Packed]) -> Iterator[Sequence[Packed]]:
    start = octets = 0
    for end, one in enumerate(packed, 1):
        octets += len(one.data)
        if end - start >= BATCH or octets >= BATCH_OCTETS or end == len(packed):
            yield packed[start:end]
            start, octets = end, 0
