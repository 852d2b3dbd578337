"""Received bytes to values (RFC 5322, 2045-2047, 2231): every header and every part has its own fallback."""

from qtmail.mime.summary import HEADER_FIELDS, INDEXED, PREVIEW, HeaderFacts, Summary, parse_headers, summarise
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


def parse(raw: bytes) -> Message:
    """Open a message. Never raises, whatever the bytes; what was odd is told in `warnings`."""
    raise NotImplementedError


def part_bytes(raw: bytes, index: int) -> bytes:
    """The decoded bytes of the leaf with this `Part.index`; empty when there is no such leaf. Never raises.

    A message/rfc822 leaf gives the whole inner message.
    """
    raise NotImplementedError


def header_block(raw: bytes) -> str:
    """All headers as written, in order, folded as they were, undecoded 8-bit bytes shown as best we can."""
    raise NotImplementedError
