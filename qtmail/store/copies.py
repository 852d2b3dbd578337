"""What a backup keeps of each row, and whether a folder has certain contents."""

from collections.abc import Sequence
from typing import NamedTuple

from qtmail.model import ContentHash, FolderId, RowId
from qtmail.store.connection import Reader, listed
from qtmail.store.flags import unpack


class Copied(NamedTuple):
    """One message in one folder. `content` None: not here, or not here any more."""

    row: RowId
    content: ContentHash | None
    size: int
    received: int
    flags: frozenset[str]


def rows(reader: Reader, ids: Sequence[int]) -> list[Copied]:
    """These rows, those that are gone left out."""
    return [
        Copied(RowId(row), content and ContentHash(content), size, received, unpack(flags))
        for row, content, size, received, flags in reader.all(
            """
            SELECT p.id, m.content, m.size, p.received, p.flags
            FROM placement AS p JOIN message AS m ON m.id = p.message
            WHERE p.id IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL ORDER BY p.id
            """,
            listed(list(ids)),
        )
    ]


def with_contents(
    reader: Reader, folder: FolderId, contents: Sequence[ContentHash]
) -> dict[ContentHash, tuple[RowId, frozenset[str]]]:
    """Those of these contents that a row of this folder has, with that row and its flags: what is asked before one is
    added."""
    return {
        ContentHash(content): (RowId(row), unpack(flags))
        for content, row, flags in reader.all(
            f"""
            SELECT m.content, p.id, p.flags FROM message AS m JOIN placement AS p ON p.message = m.id
            WHERE m.content IN ({", ".join("?" * len(contents))}) AND p.folder = ? AND p.gone_at IS NULL
            """,  # noqa: S608
            *contents,
            folder,
        )
    }
