"""Drafts to the bytes that are stored and sent: CRLF, 7-bit unless an attached message needs 8, frozen once made."""

from collections.abc import Callable

from qtmail.model import ContentHash, Draft


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
    raise NotImplementedError


def without_bcc(raw: bytes) -> bytes:
    """The same bytes without Bcc (and Resent-Bcc) headers, as they go on the wire; every other octet is untouched."""
    raise NotImplementedError


def envelope(message: Draft | bytes) -> tuple[str, tuple[str, ...]]:
    """Envelope sender and recipients (RFC 5321), domains in ASCII, each recipient once, Bcc included.

    Of bytes: from Sender or From, and To, Cc, Bcc. Call it before `without_bcc`.
    """
    raise NotImplementedError


def new_message_id(address: str) -> str:
    """A fresh Message-ID "<...@domain>" in the sender's domain; it tells neither host name nor time."""
    raise NotImplementedError
