"""Received bytes to values (RFC 5322, 2045-2047, 2231): every header and every part has its own fallback."""

from qtmail.mime import bodies, charset, headers, oddities, parts, reports
from qtmail.mime.summary import (
    HEADER_FIELDS,
    INDEXED,
    PREVIEW,
    HeaderFacts,
    Summary,
    facts_of,
    parse_headers,
    summarise,
)
from qtmail.mime.text import html_to_text, text_to_html
from qtmail.model import Message

__all__ = [
    "HEADER_FIELDS",
    "INDEXED",
    "PREVIEW",
    "HeaderFacts",
    "Summary",
    "header_block",
    "parse",
    "parse_headers",
    "part_bytes",
    "summarise",
]


def parse(raw: bytes, *, charset_override: str = "", words: bool = True) -> Message:
    """Open a message. Never raises, whatever the bytes; what was odd is told in `warnings`.

    charset_override: the user's word on what the body is written in, above every label.
    words: False where HTML is drawn: its words are not laid out as text then, which takes longer than all the rest.
    """
    tree = parts.cut(raw)
    facts = facts_of(tree.fields)
    body = bodies.body_leaves(tree.leaves)
    list_post = _list_post(tree.fields)
    to_text = html_to_text if words else _no_text
    text, html = bodies.compose(
        raw, tree.leaves, body, to_text=to_text, to_html=text_to_html, charset_override=charset_override
    )
    return Message(
        subject=facts.subject,
        from_=facts.from_,
        sender=facts.sender,
        reply_to=facts.reply_to,
        to=facts.to,
        cc=facts.cc,
        bcc=facts.bcc,
        date=facts.date,
        date_zone=facts.date_zone,
        message_id=facts.message_id,
        in_reply_to=facts.in_reply_to,
        references=facts.references,
        parts=bodies.listed(raw, tree.leaves, body),
        text=text,
        html=html,
        warnings=(*oddities.told(tree.fields, facts, list_post), *dict.fromkeys(tree.warnings)),
        list_post=list_post,
        notes=reports.told(raw, tree.leaves),
    )


def _no_text(_html: str) -> str:
    return ""


def _list_post(found: headers.Fields) -> str:
    """The address to write to a mailing list (RFC 2369, 3.4); empty for announcements ("NO") and other mail."""
    value = headers.clean(headers.first(found, "list-post"))
    _, mailto, rest = value.partition("<mailto:")
    return headers.unquoted(rest.partition(">")[0].partition("?")[0]) if mailto else ""


def part_bytes(raw: bytes, index: int) -> bytes:
    """The decoded bytes of the leaf with this `Part.index`; empty when there is no such leaf. Never raises.

    A message/rfc822 leaf gives the whole inner message.
    """
    leaves = parts.cut(raw).leaves
    return parts.content(raw, leaves[index]) if 0 <= index < len(leaves) else b""


def header_block(raw: bytes) -> str:
    """All headers as written, in order, folded as they were, undecoded 8-bit bytes shown as best we can."""
    head, _ = headers.end_of_headers(raw)
    return charset.decode(raw[:head]).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
