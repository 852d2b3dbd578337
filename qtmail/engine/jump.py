"""The next message of a list that is as wanted: its correspondent or subject begins as typed, or it is unread."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

from qtmail.model import FolderId, Role, Row, RowId
from qtmail.store import lists, narrow, read
from qtmail.store.connection import Reader
from qtmail.store.query import folded

NEAR = 1_000
"""Messages that are looked at one by one before the index is asked for all others."""
_AT_ONCE = 250
_WORD = re.compile(r"\w+")


def jump(reader: Reader, ids: Sequence[int], start: int, typed: str, folders: Sequence[FolderId]) -> RowId | None:
    """From the index `start` of `ids` on, round the end; None: nowhere. Every word of `typed` must begin a word there,
    case and diacritics do not count. `folders`: where the rows are; none: only the next NEAR are looked at."""
    words = _words(typed)
    if not words:
        return None
    said = _said(reader, words, folders) if folders and len(ids) > NEAR else ""
    return _next(reader, _round(ids, start), lambda row: fits(row, words), said, folders)


def next_unread(reader: Reader, ids: Sequence[int], start: int, folders: Sequence[FolderId]) -> RowId | None:
    """The first unread one from the index `start` of `ids` on, round the end, but not the one before `start`; None:
    there is no other. `folders`: where the rows are; none: every row is looked at."""
    order = _round(ids, start) if start == 0 else islice(_round(ids, start), len(ids) - 1)
    while not folders and (some := list(islice(order, NEAR))):
        if (found := _next(reader, iter(some), lambda row: row.unread, "", ())) is not None:
            return found
    return _next(reader, order, lambda row: row.unread, "is:unread", folders) if folders else None


def _round(ids: Sequence[int], start: int) -> Iterator[int]:
    """All of them, those before `start` last."""
    return (ids[place] for place in chain(range(start, len(ids)), range(min(start, len(ids)))))


def _next(
    reader: Reader, order: Iterator[int], wanted: Callable[[Row], bool], said: str, folders: Sequence[FolderId]
) -> RowId | None:
    """The first that is wanted, by row among the next NEAR, of the others by what the search's language says."""
    near = [RowId(row) for row in islice(order, NEAR) if row]
    for low in range(0, len(near), _AT_ONCE):
        for row, told in lists.rows(reader, near[low : low + _AT_ONCE]).items():
            if wanted(told):
                return row
    among = set(narrow.narrowed(reader, said, folders)) if said else set()
    return next((RowId(row) for row in order if row in among), None) if among else None


def fits(row: Row, words: Iterable[str]) -> bool:
    """Whether each of these (folded, lower case) begins a word of the correspondent or the subject."""
    there = _words(f"{row.correspondent} {row.address} {row.subject}")
    return all(any(word.startswith(begun) for word in there) for begun in words)


def _said(reader: Reader, words: Iterable[str], folders: Sequence[FolderId]) -> str:
    """The same in the search's language; empty where its index cannot tell: one letter begins too much."""
    known = [read.folder(reader, folder) for folder in folders]
    outgoing = any(one is not None and one.role in (Role.SENT, Role.DRAFTS, Role.OUTBOX) for one in known)
    fields = ("to", "subject") if outgoing else ("from", "subject")
    if any(len(word) == 1 and word.isascii() for word in words):
        return ""
    return " ".join(f"({' OR '.join(f'{field}:{word}*' for field in fields)})" for word in words)


def _words(text: str) -> list[str]:
    return [_plain(word) for word in _WORD.findall(text)]


def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFD", folded(word).replace(" ", ""))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
