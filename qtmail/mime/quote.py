"""Answering and forwarding: who gets it, what its subject is, how the old text is quoted."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from html import escape

from qtmail.mime import bodies
from qtmail.mime.address import display
from qtmail.mime.html import sanitise, text_to_html
from qtmail.mime.parts import file_name
from qtmail.model import Address, Message, Part

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_REPLY = r"re|aw|sv|antw|antwort|odp|vs|rif|res|ynt|回复|答复|回覆|bls|atb|balas|r"
_FORWARD = r"fwd?|wg|tr|rv|i|vb|vl|pd|doorst|转发|轉寄|fs|ilt|trs"
_ANSWERED = re.compile(rf"(?:(?:{_REPLY})\s?(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\d{{1,2}})?\s?[:：]\s*)+", re.IGNORECASE)
_PASSED_ON = re.compile(rf"(?:(?:{_FORWARD})\s?(?:\[\d{{1,3}}\])?\s?[:：]\s*)+", re.IGNORECASE)
_PREFIXES = re.compile(
    rf"(?:(?:{_REPLY}|{_FORWARD})\s?(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\d{{1,2}})?\s?[:：]\s*)+", re.IGNORECASE
)
_SEPARATOR = re.compile(r"^-- ?$", re.MULTILINE)
_UNSAFE = re.compile(r"[^\w .,()@+=#&-]+")
_MAX_REFERENCES = 60
_MOST_QUOTED = 100_000
"""Characters of a text that an answer quotes: an editor full of megabytes holds the window for minutes."""
_MOST_HTML = 400_000
_MOST_TAKEN = 100
"""Attachments that a forwarded message's new one takes along one by one."""


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """What the composer opens with; `text` and `html` hold the signature and the quote."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    html: str
    """Empty when a plain-text answer was asked for. Pictures appear as cid: references to `inline`."""
    caret_at_end: bool = False
    """The answer is written below the quote; otherwise on the empty first line."""
    inline: tuple[Part, ...] = ()
    """Pictures of the original that `html` refers to; attach their bytes with these Content-IDs."""
    attachments: tuple[Part, ...] = ()
    """A forwarded message's own attachments, to be attached again."""


def reply(
    message: Message,
    *,
    to_all: bool,
    own: Collection[str],
    html: bool,
    below: bool = False,
    signature: str = "",
    to_list: bool = False,
) -> ReplyParts:
    """An answer. `own`: the addr-specs of the user's accounts; an answer to one's own mail goes to its recipients.

    Reply-To wins over From; to_all adds To and Cc without the user's own; to_list writes to List-Post alone.
    """
    to, cc = _recipients(message, to_all=to_all, own={one.lower() for one in own}, to_list=to_list)
    said = attribution(message)
    body = _shortened(split_signature(message.text)[0])
    quoted = f"{said}\n{_marked(body)}"
    quoted_html, inline = _quoted_html(message, body) if html else ("", ())
    banner = f'<p class="attribution">{escape(said)}</p>'
    rich = f'{banner}<blockquote type="cite" class="quote">{quoted_html}</blockquote>'
    return ReplyParts(
        to=to,
        cc=cc,
        subject=reply_subject(message.subject),
        in_reply_to=message.message_id,
        references=_references(message),
        text=_arranged(quoted, signature, below=below),
        html=_arranged_html(rich, signature, below=below) if html else "",
        caret_at_end=below,
        inline=inline,
    )


