"""What an IMAP session hands out. Records met by the hundred thousand are NamedTuples: a third of the time to build."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
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
    mailboxid: str = ""
    """OBJECTID (RFC 8474): stays the same when the folder is renamed; empty where it is not offered."""
    appendlimit: int | None = None
    """The octets a message added here may have (RFC 7889)."""


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
    shared: bool = False
    """Of another user or common to several (RFC 2342): below "Shared folders" in `path`, and without a role."""
    owner: str = ""
    """Of a shared one: whose, as the server names them; empty where it is nobody's."""


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
    mailboxid: str = ""
    """OBJECTID (RFC 8474), else empty."""
    resynced: "Resynced | None" = None
    """What changed since `Known`, where `select` was given one and the server took it; None: find out otherwise."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a folder, for a quick resynchronisation (RFC 7162, 3.2.5)."""

    uidvalidity: int
    modseq: int
    uids: Sequence[int] = ()
    """The UIDs we have, ascending, to hear of these only; may be empty: of any that ever was."""


@dataclass(frozen=True, slots=True)
class Resynced:
    """What QRESYNC told at SELECT. A hint: the UID set is verified before anything is removed for it."""

    vanished: "array[int]"
    """UIDs that are gone (VANISHED (EARLIER)), ascending; may name some that were never known."""
    changed: "tuple[FetchedFlags, ...]"
    """Flags that changed; where `Known.uids` was given, only of those: what is new has to be asked for."""


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
    emailid: str = ""
    """The server's own id of this content, the same in every folder (EMAILID of RFC 8474, X-GM-MSGID); empty: none."""
    labels: frozenset[str] | None = None
    """Gmail's labels, decoded, system ones with their backslash ("\\Inbox", "\\Sent"); None where there are none."""


class FetchedBody(NamedTuple):
    """One whole message, byte for byte as the server has it."""

    uid: int
    content: bytes
    """Empty where `spooled` has it."""
    spooled: "Spooled | None" = None
    """A large one, where the caller of `fetch_bodies` wanted those on disk."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A large message in a file; whoever got it removes it with `discard`."""

    path: Path
    size: int
    sha256: bytes
    """The digest, 32 octets, of what is in the file."""

    def discard(self) -> None:
        """Remove the file; may be called twice."""
        self.path.unlink(missing_ok=True)


class FoundMessage(NamedTuple):
    """A message looked for and found."""

    uid: int
    size: int
    """RFC822.SIZE, octets."""


class FetchedPreview(NamedTuple):
    """PREVIEW (RFC 8970) of one message; None where the server has none."""

    uid: int
    text: str | None


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
class Adding:
    """A message to add with `append_many`; `date`: INTERNALDATE, epoch."""

    content: bytes
    flags: tuple[str, ...] = ()
    date: int | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit on a mailbox (RFC 9208). For "STORAGE" `used` and `limit` are octets, else a count."""

    root: str
    resource: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Rights:
    """What we may do in a folder (MYRIGHTS, RFC 4314)."""

    letters: frozenset[str]


@dataclass(frozen=True, slots=True)
class FolderNews:
    """What NOTIFY told of other folders than the selected one, since last taken."""

    changed: Mapping[bytes, FolderStatus] = field(default_factory=dict)
    """By wire name; what of the status is None was not told."""
    renamed_or_new: bool = False
    """The list of folders or subscriptions changed: ask for it anew."""

    def __bool__(self) -> bool:
        return self.renamed_or_new or bool(self.changed)


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
