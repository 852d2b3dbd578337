"""Whole messages made ready for the facts: their bytes durable, their words and headers read."""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast

from qtmail.engine.indexing import body_facts, header_facts
from qtmail.mime.parse import summarise
from qtmail.model import ContentHash
from qtmail.store.content import Content
from qtmail.store.values import BodyFacts, HeaderFacts


class Prepared(NamedTuple):
    """One message whose bytes are durable in the content database."""

    content: ContentHash
    size: int
    """Octets."""
    facts: HeaderFacts
    body: BodyFacts


def prepare(
    content: Content, raws: Sequence[bytes], *, now: int, received: Sequence[int] | None = None
) -> list[Prepared]:
    """Keep these and read them, in order; they are durable when it returns. `received`: when each arrived; None: where
    nobody looks at their dates. Raises StoreError."""
    hashes = content.put_many(raws, now=now)
    read = read_all(raws, received, now)
    return [Prepared(digest, len(raw), *found) for raw, digest, found in zip(raws, hashes, read, strict=True)]


def read_all(raws: Sequence[bytes], received: Sequence[int] | None, now: int) -> list[tuple[HeaderFacts, BodyFacts]]:
    """What the facts need of each message."""
    return [read(raw, at) for raw, at in zip(raws, received or (now,) * len(raws), strict=True)]


def read(raw: bytes, received: int) -> tuple[HeaderFacts, BodyFacts]:
    """What the facts need of one message."""
    found = summarise(raw)
    return header_facts(found.facts, received), body_facts(found)


def prepare_file(content: Content, path: Path, digest: ContentHash, *, now: int) -> Prepared:
    """The same for one message in a file, which is not held in memory. Raises StoreError, OSError."""
    content.put_file(path, digest, now=now)
    if not path.stat().st_size:  # nothing cannot be mapped
        return Prepared(digest, 0, *read(b"", now))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        return Prepared(digest, len(raw), *read(cast(bytes, raw), now))  # cut, searched and measured like bytes
