"""An account store made of lists, and a link to nobody: what the reader and the composer are tested on.

Messages are real bytes, parsed and built by qtmail.mime; only the store is missing.
"""

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal

from qtmail import events
from qtmail.engine.answering import Beyond
from qtmail.engine.mail import BodyMissing, Done, Mail
from qtmail.engine.pop3_shown import OnPopServer
from qtmail.engine.viewing import Choices, Standing
from qtmail.errors import BadInput
from qtmail.mime import build, parse, parts, quote
from qtmail.mime.address import check_address
from qtmail.mime.authentication import authentication
from qtmail.mime.contactcard import cards
from qtmail.mime.invitation import Answer, invitation
from qtmail.mime.listmail import mailing_list
from qtmail.mime.receipt import wanted
from qtmail.mime.signed import signed_with
from qtmail.model import (
    Account,
    AccountKey,
    Address,
    AttachmentRef,
    ContentHash,
    Draft,
    DraftId,
    Flag,
    Folder,
    FolderId,
    GestureId,
    Identity,
    Message,
    MessageId,
    OutboxId,
    OutboxItem,
    Protocol,
    Role,
    Row,
    RowId,
    Server,
    Step,
)

WORK = AccountKey("work")
HOME = AccountKey("home")
INBOX, DRAFTS, OUTBOX = FolderId(1), FolderId(2), FolderId(3)
_SERVER = Server("127.0.0.1", 1)


def account(key: AccountKey, name: str, address: str, signature: str = "") -> Account:
    return Account(key, name, address, "Alice Doe", Protocol.IMAP, _SERVER, _SERVER, signature=signature)


class FakeLink(QObject):
    """Remembers the wishes; the test says what the engine would."""

    heard = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[events.Wish] = []

    def wish(self, wish: events.Wish) -> None:
        self.wishes.append(wish)


