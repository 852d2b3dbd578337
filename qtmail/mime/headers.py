"""Header blocks: cut into fields, unfolded, decoded word by word, with nothing that could deceive the eye."""

import binascii
import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from email.utils import parsedate_tz
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from qtmail.mime.charset import decode

MAX_FIELDS = 2_000
MAX_VALUE = 100_000
"""Longer header values are cut: no reader looks at a To of a megabyte, and nobody should wait for it."""

_END = re.compile(rb"\n\r*\n")
_FIELD = re.compile(rb"^([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
# Controls, lone surrogates, and what turns the direction of text (used to forge names and file extensions).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_ID = re.compile(r"<([^<>]{1,990})>")
_PLAIN_IDS = re.compile(r"<[!-;=?-~]{1,990}>(?: <[!-;=?-~]{1,990}>)*\Z")
_DATE = re.compile(
    r"(?:[A-Za-z]{3}, )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)(?: \([A-Za-z ]*\))?$"
)
_MONTHS = {
    name: number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)  # noqa: SIM905
}
_LATEST = 2**32
_USUAL = 100
"""Characters of a header value up to which it is likely to be met again."""

Fields = dict[str, list[bytes]]
"""Field names in lower case, each with its values in order, still folded."""


def end_of_headers(raw: bytes, start: int = 0, end: int | None = None) -> tuple[int, int]:
    """Where the header block ends, and where the body begins; both are `end` when there is no body."""
    end = len(raw) if end is None else end
    for blank in (b"\r\n", b"\n"):
        if raw[start : min(end, start + len(blank))] == blank:  # a mapped file has no startswith
            return start, start + len(blank)
    found = _END.search(raw, start, end)
    if found:
        return found.span()
    if raw.find(b"\n", start, end) < 0 and (bare := raw.find(b"\r\r", start, end)) >= 0:
        return bare, bare + 2
    return end, end


def fields(block: bytes) -> Fields:
    """A header block as fields. Lines that are none (an mbox "From ", garbage) are passed over."""
    if b"\n" not in block:
        block = block.replace(b"\r", b"\n")
    found: Fields = {}
    for name, value in _FIELD.findall(block)[:MAX_FIELDS]:
        key = _name(name)
        if key in found:
            found[key].append(value)
        else:
            found[key] = [value]
    return found


@lru_cache(maxsize=1000)
def _name(written: bytes) -> str:
    return written.decode("ascii").lower()


def text_of(value: bytes) -> str:
    """A field's value as characters, RFC 2047 words still encoded: this is what may be parsed for structure."""
    value = b" ".join(value[:MAX_VALUE].split())
    return value.decode("ascii") if value.isascii() else decode(value)


def clean(text: str) -> str:
    """One line without control characters, invisible direction marks or runs of blanks."""
    if text.isprintable() and "  " not in text and not text.startswith(" ") and not text.endswith(" "):
        return text  # nearly always; no blank but the space, no control and no mark counts as printable
    if _CONTROL.search(text):
        text = _CONTROL.sub(" ", text)
    return " ".join(text.split())


def turns(text: str) -> bool:
    """Whether a value, once decoded, holds marks that change the direction of what is around them (UAX 9, 2)."""
    return _TURNS.search(_decoded(text)) is not None


def decode_words(text: str) -> str:
    """RFC 2047 words decoded, tolerantly, and the result cleaned. Words cut inside a character are put together."""
    return clean(_decoded(text))


def _decoded(text: str) -> str:
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending, charset, last = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[last : word.start()]
        label = word[1].partition("*")[0].lower()
        if between.strip() or (last == 0 and between) or (pending and label != charset):
            pieces.append(decode(pending, charset))
            pending = b""
            if between.strip() or last == 0:
                pieces.append(between)
        pending += _word_bytes(word[2], word[3])
        charset, last = label, word.end()
    pieces += [decode(pending, charset) if pending else "", text[last:]]
    return "".join(pieces)


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    return base64_bytes(data)


