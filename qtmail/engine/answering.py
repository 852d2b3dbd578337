"""The facade for mail that is more than text: invitations, lists, receipts. What goes out goes by the Outbox."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qtmail.engine import clock, identities
from qtmail.engine.facade import Done
from qtmail.engine.mailing import Queued
from qtmail.engine.searching import Searching
from qtmail.engine.viewing import Standing
from qtmail.errors import BadInput
from qtmail.mime import build, parts
from qtmail.model import Address, Draft, Message, OutboxId, RowId
from qtmail.operations import Operation, SetFlag
from qtmail.store import outbox, views

# What reads such mail is imported when a message is opened: 40 ms that the start of the window need not take.
if TYPE_CHECKING:
    from qtmail.mime.contactcard import Card
    from qtmail.mime.encode import Body
    from qtmail.mime.invitation import Answer, Invitation
    from qtmail.mime.listmail import MailingList
    from qtmail.mime.receipt import Wanted

_SENT = "$MDNSent"
"""The keyword that says that a receipt was sent, or refused for good (RFC 3503)."""
_CHOICE = "answer"


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a message is besides its text."""

    invitation: "Invitation | None" = None
    answered: "Answer | None" = None
    """What the user answered to it; None: nothing yet."""
    me: Address = Address("", "")
    """Who is invited, of the user's addresses."""
    listed: bool = False
    """That address is among the attendees."""
    cards: "tuple[Card, ...]" = ()
    mailing_list: "MailingList | None" = None
    receipt: "Wanted | None" = None
    """Asked for, and neither sent nor refused yet."""
    signed_with: str = ""


