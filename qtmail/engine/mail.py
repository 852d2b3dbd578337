"""The facade: what the window and the commands read and do. Served from the local store alone; never a socket.

One `Mail` may be used from several threads; each gets its own reader. Every act is one transaction that changes the
rows and writes the operation, so it is done here at once and on the server when that can be reached.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qtmail.events import Event
from qtmail.model import (
    Account,
    AccountKey,
    Address,
    AttachmentRef,
    ContentHash,
    Draft,
    DraftId,
    Folder,
    FolderId,
    GestureId,
    Message,
    OutboxId,
    OutboxItem,
    Role,
    Row,
    RowId,
    SortKey,
    Step,
)
from qtmail.paths import Profile


@dataclass(frozen=True, slots=True)
class Done:
    """What one act did: its gesture (None when nothing had to change), words for the toast, what to refresh."""

    gesture: GestureId | None
    label: str
    events: tuple[Event, ...]


class BodyMissing(Exception):
    """Only the header of this message is here yet; ask the engine with events.FetchBody."""


class Mail:
    """All of one profile's mail."""

    def __init__(self, profile: Profile) -> None:
        """Open the store, making or migrating it. Raises StoreError."""
        raise NotImplementedError

    def close(self) -> None:
        """Close every connection; the object is of no use afterwards."""
        raise NotImplementedError

    # Accounts and folders

    def accounts(self) -> tuple[Account, ...]:
        """All accounts, disabled ones too, in the user's order."""
        raise NotImplementedError

    def folders(self) -> tuple[Folder, ...]:
        """Every folder: by account order (local ones last), then role order, then path. POP3 and new accounts have
        their standard folders from the moment they are added."""
        raise NotImplementedError

    def folder(self, folder: FolderId) -> Folder:
        """Raises BadInput when it is gone."""
        raise NotImplementedError

    def folder_named(self, name: str) -> Folder:
        """The folder of "ACCOUNT/path" ("Local/path" for local ones). Raises BadInput naming the nearest ones."""
        raise NotImplementedError

    def folder_of_role(self, account: AccountKey, role: Role) -> Folder:
        """The account's Trash, Sent, ...: the server's where it has one, else created (an operation)."""
        raise NotImplementedError

    def account_of(self, rows: Sequence[RowId]) -> tuple[AccountKey, ...]:
        """The account each row belongs to, in the order given."""
        raise NotImplementedError

    # Lists

    def ids(
        self, folders: Sequence[FolderId], sort: SortKey = SortKey.DATE, *, descending: bool = True
    ) -> "array[int]":
        """All rows of these folders together, in order: array('q') of RowId. By date 40 ms for 200,000; other keys
        read the messages too: call it off the window's thread."""
        raise NotImplementedError

    def rows(self, ids: Iterable[RowId]) -> dict[RowId, Row]:
        """Some rows (60: 0.3 ms). Those that went meanwhile are left out."""
        raise NotImplementedError

    def search(self, query: str, folders: Sequence[FolderId] = (), *, limit: int = 1000) -> "array[int]":
        """Rows matching every word, newest first, each message once; everywhere when no folders are named.
        `from: to: subject: body:` narrow a word, "..." is a phrase, word* a prefix (the last word always is one).
        Raises BadInput with what is wrong in the query."""
        raise NotImplementedError

    # One message

    def message(self, row: RowId) -> Message:
        """Parsed. Raises BodyMissing (the list's row still tells subject and sender) or BadInput for no such row."""
        raise NotImplementedError

    def raw(self, row: RowId) -> bytes:
        """The bytes as they came. Raises BodyMissing, BadInput, StoreError (hash does not match)."""
        raise NotImplementedError

    def part(self, row: RowId, index: int) -> bytes:
        """One part, decoded; `index` is Part.index."""
        raise NotImplementedError

    def story(self, row: RowId) -> tuple[Step, ...]:
        """Everything that happened to it, oldest first."""
        raise NotImplementedError

    # Acts on messages. Rows may be of several folders and accounts; a row that is gone is left out.

    def set_flag(self, rows: Sequence[RowId], flag: str, on: bool) -> Done:
        raise NotImplementedError

    def move(self, rows: Sequence[RowId], to: FolderId) -> Done:
        """Also across accounts (stored, appended, proven; only then removed at the source)."""
        raise NotImplementedError

    def copy(self, rows: Sequence[RowId], to: FolderId) -> Done:
        raise NotImplementedError

    def archive(self, rows: Sequence[RowId]) -> Done:
        raise NotImplementedError

    def junk(self, rows: Sequence[RowId]) -> Done:
        """To Junk with $Junk; rows that are in Junk already go back to the inbox as not junk."""
        raise NotImplementedError

    def delete(self, rows: Sequence[RowId]) -> Done:
        """To Trash; rows in Trash are expunged (ask first: see `deletes_for_good`)."""
        raise NotImplementedError

    def deletes_for_good(self, rows: Sequence[RowId]) -> int:
        """How many of these `delete` would expunge."""
        raise NotImplementedError

    def expunge(self, rows: Sequence[RowId]) -> Done:
        """Remove for good (from the grace area it can still be brought back by undo)."""
        raise NotImplementedError

    # Acts on folders

    def create_folder(self, account: AccountKey, path: str) -> Done:
        """Raises BadInput when the name cannot be, or is taken."""
        raise NotImplementedError

    def rename_folder(self, folder: FolderId, path: str) -> Done:
        raise NotImplementedError

    def delete_folder(self, folder: FolderId) -> Done:
        """What is in it goes to Trash first. Raises BadInput for folders with a role."""
        raise NotImplementedError

    # Undo

    def undo_label(self) -> str:
        """What `undo` would take back ("Move 3 messages"); empty when there is nothing."""
        raise NotImplementedError

    def undo(self, gesture: GestureId | None = None) -> Done:
        """Take back this gesture, or the last one not taken back yet. Raises NotUndoable."""
        raise NotImplementedError

    def waiting(self) -> int:
        """How many operations have not reached a server yet."""
        raise NotImplementedError

    # Writing

    def attach(self, path: Path) -> AttachmentRef:
        """Take a file into the store, so that it cannot vanish before sending. Raises BadInput."""
        raise NotImplementedError

    def attach_bytes(self, name: str, type_: str, content: bytes, *, content_id: str = "") -> AttachmentRef:
        raise NotImplementedError

    def content(self, content: ContentHash) -> bytes:
        """The bytes behind a hash (an attachment of a draft)."""
        raise NotImplementedError

    def new_draft(self, account: AccountKey) -> Draft:
        """An empty one with the account's address and signature; not saved yet."""
        raise NotImplementedError

    def reply(self, row: RowId, *, to_all: bool, html: bool) -> Draft:
        """An answer with recipients, subject, references and quotation; not saved yet. Raises BodyMissing."""
        raise NotImplementedError

    def forward(self, rows: Sequence[RowId], *, inline: bool, html: bool) -> Draft:
        """Inline: one row, its text quoted and its attachments taken along; else each as message/rfc822."""
        raise NotImplementedError

    def edit(self, row: RowId) -> Draft:
        """A row of Drafts, or one of the Outbox that is not on its way (it is taken back), as a draft again."""
        raise NotImplementedError

    def save_draft(self, draft: Draft) -> Draft:
        """The composer's journal, every few seconds: survives kill -9. -> with its id."""
        raise NotImplementedError

    def open_drafts(self) -> tuple[Draft, ...]:
        """Those a composer had open when the program ended."""
        raise NotImplementedError

    def keep_draft(self, draft: Draft) -> Done:
        """Put it into the account's Drafts folder as a message, replacing its earlier copy, and end the journal."""
        raise NotImplementedError

    def discard_draft(self, draft: DraftId) -> None:
        """End the journal without keeping; a copy in Drafts stays as it is."""
        raise NotImplementedError

    def send(self, draft: Draft) -> tuple[OutboxId, Done]:
        """Freeze it into bytes and put them into the Outbox; removes it from Drafts. Raises BadInput for no or wrong
        recipients, or an account without an outgoing server."""
        raise NotImplementedError

    def send_raw(self, raw: bytes, account: AccountKey) -> OutboxId:
        """Queue a complete message; recipients from To, Cc and Bcc. Raises BadInput."""
        raise NotImplementedError

    def outbox(self) -> tuple[OutboxItem, ...]:
        """All that is not accepted yet."""
        raise NotImplementedError

    def outbox_item(self, row: RowId) -> OutboxItem | None:
        raise NotImplementedError

    def outbox_state(self, item: OutboxId) -> OutboxItem:
        """Also of one that was accepted."""
        raise NotImplementedError

    def retry_now(self, item: OutboxId) -> None:
        """Send again what was deferred or refused, or, as the user's explicit word, what is uncertain."""
        raise NotImplementedError

    def settle_as_sent(self, item: OutboxId) -> None:
        """The user says that an uncertain message did arrive: file it in Sent."""
        raise NotImplementedError

    # In, out, and proof

    def import_messages(
        self, path: Path, into: FolderId, progress: Callable[[int], None] = lambda done: None
    ) -> tuple[int, int, tuple[str, ...]]:
        """Take in .eml files, a folder of them, an mbox or a Maildir -> (new, already there, problems)."""
        raise NotImplementedError

    def export_folder(self, folder: FolderId, path: Path, form: str) -> int:
        """Write "mbox", "maildir" or "eml" -> how many. Raises BadInput where something is in the way."""
        raise NotImplementedError

    def known_people(self, typed: str, limit: int = 8) -> tuple[Address, ...]:
        """Whom the user wrote to or heard from, best match first: completion in the composer."""
        raise NotImplementedError
