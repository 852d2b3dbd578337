"""MIME entities as bytes: transfer encodings chosen by content, file names for old and new readers, boundaries."""

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from urllib.parse import quote

from qtmail.mime.parts import file_name

MAX_LINE = 998
"""Octets in a line without its CRLF (RFC 5322, 2.1.1)."""
LONG_LINE = re.compile(rb"[^\r\n]{%d}" % (MAX_LINE + 1))
"""The beginning of a line that is too long."""

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_ATTR_CHARS = "!#$&+-.^_`|~"
_SEGMENT = 60


@dataclass(frozen=True, slots=True)
class Body:
    """An entity: its header lines (without the last CRLF each) and its content."""

    lines: tuple[str, ...]
    content: bytes
    kind: str
    eight_bit: bool = False

    def __bytes__(self) -> bytes:
        return "\r\n".join(self.lines).encode("ascii") + b"\r\n\r\n" + self.content


def text_part(text: str, subtype: str) -> Body:
    """A text body in UTF-8: as it is when it is plain ASCII in short lines, else quoted-printable or base64."""
    data = _LINE_END.sub(b"\n", text.encode("utf-8", "replace"))
    if not data.endswith(b"\n"):
        data += b"\n"
    kind = f"text/{subtype}"
    if (
        data.isascii()
        and not LONG_LINE.search(data)
        and not re.search(rb"^From |[\0-\x08\x0b-\x1f]", data, re.MULTILINE)
    ):
        return Body((f"Content-Type: {kind}; charset=us-ascii", "Content-Transfer-Encoding: 7bit"), crlf(data), kind)
    foreign = sum(byte > 127 for byte in data[:20_000])
    if foreign * 3 > len(data[:20_000]):
        encoding, content = "base64", _base64(crlf(data))
    else:
        encoding, content = "quoted-printable", _quoted_printable(data)
    return Body((f"Content-Type: {kind}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"), content, kind)


def _quoted_printable(data: bytes) -> bytes:
    content = crlf(binascii.b2a_qp(data, istext=True))
    # "From " at a line's start is altered by mbox writers, a lone "." by careless SMTP relays.
    return re.sub(rb"^(From |\.\r\n)", lambda found: b"=%02X" % found[0][0] + found[0][1:], content, flags=re.MULTILINE)


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def crlf(data: bytes) -> bytes:
    """All line ends as CRLF."""
    return _LINE_END.sub(b"\r\n", data) if b"\n" in data or b"\r" in data else data


def attachment_part(data: bytes, kind: str, name: str, content_id: str) -> Body:
    """A file. An attached message stays readable as it is (RFC 2046, 5.2.1), all else is base64."""
    kind = kind.strip().lower()
    if not _TYPE.match(kind) or kind.startswith("multipart/"):
        kind = "application/octet-stream"
    encoding = ""
    if kind == "message/rfc822":
        whole = crlf(data)
        if LONG_LINE.search(whole) or b"\0" in whole:
            kind = "application/octet-stream"  # it may not be encoded as a message, and may not travel as it is
        else:
            data, encoding = whole, "7bit" if whole.isascii() else "8bit"
    elif kind.startswith("message/"):
        kind = "application/octet-stream"
    name = file_name(name)
    lines = [
        _with_name(f"Content-Type: {kind}", "name", name, words=True),
        f"Content-Transfer-Encoding: {encoding or 'base64'}",
        _with_name(f"Content-Disposition: {'inline' if content_id else 'attachment'}", "filename", name, words=False),
    ]
    if content_id:
        lines.append(f"Content-ID: <{content_id.encode('ascii', 'replace').decode('ascii')}>")
    return Body(tuple(lines), data if encoding else _base64(data), kind, encoding == "8bit")


def _with_name(line: str, parameter: str, name: str, *, words: bool) -> str:
    """The header line with a file name: quoted when ASCII, else RFC 2231, or RFC 2047 words for old readers."""
    if not name:
        return line
    if name.isascii() and len(name) < _SEGMENT and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'{line};\r\n {parameter}="{escaped}"'
    if words:
        return (
            f'{line};\r\n {parameter}="{Header(name, "utf-8", maxlinelen=_SEGMENT).encode(linesep=chr(13) + chr(10))}"'
        )
    pieces = _segments(name)
    if len(pieces) == 1:
        return f"{line};\r\n {parameter}*=utf-8''{pieces[0]}"
    pieces[0] = f"utf-8''{pieces[0]}"
    return line + "".join(f";\r\n {parameter}*{number}*={piece}" for number, piece in enumerate(pieces))


def _segments(name: str) -> list[str]:
    """The name percent-encoded (RFC 2231, 4), in pieces for lines; no character is cut in two."""
    pieces = [""]
    for letter in name:
        encoded = quote(letter, safe=_ATTR_CHARS)
        if len(pieces[-1]) + len(encoded) > _SEGMENT:
            pieces.append("")
        pieces[-1] += encoded
    return pieces


def join(subtype: str, parts: Sequence[Body], *, kind: str = "") -> Body:
    """A multipart of these entities. `kind`: the type parameter of multipart/related (RFC 2387)."""
    contents = [bytes(part) for part in parts]
    boundary = _boundary(contents)
    about = f'; type="{kind}"' if kind else ""
    lines = [f'Content-Type: multipart/{subtype}{about};\r\n boundary="{boundary}"']
    eight_bit = any(part.eight_bit for part in parts)
    if eight_bit:
        lines.append("Content-Transfer-Encoding: 8bit")
    mark = b"--" + boundary.encode("ascii")
    # The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1): the part's own bytes stay complete.
    pieces = [mark + b"\r\n" + content + b"\r\n" for content in contents]
    return Body(tuple(lines), b"".join((*pieces, mark, b"--\r\n")), f"multipart/{subtype}", eight_bit)


def _boundary(contents: Sequence[bytes]) -> str:
    while True:
        boundary = f"=_{secrets.token_hex(16)}"
        if not any(boundary.encode("ascii") in content for content in contents):
            return boundary
