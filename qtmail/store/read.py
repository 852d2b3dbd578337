"""What is in the store, by id: folders, where rows are, what opens a message. Nothing here is slow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qtmail.model import AccountKey, ContentHash, Folder, FolderId, MessageId, Role, RowId
from qtmail.store.db import Reader
from qtmail.store.values import FolderState, Opened, Place


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the mail search can see whole."""

    messages: int
    with_body: int


def folders(reader: Reader) -> tuple[Folder, ...]:
    """Every folder that is not gone, by account key, role order, path."""
    raise NotImplementedError


def folder(reader: Reader, folder: FolderId) -> Folder | None:
    """None when it is gone or never was."""
    raise NotImplementedError


def folder_at(reader: Reader, account: AccountKey, path: str) -> FolderId | None:
    """The folder of this path; None if there is none (gone ones do not count)."""
    raise NotImplementedError


def folder_of_role(reader: Reader, account: AccountKey, role: Role) -> FolderId | None:
    """The account's folder of this role; the one with the shortest path if there are several."""
    raise NotImplementedError


def folder_state(reader: Reader, folder: FolderId) -> FolderState:
    """What sync remembers of it. Raises BadInput for no such folder."""
    raise NotImplementedError


def folder_states(reader: Reader, account: AccountKey) -> tuple[FolderState, ...]:
    """All of this account that are not gone, inbox first, then by path."""
    raise NotImplementedError


def places(reader: Reader, rows: Sequence[RowId]) -> dict[RowId, Place]:
    """Where rows are; those gone are left out."""
    raise NotImplementedError


def opened(reader: Reader, row: RowId) -> Opened | None:
    """What is needed to open this row's message (rows in grace too); None: no such row."""
    raise NotImplementedError


def placements_of(reader: Reader, messages: Iterable[MessageId]) -> dict[MessageId, tuple[RowId, ...]]:
    """The rows, not gone, of each message."""
    raise NotImplementedError


def row_with_content(reader: Reader, folder: FolderId, content: ContentHash) -> RowId | None:
    """The row of this folder that has exactly these bytes: what an import asks before adding."""
    raise NotImplementedError


def row_with_message_id(reader: Reader, folder: FolderId, message_id: str) -> RowId | None:
    """A row of this folder with this Message-ID: is the sent copy there already?"""
    raise NotImplementedError


def waiting(reader: Reader) -> int:
    """How many operations no server has confirmed yet, of all accounts."""
    raise NotImplementedError


def coverage(reader: Reader, folders: Sequence[FolderId] = ()) -> Coverage:
    """How many messages are here, and how many with their body."""
    raise NotImplementedError
