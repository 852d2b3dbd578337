"""The grammar of IMAP replies (RFC 9051, 9), read tolerantly: tokens, UID sets, dates, names to send."""

import calendar
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence

DEPTH_LIMIT = 40
"""Parentheses within parentheses; real BODYSTRUCTUREs stay below 20."""
SET_LIMIT = 7500
"""Octets of a UID set in one command (RFC 7162, 4 wants lines below 8,192)."""

_TOKEN = re.compile(
    rb'[ \r\n]*(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    rb'|(?P<atom>(?:[^ ()"\[\]\r\n]|\](?!\)))*\[[^\]]*\][^ ()\r\n]*|[^ ()"\r\n]+))',
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_LITERAL_AT_END = re.compile(rb"~?\{(\d{1,20})\+?\}\r?\n\Z")
_AFTER_LITERAL = re.compile(rb"[ )\r\n]|\Z")
_CODE = re.compile(rb"\[([A-Za-z0-9.=\-]+)(?: ([^\]]*))?\] ?")
_DATE = re.compile(rb"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = {m.lower().encode(): i for i, m in enumerate(calendar.month_abbr) if m}


class Malformed(ValueError):
    """A reply that does not follow the grammar, not even loosely. Never leaves net."""


class Atom(bytes):
    """A bare word, as opposed to a string in quotes or a literal."""

    __slots__ = ()


Token = bytes | list["Token"] | None
"""Atom, string (plain bytes), list, or None for NIL."""


def literal_size(line: bytes) -> int | None:
    """The octets of the literal that this line announces at its end."""
    if line[-3:-2] != b"}" and line[-2:-1] != b"}":
        return None
    found = _LITERAL_AT_END.search(line)
    return int(found[1]) if found else None


def parse(parts: Sequence[bytes]) -> list[Token]:
    """Tokens of a reply given as text, literal, text, literal ... Raises Malformed."""
    stack: list[list[Token]] = [[]]
    for number, part in enumerate(parts):
        if number % 2:
            stack[-1].append(part)
            if number + 1 < len(parts) and not _AFTER_LITERAL.match(parts[number + 1]):
                raise Malformed("a literal of another size than announced")
            continue
        text = _LITERAL_AT_END.sub(b"", part) if number + 1 < len(parts) else part
        _parse_text(text, stack)
    if len(stack) != 1:
        raise Malformed("a parenthesis was not closed")
    return stack[0]


def _parse_text(text: bytes, stack: list[list[Token]]) -> None:
    at, end = 0, len(text.rstrip(b" \r\n"))
    while at < end:
        found = _TOKEN.match(text, at)
        if not found:
            raise Malformed("not a token: " + repr(text[at : at + 40]))
        at = found.end()
        match found.lastgroup:
            case "open":
                if len(stack) > DEPTH_LIMIT:
                    raise Malformed("nested too deeply")
                inner: list[Token] = []
                stack[-1].append(inner)
                stack.append(inner)
            case "close":
                if len(stack) == 1:
                    raise Malformed("a parenthesis too many")
                stack.pop()
            case "quoted":
                stack[-1].append(_ESCAPED.sub(rb"\1", found["quoted"]))
            case _:
                atom = found["atom"]
                stack[-1].append(None if atom.upper() == b"NIL" else Atom(atom))


def response_code(text: bytes) -> tuple[str, bytes, str]:
    """-> (code in capitals or "", its argument, the words for people) of the text after OK, NO, BAD or BYE."""
    found = _CODE.match(text)
    words = text[found.end() :] if found else text
    code = found[1].decode("ascii").upper() if found else ""
    return code, (found[2] or b"") if found else b"", words.strip().decode("utf-8", "replace")


def compact(uids: Iterable[int]) -> Iterator[bytes]:
    """UID sets naming exactly these, ranges where possible, each below SET_LIMIT octets."""
    pieces: list[str] = []
    size = 0
    for first, last in ranges(uids):
        piece = str(first) if first == last else f"{first}:{last}"
        if size + len(piece) + 1 > SET_LIMIT:
            yield ",".join(pieces).encode()
            pieces, size = [], 0
        pieces.append(piece)
        size += len(piece) + 1
    if pieces:
        yield ",".join(pieces).encode()


def ranges(uids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Maximal runs (first, last) of these numbers, ascending."""
    first = last = 0
    for uid in sorted(set(uids)):
        if uid == last + 1 and last:
            last = uid
            continue
        if last:
            yield first, last
        first = last = uid
    if last:
        yield first, last


def expand(text: bytes, limit: int) -> "array[int]":
    """The numbers of a set like 1:3,7 in the order given. Raises Malformed past `limit` numbers, or for nonsense."""
    numbers = array("I")
    for piece in text.split(b","):
        first, colon, last = piece.partition(b":")
        try:
            low = int(first)
            high = int(last) if colon else low
        except ValueError as error:
            raise Malformed("not a set: " + repr(text[:40])) from error
        if low > high:
            low, high = high, low
        if not 0 < low <= high <= 0xFFFFFFFF or high - low + 1 + len(numbers) > limit:
            raise Malformed("a set out of bounds: " + repr(text[:40]))
        numbers.extend(range(low, high + 1))
    return numbers


def epoch(internaldate: bytes) -> int:
    """Seconds since 1970 of an INTERNALDATE; 0 for what cannot be read."""
    found = _DATE.match(internaldate)
    month = _MONTHS.get(found[2].lower()) if found else None
    if not found or not month:
        return 0
    day, year, hour, minute, second, east, west = (int(found[i]) for i in (1, 3, 4, 5, 6, 8, 9))
    seconds = calendar.timegm((year, month, day, hour, minute, second))
    zone = (east * 60 + west) * 60
    return seconds + zone if found[7] == b"-" else seconds - zone


def quoted(text: bytes) -> bytes | None:
    """As a quoted string (RFC 9051, 4.3); None where only a literal can carry it."""
    if any(octet < 32 or octet > 126 for octet in text):
        return None
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
