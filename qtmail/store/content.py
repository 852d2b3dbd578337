"""Raw bytes of messages and attachments, immutable, found by their SHA-256; zstd where that is smaller.

Content is made durable first, then the facts that refer to it: a fact without its content cannot exist, and content
that nobody refers to is harmless and collected later (grace.py).
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path

import apsw
import zstandard

from qtmail.errors import StoreError
from qtmail.model import ContentHash
from qtmail.store.connection import Database, Immediate, Record, meaning

BATCH = 100
PAGE_SIZE = 16 * 1024
LEVEL = 3


def hash_of(content: bytes) -> ContentHash:
    """What `put_many` will call these bytes."""
    return ContentHash(sha256(content).digest())


class Content:
    """The content database. One object a process; any thread may use it."""

    def __init__(self, path: Path) -> None:
        """Open, creating or migrating as needed. Raises StoreError."""
        self._database = Database(path, "content", page_size=PAGE_SIZE)
        self._local = threading.local()

    def put_many(self, contents: Sequence[bytes], *, now: int) -> list[ContentHash]:
        """Keep these, durably when it returns; in transactions of 100. Bytes that are here already cost a look-up.

        Putting again counts as new use: what is about to be referred to is not collected.
        """
        hashes: list[ContentHash] = []
        waiting = iter(contents)
        while batch := list(islice(waiting, BATCH)):
            records = [self._record(content, now) for content in batch]
            self._write(records)
            hashes += [record[0] for record in records]
        return hashes

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

    def hashes(self) -> Iterator[ContentHash]:
        """Everything that is here."""
        yield from self._database.read().column("SELECT hash FROM blob")

    def collect(self, referenced: Collection[ContentHash], *, before: int) -> int:
        """Drop what is not `referenced` and was last put before that time -> how many."""
        old = self._database.read().all("SELECT id, hash FROM blob WHERE at < ?", before)
        doomed = iter([(id_, before) for id_, content in old if content not in referenced])
        dropped = 0
        while batch := list(islice(doomed, BATCH)):
            with self._database.lock:
                try:
                    with Immediate(self._database.writer):
                        before_changes = self._database.writer.total_changes()
                        self._database.writer.executemany("DELETE FROM blob WHERE id = ? AND at < ?", batch)
                        dropped += self._database.writer.total_changes() - before_changes
                except apsw.Error as error:
                    raise meaning(error) from error
        return dropped

    def close(self) -> None:
        """Close this process's connections."""
        self._database.close()

    def _write(self, records: list[Record]) -> None:
        with self._database.lock:
            try:
                with Immediate(self._database.writer):
                    self._database.writer.executemany(
                        """
                        INSERT INTO blob (hash, size, stored, at, data) VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (hash) DO UPDATE SET at = excluded.at WHERE at < excluded.at - 3600
                        """,
                        records,
                    )
            except apsw.Error as error:
                raise meaning(error) from error

    def _record(self, content: bytes, now: int) -> Record:
        compressor = getattr(self._local, "compressor", None)
        if compressor is None:  # not shared between threads
            compressor = self._local.compressor = zstandard.ZstdCompressor(level=LEVEL)
        packed: bytes = compressor.compress(content)
        if len(packed) < len(content):
            return hash_of(content), len(content), 1, now, packed
        return hash_of(content), len(content), 0, now, content

    def _unpack(self, data: bytes, size: int) -> bytes:
        decompressor = getattr(self._local, "decompressor", None)
        if decompressor is None:
            decompressor = self._local.decompressor = zstandard.ZstdDecompressor()
        unpacked: bytes = decompressor.decompress(data, max_output_size=size)
        return unpacked
