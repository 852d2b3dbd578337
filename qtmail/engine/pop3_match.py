"""Which messages under new names are those that are here already: by header (TOP) and size, without downloading them.

The same Message-ID, author, date and subject are one mail, also where the server added lines on a move; without a
Message-ID the whole header and the size have to be the same. What is matched so is read again before it is ever
deleted on the server.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from qtmail.errors import StoreError
from qtmail.net.pop3 import PopEntry, PopSession
from qtmail.store.content import Content
from qtmail.store.values import LedgerEntry

_FIELD = re.compile(
    rb"^(message-id|from|date|subject)[ \t]*:((?:[^\n]*)(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE
)
_BLANK = re.compile(rb"\r?\n\r?\n")

Key = tuple[bytes, ...]


def matches(
    session: PopSession, new: Sequence[PopEntry], missing: Iterable[LedgerEntry], content: Content
) -> dict[PopEntry, LedgerEntry]:
    """New entry -> the one we had. missing: those not listed any more; each is matched once at most."""
    ours: dict[Key, list[LedgerEntry]] = defaultdict(list)
    for entry in missing:
        if (header := _header(entry, content)) is not None:
            ours[_key(header, entry.stored or 0)].append(entry)
    found: dict[PopEntry, LedgerEntry] = {}
    by_number = {entry.number: entry for entry in new}
    for number, header in session.tops(by_number) if ours else ():
        there = by_number[number]
        candidates = ours.get(_key(header, there.size), [])
        if candidates:
            best = min(candidates, key=lambda entry: abs((entry.size or entry.stored or 0) - there.size))
            candidates.remove(best)
            found[there] = best
    return found


def _header(entry: LedgerEntry, content: Content) -> bytes | None:
    """Of what is stored; None where it cannot be read (then it is downloaded again)."""
    if entry.stored is None:
        return None
    try:
        return content.get(entry.content)
    except StoreError:
        return None


def _key(raw: bytes, size: int) -> Key:
    end = _BLANK.search(raw)
    header = raw[: end.start()] if end else raw
    fields = {name.lower(): b" ".join(value.split()) for name, value in reversed(_FIELD.findall(header))}
    if fields.get(b"message-id"):
        return tuple(fields.get(name, b"") for name in (b"message-id", b"from", b"date", b"subject"))
    return (b"", b" ".join(header.split()), b"%d" % size)
