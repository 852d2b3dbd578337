"""A message a file: .eml, and Apple Mail's .emlx with its flags behind the message."""

import plistlib
import re
from pathlib import Path
from xml.parsers.expat import ExpatError

from qtmail.engine.mailfiles import marks, wire
from qtmail.engine.mailfiles.values import Found, Remarks
from qtmail.mime.headers import fields

SUFFIXES = frozenset({".eml", ".emlx"})
EXACT = " [exact]"
"""At the end of the names of our own files whose line ends must stay though they look like another system's."""
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a]")
_COUNT = re.compile(rb"\A(\d{1,12})[ \t]*\r?\n")
_MAIL_FIELDS = frozenset(
    {
        *("from", "sender", "reply-to", "to", "cc", "bcc", "date", "subject"),
        *("message-id", "in-reply-to", "references", "received", "return-path", "delivered-to"),
        *("resent-from", "resent-date", "mime-version", "content-type", "content-transfer-encoding"),
    }
)
"""One of these is in the header of every mail; a letter or a list that only looks like a header has none."""
NO_MAIL = "is no mail: it does not begin with a mail's header (From, Subject, Date)."


def read(path: Path, remarks: Remarks) -> Found | None:
    """The message of a file; None where there is none, which is told."""
    try:
        text = path.read_bytes()
        at = int(path.stat().st_mtime)
    except OSError as error:
        remarks.cannot(path.name, f"cannot be read: {error.strerror}.")
        return None
    suffix = path.suffix.lower()
    if suffix == ".emlx" and (count := _COUNT.match(text)):
        return _emlx(path, text[count.end() :], int(count[1]), remarks, at)
    is_text = suffix == ".eml" and text.strip() and not _BINARY.search(text)
    header = wire.header_of(text)
    # Mail without any header exists, and an export makes a file of it: text called .eml is taken.
    if not is_text and not path.stem.endswith(EXACT) and not _MAIL_FIELDS.intersection(fields(header)):
        remarks.cannot(path.name, NO_MAIL)
        return None
    flags, _deleted = marks.of_header(header) if b"X-Mozilla-Status" in header else (frozenset[str](), False)
    return Found(_as_sent(path, text), flags, wire.received_of(header) or at, path.name)


def _as_sent(path: Path, text: bytes) -> bytes:
    """A file without any CRLF was written on a system that ends lines with LF; any other is as it travelled."""
    if path.stem.endswith(EXACT) or b"\r\n" in text:
        return text
    return wire.to_crlf(text)


def _emlx(path: Path, text: bytes, size: int, remarks: Remarks, at: int) -> Found | None:
    """The message's octets, then a property list with flags and dates."""
    message = text[:size]
    try:
        about = plistlib.loads(text[size:].strip())
    except (plistlib.InvalidFileException, ValueError, LookupError, OverflowError, AttributeError, ExpatError):
        about = {}
    about = about if isinstance(about, dict) else {}
    bits = about.get("flags", 0)
    bits = bits if isinstance(bits, int) else 0
    if bits & marks.APPLE_DELETED:
        remarks.skipped += 1
        return None
    if path.name.endswith(".partial.emlx"):
        remarks.partial += 1
    when = about.get("date-received")
    received = int(when) if isinstance(when, int | float) and when > 0 else None
    received = received or wire.received_of(wire.header_of(message)) or at
    return Found(wire.to_crlf(message), marks.of_bits(bits, marks.APPLE), received, path.name)
