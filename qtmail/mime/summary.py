"""What the list, the threads and the search index need of a message: the hot path of a first sync."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from qtmail.mime import bodies, headers, nesting, parts
from qtmail.mime.address import parse_addresses
from qtmail.mime.text import html_words
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


_BODY_BYTES = 1_000_000
"""How much of a body is looked at for the index."""
_MAX_NESTABLE = 4_000
_FIRST = 1_000
"""Characters of a text that nearly always hold its preview."""
_AHEAD = 3
"""Lines looked at to know that a quote follows."""
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u2060-\u2064\ufeff\uffa0]+")
_HTML_NOISE = ["script", "style", "head", "title", "template", "noscript"]


def parse_headers(block: bytes) -> HeaderFacts:
    """The facts in a header block (whole, or the answer to BODY.PEEK[HEADER.FIELDS (...)]). Never raises."""
    head, _ = headers.end_of_headers(block)
    return facts_of(headers.fields(block[:head]))


def facts_of(found: headers.Fields) -> HeaderFacts:
    """The facts in header fields already cut apart."""
    when, zone = headers.date(headers.first(found, "date"))
    kind = headers.parameters(headers.first(found, "content-type"))[0] or "text/plain"
    message_ids = headers.ids(headers.first(found, "message-id"))
    return HeaderFacts(
        subject=headers.decode_words(headers.first(found, "subject")),
        from_=mailboxes(found, "from"),
        sender=mailboxes(found, "sender"),
        reply_to=mailboxes(found, "reply-to"),
        to=mailboxes(found, "to"),
        cc=mailboxes(found, "cc"),
        bcc=mailboxes(found, "bcc"),
        date=when,
        date_zone=zone,
        message_id=message_ids[0] if message_ids else "",
        in_reply_to=headers.ids(headers.first(found, "in-reply-to"), bare=False),
        references=headers.ids(headers.first(found, "references"), bare=False),
        content_type=kind,
        has_attachment=kind == "multipart/mixed" or not kind.startswith(("text/", "multipart/", "message/")),
        list_id=list_id(headers.first(found, "list-id")),
    )


def mailboxes(found: headers.Fields, name: str) -> tuple[Address, ...]:
    """The mailboxes of all fields of this name; of From the first field only, as the others may be forged."""
    values = found.get(name)
    if not values:
        return ()
    if len(values) == 1 or name == "from":
        return parse_addresses(headers.text_of(values[0]))
    return tuple(one for value in values[:20] for one in parse_addresses(headers.text_of(value)))


def list_id(value: str) -> str:
    """The identifier of a List-Id header (RFC 2919), without its brackets."""
    inner = value.rpartition("<")[2].partition(">")[0]
    return headers.clean(inner)[:255].lower()


def summarise(raw: bytes) -> Summary:
    """The facts of a whole message, equal to those `parse` finds. Never raises. Takes some 0.1 ms."""
    tree = parts.cut(raw)
    body = bodies.body_leaves(tree.leaves)
    text, _ = bodies.compose(raw, tree.leaves, body, to_text=quick_text, to_html=None, limit=_BODY_BYTES)
    names: list[str] = []
    count = 0
    if len(body) < len(tree.leaves):
        shown = bodies.refers_to(raw, tree.leaves, body)
        skip = set(body)
        for index, leaf in enumerate(tree.leaves):
            if (
                index not in skip
                and not leaf.opened
                and bodies.counts(leaf.type, inline=bool(leaf.content_id) and shown(leaf))
            ):
                count += 1
                if leaf.name:
                    names.append(leaf.name)
    return Summary(facts_of(tree.fields), preview(text), count, tuple(names), text[:INDEXED])


def quick_text(html: str) -> str:
    """The words of an HTML body, without layout: for the index and the preview."""
    if nesting.may_nest(html, _MAX_NESTABLE):
        return html_words(html)
    try:
        tree = LexborHTMLParser(html)
    except (SelectolaxError, ValueError, MemoryError):
        return html_words(html)
    tree.strip_tags(_HTML_NOISE)
    body = tree.body
    return body.text(separator=" ") if body is not None else ""


def preview(text: str) -> str:
    """The first words its author wrote: quotes, the line that introduces them and the signature left out."""
    words, complete = _first_words(text[:_FIRST].split("\n"), cut=len(text) > _FIRST)
    if not complete:
        words, _ = _first_words(text[:20_000].split("\n"), cut=False)
    line = " ".join(words)
    if len(line) <= PREVIEW:
        return line
    return line[: PREVIEW - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _first_words(lines: list[str], *, cut: bool) -> tuple[list[str], bool]:
    """-> words, and whether there are enough. `cut`: more lines follow, so that the last ones are only looked at."""
    words: list[str] = []
    length = 0
    for number, line in enumerate(lines[: -_AHEAD - 1] if cut else lines):
        if line.startswith(">"):
            continue
        if line in {"-- ", "--"} and words:
            return words, True
        if _introduces_quote(line, lines, number):
            continue
        found = line.split(None, PREVIEW)[:PREVIEW]
        if not line.isascii():
            found = _INVISIBLE.sub("", " ".join(found)).split()
        words += found
        length += sum(map(len, found)) + len(found)
        if length > PREVIEW:
            return words, True
    return words, not cut


def _introduces_quote(line: str, lines: list[str], number: int) -> bool:
    """Whether this is the "On Monday, Bo wrote:" before a quote."""
    if not line.rstrip().endswith(":"):
        return False
    following = next((one for one in lines[number + 1 : number + 1 + _AHEAD] if one.strip()), "")
    return following.startswith(">") and 5 < len(line) < 300
