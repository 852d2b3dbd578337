"""What an IMAP session hands out. Records met by the hundred thousand are NamedTuples: a third of the time to build."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from qtmail.model import Role


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """STATUS of one folder (RFC 9051, 6.3.11; RFC 7162); None for what the server did not say."""

    total: int | None = None
    unseen: int | None = None
    uidnext: int | None = None
    uidvalidity: int | None = None
    highestmodseq: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """One mailbox as LIST names it.

    wire_name: the name to give back to the server in every command, verbatim.
    path: what the user sees: decoded, "/" between levels (a "/" inside a name becomes "∕"), the personal
    namespace's prefix ("INBOX.") taken off, the inbox itself always "INBOX".
    status: filled when the server offers LIST-STATUS (RFC 5819), else None: ask `status()`.
    """

    wire_name: bytes
    path: str
    delimiter: str
    """Empty where the server has no levels (NIL)."""
    role: Role
    selectable: bool = True
    subscribed: bool = True
    status: FolderStatus | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """What SELECT or EXAMINE said."""

    uidvalidity: int
    uidnext: int | None
    exists: int
    highestmodseq: int | None
    """None: no CONDSTORE for this folder."""
    read_only: bool
    permanent_flags: frozenset[str]
    can_create_keywords: bool


class FetchedHeader(NamedTuple):
    """The fields a list needs, of one message. `header` is the raw header section asked for, CRLF lines."""

    uid: int
    flags: frozenset[str]
    size: int
    """RFC822.SIZE, octets; 0 where the server did not say."""
    internaldate: int
    """Seconds since the epoch; 0 where absent or unreadable."""
    header: bytes
    modseq: int | None


class FetchedBody(NamedTuple):
    """One whole message, byte for byte as the server has it."""

    uid: int
    content: bytes


class FetchedFlags(NamedTuple):
    uid: int
    flags: frozenset[str]
    modseq: int | None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A FETCH reply that could not be understood, or was too big; the rest of the batch went on."""

    uid: int | None
    """None where not even that could be read: compare what was asked with what came."""
    why: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What COPYUID said (RFC 4315); both None / empty where the server does not tell."""

    uidvalidity: int | None = None
    uids: Mapping[int, int | None] = field(default_factory=dict)
    """Each UID asked for -> its new UID in the destination; None: gone from the source, new UID not known.
    A UID that is not in here was not moved: the server no longer had it."""


@dataclass(frozen=True, slots=True)
class Appended:
    """APPENDUID (RFC 4315)."""

    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What the server said about the selected folder unasked, since last taken. Hints: verify before acting."""

    exists: int | None = None
    expunged: int = 0
    vanished: tuple[int, ...] = ()
    flags: tuple[FetchedFlags, ...] = ()
    unnamed: int = 0
    """Flag changes the server named by position only: ask for the flags again."""

    def __bool__(self) -> bool:
        return self.exists is not None or bool(self.expunged or self.vanished or self.flags or self.unnamed)
