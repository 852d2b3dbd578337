"""What IMAP replies say, as values: SELECT, SEARCH and ESEARCH, COPYUID; and the date form for APPEND."""

from array import array
from collections.abc import Iterator
from email.utils import formatdate

from qtmail.net.imap_answers import Reply
from qtmail.net.imap_flags import flag_set
from qtmail.net.imap_tokens import Atom, Malformed, expand, parse, response_code
from qtmail.net.imap_unasked import flags_of
from qtmail.net.imap_values import Resynced, Selected

_PIECE = 64 * 1024
MANY = 50_000_000
"""UIDs in one folder; a reply that claims more is not believed."""


def only(reply: Reply, name: bytes) -> Iterator[tuple[bytes, ...]]:
    """The untagged replies of this kind."""
    start = name + b" "
    return (text for text in reply.untagged if text[0][: len(start)].upper() == start)


def selected(reply: Reply, readonly: bool) -> Selected:
    """Of SELECT or EXAMINE."""
    numbers: dict[str, int] = {}
    exists = 0
    known_as = ""
    permanent: frozenset[str] | None = None
    flags: frozenset[str] = frozenset()
    for text in reply.untagged:
        first, _, rest = text[0].strip().partition(b" ")
        if rest.upper() == b"EXISTS" and first.isdigit():
            exists = int(first)
        elif first.upper() == b"FLAGS":
            flags = flag_set(rest.strip(b"()"))
        elif first.upper() == b"OK":
            code, argument, _ = response_code(rest)
            if argument.isdigit():
                numbers[code] = int(argument)
            elif code == "PERMANENTFLAGS":
                permanent = flag_set(argument.strip(b"()"))
            elif code == "MAILBOXID":
                known_as = argument.strip(b"()").decode("ascii", "replace")
    kept = flags if permanent is None else permanent
    return Selected(
        numbers.get("UIDVALIDITY", 0),
        numbers.get("UIDNEXT"),
        exists,
        numbers.get("HIGHESTMODSEQ") or None,
        readonly or reply.code == "READ-ONLY",
        kept - {"\\*"},
        "\\*" in kept,
        known_as,
    )


def resynced(reply: Reply) -> Resynced:
    """VANISHED (EARLIER) and FETCH of a SELECT with QRESYNC (RFC 7162, 3.2.5). Raises Malformed."""
    vanished = array("I")
    changed = []
    for text in reply.untagged:
        head = text[0][:24].upper()
        if head.startswith(b"VANISHED (EARLIER) "):
            vanished.extend(expand(text[0][19:].strip(), MANY))
        elif b" FETCH " in head:
            one = flags_of((b"* " + text[0], *text[1:]))
            if one is None:
                raise Malformed("changed flags without a UID")
            changed.append(one)
    return Resynced(array("I", sorted(vanished)), tuple(changed))


def named_fields(reply: Reply, name: bytes) -> dict[str, str]:
    """Of "NAME (key value ...)" (ID, RFC 2971); keys in lower case; {} for what cannot be read."""
    for text in only(reply, name):
        try:
            tokens = parse(text)
        except Malformed:
            continue
        pairs = tokens[1] if len(tokens) > 1 and isinstance(tokens[1], list) else []
        return {
            _shown(key).lower(): _shown(value)
            for key, value in zip(pairs[::2], pairs[1::2], strict=False)
            if isinstance(key, bytes) and isinstance(value, bytes)
        }
    return {}


def _shown(raw: bytes) -> str:
    return "".join(c if c.isprintable() else " " for c in raw.decode("utf-8", "replace"))[:1024]


def appenduids(reply: Reply) -> tuple[int, list[int]] | None:
    """APPENDUID (RFC 4315), in the tagged reply or an untagged OK before it (REPLACE).

    -> UIDVALIDITY and the new UIDs in the order they were sent.
    """
    for code, argument in _codes(reply):
        fields = argument.split()
        if code == "APPENDUID" and len(fields) == 2 and fields[0].isdigit():
            try:
                return int(fields[0]), list(expand(fields[1], MANY))
            except Malformed:
                return None
    return None


def _codes(reply: Reply) -> Iterator[tuple[str, bytes]]:
    """Response codes with their arguments: of the tagged reply, and of the untagged OKs before it."""
    yield reply.code, reply.argument
    for text in reply.untagged:
        if text[0][:3].upper() == b"OK ":
            yield response_code(text[0][3:])[:2]


def copyuid(reply: Reply) -> tuple[int, dict[int, int | None]] | None:
    """COPYUID (RFC 4315, 3), in the tagged reply (COPY) or an untagged OK before it (MOVE)."""
    for code, argument in _codes(reply):
        fields = argument.split()
        if code == "COPYUID" and len(fields) == 3 and fields[0].isdigit():
            try:
                old, new = expand(fields[1], MANY), expand(fields[2], MANY)
            except Malformed:
                return None
            if len(old) == len(new):
                return int(fields[0]), dict(zip(old, new, strict=True))
    return None


def internaldate(date: int) -> bytes:
    """RFC 3501 date-time, in UTC."""
    _, day, month, year, clock, _ = formatdate(date).split()
    return f"{int(day):2}-{month}-{year} {clock} +0000".encode()


def _pieces(line: bytes) -> Iterator[bytes]:
    """Cut between words: those of a million messages at once take a hundred megabytes."""
    start = 0
    while start < len(line):
        end = line.find(b" ", start + _PIECE)
        end = len(line) if end < 0 else end
        if piece := line[start:end].strip():
            yield piece
        start = end


def numbers(reply: Reply) -> "array[int]":
    """Of SEARCH or ESEARCH (RFC 4731), in the server's order. Raises Malformed."""
    found = array("I")
    for text in reply.untagged:
        if text[0][:7].upper() == b"SEARCH ":
            for piece in _pieces(text[0][7:].partition(b"(")[0]):
                found.extend(expand(b",".join(piece.split()), MANY))
        elif text[0][:8].upper() == b"ESEARCH ":
            tokens = parse(text)
            upper = [token.upper() if isinstance(token, Atom) else b"" for token in tokens]
            if b"ALL" in upper[:-1]:
                uid_set = tokens[upper.index(b"ALL") + 1]
                found.extend(expand(uid_set if isinstance(uid_set, bytes) else b"", MANY))
    return found
