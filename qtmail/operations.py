"""What the user wants: values written in one transaction with their local effect, replayed on the server later.

Each is effective as recorded: it names exactly the rows it changes, so that `inverse()` restores what was and
nothing else. `encode` and `decode` are how the journal keeps them.
"""

from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from qtmail.errors import MailError
from qtmail.model import AccountKey, Flag, FolderId, OutboxId, RowId


class NotUndoable(MailError):
    """This cannot be taken back; `str()` says why."""


def _messages(rows: tuple[RowId, ...]) -> str:
    return "1 message" if len(rows) == 1 else f"{len(rows):,} messages"


_FLAG_WORDS = {
    (Flag.SEEN, True): "Mark {} read",
    (Flag.SEEN, False): "Mark {} unread",
    (Flag.FLAGGED, True): "Star {}",
    (Flag.FLAGGED, False): "Unstar {}",
}


@dataclass(frozen=True, slots=True)
class SetFlag:
    """Put one flag or keyword on these rows, or take it off. The rows are those where that changes something."""

    rows: tuple[RowId, ...]
    flag: str
    on: bool

    def inverse(self) -> "tuple[Operation, ...]":
        return (SetFlag(self.rows, self.flag, not self.on),)

    def label(self) -> str:
        known = {(str(flag), on): words for (flag, on), words in _FLAG_WORDS.items()}
        words = known.get((self.flag, self.on), ("Add" if self.on else "Remove") + f" {self.flag} on {{}}")
        return words.format(_messages(self.rows))


@dataclass(frozen=True, slots=True)
class Move:
    """Move rows to a folder of the same account; `sources[i]` is where `rows[i]` was."""

    rows: tuple[RowId, ...]
    sources: tuple[FolderId, ...]
    to: FolderId

    def inverse(self) -> "tuple[Operation, ...]":
        back: dict[FolderId, list[RowId]] = {}
        for row, source in zip(self.rows, self.sources, strict=True):
            back.setdefault(source, []).append(row)
        return tuple(Move(tuple(rows), (self.to,) * len(rows), source) for source, rows in back.items())

    def label(self) -> str:
        return f"Move {_messages(self.rows)}"


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy rows to a folder of the same account; `copies[i]` is the row made for `rows[i]`."""

    rows: tuple[RowId, ...]
    to: FolderId
    copies: tuple[RowId, ...]

    def inverse(self) -> "tuple[Operation, ...]":
        return (Expunge(self.copies),)

    def label(self) -> str:
        return f"Copy {_messages(self.rows)}"


@dataclass(frozen=True, slots=True)
class Append:
    """Put these rows' content on the server, in the folder each is in: drafts, sent copies, mail from elsewhere."""

    rows: tuple[RowId, ...]

    def inverse(self) -> "tuple[Operation, ...]":
        return (Expunge(self.rows),)

    def label(self) -> str:
        return f"Add {_messages(self.rows)}"


@dataclass(frozen=True, slots=True)
class Expunge:
    """Remove these rows for good: at once from the lists, then by UID from the server. Content stays in grace."""

    rows: tuple[RowId, ...]

    def inverse(self) -> "tuple[Operation, ...]":
        return (Restore(self.rows),)

    def label(self) -> str:
        return f"Delete {_messages(self.rows)}"


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring expunged rows back from the grace area; on the server by APPEND where it no longer has them."""

    rows: tuple[RowId, ...]

    def inverse(self) -> "tuple[Operation, ...]":
        return (Expunge(self.rows),)

    def label(self) -> str:
        return f"Restore {_messages(self.rows)}"


@dataclass(frozen=True, slots=True)
class CreateFolder:
    account: AccountKey
    folder: FolderId
    path: str

    def inverse(self) -> "tuple[Operation, ...]":
        return (DeleteFolder(self.account, self.folder, self.path),)

    def label(self) -> str:
        return f"Create folder {self.path}"


@dataclass(frozen=True, slots=True)
class RenameFolder:
    """Rename or move a folder, with those below it (RFC 9051, 6.3.6)."""

    account: AccountKey
    folder: FolderId
    old: str
    new: str

    def inverse(self) -> "tuple[Operation, ...]":
        return (RenameFolder(self.account, self.folder, self.new, self.old),)

    def label(self) -> str:
        return f"Rename folder {self.old}"


@dataclass(frozen=True, slots=True)
class DeleteFolder:
    """Delete a folder that is empty: the facade first moves what is in it to Trash, in the same gesture."""

    account: AccountKey
    folder: FolderId
    path: str

    def inverse(self) -> "tuple[Operation, ...]":
        return (CreateFolder(self.account, self.folder, self.path),)

    def label(self) -> str:
        return f"Delete folder {self.path}"


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Put a folder among those that mail programs show, or take it from them (RFC 9051, 6.3.7 and 6.3.8)."""

    account: AccountKey
    folder: FolderId
    path: str
    on: bool

    def inverse(self) -> "tuple[Operation, ...]":
        return (Subscribe(self.account, self.folder, self.path, not self.on),)

    def label(self) -> str:
        return f"{'Subscribe to' if self.on else 'Unsubscribe from'} {self.path}"