class FakeMail:
    """The part of engine.mail.Mail that a reader and a composer use."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.rows_by_id: dict[RowId, Row] = {}
        self.unwanted: set[MessageId] = set()
        """Messages whose content nobody wants here."""
        self.raws: dict[RowId, bytes] = {}
        self.there: dict[RowId, OnPopServer] = {}
        self.items: dict[RowId, OutboxItem] = {}
        self.contents: dict[ContentHash, bytes] = {}
        self.journal: dict[DraftId, Draft] = {}
        self.saves = 0
        self.kept: list[Draft] = []
        self.sent: list[Draft] = []
        self.retried: list[OutboxId] = []
        self.times: list[tuple[int, int]] = []
        self.waiting_items: tuple[OutboxItem, ...] = ()
        self.partly_refused: tuple[OutboxItem, ...] = ()
        self.late: tuple[OutboxItem, ...] = ()
        self.paused = False
        self.calls: list[tuple[object, ...]] = []
        self.settled: list[OutboxId] = []
        self.removed: list[tuple[RowId, tuple[int, ...]]] = []
        self.chosen: dict[RowId, Choices] = {}
        self.answers: dict[RowId, Answer] = {}
        self.receipts: dict[RowId, bool] = {}
        """Sent, or refused."""
        self.left: list[tuple[RowId, str]] = []
        self.met: dict[str, tuple[int, int]] = {}
        self.threads: dict[RowId, tuple[RowId, ...]] = {}
        self.flags_set: list[tuple[tuple[RowId, ...], str, bool]] = []
        self.people: tuple[Address, ...] = ()
        self.patience = float("inf")
        self.limits: tuple[int | None, int | None] = (None, None)
        self.send_error: BadInput | None = None
        self.all_accounts = (
            account(WORK, "Work", "alice@example.test", "Alice Doe\nExample Ltd"),
            account(HOME, "Home", "alice@home.test", "Alice"),
        )

    def largest(self, _account: Account, _identity: Identity) -> tuple[int | None, int | None]:
        return self.limits

    def left_out(self, message: MessageId) -> bool:
        return message in self.unwanted

    @property
    def mail(self) -> Mail:
        return cast(Mail, self)

    def hurry(self, seconds: float) -> None:
        self.patience = seconds

    def add(self, raw: bytes | str, folder: FolderId = INBOX, *, here: bool = True, seen: bool = False) -> RowId:
        """Put a message in; `here=False`: only its header is known."""
        data = raw.encode() if isinstance(raw, str) else raw
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        number = next(self._numbers)
        row = RowId(number)
        message = parse.parse(data)
        author = message.from_[0] if message.from_ else Address("", "")
        self.raws[row] = data
        self.rows_by_id[row] = Row(
            id=row, message=MessageId(number), folder=folder, subject=message.subject,
            correspondent=author.name or author.address, address=author.address, date=message.date or 0,
            received=message.date or 0, size=len(data), flags=frozenset({Flag.SEEN} if seen else ()),
            preview=message.text[:100], attachments=len(message.parts), message_id=message.message_id, has_body=here,
        )  # fmt: skip
        return row

    def arrive(self, row: RowId) -> MessageId:
        """The body comes."""
        self.rows_by_id[row] = replace(self.rows_by_id[row], has_body=True)
        return self.rows_by_id[row].message

    # What the facade offers

    def accounts(self) -> tuple[Account, ...]:
        return self.all_accounts

    def folder(self, folder: FolderId) -> Folder:
        role = {INBOX: Role.INBOX, DRAFTS: Role.DRAFTS, OUTBOX: Role.OUTBOX}[folder]
        return Folder(folder, WORK, role.value, role, 1, 1)

    def account_of(self, rows: Sequence[RowId]) -> tuple[AccountKey, ...]:
        return (WORK,) * len(rows)

    def rows(self, ids: Iterable[RowId]) -> dict[RowId, Row]:
        return {row: self.rows_by_id[row] for row in ids if row in self.rows_by_id}

    def authors(self, ids: Iterable[RowId]) -> dict[RowId, Address]:
        found = {row: parse.parse(self.raws[row]).from_ for row in ids if row in self.raws}
        return {row: people[0] for row, people in found.items() if people}

    def message(self, row: RowId) -> Message:
        return parse.parse(self.raw(row))

    def raw(self, row: RowId) -> bytes:
        if row not in self.rows_by_id:
            raise BadInput("This message is not here any more.")
        if not self.rows_by_id[row].has_body:
            raise BodyMissing
        return self.raws[row]

    def part(self, row: RowId, index: int) -> bytes:
        return parse.part_bytes(self.raw(row), index)

    def message_in(self, row: RowId, charset: str, *, words: bool = True) -> Message:
        return parse.parse(self.raw(row), charset_override=charset, words=words)

    def choices(self, row: RowId) -> Choices:
        return self.chosen.get(row, Choices())

    def choose(self, row: RowId, what: str, value: str) -> None:
        self.chosen[row] = replace(self.choices(row), **{what: value})

    def standing(self, row: RowId, author: Address) -> Standing:
        known = authentication(self.raw(row), author.address, ["example.test"])
        return Standing(*self.met.get(author.address, (1, 0)), known)

    def beyond(self, row: RowId, _message: Message | None = None, standing: Standing | None = None) -> Beyond:
        raw = self.raw(row)
        leaves = parts.cut(raw).leaves
        checks = standing.known.checks if standing else ()
        signers = {one.domain for one in checks if (one.method, one.result) == ("dkim", "pass")}
        return Beyond(
            invitation(raw, leaves),
            self.answers.get(row),
            Address("Alice", "alice@example.test"),
            listed=True,
            cards=cards(raw, leaves),
            mailing_list=mailing_list(raw, signers),
            receipt=None if row in self.receipts else wanted(raw),
            signed_with=signed_with(raw, leaves),
        )

    def answer_invitation(self, row: RowId, said: Answer, *, undo_s: int = 0) -> tuple[OutboxId, Done]:
        if self.send_error is not None:
            raise self.send_error
        self.answers[row] = said
        return OutboxId(7), Done(GestureId(7), f"Send “{said.value}”", ())

    def send_receipt(self, row: RowId, *, undo_s: int = 0) -> tuple[OutboxId, Done]:
        self.receipts[row] = True
        return OutboxId(8), Done(GestureId(8), "Send “Read”", ())

    def refuse_receipt(self, row: RowId) -> Done:
        self.receipts[row] = False
        return Done(GestureId(9), "", ())

    def leave_list_by_mail(self, row: RowId, *, undo_s: int = 0) -> tuple[OutboxId, Done]:
        self.left.append((row, "mail"))
        return OutboxId(9), Done(GestureId(9), "Send “unsubscribe”", ())

    def leave_list_at_once(self, row: RowId) -> None:
        if self.send_error is not None:
            raise self.send_error
        self.left.append((row, "web"))

    def remove_parts(self, row: RowId, indexes: Sequence[int]) -> Done:
        self.removed.append((row, tuple(indexes)))
        return Done(GestureId(4), "Remove 1 attachment", ())

    def thread(self, row: RowId) -> tuple[RowId, ...]:
        return self.threads.get(row, (row,))

    def story(self, row: RowId) -> tuple[Step, ...]:
        return (Step(1_700_000_000, "Arrived in Work/INBOX"), Step(1_700_000_100, "Read here"))

    def set_flag(self, rows: Sequence[RowId], flag: str, on: bool, *, quiet: bool = False) -> Done:
        self.flags_set.append((tuple(rows), flag, on))
        for row in rows:
            old = self.rows_by_id[row]
            self.rows_by_id[row] = replace(old, flags=old.flags | {flag} if on else old.flags - {flag})
        return Done(GestureId(1), "Mark 1 message read", (events.FolderChanged(INBOX),))

    def delete(self, rows: Sequence[RowId]) -> Done:
        for row in rows:
            self.rows_by_id.pop(row, None)
        return Done(GestureId(3), "Delete 1 message", ())

    def pop(self, row: RowId) -> OnPopServer | None:
        return self.there.get(row)

    def download_rest(self, rows: Sequence[RowId]) -> Done:
        for row in rows:
            self.there[row] = replace(self.there[row], wanted=True)
        return Done(None, "Download the rest of 1 message", ())

    def outbox_item(self, row: RowId) -> OutboxItem | None:
        return self.items.get(row)

    def retry_now(self, item: OutboxId) -> None:
        self.retried.append(item)

    def settle_as_sent(self, item: OutboxId) -> None:
        self.settled.append(item)

    def outbox(self) -> tuple[OutboxItem, ...]:
        return self.waiting_items

    def waits_for_server(self, row: RowId) -> bool:
        return False

    def overdue(self) -> tuple[OutboxItem, ...]:
        return self.late

    def refusals(self) -> tuple[OutboxItem, ...]:
        return self.partly_refused

    def outbox_paused(self) -> bool:
        return self.paused

    def pause_outbox(self, on: bool) -> None:
        self.paused = on

    def hold(self, item: OutboxId) -> None:
        self.calls.append(("hold", item))

    def send_at(self, item: OutboxId, when: int) -> None:
        self.calls.append(("send_at", item, when))

    def arrange_outbox(self, order: Sequence[OutboxId]) -> None:
        self.calls.append(("arrange", tuple(order)))

    def send_to_refused(self, item: OutboxId) -> tuple[OutboxId, Done]:
        self.calls.append(("to refused", item))
        return OutboxId(99), Done(None, "", ())

    def note_refused(self, item: OutboxId) -> tuple[events.Event, ...]:
        self.calls.append(("noted", item))
        return ()

    def edit_refused(self, item: OutboxId) -> Draft:
        return replace(self.new_draft(WORK), subject="again")

    def known_people(self, typed: str, limit: int = 8) -> tuple[Address, ...]:
        words = typed.casefold()
        return tuple(p for p in self.people if words in str(p).casefold())[:limit]

    # Writing

    def attach(self, path: Path) -> AttachmentRef:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BadInput(f"“{path.name}” cannot be read.", hint="Choose another file.") from error
        return self.attach_bytes(path.name, "application/octet-stream", data)

    def attach_bytes(self, name: str, type_: str, content: bytes, *, content_id: str = "") -> AttachmentRef:
        key = ContentHash(hashlib.sha256(content).digest())
        self.contents[key] = content
        return AttachmentRef(name, type_, len(content), key, content_id)

    def content(self, content: ContentHash) -> bytes:
        return self.contents[content]

    def new_draft(self, account: AccountKey) -> Draft:
        found = next(entry for entry in self.all_accounts if entry.key == account)
        signature = f"\n-- \n{found.signature}" if found.signature else ""
        return Draft(None, account, found.mailbox, text=signature)

    def reply(self, row: RowId, *, to_all: bool, html: bool) -> Draft:
        me = self.all_accounts[0]
        parts = quote.reply(self.message(row), to_all=to_all, own={me.address}, html=html, signature=me.signature)
        return replace(
            self.new_draft(WORK), to=parts.to, cc=parts.cc, subject=parts.subject, text=parts.text, html=parts.html,
            in_reply_to=parts.in_reply_to, references=parts.references, reply_of=row,
        )  # fmt: skip

    def forward(self, rows: Sequence[RowId], *, inline: bool, html: bool) -> Draft:
        refs = tuple(
            self.attach_bytes(self.rows_by_id[row].subject + ".eml", "message/rfc822", self.raw(row)) for row in rows
        )
        return replace(self.new_draft(WORK), attachments=refs)

    def save_draft(self, draft: Draft) -> Draft:
        self.saves += 1
        saved = replace(draft, id=draft.id or DraftId(next(self._numbers)), saved_at=1_700_000_000 + self.saves)
        assert saved.id is not None
        self.journal[saved.id] = saved
        return saved

    def open_drafts(self) -> tuple[Draft, ...]:
        return tuple(self.journal.values())

    def keep_draft(self, draft: Draft) -> Done:
        self.kept.append(draft)
        if draft.id is not None:
            self.journal.pop(draft.id, None)
        return Done(None, "Save draft", ())

    def discard_draft(self, draft: DraftId) -> None:
        self.journal.pop(draft, None)

    def send(self, draft: Draft, *, undo_s: int = 0, at: int = 0) -> tuple[OutboxId, Done]:
        self.times.append((undo_s, at))
        if self.send_error is not None:
            raise self.send_error
        for person in (*draft.to, *draft.cc, *draft.bcc):
            if (why := check_address(person.address)) is not None:
                raise BadInput(why)
        build.build(draft, self.content, date=1_700_000_000)
        self.sent.append(draft)
        if draft.id is not None:
            self.journal.pop(draft.id, None)
        return OutboxId(1), Done(GestureId(2), "Send", ())
