"""Messages on their way out: a state machine, each step durable before the wire sees the next.

queued/deferred -> connecting -> envelope -> data -> accepted | uncertain | refused
any of connecting, envelope, data -> deferred (4xx, no network; in data only when the server answered 4xx)
refused/deferred/uncertain -> queued (the user's word)      uncertain -> accepted (found in Sent, or the user says so)
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from qtmail.errors import BadInput
from qtmail.events import OutboxChanged
from qtmail.model import (
    AccountKey,
    ContentHash,
    Draft,
    FolderId,
    OutboxId,
    OutboxItem,
    Recipient,
    RowId,
    SendState,
)
from qtmail.operations import NotUndoable
from qtmail.store import drafts, people
from qtmail.store.connection import Reader, Record
from qtmail.store.db import Tx
from qtmail.store.drafts import pack_draft, unpack_draft

_S = SendState

TRANSITIONS: dict[SendState, frozenset[SendState]] = {
    _S.QUEUED: frozenset({_S.CONNECTING, _S.REFUSED, _S.DEFERRED}),
    _S.DEFERRED: frozenset({_S.QUEUED, _S.CONNECTING, _S.REFUSED, _S.DEFERRED}),
    _S.CONNECTING: frozenset({_S.ENVELOPE, _S.DEFERRED, _S.REFUSED, _S.QUEUED}),
    _S.ENVELOPE: frozenset({_S.DATA, _S.DEFERRED, _S.REFUSED, _S.QUEUED}),
    _S.DATA: frozenset({_S.ACCEPTED, _S.UNCERTAIN, _S.REFUSED, _S.DEFERRED}),
    _S.UNCERTAIN: frozenset({_S.ACCEPTED, _S.QUEUED}),
    _S.REFUSED: frozenset({_S.QUEUED}),
    _S.ACCEPTED: frozenset(),
}
"""Every step that can be."""

_TAKEN_BACK_FROM = (_S.QUEUED, _S.DEFERRED, _S.REFUSED)

_ITEMS = """
    SELECT id, account, placement, content, message_id, envelope_from, recipients, state, attempts, next_attempt,
           reply, updated
    FROM outbox
