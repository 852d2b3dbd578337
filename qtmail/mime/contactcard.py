"""Contact cards in mail (vCard 2.1, 3.0, 4.0: RFC 6350): name, ways to reach, a picture (data, never a URL)."""

import base64
import binascii
import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.mime import headers, ical, parts
from qtmail.mime.charset import decode
from qtmail.mime.parts import Leaf
from qtmail.model import Address

TYPES = frozenset({"text/vcard", "text/x-vcard", "text/directory", "application/vcard"})
MOST_CARDS = 20
_MOST_VALUES = 10
_MOST_PHOTO = 500_000
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}
_DATA = re.compile(r"data:image/[a-z.+-]{1,20};base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Card:
    """One person or house. Lists hold at most ten values."""

    name: str
    organisation: str = ""
    title: str = ""
    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    photo: bytes = b""
    """JPEG, PNG or GIF; empty: none, or one that is elsewhere."""
    part: int = -1
    """Which part of the message it is in (`model.Part.index`)."""

    @property
    def people(self) -> tuple[Address, ...]:
        """To write to."""
        return tuple(Address(self.name, one) for one in self.mails)


def cards(raw: bytes, leaves: Sequence[Leaf]) -> tuple[Card, ...]:
    """Those in a message. Never raises."""
    found: list[Card] = []
    for index, leaf in enumerate(leaves[:200]):
        if leaf.type in TYPES or leaf.name.lower().endswith((".vcf", ".vcard")):
            found += cards_of(parts.content(raw, leaf), leaf.parameters.get("charset", ""), index)
    return tuple(found[:MOST_CARDS])


def cards_of(data: bytes, charset: str = "", part: int = -1) -> list[Card]:
    """Those of one file. Never raises."""
    data = re.sub(rb"=\r?\n(?=[^\r\n])", b"", data) if b"QUOTED-PRINTABLE" in data[:200_000].upper() else data
    found: list[Card] = []
    lines: list[ical.Line] = []
    for line in ical.lines(data, charset):
        if line.name == "BEGIN" and line.value.strip().upper() == "VCARD":
            lines = []
        elif line.name == "END" and line.value.strip().upper() == "VCARD" and len(found) < MOST_CARDS:
            found += [card] if (card := _card(lines, part)) else []
        else:
            lines.append(line)
    return found


def _card(lines: list[ical.Line], part: int) -> Card | None:
    def every(name: str) -> list[str]:
        return [words for line in lines if line.name == name and (words := _words(line))][:_MOST_VALUES]

    def pieces(name: str) -> list[str]:
        told = [_pieces(line) for line in lines if line.name == name][:_MOST_VALUES]
        return [", ".join(piece for piece in one if piece) for one in told if any(one)]

    turned = next((_pieces(line) for line in lines if line.name == "N"), [])
    written = " ".join(piece for place in (3, 1, 2, 0, 4) for piece in turned[place : place + 1] if piece)
    organisation = next(iter(pieces("ORG")), "")
    mails = [one.removeprefix("mailto:") for one in every("EMAIL") if "@" in one]
    name = next(iter(every("FN")), "") or written or organisation or next(iter(mails), "")
    if not name:
        return None
    phones = [one.removeprefix("tel:") for one in every("TEL")]
    title = next(iter(every("TITLE")), "")
    photo = next((data for line in lines if line.name == "PHOTO" and (data := _photo(line))), b"")
    return Card(name, organisation, title, tuple(mails), tuple(phones), tuple(pieces("ADR")), photo, part)


def _words(line: ical.Line) -> str:
    return headers.clean(_decoded(line, line.text))[:300]


def _pieces(line: ical.Line) -> list[str]:
    raw = _decoded(line, line.value)
    told = re.split(r"(?<!\\);", raw)[:10]
    return [headers.clean(re.sub(r"\\([,;\\])", r"\1", piece).replace("\\n", " "))[:300] for piece in told]


def _decoded(line: ical.Line, text: str) -> str:
    """vCard 2.1 writes some values as quoted-printable."""
    if "QUOTED-PRINTABLE" not in (
        line.parameters.get("ENCODING", "").upper(),
        *line.written.upper().split(":")[0].split(";"),
    ):
        return text
    return decode(quopri.decodestring(line.value.encode("utf-8", "replace")), line.parameters.get("CHARSET", ""))


def _photo(line: ical.Line) -> bytes:
    value = _DATA.sub("", line.value.strip(), count=1).replace(" ", "")
    if ":" in value[:20] or len(value) > 2 * _MOST_PHOTO:
        return b""
    try:
        data = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
    known = any(data.startswith(begins) for begins in _PICTURES)
    return data if known and len(data) <= _MOST_PHOTO else b""
