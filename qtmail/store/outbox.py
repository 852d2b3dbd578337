"""Messages on their way out: a state machine, each step durable before the wire sees the next.

queued/not-before/deferred -> connecting -> envelope -> data -> accepted | uncertain | refused
any of connecting, envelope, data -> deferred (4xx, no network; in data only when the server answered 4xx),
                                     or held (the user stopped it: before the end of the message has left)
refused/deferred/held/uncertain -> queued (the user's word)  uncertain -> accepted (found in Sent, or the user says so)
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from qtmail.errors import BadInput
from qtmail.events import OutboxChanged
from qtmail.model import (
    LOCAL,
    AccountKey,
    ContentHash,
    Delivery,
    Draft,
    FolderId,
    OutboxId,
    OutboxItem,
    Recipient,
    RowId,
    SendState,
)
from qtmail.operations import NotUndoable
from qtmail.store import drafts, facts, people
from qtmail.store.connection import Reader, Record, listed
from qtmail.store.db import Tx
from qtmail.store.drafts import pack_draft, unpack_draft

_S = SendState

TRANSITIONS: dict[SendState, frozenset[SendState]] = {
    _S.QUEUED: frozenset({_S.CONNECTING, _S.REFUSED, _S.DEFERRED, _S.HELD, _S.NOT_BEFORE}),
    _S.NOT_BEFORE: frozenset({_S.QUEUED, _S.CONNECTING, _S.REFUSED, _S.DEFERRED, _S.HELD, _S.NOT_BEFORE}),
    _S.HELD: frozenset({_S.QUEUED, _S.NOT_BEFORE}),
    _S.DEFERRED: frozenset({_S.QUEUED, _S.CONNECTING, _S.REFUSED, _S.DEFERRED, _S.HELD, _S.NOT_BEFORE}),
    _S.CONNECTING: frozenset({_S.ENVELOPE, _S.DEFERRED, _S.REFUSED, _S.QUEUED, _S.HELD}),
    _S.ENVELOPE: frozenset({_S.DATA, _S.DEFERRED, _S.REFUSED, _S.QUEUED, _S.HELD}),
    # Back to the envelope: the server did not know BDAT, so it has nothing, and gets it by DATA.
    _S.DATA: frozenset({_S.ACCEPTED, _S.UNCERTAIN, _S.REFUSED, _S.DEFERRED, _S.ENVELOPE}),
    _S.UNCERTAIN: frozenset({_S.ACCEPTED, _S.QUEUED}),
    _S.REFUSED: frozenset({_S.QUEUED, _S.NOT_BEFORE}),
    _S.ACCEPTED: frozenset(),
}
"""Every step that can be."""

UNDER_WAY = frozenset({_S.CONNECTING, _S.ENVELOPE, _S.DATA})
"""The engine has it in its hands: nobody else may change it."""
WAITING = frozenset({_S.QUEUED, _S.NOT_BEFORE, _S.DEFERRED, _S.HELD, _S.REFUSED})
"""Nothing of it is on its way: it may be taken back, edited, put off."""

LATEST_S = 12 * 3600
"""What is overdue by more than this (the program did not run, the clock leapt) waits for the user's word."""

_ITEMS = """
    SELECT id, account, placement, content, message_id, envelope_from, recipients, state, attempts, next_attempt,
           reply, updated, not_before, scheduled, identity, delivery, again_of
    FROM outbox
"""
_ORDER = "ORDER BY position, id"
_LIVE = " AND EXISTS (SELECT 1 FROM placement WHERE placement.id = outbox.placement AND gone_at IS NULL) "
"""Not deleted from the Outbox: what is deleted stays in grace, and comes back as it was when that is undone."""
_PLAIN = Delivery()
_PAUSED = "outbox_paused"