def base64_bytes(data: bytes) -> bytes:
    """Base64 as found in the wild: blanks, missing padding, stray characters and truncation are all survived."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        pass
    only = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(only) % 4 == 1:
        only = only[:-1]
    return binascii.a2b_base64(only + b"=" * (-len(only) % 4))


def ids(value: str, *, bare: bool = True) -> tuple[str, ...]:
    """Message-IDs of a References-like header, in order, in angle brackets. bare: where none has brackets,
    words that look like one count too (in In-Reply-To those are people's addresses)."""
    if _PLAIN_IDS.match(value):  # nearly always
        return tuple(value.split(" "))
    found = _ID.findall(value) or [word for word in value.split() if bare and "@" in word]
    joined = ("".join(_CONTROL.sub("", one).split()).strip("<>") for one in found)
    return tuple([f"<{one}>" for one in joined if one])


def date(value: str) -> tuple[int | None, int]:
    """Seconds since the epoch and minutes east of UTC (RFC 5322, 3.3, and what else is sent as a date)."""
    if exact := _DATE.match(value):
        day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = exact.groups()
        zone = int(zone_hours) * 60 + int(zone_minutes)
        parts: tuple[int, ...] | None = (int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second))
        zone = -zone if sign == "-" else zone
    else:
        parts, zone = _loose_date(value)
    if parts is None or not 1 <= parts[1] <= 12 or not 1 <= parts[2] <= 31 or not 1970 <= parts[0] <= 2106:
        return None, 0
    if abs(zone) > 18 * 60:
        zone = 0
    seconds = timegm(parts) - zone * 60
    return (seconds, zone) if 0 <= seconds < _LATEST else (None, 0)


def _loose_date(value: str) -> tuple[tuple[int, ...] | None, int]:
    try:
        found = parsedate_tz(clean(value[:200]))
    except (ValueError, IndexError, TypeError, OverflowError, RecursionError):
        return None, 0
    if found is None or any(abs(number) > 9999 for number in found[:6]):
        return None, 0
    return found[:6], (found[9] or 0) // 60


def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """A Content-Type or Content-Disposition: its value in lower case, and its parameters.

    RFC 2231 continuations and charsets are put together; RFC 2047 words in parameters, though forbidden, decoded.
    """
    return _usual_parameters(value) if len(value) <= _USUAL else _parameters(value)


def _parameters(value: str) -> tuple[str, Mapping[str, str]]:
    pieces = _split_parameters(value[:MAX_VALUE])
    kind = clean(pieces[0]).lower() if pieces else ""
    plain: dict[str, str] = {}
    parted: dict[str, list[tuple[int, bool, str]]] = {}
    for piece in pieces[1:200]:
        name, equals, content = piece.partition("=")
        name, content = name.strip().lower(), _unquote(content.strip())
        if not equals or not name:
            continue
        base, star, rest = name.partition("*")
        if not star:
            plain.setdefault(name, content)
            continue
        number = rest.rstrip("*")
        order = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
        parted.setdefault(base, []).append((order, rest.endswith("*") or rest == "", content))
    found: dict[str, str] = {name: decode_words(content) for name, content in plain.items()}
    found.update({name: _join_2231(sorted(segments)) for name, segments in parted.items()})
    return kind, found


_usual_parameters = lru_cache(maxsize=1000)(_parameters)
"""Most mail says the same about its parts."""


def _split_parameters(value: str) -> list[str]:
    pieces = value.split(";")
    if '"' not in value:
        return pieces
    joined: list[list[str]] = []
    inside = False
    for piece in pieces:
        if inside:
            joined[-1].append(piece)
        else:
            joined.append([piece])
        inside ^= (piece.count('"') - piece.count('\\"')) % 2 == 1
    return [";".join(piece) for piece in joined]


def _unquote(content: str) -> str:
    if content.startswith('"'):
        content = content[1:-1] if content.endswith('"') and len(content) > 1 else content[1:]
        return re.sub(r"\\([\\\"])", r"\1", content)
    return content


def _join_2231(segments: Iterable[tuple[int, bool, str]]) -> str:
    charset, data, first = "", b"", True
    for _, encoded, content in segments:
        if encoded and first and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        data += unquote_to_bytes(content) if encoded else content.encode("utf-8", "replace")
        first = False
    return clean(decode(data, charset))


def first(found: Mapping[str, list[bytes]], name: str) -> str:
    """The first value of a field as characters, "" when there is none."""
    values = found.get(name)
    return text_of(values[0]) if values else ""


def unquoted(text: str) -> str:
    """Percent-escapes undone, as in the URLs that name a Content-ID."""
    return unquote_to_bytes(text).decode("utf-8", "replace") if "%" in text else text
