"""What of a message the reader's view is given: its HTML made safe, with the pictures that are parts of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from qtmail.mime import html
from qtmail.model import Message, Part, RowId

DRAWN = frozenset({"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/svg+xml"})
"""Types of parts that are drawn where the HTML refers to them."""


@dataclass(frozen=True, slots=True)
class Safe:
    """A sanitised HTML body and what it may refer to."""

    body: html.SafeHtml
    inline: Mapping[str, Part]
    """The parts it could draw, by Content-ID without brackets."""
    prefix: str
    """Before the Content-IDs in its references: the row keeps one mail's cached picture from standing for another's."""


def safe(message: Message, row: RowId, *, remote_allowed: bool = False) -> Safe:
    """The HTML body of this row's message, sanitised as the reader does it."""
    inline = {part.content_id.strip("<>"): part for part in message.parts if part.content_id and part.type in DRAWN}
    prefix = f"{html.CID_PREFIX}{row}/"
    body = html.sanitise(message.html, cids=frozenset(inline), remote_allowed=remote_allowed, cid_prefix=prefix)
    return Safe(body, inline, prefix)


def document(message: Message, row: RowId) -> str:
    """The complete document for this message, in no theme's colours; of a mail without HTML its text."""
    body = safe(message, row).body if message.html else message.text
    return html.document(body, title=message.subject)
