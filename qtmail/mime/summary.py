"""What the list, the threads and the search index need of a message: the hot path of a first sync."""

from dataclasses import dataclass

from qtmail.model import Address

HEADER_FIELDS: tuple[str, ...] = (
    "DATE",
    "FROM",
    "SENDER",
    "REPLY-TO",
    "TO",
    "CC",
    "BCC",
    "SUBJECT",
    "MESSAGE-ID",
    "IN-REPLY-TO",
    "REFERENCES",
    "CONTENT-TYPE",
    "LIST-ID",
)
"""What to ask for in BODY.PEEK[HEADER.FIELDS (...)] so that `parse_headers` finds all it can use."""


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """One header block, decoded. Message-IDs keep their angle brackets, here as everywhere: "<a@b>"."""

    subject: str = ""
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    date: int | None = None
    """Seconds since the epoch; None where the header is missing or makes no sense."""
    date_zone: int = 0
    """Minutes east of UTC that the Date header was written in."""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    content_type: str = "text/plain"
    """Lower case, without parameters."""
    has_attachment: bool = False
    """A guess from the top Content-Type alone (multipart/mixed, or no text at all); `Summary.attachments` knows."""
    list_id: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole message in the form the store indexes."""

    facts: HeaderFacts
    preview: str
    """At most `PREVIEW` characters of what its author wrote: one line, no quotes, no signature."""
    attachments: int
    """Parts that a reader would call attachments: no inline pictures, no signatures."""
    attachment_names: tuple[str, ...]
    text: str
    """The body's words for the search index, at most `INDEXED` characters."""


PREVIEW = 140
INDEXED = 200_000


def parse_headers(block: bytes) -> HeaderFacts:
    """The facts in a header block (whole, or the answer to BODY.PEEK[HEADER.FIELDS (...)]). Never raises."""
    raise NotImplementedError


def summarise(raw: bytes) -> Summary:
    """The facts of a whole message, equal to those `parse` finds. Never raises. Takes some 0.1 ms."""
    raise NotImplementedError
