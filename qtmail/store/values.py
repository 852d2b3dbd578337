"""What crosses the store's border: records to write, and states to read back. Frozen, without behaviour."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from qtmail.events import Event
from qtmail.model import (
    AccountKey,
    Address,
    ContentHash,
    FolderId,
    GestureId,
    MessageId,
    OperationId,
    Role,
    RowId,
)
from qtmail.operations import Operation


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What a message's header fields say, decoded."""

    date: int
    """The Date header, or the time of arrival where that is absent or absurd: what lists are ordered by."""
    message_id: str = ""
    """With its angle brackets."""
    subject: str = ""
    sender: Address = Address("", "")
    recipients: tuple[Address, ...] = ()
    """To, then Cc."""
    refs: str = ""
    """Message-IDs of References, else the first of In-Reply-To (RFC 5256, 3), spaces between."""


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """What the whole message says beyond its header."""

    preview: str = ""
    attachments: int = 0
    files: str = ""
    """Attachment names, newlines between."""
    text: str = ""
    """The words to be found by search."""
    folded: bool = False
    """`text` is as `query.folded` makes it."""


class NewHeader(NamedTuple):
    """One message of a server's folder as its header was fetched. `modseq` 0: not offered."""

    uid: int
    flags: frozenset[str]
    size: int
    received: int
    header: bytes
    facts: HeaderFacts
    modseq: int = 0
    emailid: str = ""
    """The server's own id of this content, the same in every folder (RFC 8474); empty: not offered."""
    content: ContentHash | None = None
    """Of one that was fetched whole: it is in the content database already, and `size` and `facts` are its own."""
    body: BodyFacts = BodyFacts()
    """The same: what it says beyond its header."""


class NewBody(NamedTuple):
    """The content of a row that had only its header; it is in the content database already. `size`: true octets."""

    row: RowId
    content: ContentHash
    size: int
    facts: HeaderFacts
    body: BodyFacts


class NewMessage(NamedTuple):
    """A whole message (POP3, import, draft, sent copy); its content is in the content database already."""

    content: ContentHash
    size: int
    received: int
    facts: HeaderFacts
    body: BodyFacts
    flags: frozenset[str] = frozenset()


class NewFlags(NamedTuple):
    uid: int
    flags: frozenset[str]
    modseq: int = 0


class Relinkable(NamedTuple):
    """One message of a folder whose UIDVALIDITY changed, to find our row for it. `received`: INTERNALDATE."""

    uid: int
    message_id: str
    size: int
    received: int
    flags: frozenset[str]
    modseq: int = 0


class ServerFolder(NamedTuple):
    """One line of the server's list of folders. `path`: decoded, "/" between levels."""

    wire_name: bytes
    path: str
    role: Role = Role.NONE
    selectable: bool = True
    subscribed: bool = True
    shared: bool = False
    owner: str = ""
    mailboxid: str = ""
    """The same after a rename (RFC 8474); empty: not offered."""
    uidvalidity: int = 0
    uidnext: int = 0
    """Both 0: not told with the list."""


@dataclass(frozen=True, slots=True)
class FolderState:
    """What sync remembers of a folder."""

    id: FolderId
    account: AccountKey
    path: str
    role: Role
    wire_name: bytes
    """Empty: local, or not created on the server yet."""
    selectable: bool
    uidvalidity: int
    uidnext: int
    highestmodseq: int
    server_total: int
    total: int
    """Rows shown here now."""
    verified_at: int | None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row whose body is still to be fetched."""

    row: RowId
    message: MessageId
    folder: FolderId
    uidvalidity: int
    uid: int
    size: int
    """As the server announced it."""
    attempts: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row is on the server."""

    row: RowId
    message: MessageId
    account: AccountKey
    folder: FolderId
    uidvalidity: int
    uid: int | None
    """None: local, or not confirmed yet."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the bytes of a row's message are, and what the list knows without them."""

    row: RowId
    message: MessageId
    account: AccountKey
    folder: FolderId
    content: ContentHash | None
    header: bytes
    """The fetched header fields, only while `content` is None."""
    size: int