@dataclass(frozen=True, slots=True)
class Send:
    """A message went into the Outbox; `row` is its row there. Taken back only while nothing left the machine."""

    rows: tuple[RowId, ...]
    item: OutboxId

    def inverse(self) -> "tuple[Operation, ...]":
        return (Unsend(self.rows, self.item),)

    def label(self) -> str:
        return "Send"


@dataclass(frozen=True, slots=True)
class Unsend:
    """Take a message out of the Outbox, back to a draft."""

    rows: tuple[RowId, ...]
    item: OutboxId

    def inverse(self) -> "tuple[Operation, ...]":
        raise NotUndoable("The message is a draft again.", hint="Open it in Drafts and press Send.")

    def label(self) -> str:
        return "Take back from the Outbox"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that is shown as a folder."""

    id: int
    name: str
    query: str
    """As it is typed."""


@dataclass(frozen=True, slots=True)
class KeepSearch:
    """Save a search (`before` None), change one, or forget it (`after` None). Known on this computer only."""

    before: SavedSearch | None
    after: SavedSearch | None

    def inverse(self) -> "tuple[Operation, ...]":
        return (KeepSearch(self.after, self.before),)

    def label(self) -> str:
        if self.after is None:
            return f"Delete search {self.before.name if self.before else ''}".rstrip()
        return f"Change search {self.before.name}" if self.before else f"Save search {self.after.name}"


@dataclass(frozen=True, slots=True)
class ThreadWord:
    """The user's word on what a message answers, by the numbers of Message-IDs (store.tangles.node_of)."""

    node: int
    parent: int | None
    """0: nothing, it begins a conversation; None: what its header says."""


@dataclass(frozen=True, slots=True)
class Regroup:
    """Split a conversation or join some. Known on this computer only."""

    before: tuple[ThreadWord, ...]
    after: tuple[ThreadWord, ...]
    what: str
    """"Split" or "Join"."""

    def inverse(self) -> "tuple[Operation, ...]":
        return (Regroup(self.after, self.before, "Join" if self.what == "Split" else "Split"),)

    def label(self) -> str:
        return "Begin a conversation here" if self.what == "Split" else "Join conversations"


@dataclass(frozen=True, slots=True)
class Mute:
    """New mail in the conversations of these Message-IDs (by number) is of no concern. Known on this computer only."""

    nodes: tuple[int, ...]
    on: bool

    def inverse(self) -> "tuple[Operation, ...]":
        return (Mute(self.nodes, not self.on),)

    def label(self) -> str:
        what = "conversation" if len(self.nodes) == 1 else f"{len(self.nodes):,} conversations"
        return f"{'Mute' if self.on else 'Unmute'} {what}"


OnTree = CreateFolder | RenameFolder | DeleteFolder
"""What changes which folders there are, and their names."""
OnFolder = OnTree | Subscribe
OnThreads = Regroup | Mute
Operation = SetFlag | Move | Copy | Append | Expunge | Restore | OnFolder | Send | Unsend | KeepSearch | OnThreads

KINDS: dict[str, type[Operation]] = {
    kind.__name__: kind
    for kind in (
        *(SetFlag, Move, Copy, Append, Expunge, Restore),
        *(CreateFolder, RenameFolder, DeleteFolder, Subscribe, Send, Unsend, KeepSearch, Regroup, Mute),
    )
}


def encode(operation: Operation) -> tuple[str, str]:
    """-> (kind, JSON of its fields)."""
    return type(operation).__name__, msgspec.json.encode(asdict(operation)).decode()


def decode(kind: str, payload: str) -> Operation:
    """The operation of one journal row. Raises ValueError for a kind this program does not know."""
    if kind not in KINDS:
        raise ValueError(f"unknown operation {kind!r}: the journal was written by a newer program")
    fields: dict[str, Any] = msgspec.json.decode(payload, type=dict[str, Any])
    return msgspec.convert(fields, KINDS[kind])


def rows_of(operation: Operation) -> tuple[RowId, ...]:
    """The rows an operation touches; none for those on folders, searches and conversations."""
    match operation:
        case Copy(copies=copies):
            return copies
        case CreateFolder() | RenameFolder() | DeleteFolder() | Subscribe() | KeepSearch() | Regroup() | Mute():
            return ()
        case _:
            return operation.rows
