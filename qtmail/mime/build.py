"""Drafts to the bytes that are stored and sent: CRLF, 7-bit unless an attached message needs 8, frozen once made.

The tree is put together by hand and never flattened again, because email's generator re-writes attached messages,
and its modern policy turns long References into RFC 2047 words, which breaks threads. The encoders are the library's.
"""

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime

from qtmail import __version__
from qtmail.mime import headers
from qtmail.mime.address import parse_addresses, to_header, wire_address
from qtmail.mime.encode import Body, attachment_part, join, text_part
from qtmail.mime.summary import facts_of
from qtmail.mime.text import html_to_text
from qtmail.model import Address, AttachmentRef, ContentHash, Draft

_FOLD_AT = 76
_BCC = re.compile(rb"^(?:Resent-)?Bcc[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)
_FREE_TEXT = frozenset({"subject", "comments", "organization"})
_PEOPLE = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})
_ID = re.compile(r"<[!-;=?-~]{1,980}>$")
_PICTURE = re.compile(r"image/[a-z0-9.+-]+$")


@dataclass(frozen=True, slots=True)
class _Attached:
    ref: AttachmentRef
    data: bytes


def build(
    draft: Draft,
    attachments: Callable[[ContentHash], bytes],
    *,
    date: int,
    zone: int = 0,
    user_agent: bool = True,
) -> bytes:
    """The whole message (RFC 5322), with its Bcc header, as kept in Drafts, Outbox and Sent.

    attachments: gives the bytes of each `AttachmentRef.content`; what it raises passes through.
    date, zone: seconds since the epoch and minutes east of UTC for the Date header.
    The Message-ID is `draft.message_id`, or a new one. Nothing the user typed can add a header.
    """
    body = _body(draft, [_Attached(ref, attachments(ref.content)) for ref in draft.attachments])
    return build_with(draft, body, date=date, zone=zone, user_agent=user_agent)


def build_with(draft: Draft, body: Body, *, date: int, zone: int = 0, user_agent: bool = True) -> bytes:
    """`build` with a body that was made already: an answer to an invitation, a report."""
    own_id = draft.message_id if _ID.match(draft.message_id) else new_message_id(draft.from_.address)
    when = datetime.fromtimestamp(date, UTC).astimezone(timezone(timedelta(minutes=zone)))
    lines = [
        f"Date: {format_datetime(when)}",
        _mailboxes("From", (draft.from_,)),
        _mailboxes("Reply-To", draft.reply_to),
        _mailboxes("To", draft.to),
        _mailboxes("Cc", draft.cc),
        _mailboxes("Bcc", draft.bcc),
        _unstructured("Subject", draft.subject),
        f"Message-ID: {own_id}",
        _ids("In-Reply-To", (draft.in_reply_to,)),
        _ids("References", draft.references),
        f"User-Agent: qtmail/{__version__}" if user_agent else "",
        "MIME-Version: 1.0",
    ]
    head = "\r\n".join(line for line in lines if line).encode("utf-8") + b"\r\n"
    raw = head + bytes(body)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def _body(draft: Draft, attached: list[_Attached]) -> Body:
    """text; or alternative(text, html); html with its pictures in related; all in mixed when there are attachments."""
    text = text_part(draft.text or html_to_text(draft.html), "plain")
    rest = attached
    if draft.html:
        pictures = [one for one in attached if one.ref.content_id and f"cid:{one.ref.content_id}" in draft.html]
        rest = [one for one in attached if one not in pictures]
        html = text_part(_document(draft.html), "html")
        if pictures:
            html = join("related", [html, *(_part(one, inline=True) for one in pictures)], kind="text/html")
        text = join("alternative", [text, html])
    return join("mixed", [text, *(_part(one, inline=False) for one in rest)]) if rest else text


def _part(one: _Attached, *, inline: bool) -> Body:
    content_id = headers.clean(one.ref.content_id).replace(">", "").replace("<", "") if inline else ""
    return attachment_part(one.data, one.ref.type, one.ref.name, content_id)


def _document(html: str) -> str:
    if html.lstrip()[:20].lower().startswith(("<!doctype", "<html")):
        return html
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head>\n<body>{html}</body></html>'


