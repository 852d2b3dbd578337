"""Messages on their way out: a state machine, each step durable before the wire sees the next.

queued/deferred -> connecting -> envelope -> data -> accepted | uncertain | refused
any of connecting, envelope, data -> deferred (4xx, no network; in data only when the server answered 4xx)
refused/deferred/uncertain -> queued (the user's word)       uncertain -> accepted (found in Sent, or the user says so)
"""

from collections.abc import Sequence

from qtmail.model import AccountKey, ContentHash, Draft, OutboxId, OutboxItem, Recipient, RowId, SendState
from qtmail.store.db import Reader, Tx

TRANSITIONS: dict[SendState, frozenset[SendState]] = {}


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
    raise NotImplementedError


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
    raise NotImplementedError


def recover(tx: Tx, account: AccountKey, *, now: int) -> tuple[OutboxItem, ...]:
    """When the engine starts: what a dead process left in connecting or envelope is queued again, what it left in
    data is uncertain -> those."""
    raise NotImplementedError


def next_due(reader: Reader, account: AccountKey, *, now: int) -> OutboxItem | None:
    """The first queued, or deferred and due, item."""
    raise NotImplementedError


def next_attempt(reader: Reader, account: AccountKey) -> int | None:
    """When there is something to send next; None: nothing waits."""
    raise NotImplementedError


def items(reader: Reader) -> tuple[OutboxItem, ...]:
    """All that is not accepted yet, oldest first."""
    raise NotImplementedError


def item(reader: Reader, item: OutboxId) -> OutboxItem | None:
    """One of them, accepted ones too."""
    raise NotImplementedError


def item_of_row(reader: Reader, row: RowId) -> OutboxItem | None:
    """The one this row of the Outbox shows."""
    raise NotImplementedError


def draft_of(reader: Reader, item: OutboxId) -> Draft | None:
    """What it was written as, to edit it again."""
    raise NotImplementedError


def sent_copies_due(reader: Reader, account: AccountKey) -> tuple[OutboxItem, ...]:
    """Accepted ones whose copy is not known to be in Sent."""
    raise NotImplementedError


def sent_copy_settled(tx: Tx, item: OutboxId) -> None:
    """A copy is in Sent, or the server keeps its own."""
    raise NotImplementedError


def take_back(tx: Tx, item: OutboxId, *, now: int) -> Draft | None:
    """Remove it from the Outbox, its row too -> what it was written as. Raises NotUndoable once it is on its way."""
    raise NotImplementedError