@dataclass(frozen=True, slots=True)
class Performed:
    """What one act did. `gesture` None: nothing had to change."""

    gesture: GestureId | None
    label: str
    events: tuple[Event, ...] = ()
    operations: tuple[OperationId, ...] = ()
    copies: tuple[RowId, ...] = ()
    """The rows a Copy or a move across accounts made."""


@dataclass(frozen=True, slots=True)
class PendingRow:
    """One row of an operation not replayed yet: where it is on the server, and what an APPEND of it needs."""

    row: RowId
    folder: FolderId
    uidvalidity: int
    uid: int | None
    """None: not on the server, or its UID there is not known (look for `message_id`)."""
    copy: RowId | None
    """Of a Copy: the row made for it."""
    content: ContentHash | None
    flags: frozenset[str]
    """What the user sees now: the flags to APPEND with."""
    received: int
    message_id: str
    size: int


@dataclass(frozen=True, slots=True)
class PendingOperation:
    """An operation the server has not confirmed, ready to be replayed."""

    id: OperationId
    account: AccountKey
    operation: Operation
    rows: tuple[PendingRow, ...]
    """Those not done yet."""
    state: str
    """"pending", or "sent": asked before, no answer seen: look what is there before asking again."""
    attempts: int
    target: "FolderState | None" = None
    """Where a Move or Copy goes, where an Append or Restore puts its rows (all of one folder), or the folder itself."""


@dataclass(frozen=True, slots=True)
class Added:
    """What `add_headers` did: `rows` are new, `revived` were in grace, `adopted` were waiting for their UID."""

    rows: tuple[RowId, ...] = ()
    revived: tuple[RowId, ...] = ()
    adopted: tuple[RowId, ...] = ()
    met: int = 0
    """So many of the new rows are of messages known by the server's own id."""
    whole: int = 0
    """So many of the new rows have their content."""


@dataclass(frozen=True, slots=True)
class Relinked:
    """`found` rows have their new UID; `unknown` UIDs have no row here: fetch their headers."""

    found: int
    unknown: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FoldersUpdate:
    """What the server's list changed here."""

    new: tuple[FolderId, ...] = ()
    gone: tuple[FolderId, ...] = ()
    changed: tuple[FolderId, ...] = ()


class Proof(StrEnum):
    """How sure it is that what a POP3 server has under a name is what is stored here."""

    WHOLE = "whole"
    """These very bytes came under this name."""
    MATCHED = "matched"
    """Its header and its size are those of a message that is here: read it again before it is deleted there."""
    PART = "part"
    """Only its header and first lines are here: never deleted there."""


class PopWish(StrEnum):
    """The user's word on one message of a POP3 server, above the account's policy."""

    NONE = ""
    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One message of a POP3 server that we have."""

    uidl: str
    content: ContentHash
    row: RowId
    stored_at: int
    state: str
    """"kept", "asked" (DELE sent, QUIT not answered), "deleted", "gone" (not listed any more)."""
    decided: str
    """Why it stays or goes, in words."""
    size: int
    """Octets as the server announced them; 0: it did not."""
    proof: Proof
    wish: PopWish
    wanted: bool
    """The user asked for the rest of it."""
    place: int
    """Grows with the server's order."""
    asked_at: int | None
    answered_at: int | None
    ended_at: int | None
    stored: int | None
    """Octets of its content here; None: it was dropped from this store, long after the user deleted it."""
    deleted_here: bool
    """In Trash, or out of every list."""
    account: AccountKey

    @property
    def open(self) -> bool:
        """On the server, for all we know."""
        return self.state in ("kept", "asked")


@dataclass(frozen=True, slots=True)
class Checked:
    """What `verify` found."""

    messages: int
    checked: int
    """Contents read and hashed."""
    problems: tuple[str, ...] = field(default=())
