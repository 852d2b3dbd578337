"""The facade's Outbox: freezing a message at the click, and what the user says about one that is stuck there.

The engine's own half, which talks to the servers, is not here: both meet in the store's outbox.
"""

import re
from collections.abc import Sequence

from qtmail.engine import clock
from qtmail.engine.facade import Done
from qtmail.engine.indexing import new_messages
from qtmail.engine.writing import Writing, named
from qtmail.errors import BadInput
from qtmail.mime import build, parse
from qtmail.mime.address import check_address, to_header
from qtmail.model import (
    LOCAL,
    Account,
    AccountKey,
    Address,
    Draft,
    Flag,
    OutboxId,
    OutboxItem,
    Role,
    RowId,
    SendState,
)
from qtmail.operations import Expunge, Operation, Send, SetFlag
from qtmail.store import add, drafts, journal, outbox, people

_SEEN = frozenset[str]({Flag.SEEN})
_LINE_END = re.compile(rb"\r\n|\r|\n")
_MBOX_LINE = re.compile(rb"\A>?From [^\r\n]*\r?\n")


class Mailing(Writing):
    """Bytes, Message-ID and envelope are frozen here; nothing changes them on the way."""

    def send(self, draft: Draft) -> tuple[OutboxId, Done]:
        """Freeze it into bytes and put them into the Outbox; removes it from Drafts. Raises BadInput for no or wrong
        recipients, or an account without an outgoing server."""
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
        return self._queue(raw, draft.account, sender, recipients, draft.message_id, everybody, draft, around, now)

    def send_raw(self, raw: bytes, account: AccountKey) -> OutboxId:
        """Queue a complete message; recipients from To, Cc and Bcc. Raises BadInput.

        Line ends become CRLF, Subject and names in bare UTF-8 encoded words; a missing From, Date or Message-ID is
        added, nothing else is touched.
        """
        now = self._now()
        raw = _complete(raw, self._can_send(account), now)
        facts = parse.parse_headers(raw)
        everybody = (*facts.to, *facts.cc, *facts.bcc)
        # A name without an address counts: leaving it out silently would lose a recipient.
        check_recipients([person.address or person.name for person in everybody])
        sender, recipients = build.envelope(raw)
        item, _ = self._queue(raw, account, sender, recipients, facts.message_id, everybody, None, (), now)
        return item

    def outbox(self) -> tuple[OutboxItem, ...]:
        """All that is not accepted yet."""
        return outbox.items(self._read())

    def outbox_item(self, row: RowId) -> OutboxItem | None:
        """The item behind a row of the Outbox."""
        return outbox.item_of_row(self._read(), row)

    def outbox_state(self, item: OutboxId) -> OutboxItem:
        """Also of one that was accepted."""
        found = outbox.item(self._read(), item)
        if found is None:
            raise BadInput("This message is not in the Outbox any more.")
        return found

    def retry_now(self, item: OutboxId) -> None:
        """Send again what was deferred or refused, or, as the user's explicit word, what is uncertain."""
        if self.outbox_state(item).state is SendState.QUEUED:
            return
        with self._store.transaction("send again") as tx:
            outbox.advance(tx, item, SendState.QUEUED, now=self._now(), next_attempt=0)

    def settle_as_sent(self, item: OutboxId) -> None:
        """The user says that an uncertain message did arrive: file it in Sent."""
        with self._store.transaction("settle as sent") as tx:
            outbox.advance(tx, item, SendState.ACCEPTED, now=self._now(), reply="You said that it arrived.")

    def _can_send(self, key: AccountKey) -> Account:
        account = self.account(key)
        if account.outgoing is None:
            raise BadInput(
                f"The account “{account.name}” has no server for sending.", hint="Name one in the account's settings."
            )
        return account

    def _queue(
        self,
        raw: bytes,
        account: AccountKey,
        sender: str,
        recipients: Sequence[str],
        message_id: str,
        everybody: Sequence[Address],
        draft: Draft | None,
        around: Sequence[Operation],
        now: int,
    ) -> tuple[OutboxId, Done]:
        """The bytes first, durably; then everything else in one transaction."""
        folder = self.folder_of_role(LOCAL, Role.OUTBOX)
        remote = self._remote()
        messages = new_messages(self._store.content, [raw], now=now, received=now, flags=_SEEN)
        with self._store.transaction("send") as tx:
            (row,) = add.add_messages(tx, folder.id, messages, now=now, why="Put into the Outbox")
            item = outbox.insert(
                tx,
                account,
                row,
                messages[0].content,
                message_id=message_id,
                envelope_from=sender,
                recipients=recipients,
                draft=draft,
                now=now,
            )
            operations = (Send((row,), item), *around)
            performed = journal.perform(tx, operations, now=now, remote=remote, label="Send")
            if draft is None:
                people.wrote_to(tx, everybody, now=now)
            elif draft.id is not None:
                drafts.discard(tx, draft.id)
        return item, Done(performed.gesture, performed.label, tx.events)


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
    facts = parse.parse_headers(raw)
    missing = []
    if not facts.from_ and not facts.sender:
        missing.append(f"From: {to_header(account.mailbox)}")
    if facts.date is None:
        missing.append(f"Date: {clock.header_date(now)}")
    if not facts.message_id:
        missing.append(f"Message-ID: {build.new_message_id(account.address)}")
    return "".join(f"{line}\r\n" for line in missing).encode() + raw
