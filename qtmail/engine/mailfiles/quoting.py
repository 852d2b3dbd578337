"""The four forms of mbox: how each keeps a body's line from looking like the beginning of the next message.

mboxo    “From ” at the beginning of a line is written “>From ”; what was “>From ” before cannot be told any more
mboxrd   so is “>From ” (“>>From ”), and so on: this can be undone
mboxcl   as mboxrd, and Content-Length tells where the body ends
mboxcl2  Content-Length, and nothing is quoted
"""

import re
from enum import StrEnum


class Variant(StrEnum):
    """Of an mbox."""

    MBOXO = "mboxo"
    MBOXRD = "mboxrd"
    MBOXCL = "mboxcl"
    MBOXCL2 = "mboxcl2"

    @property
    def tells_length(self) -> bool:
        return self in (Variant.MBOXCL, Variant.MBOXCL2)


_ANY_DEPTH = re.compile(rb"^(>*From )", re.MULTILINE)
_PLAIN = re.compile(rb"^(From )", re.MULTILINE)
_QUOTED = re.compile(rb"^>+From ", re.MULTILINE)
_QUOTED_ONCE = re.compile(rb"^>From ", re.MULTILINE)


def quoted(text: bytes, variant: Variant) -> bytes:
    """A message as it stands in an mbox of this form."""
    match variant:
        case Variant.MBOXO:
            return _PLAIN.sub(rb">\1", text)
        case Variant.MBOXCL2:
            return text
        case _:
            return _ANY_DEPTH.sub(rb">\1", text)


def unquoted(text: bytes, variant: Variant) -> bytes:
    """The message again."""
    if b"\n>" not in text and not text.startswith(b">"):
        return text
    match variant:
        case Variant.MBOXO:
            return _QUOTED_ONCE.sub(b"From ", text)
        case Variant.MBOXCL2:
            return text
        case _:
            return _QUOTED.sub(lambda found: found[0][1:], text)
