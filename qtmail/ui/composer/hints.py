"""What a careful friend would say before a mail goes out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qtmail.ui.parts.banner import Button

_ATTACHED = re.compile(
    r"\b(?:attach(?:ed|ment|ments|ing)?|enclosed|enclosure|anhang|anhänge|angehängt|anbei|beigefügt|beiliegend"
    r"|pi[eè]ces? jointes?|ci-joint(?:e|s|es)?|adjunt[oa]s?|allegat[oi]|bijlagen?|bifogad|vedlagt|załącz\w*|anexo)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:no|without|not|kein\w*|ohne|sans)\s+(?:an\s+)?$", re.IGNORECASE)


def mentions_attachment(text: str) -> bool:
    """Whether the author's own words speak of a file that goes along."""
    return any(not _NOT.search(text[max(found.start() - 16, 0) : found.start()]) for found in _ATTACHED.finditer(text))


@dataclass(frozen=True, slots=True)
class Hint:
    """Said once for each mail; `key` tells them apart."""

    key: str
    text: str
    buttons: tuple[Button, ...]


_ANYWAY = Button("send", "Send anyway")


def forgotten(subject: str, words: str, *, files: int) -> Iterator[Hint]:
    """What seems to be missing. `words`: subject and text without what is quoted."""
    if not subject.strip():
        yield Hint("subject", "This mail has no subject.", (_ANYWAY,))
    if not files and mentions_attachment(words):
        text = "You mention an attachment, but there is none."
        yield Hint("attachment", text, (Button("attach", "Attach …"), _ANYWAY))
