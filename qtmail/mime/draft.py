"""Stored draft messages, ours or another client's, opened in the composer again."""

from collections.abc import Callable

from qtmail.mime import bodies, parts
from qtmail.mime.parse import parse
from qtmail.model import Account, AttachmentRef, ContentHash, Draft, RowId


def draft_from(
    raw: bytes, account: Account, keep: Callable[[bytes], ContentHash], *, replaces: RowId | None = None
) -> Draft:
    """The draft in these bytes. Never raises on any bytes (what `keep` raises passes through).

    keep: stores an attachment's bytes and gives their hash.
    """
    message = parse(raw)
    leaves = parts.cut(raw).leaves
    attachments: list[AttachmentRef] = []
    for part in message.parts:
        if not bodies.counts(part.type, inline=False):
            continue  # a signature does not outlive an edit
        data = parts.content(raw, leaves[part.index])
        cid = part.content_id if part.inline else ""
        attachments.append(AttachmentRef(part.name, part.type, len(data), keep(data), cid))
    author = message.from_[0].address.casefold() if message.from_ else ""
    identity = next((one for one in account.identities if one.address.casefold() == author), account.identities[0])
    return Draft(
        id=None,
        account=account.key,
        from_=message.from_[0] if message.from_ else account.mailbox,
        to=message.to,
        cc=message.cc,
        bcc=message.bcc,
        subject=message.subject,
        text=message.text,
        html=message.html,
        attachments=tuple(attachments),
        in_reply_to=message.in_reply_to[-1] if message.in_reply_to else "",
        references=message.references,
        message_id=message.message_id,
        replaces=replaces,
        identity=identity.key,
        reply_to=message.reply_to,
    )
