"""The facade's way into the Outbox: freezing a message at the click. What happens to it there is in `outboxing`.

The engine's own half, which talks to the servers, is not here: both meet in the store's outbox.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qtmail.engine import clock, identities
from qtmail.engine.facade import Done
from qtmail.engine.indexing import new_messages
from qtmail.engine.writing import Writing, named
from qtmail.errors import BadInput
from qtmail.mime import build, parse
from qtmail.mime.address import check_address, to_header
from qtmail.mime.encode import LONG_LINE, MAX_LINE
from qtmail.model import (
    LOCAL,
    Account,
    AccountKey,
    Address,
    Delivery,
    Draft,
    Flag,
    OutboxId,
    Role,
)
from qtmail.operations import Expunge, Operation, Send, SetFlag
from qtmail.store import add, drafts, journal, outbox, people

_SEEN = frozenset[str]({Flag.SEEN})
_LINE_END = re.compile(rb"\r\n|\r|\n")
_MBOX_LINE = re.compile(rb"\A>?From [^\r\n]*\r?\n")


class Mailing(Writing):
    """Bytes, Message-ID and envelope are frozen here; nothing changes them on the way."""

    def send(self, draft: Draft, *, undo_s: int = 0, at: int = 0) -> tuple[OutboxId, Done]:
        """Freeze it into bytes and put them into the Outbox; removes it from Drafts. Raises BadInput for no or wrong
        recipients, or an account without an outgoing server.

        undo_s: nothing leaves for so many seconds after it is there. at: it leaves at that time (since the epoch).
        """
        draft = named(draft)
        self._can_send(draft.account)
        everybody = (*draft.to, *draft.cc, *draft.bcc)
        check_recipients([person.address for person in everybody])
        now = self._now()
        sender, recipients = build.envelope(draft)
        raw = self._bytes_of(draft, now)
        around: list[Operation] = []
        if draft.replaces is not None:
            around.append(Expunge((draft.replaces,)))
        around += [
            SetFlag((row,), flag, True)
            for row, flag in ((draft.reply_of, Flag.ANSWERED), (draft.forward_of, Flag.FORWARDED))
            if row is not None
        ]
        queued = Queued(raw, draft.account, sender, recipients, draft.message_id, _label(draft), draft)
        return self._queue(replace(queued, undo_s=undo_s, at=at), everybody, around, now)

    def send_raw(self, raw: bytes, account: AccountKey) -> OutboxId:
        """Queue a complete message; recipients from To, Cc and Bcc. Raises BadInput.

        Line ends become CRLF, Subject and names in bare UTF-8 encoded words; a missing From, Date or Message-ID is
        added, nothing else is touched: a message with a line that servers would break is not taken.
        """
        now = self._now()
        raw = _complete(raw, self._can_send(account), now)
        facts = parse.parse_headers(raw)
        everybody = (*facts.to, *facts.cc, *facts.bcc)
        # A name without an address counts: leaving it out silently would lose a recipient.
        check_recipients([person.address or person.name for person in everybody])
        sender, recipients = build.envelope(raw)
        me = identities.named(self.account(account), sender)
        queued = Queued(raw, account, sender, recipients, facts.message_id, "Send")
        queued = replace(queued, identity=me.identity.key if me else "")
        return self._queue(queued, everybody, (), now)[0]

    def _can_send(self, key: AccountKey) -> Account:
        account = self.account(key)
        if account.outgoing is None:
            raise BadInput(
                f"The account “{account.name}” has no server for sending.", hint="Name one in the account's settings."
            )
        return account

    def _queue(
        self, what: "Queued", everybody: Sequence[Address], around: Sequence[Operation], now: int
    ) -> tuple[OutboxId, Done]:
        """The bytes first, durably; then everything else in one transaction."""
        folder = self.folder_of_role(LOCAL, Role.OUTBOX)
        remote = self._remote()
        messages = new_messages(self._store.content, [what.raw], now=now, received=now, flags=_SEEN)
        draft = what.draft
        with self._store.transaction("send") as tx:
            (row,) = add.add_messages(tx, folder.id, messages, now=now, why="Put into the Outbox")
            item = outbox.insert(
                tx,
                what.account,
                row,
                messages[0].content,
                message_id=what.message_id,
                envelope_from=what.sender,
                recipients=what.recipients,
                draft=draft,
                now=now,
                not_before=what.at or (self._now() + what.undo_s if what.undo_s else 0),
                scheduled=bool(what.at),
                identity=draft.identity if draft else what.identity,
                delivery=draft.delivery if draft else what.delivery,
                again_of=what.again_of,
            )
            operations = (Send((row,), item), *around)
            performed = journal.perform(tx, operations, now=now, remote=remote, label=what.label)
            if draft is None:
                people.wrote_to(tx, everybody, now=now)
            elif draft.id is not None:
                drafts.discard(tx, draft.id)
        return item, Done(performed.gesture, performed.label, tx.events)


@dataclass(frozen=True, slots=True)
class Queued:
    """One message for the Outbox: its frozen bytes and envelope, and what of OutboxItem is known from the start."""

    raw: bytes
    account: AccountKey
    sender: str
    recipients: Sequence[str]
    message_id: str
    label: str
    draft: Draft | None = None
    undo_s: int = 0
    at: int = 0
    identity: str = ""
    delivery: Delivery = Delivery()
    again_of: OutboxId | None = None


def _label(draft: Draft) -> str:
    """ "Send “Hello” to Bob and 2 others"."""
    people_ = [person.name or person.address for person in (*draft.to, *draft.cc, *draft.bcc)]
    others = len(people_) - 1
    more = f" and {others} other{'s' if others > 1 else ''}" if others else ""
    subject = f" “{_short(draft.subject, 40)}”" if draft.subject.strip() else ""
    return f"Send{subject} to {people_[0]}{more}"


def _short(text: str, longest: int) -> str:
    """On one line, no longer than that."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def check_recipients(addresses: Sequence[str]) -> None:
    """Raises BadInput for none at all, or for the first that cannot be written to."""
    if not addresses:
        raise BadInput("The message has no recipients.", hint="Fill in To, Cc or Bcc.")
    for address in addresses:
        wrong = check_address(address)
        if wrong:
            raise BadInput(wrong, hint="Correct the address, or take it out.")


def _complete(raw: bytes, account: Account, now: int) -> bytes:
    """Bytes that may go out: CRLF, no mbox line, and the headers that RFC 5322 (3.6) asks for."""
    raw = build.in_words(_LINE_END.sub(b"\r\n", _MBOX_LINE.sub(b"", raw)))
    _check_lines(raw)
    facts = parse.parse_headers(raw)
    missing = []
    if not facts.from_ and not facts.sender:
        missing.append(f"From: {to_header(account.mailbox)}")
    if facts.date is None:
        missing.append(f"Date: {clock.header_date(now)}")
    if not facts.message_id:
        missing.append(f"Message-ID: {build.new_message_id(account.address)}")
    return "".join(f"{line}\r\n" for line in missing).encode() + raw


def _check_lines(raw: bytes) -> None:
    """Raises BadInput for a line that a server breaks in two, which damages the text and every signature over it."""
    found = LONG_LINE.search(raw)
    if found:
        number = raw.count(b"\r\n", 0, found.start()) + 1
        raise BadInput(
            f"Line {number:,} of the message is longer than the {MAX_LINE} octets "
            "that mail allows, and would be broken on the way.",
            hint="Break it, or encode that part as quoted-printable or base64.",
        )
