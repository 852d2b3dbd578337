"""From parsed mail to what the store keeps of it."""

from collections.abc import Sequence

from qtmail.mime import summary as mime
from qtmail.mime.parse import summarise
from qtmail.model import Address
from qtmail.store.content import Content
from qtmail.store.query import folded
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage

NOBODY = Address("", "")
LATEST = 24 * 3600
"""How far a Date header may lie after the arrival before it is taken for nonsense, seconds."""


def header_facts(facts: mime.HeaderFacts, received: int) -> HeaderFacts:
    """`received`: arrival, in epoch seconds; it stands in for a Date that is missing or absurd."""
    date = facts.date
    if date is None or not 0 < date <= received + LATEST:
        date = received
    return HeaderFacts(
        date=date,
        message_id=facts.message_id,
        subject=facts.subject,
        sender=(facts.from_ or facts.sender or (NOBODY,))[0],
        recipients=facts.to + facts.cc,
        refs=" ".join(_named(facts.references) or _named(facts.in_reply_to)[:1]),
    )


def _named(ids: Sequence[str]) -> list[str]:
    """Those that are Message-IDs to servers that find threads (RFC 5256, 3)."""
    return [one for one in ids if "@" in one]


def body_facts(summary: mime.Summary) -> BodyFacts:
    """What the list and the search need beyond the header."""
    files = "\n".join(summary.attachment_names)
    return BodyFacts(summary.preview, summary.attachments, files, folded(summary.text), folded=True)


def new_messages(
    content: Content,
    raws: Sequence[bytes],
    *,
    now: int,
    received: int | None = None,
    flags: frozenset[str] = frozenset(),
) -> list[NewMessage]:
    """Keep these bytes durably -> what `add_messages` takes. `received` None: each message's own date, else `now`."""
    hashes = content.put_many(raws, now=now)
    messages = []
    for raw, digest in zip(raws, hashes, strict=True):
        found = summarise(raw)
        at = received if received is not None else found.facts.date or now
        facts = header_facts(found.facts, at)
        messages.append(NewMessage(digest, len(raw), at, facts, body_facts(found), flags))
    return messages
