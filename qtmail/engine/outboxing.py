"""The facade's Outbox: what waits there, and what the user says about it. The engine's own half is in `sending`."""

from collections.abc import Sequence
from dataclasses import replace

from qtmail.engine.facade import Done
from qtmail.engine.mailing import Mailing, Queued
from qtmail.errors import BadInput
from qtmail.events import Event
from qtmail.mime import draft as mime_draft
from qtmail.model import Draft, OutboxId, OutboxItem, Recipient, RowId, SendState
from qtmail.store import outbox, traces

UNDER_WAY = outbox.UNDER_WAY
OVERDUE_S = 90
_OPEN = frozenset({"pending", "deferred"})


class Outboxing(Mailing):
    """Every act here is one small transaction; wake the engine afterwards."""

    def outbox(self) -> tuple[OutboxItem, ...]:
        """All that is not accepted yet, in the order of the queue."""
        return outbox.items(self._read())

    def outbox_item(self, row: RowId) -> OutboxItem | None:
        """The item behind a row of the Outbox, or of Sent if it was sent from here."""
        return outbox.item_of_row(self._read(), row)

    def outbox_state(self, item: OutboxId) -> OutboxItem:
        """Also of one that was accepted."""
        found = outbox.item(self._read(), item)
        if found is None:
            raise BadInput("This message is not in the Outbox any more.")
        return found

    def waits_for_server(self, row: RowId) -> bool:
        """The copy of what was sent is only here yet: its server is still to be given it."""
        return traces.waits_for_server(self._read(), row)

    def overdue(self) -> tuple[OutboxItem, ...]:
        """Those whose time to be sent is past: the program did not run then, or was offline."""
        return outbox.late(self._read(), now=self._now(), by=OVERDUE_S)

    def retry_now(self, item: OutboxId) -> None:
        """Send now what waits, was stopped or refused; or again, as the user's explicit word, what is uncertain.
        Raises BadInput for what is under way or was sent."""
        now = self.outbox_state(item)
        if now.state is SendState.QUEUED:
            return
        self._step(item, SendState.QUEUED, next_attempt=0, recipients=_asked_anew(now.recipients))

    def settle_as_sent(self, item: OutboxId) -> None:
        """The user says that an uncertain message did arrive: the engine files it in Sent."""
        self._step(item, SendState.ACCEPTED, reply="You said that it arrived.")

    def hold(self, item: OutboxId) -> None:
        """Send it only when the user says so. Raises BadInput for what is under way: see events.CancelSending."""
        self._step(item, SendState.HELD, reply="")

    def send_at(self, item: OutboxId, when: int) -> None:
        """Put it off until then. Raises BadInput for a time that is past, and for what is under way."""
        if when <= self._now():
            raise BadInput("This time is past.", hint="Choose a later one, or send it now.")
        before = self.outbox_state(item)
        self._step(item, SendState.NOT_BEFORE, not_before=when, recipients=_asked_anew(before.recipients))

    def arrange_outbox(self, order: Sequence[OutboxId]) -> None:
        """These are sent in this order."""
        with self._store.transaction("arrange outbox") as tx:
            outbox.reorder(tx, order)

    def outbox_paused(self) -> bool:
        """Whether nothing is sent at all for now."""
        return outbox.paused(self._read())

    def pause_outbox(self, on: bool) -> None:
        """Send nothing at all until it is taken back."""
        with self._store.transaction("pause outbox") as tx:
            outbox.pause(tx, on)

    # Refused recipients of what was sent to others

    def refusals(self) -> tuple[OutboxItem, ...]:
        """What was sent, but not to everybody, as long as the user has not seen to it."""
        return outbox.with_refused(self._read())

    def send_to_refused(self, item: OutboxId) -> tuple[OutboxId, Done]:
        """The same bytes to those who were refused, once more. No second copy goes to Sent."""
        before = self.outbox_state(item)
        if not before.refused:
            raise BadInput("Nobody was refused.")
        raw = self._store.content.get(before.content)
        recipients = [one.address for one in before.refused]
        queued = Queued(raw, before.account, before.envelope_from, recipients, before.message_id, "Send again")
        queued = replace(queued, identity=before.identity, delivery=before.delivery, again_of=before.again_of or item)
        answer = self._queue(queued, (), (), self._now())
        self.note_refused(item)
        return answer

    def edit_refused(self, item: OutboxId) -> Draft:
        """A new mail like it to those who were refused, to be corrected; not saved yet."""
        before = self.outbox_state(item)
        raw = self._store.content.get(before.content)
        again = mime_draft.draft_from(raw, self._account_or_first(before.account), self._keep)
        refused = {one.address.casefold() for one in before.refused}
        keep = tuple(one for one in (*again.to, *again.cc, *again.bcc) if one.address.casefold() in refused)
        return replace(again, to=keep, cc=(), bcc=(), message_id="", identity=before.identity)

    def note_refused(self, item: OutboxId) -> tuple[Event, ...]:
        """The user has seen to it."""
        with self._store.transaction("refused noted") as tx:
            outbox.note_refused(tx, item, now=self._now())
        return tx.events

    def _step(
        self,
        item: OutboxId,
        state: SendState,
        *,
        reply: str | None = None,
        recipients: Sequence[Recipient] | None = None,
        next_attempt: int | None = None,
        not_before: int | None = None,
    ) -> None:
        with self._store.transaction(f"outbox {state.value}") as tx:
            now = outbox.item(tx, item)
            if now is not None and now.state is SendState.UNCERTAIN and state not in outbox.TRANSITIONS[now.state]:
                raise BadInput(
                    "Nobody knows whether this message was sent already, so it cannot wait to be sent.",
                    hint="Say first whether it arrived, or send it again.",
                )
            if now is None or now.state in outbox.UNDER_WAY or state not in outbox.TRANSITIONS[now.state]:
                raise BadInput("This message is under way, or gone already.", hint="Look again in a moment.")
            outbox.advance(
                tx,
                item,
                state,
                now=self._now(),
                reply=reply,
                recipients=recipients,
                next_attempt=next_attempt,
                not_before=not_before,
            )


def _asked_anew(recipients: Sequence[Recipient]) -> tuple[Recipient, ...]:
    """Where nobody is left to be asked, those who were refused are; nobody gets it twice."""
    if any(one.state in _OPEN for one in recipients):
        return tuple(recipients)
    return tuple(replace(one, state="pending") if one.state == "refused" else one for one in recipients)
