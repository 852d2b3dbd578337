"""What a reader should know before believing the headers of a message: sentences, most telling first."""

from collections.abc import Iterator

from qtmail.mime import headers
from qtmail.mime.domains import imitated, same_organisation
from qtmail.mime.summary import HeaderFacts

_ONCE = {"from": "From", "date": "Date", "subject": "Subject", "message-id": "Message-ID", "to": "To", "cc": "Cc"}
"""Headers that may stand only once (RFC 5322, 3.6)."""


def told(found: headers.Fields, facts: HeaderFacts, list_post: str) -> tuple[str, ...]:
    """All that is odd about these headers, each sentence once."""
    said = (*_several(found), *_author(facts), *_turning(found), *_answers(facts, list_post))
    return tuple(dict.fromkeys(said))


def _several(found: headers.Fields) -> Iterator[str]:
    for name, shown in _ONCE.items():
        values = found.get(name, [])
        if len(values) > 1:
            number = "Two" if len(values) == 2 else str(len(values))
            first = headers.decode_words(headers.text_of(values[0]))[:80]
            yield f"{number} {shown} headers: the first is shown ({first}), other programs may show another."


def _author(facts: HeaderFacts) -> Iterator[str]:
    if not facts.from_:
        yield "It does not say who wrote it: there is no usable From header."
    for author in facts.from_[:3]:
        domain = author.address.rpartition("@")[2]
        if "@" in author.name and author.address.lower() not in author.name.lower():
            yield f"The sender's name looks like an address, but the mail is from {author.address or 'nobody'}."
        if like := imitated(domain):
            yield f"The sender's domain is made to be taken for {like}: its letters are of another alphabet ({domain})."
    if len(facts.from_) > 1 and not facts.sender:
        yield "It has several authors and does not say which of them sent it."


def _turning(found: headers.Fields) -> Iterator[str]:
    for name, shown in (("from", "The sender's name"), ("subject", "The subject"), ("reply-to", "The reply address")):
        if any(headers.turns(headers.text_of(value)) for value in found.get(name, [])[:3]):
            yield f"{shown} holds invisible marks that change the direction of letters; they were taken out."


def _answers(facts: HeaderFacts, list_post: str) -> Iterator[str]:
    """That answers go to somebody else's domain, which is usual on mailing lists only."""
    if list_post or facts.list_id or not facts.from_:
        return
    own = {person.address.rpartition("@")[2] for person in (*facts.from_, *facts.sender)}
    for person in facts.reply_to[:5]:
        domain = person.address.rpartition("@")[2]
        if domain and not any(same_organisation(domain, one) for one in own):
            yield f"Answers go to {person.address}, not to the sender's own domain."
