"""Raw bytes of messages and attachments, immutable, found by their SHA-256; zstd where that is smaller.

Content is made durable first, then the facts that refer to it: a fact without its content cannot exist, and content
that nobody refers to is harmless and collected later (grace.py).
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from qtmail.model import ContentHash


def hash_of(content: bytes) -> ContentHash:
    """What `put_many` will call these bytes."""
    raise NotImplementedError


class Content:
    """The content database. One object a process; any thread may use it."""

    def __init__(self, path: Path) -> None:
        """Open, creating or migrating as needed. Raises StoreError."""
        raise NotImplementedError

    def put_many(self, contents: Sequence[bytes], *, now: int) -> list[ContentHash]:
        """Keep these, durably when it returns; in transactions of 100. Bytes that are here already cost a look-up."""
        raise NotImplementedError

    def put(self, content: bytes, *, now: int) -> ContentHash:
        """Keep these bytes, durably when it returns."""
        raise NotImplementedError

    def get(self, content: ContentHash) -> bytes:
        """The bytes, hashed again. Raises StoreError when they are not there or not what they were."""
        raise NotImplementedError

    def has(self, content: ContentHash) -> bool:
        """Whether it is here (not whether it is whole: `get` proves that)."""
        raise NotImplementedError

    def size(self, content: ContentHash) -> int:
        """Octets, before compression. Raises StoreError when it is not here."""
        raise NotImplementedError

    def hashes(self) -> Iterable[ContentHash]:
        """Everything that is here."""
        raise NotImplementedError

    def collect(self, referenced: Collection[ContentHash], *, before: int) -> int:
        """Drop what is not `referenced` and was last put before that time -> how many."""
        raise NotImplementedError

    def close(self) -> None:
        """Close this process's connections."""
        raise NotImplementedError
