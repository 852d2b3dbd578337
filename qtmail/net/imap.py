"""One IMAP connection, from greeting to LOGOUT (RFC 3501, 9051 and the extensions a client lives by).

Every method raises MailErrors only: Unreachable / ServerClosed (make a new session), ProtocolError (same),
TemporarilyRefused, FolderGone, Refused (the session goes on). UIDs are unsigned 32-bit ints; flags are strings as
on the wire ("\\\\Seen", "$Forwarded"); `wire_name` comes from `folders()` or `wire_name(path)`.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping

from qtmail.model import Server
from qtmail.net.connect import Wake
from qtmail.net.imap_values import (
    Appended,
    Changes,
    FetchedBody,
    FetchedFlags,
    FetchedHeader,
    FolderStatus,
    Moved,
    Quarantined,
    RemoteFolder,
    Selected,
)


class ImapSession:
    """A logged-in connection. Fetches stream: records come as they arrive; an iterator may be left early."""

    capabilities: frozenset[str]
    """As the server said after login, upper case."""
    bytes_in: int
    bytes_out: int

    @classmethod
    def connect(cls, server: Server, password: str, *, timeout: float = 30) -> "ImapSession":
        """Connect, protect, log in. Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused.

        STARTTLS is never skipped; no password leaves on an unprotected connection unless loopback or allowed.
        `timeout`: seconds the server may keep us waiting, all together, in one command (plus 1 s per 4 kB received).
        """
        raise NotImplementedError

    def supports(self, name: str) -> bool:
        """True if the capability was offered after login, e.g. "CONDSTORE", "MOVE", "UIDPLUS"."""
        raise NotImplementedError

    def wire_name(self, path: str) -> bytes:
        """The server's name for a folder path of ours that may not exist yet (to create or rename)."""
        raise NotImplementedError

    def folders(self) -> tuple[RemoteFolder, ...]:
        """Every mailbox; with its status in the same round trip where LIST-STATUS is offered."""
        raise NotImplementedError

    def status(self, wire_name: bytes) -> FolderStatus:
        """Raises FolderGone."""
        raise NotImplementedError

    def select(self, wire_name: bytes, readonly: bool = False) -> Selected:
        """Raises FolderGone, Refused."""
        raise NotImplementedError

    def uids(self, since_uid: int | None = None) -> "array[int]":
        """UIDs of the selected folder from `since_uid` on (all: None), ascending, typecode "I"."""
        raise NotImplementedError

    def fetch_headers(self, uids: Iterable[int]) -> Iterator[FetchedHeader]:
        """Headers, flags, size and date of these; in the server's order, missing ones left out."""
        raise NotImplementedError

    def fetch_bodies(self, uids: Iterable[int], *, size_hint: Mapping[int, int] | None = None) -> Iterator[FetchedBody]:
        """Whole messages (BODY.PEEK[]). `size_hint`: RFC822.SIZE per UID; what is grossly larger is quarantined."""
        raise NotImplementedError

    def fetch_flags(
        self, first_uid: int, last_uid: int | None = None, changed_since: int | None = None
    ) -> Iterator[FetchedFlags]:
        """Flags of the UIDs in first..last (None: to the end); with CHANGEDSINCE (RFC 7162) only what changed."""
        raise NotImplementedError

    def take_quarantined(self) -> tuple[Quarantined, ...]:
        """What the fetches since last time could not use."""
        raise NotImplementedError

    def take_changes(self) -> Changes:
        """What the server reported unasked since last time (EXISTS, EXPUNGE, VANISHED, FETCH of others' changes)."""
        raise NotImplementedError

    def set_flags(self, uids: Iterable[int], flags: Iterable[str], on: bool) -> None:
        """UID STORE +FLAGS.SILENT or -FLAGS.SILENT."""
        raise NotImplementedError

    def move(self, uids: Iterable[int], dest: bytes) -> Moved:
        """Move to another folder, exactly these, never a bare EXPUNGE. Raises FolderGone if `dest` is not there.

        MOVE (RFC 6851) where offered; else COPY, verified, then STORE \\\\Deleted and UID EXPUNGE (RFC 4315). With
        neither: COPY, verified, and the source is left marked \\\\Deleted (hidden by every client, expunged by none of
        our commands); its UIDs are in the answer all the same.
        """
        raise NotImplementedError

    def copy(self, uids: Iterable[int], dest: bytes) -> Moved:
        """The same answer as `move`; the source stays."""
        raise NotImplementedError

    def append(
        self, dest: bytes, content: bytes, flags: Iterable[str] = (), date: int | None = None
    ) -> Appended | None:
        """Add a message (`date`: INTERNALDATE, epoch). None: added, but the server does not tell its UID."""
        raise NotImplementedError

    def expunge(self, uids: Iterable[int]) -> None:
        """Remove exactly these for good: \\\\Deleted, then UID EXPUNGE. Without UIDPLUS they only stay marked."""
        raise NotImplementedError

    def find_message_id(self, message_id: str) -> tuple[int, ...]:
        """UIDs in the selected folder whose Message-ID header is this."""
        raise NotImplementedError

    def create(self, wire_name: bytes) -> None:
        """CREATE and SUBSCRIBE; that it already exists is no error."""
        raise NotImplementedError

    def rename(self, old: bytes, new: bytes) -> None:
        raise NotImplementedError

    def delete(self, wire_name: bytes) -> None:
        """DELETE and UNSUBSCRIBE; that it is gone already is no error."""
        raise NotImplementedError

    def subscribe(self, wire_name: bytes, on: bool = True) -> None:
        raise NotImplementedError

    def noop(self) -> None:
        """Lets the server report changes, and proves that the connection lives."""
        raise NotImplementedError

    def idle(self, stop: Wake, seconds: float) -> bool:
        """Wait for changes in the selected folder (RFC 2177). True: something changed (see `take_changes`).

        False: `stop` was set, or `seconds` went by. Ends within 0.2 s of `stop.set()`. Where IDLE is not offered it
        waits in the same way and asks NOOP once a minute. Raises ServerClosed when the connection ends.
        """
        raise NotImplementedError

    def close(self) -> None:
        """LOGOUT if that is quick, then close. Never raises; may be called twice."""
        raise NotImplementedError