def _unstructured(name: str, value: str) -> str:
    """A header of free text, folded; encoded where it is not plain ASCII or looks encoded already."""
    value = headers.clean(value)
    if not value:
        return ""
    if value.isascii() and "=?" not in value and max(map(len, value.split())) < 900:
        return f"{name}: " + _folded(value.split(" "), len(name) + 2)
    return f"{name}: " + Header(value, "utf-8", maxlinelen=_FOLD_AT, header_name=name).encode(linesep="\r\n")


def _mailboxes(name: str, addresses: Iterable[Address]) -> str:
    shown = [to_header(one) for one in addresses if one.address]
    if not shown:
        return ""
    words = [word for one in (*(f"{one}," for one in shown[:-1]), shown[-1]) for word in one.split(" ")]
    return f"{name}: " + _folded(words, len(name) + 2)


def _ids(name: str, ids: Iterable[str]) -> str:
    found = [one for one in ids if _ID.match(one)]
    # RFC 5322 sets no limit, but servers do: the first and the latest ones keep the thread together.
    if len(found) > 60:
        found = [found[0], *found[-59:]]
    return f"{name}: " + _folded(found, len(name) + 2) if found else ""


def _folded(words: Iterable[str], at: int) -> str:
    """Words joined by blanks, broken before column 77 where possible (a continuation begins with one blank)."""
    out: list[str] = []
    for word in words:
        if out and at + 1 + len(word) > _FOLD_AT:
            out.append("\r\n ")
            at = 1
        elif out:
            out.append(" ")
            at += 1
        out.append(word)
        at += len(word)
    return "".join(out)


def without_bcc(raw: bytes) -> bytes:
    """The same bytes without Bcc (and Resent-Bcc) headers, as they go on the wire; every other octet is untouched."""
    head, _ = headers.end_of_headers(raw)
    # The last header's line end belongs to it: `head` may stand before it.
    line = raw.find(b"\n", head)
    head = line + 1 if 0 <= line <= head + 2 else head
    return _BCC.sub(b"", raw[:head]) + raw[head:]


def in_words(raw: bytes) -> bytes:
    """Subject and names that are written in bare UTF-8 as RFC 2047 words, every other octet untouched: bare, they need
    SMTPUTF8 (RFC 6532) from every server on the way, and one that lacks it returns or loses the message."""
    head, _ = headers.end_of_headers(raw)
    return raw if raw[:head].isascii() else _FIELD.sub(_in_words, raw[:head]) + raw[head:]


def _in_words(field: re.Match[bytes]) -> bytes:
    name, value = field[1].decode("ascii"), field[2]
    if value.isascii() or len(value) > headers.MAX_VALUE:
        return field[0]
    line = ""
    if name.lower() in _FREE_TEXT:
        line = _unstructured(name, headers.decode_words(headers.text_of(value)))
    elif name.lower() in _PEOPLE:
        people = parse_addresses(headers.text_of(value))
        line = _mailboxes(name, people) if all("@" in one.address for one in people) else ""
    return line.encode("utf-8") or field[0]


def envelope(message: Draft | bytes) -> tuple[str, tuple[str, ...]]:
    """Envelope sender and recipients (RFC 5321), domains in ASCII, each recipient once, Bcc included.

    Of bytes: from Sender or From, and To, Cc, Bcc. Call it before `without_bcc`.
    """
    if isinstance(message, bytes):
        head, _ = headers.end_of_headers(message)
        facts = facts_of(headers.fields(message[:head]))
        author = next((one.address for one in (*facts.sender, *facts.from_) if "@" in one.address), "")
        everyone = (*facts.to, *facts.cc, *facts.bcc)
    else:
        author, everyone = message.from_.address, (*message.to, *message.cc, *message.bcc)
    recipients = (wire_address(one.address) for one in everyone if "@" in one.address)
    return wire_address(author), tuple({one.lower(): one for one in recipients}.values())


def new_message_id(address: str) -> str:
    """A fresh Message-ID "<...@domain>" in the sender's domain; it tells neither host name nor time."""
    _, at, domain = wire_address(address).rpartition("@")
    if not at or not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", domain):
        domain = "localhost"
    return f"<{secrets.token_hex(16)}@{domain.lower()}>"
