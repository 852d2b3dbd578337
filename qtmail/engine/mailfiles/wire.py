"""Line ends and bare files: between how messages travel (CRLF) and how other programs keep them."""

import re

from qtmail.mime import headers

BARE_LF = re.compile(rb"(?<!\r)\n")
_RECEIVED = re.compile(rb"^Received[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE | re.IGNORECASE)
_DATE = re.compile(rb"^Date[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE | re.IGNORECASE)
_HEADER_MOST = 64 * 1024


def to_crlf(text: bytes) -> bytes:
    """Every line end as mail has it on its way."""
    return BARE_LF.sub(b"\r\n", text) if b"\r" in text else text.replace(b"\n", b"\r\n")


def to_lf(raw: bytes) -> bytes | None:
    """With LF alone at the ends of lines; None where `to_crlf` would not make `raw` of it again."""
    text = raw.replace(b"\r\n", b"\n")
    return text if to_crlf(text) == raw else None


def header_of(text: bytes) -> bytes:
    """Its header block, or the beginning of a very long one."""
    return text[: headers.end_of_headers(text, 0, min(len(text), _HEADER_MOST))[0]]


def received_of(header: bytes) -> int | None:
    """When it arrived: the newest Received field (RFC 5321, 4.4), else Date; None where neither tells."""
    found = _RECEIVED.search(header)
    if found:
        when, _zone = headers.date(headers.text_of(found[1].rpartition(b";")[2]))
        if when:
            return when
    found = _DATE.search(header)
    return headers.date(headers.text_of(found[1]))[0] or None if found else None
