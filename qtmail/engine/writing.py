"""The facade's writing half: drafts, answers, attachments, and what is kept in Drafts."""

import mimetypes
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qtmail.engine import clock, identities
from qtmail.engine.facade import Done
from qtmail.engine.foldering import Foldering
from qtmail.engine.indexing import new_messages
from qtmail.errors import BadInput
from qtmail.mime import build, parse, quote
from qtmail.mime import draft as mime_draft
from qtmail.mime.recipient import came_for
from qtmail.model import (
    Account,
    AccountKey,
    AttachmentRef,
    ContentHash,
    Draft,
    DraftId,
    Flag,
    Message,
    Part,
    Role,
    RowId,
)
from qtmail.operations import Append
from qtmail.store import add, drafts, journal, outbox

MAX_ATTACHMENT = 200 * 1000 * 1000
"""Octets. No server takes a tenth of it; the limit is there so that a slip does not fill the disk."""

_DRAFT_FLAGS = frozenset[str]({Flag.DRAFT, Flag.SEEN})


class Writing(Foldering):
    """A draft is a value: what the composer holds. It is in the journal from `save_draft` on."""

    def attach(self, path: Path) -> AttachmentRef:
        """Take a file into the store, so that it cannot vanish before sending. Raises BadInput."""
        try:
            if path.is_dir():
                raise BadInput(f"{path.name} is a folder.", hint="Attach the files in it, or an archive of it.")
            if path.stat().st_size > MAX_ATTACHMENT:
                raise BadInput(f"{path.name} is too big to be sent by mail.", hint="Share it in another way.")
            content = path.read_bytes()
        except OSError as error:
            raise BadInput(f"{path.name} cannot be read: {error.strerror}.", hint="Is it still there?") from error
        return self.attach_bytes(path.name, mimetypes.guess_type(path.name)[0] or "application/octet-stream", content)

    def attach_bytes(self, name: str, type_: str, content: bytes, *, content_id: str = "") -> AttachmentRef:
        """Take bytes in as an attachment; with a `content_id` as a picture of the HTML body."""
        return AttachmentRef(name, type_, len(content), self._keep(content), content_id)

    def new_draft(self, account: AccountKey) -> Draft:
        """An empty one with the account's address and signature; not saved yet."""
        me = identities.own(self.account(account))
        text = _signed(me.identity.signature)
        return Draft(None, account, me.mailbox, text=text, reply_to=me.reply_to)

    def reply(self, row: RowId, *, to_all: bool, html: bool) -> Draft:
        """An answer with recipients, subject, references and quotation; not saved yet. Raises BodyMissing."""
        raw = self.raw(row)
        message = parse.parse(raw)
        me = self._answers_from(row, raw, message)
        parts = quote.reply(
            message,
            to_all=to_all,
            own=self._own_addresses(message, me),
            html=html,
            below=self._settings().quote_below,
            signature=me.identity.signature,
        )
        return replace(self._from_parts(me, parts, raw), reply_of=row)

    def forward(self, rows: Sequence[RowId], *, inline: bool, html: bool) -> Draft:
        """Inline: one row (no giant), its text quoted and its attachments taken along; else each as message/rfc822."""
        if not rows:
            raise BadInput("No message is chosen.")
        raws = [self.raw(row) for row in rows]
        messages = [parse.parse(raw) for raw in raws]
        me = self._answers_from(rows[0], raws[0], messages[0])
        if inline and len(rows) == 1 and quote.fits_inline(messages[0]):
            parts = quote.forward_inline(messages[0], html=html, signature=me.identity.signature)
            return replace(self._from_parts(me, parts, raws[0]), forward_of=rows[0])
        parts = quote.forward_as_attachment(messages[0], signature=me.identity.signature)
        attached = tuple(
            self.attach_bytes(quote.attachment_name(message), "message/rfc822", raw)
            for message, raw in zip(messages, raws, strict=True)
        )
        return replace(self._from_parts(me, parts, raws[0]), forward_of=rows[0], attachments=attached)

    def edit(self, row: RowId) -> Draft:
        """A row of Drafts, or one of the Outbox that is not on its way (it is taken back), as a draft again."""
        item = outbox.item_of_row(self._read(), row)
        if item is None:
            place = self._places((row,)).get(row)
            account = self._account_or_first(place.account if place else None)
            # Any other message is only the pattern for a new one, and stays.
            is_draft = place is not None and self.folder(place.folder).role is Role.DRAFTS
            return mime_draft.draft_from(self.raw(row), account, self._keep, replaces=row if is_draft else None)
        # Read before it is taken back: its row is gone afterwards.
        again = mime_draft.draft_from(self.raw(row), self._account_or_first(item.account), self._keep)
        with self._store.transaction("edit from outbox") as tx:
            return outbox.take_back(tx, item.id, now=self._now()) or drafts.save(tx, again, now=self._now())

    def save_draft(self, draft: Draft) -> Draft:
        """The composer's journal, every few seconds: survives kill -9. -> with its id."""
        with self._store.transaction("save draft") as tx:
            return drafts.save(tx, named(draft), now=self._now())

    def open_drafts(self) -> tuple[Draft, ...]:
        """Those a composer had open when the program ended."""
        return drafts.open_drafts(self._read())

    def keep_draft(self, draft: Draft) -> Done:
        """Put it into the account's Drafts folder as a message, replacing its earlier copy, and end the journal."""
        draft = named(draft)
        now, remote = self._now(), self._remote()
        folder = self.folder_of_role(draft.account, Role.DRAFTS)
        raw = self._bytes_of(draft, now)
        messages = new_messages(self._store.content, [raw], now=now, received=now, flags=_DRAFT_FLAGS)
        with self._store.transaction("keep draft") as tx:
            rows = add.add_messages(tx, folder.id, messages, now=now, why="Saved as a draft")
            label = "Save draft"
            if draft.replaces is None:
                performed = journal.perform(tx, [Append(rows)], now=now, remote=remote, label=label, quiet=True)
            else:
                performed = journal.put_in_place(tx, rows, draft.replaces, now=now, remote=remote, label=label)
            if draft.id is not None:
                drafts.discard(tx, draft.id)
        return Done(performed.gesture, performed.label, tx.events)

    def discard_draft(self, draft: DraftId) -> None:
        """End the journal without keeping; a copy in Drafts stays as it is."""
        with self._store.transaction("discard draft") as tx:
            drafts.discard(tx, draft)

    # Inside

    def _keep(self, content: bytes) -> ContentHash:
        """Make bytes durable."""
        return self._store.content.put(content, now=self._now())

    def _bytes_of(self, draft: Draft, now: int) -> bytes:
        agent = self._settings().say_program
        return build.build(draft, self.content, date=now, zone=clock.zone(now), user_agent=agent)

    def _own_addresses(self, message: Message, me: identities.Self) -> frozenset[str]:
        """The user's addresses as an answer sees them: another self that wrote this is answered like anybody else."""
        others = _authors(message) - {me.mailbox.address.casefold()}
        every = (*identities.addresses(self.accounts()), me.mailbox.address)
        return frozenset(one for one in every if one.casefold() not in others)

    def _answers_from(self, row: RowId, raw: bytes, message: Message) -> identities.Self:
        """The self it came for; else the account's own where it lies."""
        place = self._places((row,)).get(row)
        of = self._account_or_first(place.account if place else None)
        return identities.answering(of, self.accounts(), came_for(raw), sorted(_authors(message)))

    def _account_or_first(self, key: AccountKey | None) -> Account:
        """This account, or the one for new mail. Raises BadInput where there is none at all."""
        every = self.accounts()
        if not every:
            raise BadInput("There is no account to write from.", hint="Add one first.")
        preferred = self._settings().default_account
        chosen = [one for one in every if one.key == key] or [one for one in every if one.key == preferred]
        return (chosen or list(every))[0]

    def _from_parts(self, me: identities.Self, parts: quote.ReplyParts, raw: bytes) -> Draft:
        pictures = tuple(self._taken_along(part, raw, part.content_id) for part in parts.inline)
        files = tuple(self._taken_along(part, raw, "") for part in parts.attachments)
        return Draft(
            None,
            me.account.key,
            me.mailbox,
            to=parts.to,
            cc=parts.cc,
            subject=parts.subject,
            text=parts.text,
            html=parts.html,
            attachments=pictures + files,
            in_reply_to=parts.in_reply_to,
            references=parts.references,
            identity=me.identity.key,
            reply_to=me.reply_to,
        )

    def _taken_along(self, part: Part, raw: bytes, content_id: str) -> AttachmentRef:
        return self.attach_bytes(part.name, part.type, parse.part_bytes(raw, part.index), content_id=content_id)


def named(draft: Draft) -> Draft:
    """With the Message-ID it keeps from now on."""
    return draft if draft.message_id else replace(draft, message_id=build.new_message_id(draft.from_.address))


def _authors(message: Message) -> frozenset[str]:
    return frozenset(author.address.casefold() for author in message.from_)


def _signed(signature: str) -> str:
    return f"\n\n-- \n{signature.strip()}\n" if signature.strip() else ""