def _recipients(
    message: Message, *, to_all: bool, own: set[str], to_list: bool
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    if to_list and message.list_post:
        return (Address("", message.list_post),), ()
    others = _without(own)
    if any(one.address.lower() in own for one in message.from_):
        # An answer to one's own mail goes on to the people it was written to.
        to = others(message.to) or _reachable(message.to) or _reachable(message.from_)
        cc = others(message.cc) if to_all else ()
    else:
        to = _reachable(message.reply_to) or _reachable(message.from_) or _reachable(message.sender)
        cc = others((*message.to, *message.cc)) if to_all else ()
    named = {one.address.lower() for one in to}
    return _once(to), _once(one for one in cc if one.address.lower() not in named)


def _reachable(addresses: Iterable[Address]) -> tuple[Address, ...]:
    return tuple(one for one in addresses if "@" in one.address)


def _without(own: set[str]) -> Callable[[Iterable[Address]], tuple[Address, ...]]:
    return lambda addresses: tuple(one for one in _reachable(addresses) if one.address.lower() not in own)


def _once(addresses: Iterable[Address]) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for one in addresses:
        found.setdefault(one.address.lower(), one)
    return tuple(found.values())


def _references(message: Message) -> tuple[str, ...]:
    """RFC 5322, 3.6.4: the parent's references (or what it answered), then the parent; the middle of long ones goes."""
    chain = message.references or message.in_reply_to[:1]
    whole = tuple(dict.fromkeys((*chain, *filter(None, [message.message_id]))))
    return whole if len(whole) <= _MAX_REFERENCES else (whole[0], *whole[1 - _MAX_REFERENCES :])


def attribution(message: Message) -> str:
    """ "On 23 Nov 2026 at 10:14, Bo <bo@x> wrote:", in the time zone the author wrote in."""
    author = ", ".join(display(one) for one in message.from_) or "somebody"
    if message.date is None:
        return f"{author} wrote:"
    when = _local(message.date, message.date_zone)
    return f"On {_day(when)} at {when:%H:%M}, {author} wrote:"


def _local(date: int, zone: int) -> datetime:
    return datetime.fromtimestamp(date, UTC).astimezone(timezone(timedelta(minutes=zone)))


def _day(when: datetime) -> str:
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def _marked(text: str) -> str:
    lines = text.strip("\n").split("\n")
    return "\n".join(">" + line if line.startswith(">") else f"> {line}".rstrip() for line in lines)


def _arranged(quoted: str, signature: str, *, below: bool) -> str:
    signed = f"-- \n{signature}\n" if signature else ""
    if below:
        return f"{quoted}\n\n" + (f"\n\n{signed}" if signed else "")
    return f"\n\n{signed}\n{quoted}\n" if signed else f"\n\n{quoted}\n"


def _arranged_html(quoted: str, signature: str, *, below: bool) -> str:
    signed = signature_html(signature)
    empty = "<p><br></p>"
    room = empty * 2 if signed else empty
    return f"{quoted}{room}{signed}" if below else f"{room}{signed}{quoted}"


def signature_html(signature: str) -> str:
    """A signature as the composer's HTML holds it; empty for none."""
    if not signature:
        return ""
    lines = "<br>".join(escape(line) for line in signature.split("\n"))
    return f'<div class="signature">-- <br>{lines}</div>'


def _quoted_html(message: Message, text: str) -> tuple[str, tuple[Part, ...]]:
    """The original (`text` when it has no HTML, or far too much) as safe HTML without remote pictures, and the inline
    ones it needs."""
    if not message.html or len(message.html) > _MOST_HTML:
        return text_to_html(text), ()
    pictures = {part.content_id: part for part in message.parts if part.inline and part.type.startswith("image/")}
    safe = sanitise(message.html, cids=frozenset(pictures), cid_prefix="cid:").html
    return safe, tuple(pictures.values())


def _shortened(text: str) -> str:
    """As much as an answer quotes, up to the end of a line."""
    if len(text) <= _MOST_QUOTED:
        return text
    end = text.rfind("\n", _MOST_QUOTED // 2, _MOST_QUOTED)
    return text[: end if end > 0 else _MOST_QUOTED].rstrip() + "\n[…]\n"


def fits_inline(message: Message) -> bool:
    """Whether a new mail can hold it for editing; a giant one is better forwarded whole, as an attachment."""
    small = len(message.text) <= _MOST_QUOTED and len(message.html) <= _MOST_HTML
    return small and len(message.parts) <= _MOST_TAKEN


def forward_inline(message: Message, *, html: bool, signature: str = "") -> ReplyParts:
    """The message inside a new one, its headers above it, its attachments to be attached again. No recipients yet."""
    head = _forwarded_headers(message)
    text = "---------- Forwarded message ----------\n" + "".join(f"{name}: {value}\n" for name, value in head)
    quoted_html, inline = _quoted_html(message, message.text) if html else ("", ())
    lines = "".join(f"<b>{name}:</b> {escape(value)}<br>" for name, value in head)
    banner = f'<p class="attribution">---------- Forwarded message ----------<br>{lines}</p>'
    return ReplyParts(
        to=(),
        cc=(),
        subject=forward_subject(message.subject),
        in_reply_to="",
        references=_references(message),
        text=_arranged(f"{text}\n{message.text}", signature, below=False),
        html=_arranged_html(f"{banner}<div>{quoted_html}</div>", signature, below=False) if html else "",
        inline=inline,
        attachments=tuple(
            part for part in message.parts if part not in inline and bodies.counts(part.type, inline=False)
        ),
    )


def _forwarded_headers(message: Message) -> list[tuple[str, str]]:
    def names(addresses: Iterable[Address]) -> str:
        return ", ".join(display(one) for one in addresses)

    when = ""
    if message.date is not None:
        local = _local(message.date, message.date_zone)
        when = f"{_day(local)}, {local:%H:%M %z}"
    found = [
        ("From", names(message.from_)),
        ("Date", when),
        ("Subject", message.subject),
        ("To", names(message.to)),
        ("Cc", names(message.cc)),
    ]
    return [(name, value) for name, value in found if value]


def forward_as_attachment(message: Message, *, signature: str = "") -> ReplyParts:
    """A new mail to which the original is attached whole: the caller adds it as `attachment_name(message)`."""
    return ReplyParts(
        to=(),
        cc=(),
        subject=forward_subject(message.subject),
        in_reply_to="",
        references=_references(message),
        text=f"\n\n-- \n{signature}\n" if signature else "",
        html="",
    )


def attachment_name(message: Message) -> str:
    """A file name for the message itself: its subject made safe, with ".eml"."""
    stem = _UNSAFE.sub(" ", base_subject(message.subject))
    return file_name(" ".join(stem.split())[:80].strip(". ") or "message") + ".eml"


def reply_subject(subject: str) -> str:
    """ "Re: " once, whatever prefixes other programs and languages left (AW:, SV:, Antw:, RE[2]: ...)."""
    return f"Re: {_ANSWERED.sub('', subject, count=1) if _ANSWERED.match(subject) else subject}".rstrip()


def forward_subject(subject: str) -> str:
    """ "Fwd: " once, in the same manner."""
    return f"Fwd: {_PASSED_ON.sub('', subject, count=1) if _PASSED_ON.match(subject) else subject}".rstrip()


def base_subject(subject: str) -> str:
    """The subject without any reply or forward prefixes."""
    found = _PREFIXES.match(subject)
    return subject[found.end() :] if found else subject


def split_signature(text: str) -> tuple[str, str]:
    """Body and signature; the latter begins with its "-- " line, and is empty when there is none."""
    cuts = [found.start() for found in _SEPARATOR.finditer(text)]
    if not cuts or text.count("\n", cuts[-1]) > 30:
        return text, ""
    return text[: cuts[-1]], text[cuts[-1] :]