class TakenBack(BadInput):
    """It is not to be sent any more."""


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
    not_before: int = 0,
    scheduled: bool = False,
    identity: str = "",
    delivery: Delivery = _PLAIN,
    again_of: OutboxId | None = None,
) -> OutboxId:
    """Queue a message. `row` is its row in the Outbox folder (add_messages), `draft` what it was made from; the rest
    as in OutboxItem. Where it is `again_of` another item no copy goes to Sent: there is one already."""
    id_ = OutboxId(
        tx.insert(
            """
            INSERT INTO outbox (account, placement, content, message_id, envelope_from, recipients, state, draft,
                                created, updated, not_before, scheduled, identity, delivery, again_of, position)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM outbox))
            """,
            *(account, row, content, message_id, envelope_from),
            _packed([Recipient(address) for address in recipients]),
            (_S.NOT_BEFORE if not_before > now else _S.QUEUED).value,
            *("" if draft is None else pack_draft(draft), now, now, not_before, int(scheduled), identity),
            *("" if delivery == _PLAIN else msgspec.json.encode(delivery).decode(), again_of),
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
    not_before: int | None = None,
    expected: SendState | None = None,
) -> OutboxItem:
    """Go to the next state. Entering CONNECTING counts an attempt. Raises ValueError for a step that cannot be,
    TakenBack when the item is not there, or not in the state `expected`: the user was quicker. Commit before doing
    what the state says."""
    before = _get(tx, item)
    if before is None:
        raise TakenBack("This message is not in the Outbox any more.")
    if expected is not None and before.state is not expected:
        raise TakenBack("This message was changed meanwhile.")
    if state in UNDER_WAY and tx.value("SELECT gone_at FROM placement WHERE id = ?", before.row) is not None:
        raise TakenBack("This message was deleted from the Outbox.")
    if state not in TRANSITIONS[before.state]:
        raise ValueError(f"outbox {item}: {before.state} cannot become {state}")
    tx.run(
        """
        UPDATE outbox SET state = ?, attempts = ?, next_attempt = ?, reply = ?, recipients = ?, not_before = ?,
                          scheduled = ?, updated = ?
        WHERE id = ?
        """,
        state.value,
        before.attempts + (state is _S.CONNECTING),
        before.next_attempt if next_attempt is None else next_attempt,
        before.reply if reply is None else reply,
        _packed(before.recipients if recipients is None else recipients),
        *((before.not_before, int(before.scheduled)) if not_before is None else (not_before, 1)),
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
    """The first that may go now: queued, or its time has come (but not long ago: see `late`)."""
    record = reader.one(
        _ITEMS
        + """
        WHERE account = ?1 AND (state = 'queued' OR state = 'deferred' AND next_attempt <= ?2
          OR state = 'not-before' AND not_before <= ?2 AND (scheduled = 0 OR not_before > ?2 - ?3))
        """
        + _LIVE
        + _ORDER,
        *(account, now, LATEST_S),
    )
    return None if record is None else _item(record)


def late(reader: Reader, *, now: int, by: int = LATEST_S) -> tuple[OutboxItem, ...]:
    """Those that were to go at a time that is past by so many seconds."""
    where = "WHERE state = 'not-before' AND scheduled = 1 AND not_before <= ? "
    return tuple(_item(record) for record in reader.all(_ITEMS + where + _LIVE + _ORDER, now - by))


def next_attempt(reader: Reader, account: AccountKey, *, now: int = 0) -> int | None:
    """When there is something to send next (0: at once); None: nothing waits."""
    when: int | None = reader.value(
        """
        SELECT min(CASE state WHEN 'queued' THEN 0 WHEN 'not-before' THEN not_before ELSE next_attempt END) FROM outbox
        WHERE account = ?1 AND (state IN ('queued', 'deferred')
          OR state = 'not-before' AND (scheduled = 0 OR not_before > ?2 - ?3))
        """  # noqa: S608 - the literal above
        + _LIVE,
        *(account, now, LATEST_S),
    )
    return when


def items(reader: Reader) -> tuple[OutboxItem, ...]:
    """All that is not accepted yet, in the order of the queue."""
    return tuple(_item(record) for record in reader.all(_ITEMS + "WHERE state NOT IN ('accepted') " + _LIVE + _ORDER))


def paused(reader: Reader) -> bool:
    """The user stopped the whole Outbox: nothing is sent until it goes on."""
    return facts.get(reader, LOCAL, _PAUSED) == "yes"


def pause(tx: Tx, on: bool) -> None:
    """Stop the whole Outbox, or let it go on."""
    facts.put(tx, LOCAL, _PAUSED, "yes" if on else "")


def reorder(tx: Tx, wanted: Sequence[OutboxId]) -> None:
    """These come in this order, in the places they have together."""
    places = sorted(
        tx.column("SELECT position FROM outbox WHERE id IN (SELECT value FROM json_each(?))", listed(wanted))
    )
    tx.many("UPDATE outbox SET position = ? WHERE id = ?", list(zip(places, wanted, strict=False)))
    for one in wanted:
        tx.note(OutboxChanged(one))


def with_refused(reader: Reader) -> tuple[OutboxItem, ...]:
    """Accepted for some, refused for others, and nobody has seen to these yet."""
    where = """WHERE state = 'accepted' AND recipients LIKE '%"state":"refused"%' """
    return tuple(_item(record) for record in reader.all(_ITEMS + where + _ORDER))


def note_refused(tx: Tx, item: OutboxId, *, now: int) -> None:
    """The user has seen to the refused recipients: they are "noted" from now on."""
    before = _get(tx, item)
    if before is None:
        return
    noted = [replace(one, state="noted") if one.state == "refused" else one for one in before.recipients]
    tx.run("UPDATE outbox SET recipients = ?, updated = ? WHERE id = ?", _packed(noted), now, item)
    tx.note(OutboxChanged(item))


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


def may_be_deleted(reader: Reader, item: OutboxId) -> None:
    """Raises NotUndoable while its end may be on the way at this very moment."""
    found = _get(reader, item)
    if found is not None and found.state is _S.DATA:
        raise NotUndoable("The message is being handed over just now.", hint="Look again in a moment.")


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
    if found.state not in WAITING:
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
    id_, account, row, content, message_id, sender, recipients, state, attempts, next_, reply, updated, *more = record
    not_before, scheduled, identity, delivery, again_of = more
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
        not_before=not_before,
        scheduled=bool(scheduled),
        identity=identity,
        delivery=msgspec.json.decode(delivery, type=Delivery) if delivery else _PLAIN,
        again_of=None if again_of is None else OutboxId(again_of),
    )
