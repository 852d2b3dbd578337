"""TNEF, what Outlook wraps attachments into ("winmail.dat", [MS-OXTNEF]): the files and the text inside."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from qtmail.mime.charset import decode
from qtmail.mime.headers import clean

TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
NAMES = frozenset({"winmail.dat", "win.dat"})
MOST = 1_000
_SIGNATURE = b"\x78\x9f\x3e\x22"
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_TEXT, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_RTF_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_MOST_RTF = 20_000_000


@dataclass(frozen=True, slots=True)
class Inner:
    """One file inside; `body`: it is the message's text, not an attachment."""

    name: str
    type: str
    data: bytes
    content_id: str = ""
    body: bool = False


def unpack(data: bytes) -> tuple[Inner, ...]:
    """All that is inside, as far as it can be read; empty when it is no TNEF. Never raises."""
    if not data.startswith(_SIGNATURE):
        return ()
    found: list[Inner] = []
    open_: Inner | None = None
    for tag, value in _attributes(data):
        if len(found) >= MOST:
            break
        match tag:
            case 0x9002:  # attAttachRendData: the next file begins
                found += [open_] if open_ is not None else []
                open_ = Inner("", "application/octet-stream", b"")
            case 0x8010 if open_ is not None:  # attAttachTitle
                open_ = replace(open_, name=open_.name or _text(value))
            case 0x800F if open_ is not None:  # attAttachData
                open_ = replace(open_, data=value)
            case 0x9005 if open_ is not None:  # attAttachment
                open_ = _described(open_, value)
            case 0x9003:  # attMAPIProps
                found += _bodies(value)
            case 0x800C if value.strip(b"\0 "):
                found.append(Inner("", "text/plain", _text(value).encode(), body=True))
    found += [open_] if open_ is not None else []
    return tuple(one for one in found if one.data or one.name)


def is_whole(data: bytes) -> bool:
    """Whether it ends where an attribute does, so that nothing is missing at its end."""
    at = 6
    while at + 9 <= len(data):
        at += 11 + int(struct.unpack_from("<I", data, at + 5)[0])
    return at == len(data)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        tag, _kind, length = struct.unpack_from("<HHI", data, at + 1)
        yield tag, data[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _properties(value: bytes) -> Iterator[tuple[int, bytes]]:
    """The MAPI properties of an attribute: (id, first value). Ends where something does not fit."""
    at = 4
    while at + 4 <= len(value):
        kind, name = struct.unpack_from("<HH", value, at)
        at += 4
        try:
            if name >= 0x8000:
                at = _after_name(value, at)
            many, kind = kind & 0x1000, kind & 0xEFFF
            if (width := _FIXED.get(kind)) is not None:
                count = struct.unpack_from("<I", value, at)[0] if many else 1
                at += 4 if many else 0
                yield name, value[at : at + width]
                at += width * count
                continue
            (count,) = struct.unpack_from("<I", value, at)
            at += 4
            for number in range(min(count, 1_000)):
                (length,) = struct.unpack_from("<I", value, at)
                content = value[at + 4 : at + 4 + length]
                at += 4 + (length + 3) // 4 * 4
                if number == 0:
                    yield name, (_from_utf16(content) if kind == 0x1F else content)
        except struct.error:
            return


def _after_name(value: bytes, at: int) -> int:
    """Behind the name of a named property."""
    (kind,) = struct.unpack_from("<I", value, at + 16)
    if kind == 0:
        return at + 24
    (length,) = struct.unpack_from("<I", value, at + 20)
    return at + 24 + int(length + 3) // 4 * 4


def _from_utf16(content: bytes) -> bytes:
    return content.decode("utf-16-le", "replace").encode("utf-8", "replace")


def _text(value: bytes) -> str:
    return decode(value.rstrip(b"\0"))


def _described(open_: Inner, value: bytes) -> Inner:
    """An attachment with what its properties say of it."""
    for name, content in _properties(value):
        match name:
            case 0x3707:  # PidTagAttachLongFilename
                open_ = replace(open_, name=_text(content) or open_.name)
            case 0x3704:  # PidTagAttachFilename
                open_ = replace(open_, name=open_.name or _text(content))
            case 0x370E:  # PidTagAttachMimeTag
                open_ = replace(open_, type=clean(_text(content)).lower() or open_.type)
            case 0x3712:  # PidTagAttachContentId
                open_ = replace(open_, content_id=clean(_text(content)).strip("<> "))
            case 0x3701 if not open_.data:  # PidTagAttachDataBinary
                open_ = replace(open_, data=content)
    return open_


def _bodies(value: bytes) -> Iterator[Inner]:
    for name, content in _properties(value):
        if name == _HTML and content.strip(b"\0 "):
            yield Inner("", "text/html", content.rstrip(b"\0"), body=True)
        elif name == _TEXT and content.strip(b"\0 "):
            yield Inner("", "text/plain", _text(content).encode("utf-8", "replace"), body=True)
        elif name == _RTF and (rtf := unpack_rtf(content)):
            yield Inner("message.rtf", "text/rtf", rtf)


def unpack_rtf(data: bytes) -> bytes:
    """Compressed RTF ([MS-OXRTFCP]) as RTF; empty when it is none. Never raises."""
    if len(data) < 16:
        return b""
    _size, raw_size, kind, _crc = struct.unpack_from("<IIII", data)
    if kind == 0x414C454D:  # "MELA": as it is
        return data[16 : 16 + raw_size]
    if kind != 0x75465A4C:  # "LZFu"
        return b""
    window = bytearray(_RTF_START.ljust(4096, b"\0"))
    write = len(_RTF_START)
    out = bytearray()
    at = 16
    while at < len(data) and len(out) < min(raw_size, _MOST_RTF):
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data):
                break
            if not control >> bit & 1:
                out.append(data[at])
                window[write] = data[at]
                write = (write + 1) % 4096
                at += 1
                continue
            token = int.from_bytes(data[at : at + 2], "big")
            at += 2
            read = token >> 4
            if read == write:
                return bytes(out[:raw_size])
            for _ in range((token & 15) + 2):
                octet = window[read]
                read = (read + 1) % 4096
                out.append(octet)
                window[write] = octet
                write = (write + 1) % 4096
    return bytes(out[:raw_size])
