"""Files inside the text of a mail, as programs wrote them before MIME and beside it: uuencode and yEnc."""

import binascii
import re
from dataclasses import dataclass

MOST = 100
"""Files taken out of one text."""

_MOST_TRIED = 1_000
_UU = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,300})\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^end[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_Y = re.compile(rb"^=ybegin [^\r\n]{0,300}?name=([^\r\n]{1,300})\r?\n(?:=ypart [^\r\n]*\r?\n)?", re.MULTILINE)
_HEAD = re.compile(_UU.pattern + b"|" + _Y.pattern, re.MULTILINE)
_Y_END = re.compile(rb"^=yend[^\r\n]*\r?(?:\n|\Z)", re.MULTILINE)
_ESCAPED = re.compile(rb"=(.)", re.DOTALL)
_SHIFT = bytes((octet - 42) % 256 for octet in range(256))


@dataclass(frozen=True, slots=True)
class Span:
    """A file at `raw[start:end]`, its first and last line included."""

    start: int
    end: int
    name: bytes
    encoding: str
    """"x-uuencode" or "x-yenc"."""


def spans(raw: bytes, start: int, end: int) -> tuple[Span, ...]:
    """The files in this stretch of text, in order. Linear in its length."""
    if raw.find(b"begin ", start, end) < 0:
        return ()
    found: list[Span] = []
    at = start
    for _ in range(_MOST_TRIED):
        head = _HEAD.search(raw, at, end)
        if head is None or len(found) >= MOST:
            break
        at = head.end()
        uu = head[1] is not None
        if uu and not _begins_data(raw[at : at + 80]):
            continue
        tail = (_UU_END if uu else _Y_END).search(raw, at, end)
        at = tail.end() if tail else end
        name = head[1] if uu else head[2]
        found.append(Span(head.start(), at, name.strip(), "x-uuencode" if uu else "x-yenc"))
    return tuple(found)


def _begins_data(piece: bytes) -> bool:
    """Whether what follows "begin 644 x" is a line of data, not the rest of somebody's sentence."""
    line = piece.partition(b"\n")[0].rstrip(b"\r")
    if not line or not 32 <= line[0] <= 96:
        return False
    meant = (((line[0] - 32) & 63) + 2) // 3 * 4
    return meant - 2 <= len(line) - 1 <= meant + 2 and all(32 <= octet <= 96 for octet in line)


def uudecode(data: bytes) -> bytes:
    """The file of a uuencoded text; the text itself where there is none in it. Never raises."""
    begin = _UU.search(data)
    if not begin:
        return data
    decoded: list[bytes] = []
    for line in data[begin.end() :].splitlines():
        if line.strip() in {b"end", b"`", b""}:
            break
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count wrongly; the length byte says how much of the line is meant.
            meant = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                decoded.append(binascii.a2b_uu(line[: meant + 1]))
            except binascii.Error:
                break
    return b"".join(decoded)


def ydecode(data: bytes) -> bytes:
    """The file of a yEnc text, or the part of it that is here. Never raises."""
    begin = _Y.search(data)
    if not begin:
        return data
    tail = _Y_END.search(data, begin.end())
    body = data[begin.end() : tail.start() if tail else len(data)].replace(b"\r", b"").replace(b"\n", b"")
    body = _ESCAPED.sub(lambda found: bytes(((found[1][0] - 64) % 256,)), body)
    return body.translate(_SHIFT)