class Answering(Searching):
    """Reads, and what the user answers."""

    private_hosts_allowed = False
    """For tests: lists on loopback may be left."""

    def beyond(self, row: RowId, message: Message | None = None, standing: Standing | None = None) -> Beyond:
        """What there is besides its text; what is known of it already need not be found out again. Raises what `raw`
        raises."""
        from qtmail.mime.contactcard import cards
        from qtmail.mime.invitation import invitation
        from qtmail.mime.signed import signed_with

        raw = self.raw(row)
        leaves = parts.cut(raw).leaves
        author = message.from_[0] if message is not None and message.from_ else Address("", "")
        own = {one.casefold() for one in identities.addresses(self.accounts())}
        found = Beyond(
            invitation=invitation(raw, leaves),
            cards=cards(raw, leaves),
            mailing_list=self._list(row, raw, author, standing),
            receipt=None if author.address.casefold() in own else self._receipt(row, raw),
            signed_with=signed_with(raw, leaves),
        )
        if found.invitation is None:
            return found
        me = self._invited(row, raw, found.invitation)
        listed = any(one.who.address.casefold() == me.mailbox.address.casefold() for one in found.invitation.attendees)
        return replace(found, answered=self._answered(row), me=me.mailbox, listed=listed)

    def answer_invitation(self, row: RowId, said: "Answer", *, undo_s: int = 0) -> tuple[OutboxId, Done]:
        """Tell the organiser, by the Outbox. Raises BadInput where it cannot be answered, BodyMissing, StoreError."""
        from qtmail.mime import answer as mime_answer
        from qtmail.mime.invitation import invitation

        if said not in mime_answer.WORDS:
            raise BadInput("This is no answer to an invitation.")
        raw = self.raw(row)
        leaves = parts.cut(raw).leaves
        one = invitation(raw, leaves)
        if one is None or not one.wants_answer:
            raise BadInput("This message asks for no answer.", hint="Write to its author instead.")
        me = self._invited(row, raw, one)
        leaf = leaves[one.part]
        written = mime_answer.calendar(
            parts.content(raw, leaf), leaf.parameters.get("charset", ""), me.mailbox, said, self._now()
        )
        text = mime_answer.sentence(one, me.mailbox, said)
        draft = self._to(me, one.organiser, mime_answer.subject(one, said), row)
        item, done = self._send_body(me, draft, mime_answer.body(text, written), me.mailbox.address, (), undo_s)
        with self._store.transaction("invitation answered") as tx:
            views.choose(tx, self._opened(row).message, _CHOICE, f"{said.value} {item}")
        return item, done

    def send_receipt(self, row: RowId, *, undo_s: int = 0) -> tuple[OutboxId, Done]:
        """Tell whoever asked that it was read, by the Outbox; never asked for again. Raises BadInput, BodyMissing."""
        from qtmail.mime import receipt

        raw = self.raw(row)
        asked = receipt.wanted(raw)
        if asked is None:
            raise BadInput("This message asks for no receipt.")
        message = self.message(row)
        me = self._answers_from(row, raw, message)
        now = self._now()
        body = receipt.report(me.mailbox, message.subject, now, clock.zone(now), message.message_id)
        draft = self._to(me, asked.to, f"Read: {message.subject}", row)
        # No mail about this mail may ever come back (RFC 8098, 3).
        return self._send_body(me, draft, body, "", (SetFlag((row,), _SENT, True),), undo_s)

    def refuse_receipt(self, row: RowId) -> Done:
        """Never ask for this message again; nobody is told."""
        return self._act([SetFlag((row,), _SENT, True)])

    def leave_list_by_mail(self, row: RowId, *, undo_s: int = 0) -> tuple[OutboxId, Done]:
        """Write the mail that its list wants of those who leave (RFC 2369, 3.2). Raises BadInput, BodyMissing."""
        from qtmail.mime import listmail
        from qtmail.mime.mailto import mailto

        raw = self.raw(row)
        told = listmail.mailing_list(raw, ())
        if told is None or not told.leave_mail:
            raise BadInput("This list says no address to write to for leaving it.")
        whom = mailto(told.leave_mail)
        me = self._answers_from(row, raw, self.message(row))
        draft = Draft(None, me.account.key, me.mailbox, to=whom.to, identity=me.identity.key)
        return self.send(replace(draft, subject=whom.subject or "unsubscribe", text=whom.body), undo_s=undo_s)

    def leave_list_at_once(self, row: RowId) -> None:
        """Tell the list's server by one request (RFC 8058). Call it on the user's word alone, off the window's thread.
        Raises BadInput where nobody stands for that request, Unreachable, TlsFailed, Refused, ProtocolError."""
        from qtmail.net.unsubscribe import unsubscribe  # HTTP and TLS: 40 ms that most sessions never need

        told = self.beyond(row, self.message(row)).mailing_list
        if told is None or not told.one_click:
            raise BadInput("This list cannot be left by one click.", hint="Open its page, or write to it.")
        unsubscribe(told.leave_web, private_allowed=self.private_hosts_allowed)

    # Inside

    def _list(self, row: RowId, raw: bytes, author: Address, standing: Standing | None) -> "MailingList | None":
        from qtmail.mime import listmail

        told = listmail.mailing_list(raw, ())
        if told is None or not told.leave_web:
            return told
        checks = (standing or self.standing(row, author)).known.checks
        return listmail.mailing_list(
            raw, {one.domain for one in checks if (one.method, one.result) == ("dkim", "pass")}
        )

    def _receipt(self, row: RowId, raw: bytes) -> "Wanted | None":
        from qtmail.mime import receipt

        found = self.rows([row]).get(row)
        return receipt.wanted(raw) if found is not None and _SENT not in found.flags else None

    def _answered(self, row: RowId) -> "Answer | None":
        """What was said, unless the sending of it was undone."""
        from qtmail.mime.invitation import Answer

        said, _, item = views.choices(self._read(), self._opened(row).message).get(_CHOICE, "").partition(" ")
        if said not in list(Answer) or not item.isdigit():
            return None
        return Answer(said) if outbox.item(self._read(), OutboxId(int(item))) is not None else None

    def _invited(self, row: RowId, raw: bytes, one: "Invitation") -> identities.Self:
        """The self that is among the attendees; else the one this mail came for."""
        usual = self._answers_from(row, raw, self.message(row))
        accounts = (usual.account, *(other for other in self.accounts() if other.key != usual.account.key))
        for account in accounts:
            for attendee in one.attendees:
                found = identities.named(account, attendee.who.address)
                if found is not None:
                    return found
        return usual

    def _to(self, me: identities.Self, whom: Address, subject: str, row: RowId) -> Draft:
        before = self.rows([row])[row].message_id
        id_ = build.new_message_id(me.mailbox.address)
        draft = Draft(None, me.account.key, me.mailbox, to=(whom,), subject=subject, message_id=id_)
        return replace(draft, in_reply_to=before, references=(before,)) if before else draft

    def _send_body(
        self,
        me: identities.Self,
        draft: Draft,
        body: "Body",
        sender: str,
        around: tuple[Operation, ...],
        undo_s: int,
    ) -> tuple[OutboxId, Done]:
        self._can_send(draft.account)
        now = self._now()
        raw = build.build_with(draft, body, date=now, zone=clock.zone(now), user_agent=self._settings().say_program)
        recipients = build.envelope(draft)[1]
        queued = Queued(raw, draft.account, sender, recipients, draft.message_id, f"Send “{draft.subject[:60]}”")
        return self._queue(replace(queued, undo_s=undo_s, identity=me.identity.key), (), around, now)