"""


def insert(
    tx: Tx,
    account: AccountKey,
    row: RowId,
    content: ContentHash,
    *,
    message_id: str,
    envelope_from: str,
    recipients: Sequence[str],
    draft: Draft | None,
    now: int,
) -> OutboxId:
    """Queue a message. `row` is its row in the Outbox folder (add_messages), `draft` what it was made from."""
    id_ = OutboxId(
        tx.insert(
            """
            INSERT INTO outbox (account, placement, content, message_id, envelope_from, recipients, state, draft,
                                created, updated)
            VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)
            """,
            *(account, row, content, message_id, envelope_from),
            _packed([Recipient(address) for address in recipients]),
            *("" if draft is None else pack_draft(draft), now, now),
        )
    )
    if draft is not None:
        people.wrote_to(tx, [*draft.to, *draft.cc, *draft.bcc], now=now)
    tx.note(OutboxChanged(id_))
    return id_


def advance(
    tx: Tx,
    item: OutboxId,
    state: SendState,
    *,
    now: int,
    reply: str | None = None,
    recipients: Sequence[Recipient] | None = None,
    next_attempt: int | None = None,
) -> OutboxItem:
    """Go to the next state. Entering CONNECTING counts an attempt. Raises ValueError for a step that cannot be,
    BadInput when the item is not there (taken back meanwhile). Commit before doing what the state says."""
    before = _get(tx, item)
    if before is None:
        raise BadInput("This message is not in the Outbox any more.")
    if state not in TRANSITIONS[before.state]:
        raise ValueError(f"outbox {item}: {before.state} cannot become {state}")
    tx.run(
        """
        UPDATE outbox SET state = ?, attempts = ?, next_attempt = ?, reply = ?, recipients = ?, updated = ? WHERE id = ?
        """,
        state.value,
        before.attempts + (state is _S.CONNECTING),
        before.next_attempt if next_attempt is None else next_attempt,
        before.reply if reply is None else reply,
        _packed(before.recipients if recipients is None else recipients),
        *(now, item),
    )
    _changed(tx, item, before.row)
    after = _get(tx, item)
    assert after is not None
    return after


def recover(tx: Tx, account: AccountKey, *, now: int) -> tuple[OutboxItem, ...]:
    """When the engine starts: what a dead process left in connecting or envelope is queued again, what it left in
    data is uncertain -> those."""
    left = tx.all(_ITEMS + "WHERE account = ? AND state IN ('connecting', 'envelope', 'data') ORDER BY id", account)
    recovered = []
    for before in map(_item, left):
        words = "The program ended while this was being handed over: it may have been sent or not."
        if before.state is _S.DATA:
            recovered.append(advance(tx, before.id, _S.UNCERTAIN, now=now, reply=words))
        else:
            recovered.append(advance(tx, before.id, _S.QUEUED, now=now))
    return tuple(recovered)


def next_due(reader: Reader, account: AccountKey, *, now: int) -> OutboxItem | None:
    """The first queued, or deferred and due, item."""
    record = reader.one(
        _ITEMS + "WHERE account = ? AND (state = 'queued' OR state = 'deferred' AND next_attempt <= ?) ORDER BY id",
        account,
        now,
    )
    return None if record is None else _item(record)


def next_attempt(reader: Reader, account: AccountKey) -> int | None:
    """When there is something to send next (0: at once); None: nothing waits."""
    when: int | None = reader.value(
        """
        SELECT min(iif(state = 'queued', 0, next_attempt)) FROM outbox
        WHERE account = ? AND state IN ('queued', 'deferred')
        """,
        account,
    )
    return when


def items(reader: Reader) -> tuple[OutboxItem, ...]:
    """All that is not accepted yet, oldest first."""
    return tuple(_item(record) for record in reader.all(_ITEMS + "WHERE state NOT IN ('accepted') ORDER BY id"))


def item(reader: Reader, item: OutboxId) -> OutboxItem | None:
    """One of them, accepted ones too."""
    return _get(reader, item)


def item_of_row(reader: Reader, row: RowId) -> OutboxItem | None:
    """The one this row of the Outbox shows."""
    record = reader.one(_ITEMS + "WHERE placement = ? ORDER BY id DESC", row)
    return None if record is None else _item(record)


def draft_of(reader: Reader, item: OutboxId) -> Draft | None:
    """What it was written as, to edit it again."""
    packed = reader.value("SELECT draft FROM outbox WHERE id = ?", item)
    return unpack_draft(packed) if packed else None


def sent_copies_due(reader: Reader, account: AccountKey) -> tuple[OutboxItem, ...]:
    """Accepted ones whose copy is not known to be in Sent."""
    where = "WHERE account = ? AND state = 'accepted' AND sent_copy = 0 ORDER BY id"
    return tuple(_item(record) for record in reader.all(_ITEMS + where, account))


def sent_copy_settled(tx: Tx, item: OutboxId) -> None:
    """A copy is in Sent, or the server keeps its own."""
    tx.run("UPDATE outbox SET sent_copy = 1 WHERE id = ?", item)


def take_back(tx: Tx, item: OutboxId, *, now: int) -> Draft | None:
    """Remove it from the Outbox, its row too -> what it was written as, which is in the composer's journal again.
    Raises NotUndoable once it is on its way."""
    may_be_taken_back(tx, item)
    before = _get(tx, item)
    assert before is not None
    draft = draft_of(tx, item)
    if draft is not None:
        draft = drafts.save(tx, replace(draft, id=None), now=now)
    tx.run("UPDATE placement SET gone_at = ?, gone_why = 'cancelled' WHERE id = ?", now, before.row)
    _changed(tx, item, before.row)
    tx.run("DELETE FROM outbox WHERE id = ?", item)
    return draft


def may_be_taken_back(reader: Reader, item: OutboxId) -> None:
    """Raises NotUndoable when it may have left the machine."""
    found = _get(reader, item)
    if found is None:
        raise NotUndoable("The message is not in the Outbox any more.")
    if found.state not in _TAKEN_BACK_FROM:
        raise NotUndoable("The message has been sent, or is being sent: it cannot be called back.")


def _changed(tx: Tx, item: OutboxId, row: RowId) -> None:
    tx.note(OutboxChanged(item))
    folder = tx.value("SELECT folder FROM placement WHERE id = ?", row)
    if folder is not None:
        tx.touched(FolderId(folder))


def _get(reader: Reader, item: OutboxId) -> OutboxItem | None:
    record = reader.one(_ITEMS + "WHERE id = ?", item)
    return None if record is None else _item(record)


def _packed(recipients: Sequence[Recipient]) -> str:
    return msgspec.json.encode(list(recipients)).decode()


def _item(record: Record) -> OutboxItem:
    id_, account, row, content, message_id, sender, recipients, state, attempts, next_, reply, updated = record
    return OutboxItem(
        id=OutboxId(id_),
        account=AccountKey(account),
        row=RowId(row),
        content=ContentHash(content),
        message_id=message_id,
        envelope_from=sender,
        recipients=tuple(msgspec.json.decode(recipients, type=list[Recipient])),
        state=SendState(state),
        attempts=attempts,
        next_attempt=next_,
        reply=reply,
        updated=updated,
    )
