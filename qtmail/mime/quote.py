"""Answering and forwarding: who gets it, what its subject is, how the old text is quoted."""

from collections.abc import Collection
from dataclasses import dataclass

from qtmail.model import Address, Message, Part


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """What the composer opens with. `text` and `html` hold quote and signature; the caret goes to `caret_top`'s end."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    html: str
    """Empty when a plain-text answer was asked for. Pictures appear as cid: references to `inline`."""
    caret_at_end: bool = False
    """The answer is written below the quote."""
    inline: tuple[Part, ...] = ()
    """Pictures of the original that `html` refers to; attach their bytes with these Content-IDs."""
    attachments: tuple[Part, ...] = ()
    """A forwarded message's own attachments, to be attached again."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A stretch of a plain text body; a quoted one is shown folded when it is long."""

    text: str
    quoted: bool


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
    raise NotImplementedError


def forward_inline(message: Message, *, html: bool, signature: str = "") -> ReplyParts:
    """The message inside a new one, its headers above it, its attachments to be attached again. No recipients yet."""
    raise NotImplementedError


def forward_as_attachment(message: Message, *, signature: str = "") -> ReplyParts:
    """A new mail to which the original is attached whole: the caller adds it as `attachment_name(message)`."""
    raise NotImplementedError


def attachment_name(message: Message) -> str:
    """A file name for the message itself: its subject made safe, with ".eml"."""
    raise NotImplementedError


def reply_subject(subject: str) -> str:
    """ "Re: " once, whatever prefixes other programs and languages left (AW:, SV:, Antw:, RE[2]: ...)."""
    raise NotImplementedError


def forward_subject(subject: str) -> str:
    """ "Fwd: " once, in the same manner."""
    raise NotImplementedError


def base_subject(subject: str) -> str:
    """The subject without any reply or forward prefixes."""
    raise NotImplementedError


def split_quotes(text: str) -> tuple[Fold, ...]:
    """A body as its author's words and quoted stretches, in order; joined they are the text again, to the character."""
    raise NotImplementedError


def split_signature(text: str) -> tuple[str, str]:
    """Body and signature; the latter begins with its "-- " line, and is empty when there is none."""
    raise NotImplementedError
