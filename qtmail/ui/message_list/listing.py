"""What a message list shows, read in one go off the window's thread: ids in order, and where its groups begin."""

import contextlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from qtmail.engine.mail import Mail
from qtmail.engine.searching import Marks
from qtmail.model import FolderId, Row, RowId, SortKey
from qtmail.ui.dates import Group, groups

FEW = 4
NEAR = 5_000
"""Lines: so far a list moves while mail comes and goes."""
TOLD = 200
"""Results of which it is told that an attachment has the words."""
Rows = Callable[[Iterable[RowId]], dict[RowId, Row]]


@dataclass(frozen=True, slots=True)
class Query:
    """What to show: these folders, or a search in them (everywhere when there are none)."""

    folders: tuple[FolderId, ...] = ()
    text: str = ""
    sort: SortKey = SortKey.DATE
    descending: bool = True
    narrow: str = ""
    """What a quick filter leaves, in the search's language."""
    kept: tuple[RowId, ...] = ()
    """Stay in sight though the filter would leave them out by now."""
    grouped: bool = True
    """A list by date has headings."""
    conversations: bool = False
    """A line for each; read by threaded.py."""
    unfolded: frozenset[RowId] = frozenset()
    """Rows of the conversations that are open."""
    follow: tuple[RowId, ...] = field(default=(), compare=False)
    """Rows of which the list tells (`Listing.moved`) what line stands for them by then."""
    best: bool = False
    """Of a search: the best first, not the newest."""
    found: tuple[RowId, ...] = ()
    """Of a search: what the servers found; here is only what lists need of it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A group's title and the index in `ids` it stands before."""

    title: str
    start: int


@dataclass(frozen=True)
class Listing:
    """Lines are numbered from 0, headings counted; `array('q')` of RowId."""

    query: Query = field(default_factory=Query)
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    headings: tuple[Heading, ...] = ()
    parents: Mapping[int, int] = field(default_factory=dict)
    """Of conversations that are open: row of a message below -> row of the line it is below."""
    moved: Mapping[RowId, RowId] = field(default_factory=dict)
    """Rows that have no line of their own -> the row of the conversation's."""
    marks: Marks = field(default_factory=Marks)
    """Of a search: what was looked for."""
    inside: Mapping[RowId, str] = field(default_factory=dict)
    """Those found by what an attachment says, with its name; of the first lines."""

    @property
    def lines(self) -> int:
        return len(self.ids) + len(self.headings)

    def same(self, other: "Listing") -> bool:
        """Whether both show the same lines (their rows may have changed)."""
        return self.ids == other.ids and self.headings == other.headings and self._shown_as() == other._shown_as()

    def _shown_as(self) -> tuple[object, ...]:
        return self.query, self.marks, self.inside

    def heading_at(self, line: int) -> Heading | None:
        place = self._headings_before(line)
        if place and self.headings[place - 1].start + place - 1 == line:
            return self.headings[place - 1]
        return None

    @property
    def whole(self) -> bool:
        """Whether every id is there; else those that are still being read are 0 (see first.py)."""
        return not self.ids or bool(self.ids[-1])

    def id_at(self, line: int) -> RowId | None:
        """The message of a line; None for a heading, no such line, or one that is still being read."""
        if not 0 <= line < self.lines or self.heading_at(line) is not None:
            return None
        return RowId(self.ids[line - self._headings_before(line)]) or None

    def line_of(self, row: RowId, near: int = 0) -> int:
        """-1 when it is not listed. `near`: where it was, and is looked for first; a million take 20 ms."""
        low = max(near - NEAR, 0)
        for start, stop in ((low, near + NEAR), (0, len(self.ids))):
            with contextlib.suppress(ValueError):
                return self.line_of_place(self.ids.index(row, start, stop))
        return -1

    def line_of_place(self, place: int) -> int:
        """The line of the message at this index of `ids`."""
        return place + bisect_right(self.headings, place, key=lambda heading: heading.start)

    def ids_in(self, first: int, last: int) -> Sequence[int]:
        """The messages of these lines, both included."""
        low, high = self._span(first, last)
        return self.ids[low:high]

    def count_in(self, first: int, last: int) -> int:
        low, high = self._span(first, last)
        return high - low

    def _span(self, first: int, last: int) -> tuple[int, int]:
        return max(first - self._headings_before(first - 1), 0), last + 1 - self._headings_before(last)

    def lines_of(self, rows: set[RowId], near: int = 0) -> list[int]:
        """The lines of those that are listed, rising. `near`: where they were, and are looked for first."""
        return [self.line_of_place(place) for place in self._places(rows, near)]

    def without(self, rows: set[RowId]) -> "Listing":
        """The same list as it will be once these are gone: shown until it is read anew."""
        gone = self._places(rows)
        if not gone:
            return self
        if len(gone) <= FEW:
            ids = self.ids[:]
            for place in reversed(gone):
                del ids[place]
        else:
            ids = array("q", [row for row in self.ids if row not in rows])
        headings = [Heading(h.title, h.start - bisect_right(gone, h.start - 1)) for h in self.headings]
        ends = [h.start for h in headings[1:]] + [len(ids)]
        kept = tuple(h for h, end in zip(headings, ends, strict=True) if h.start < end)
        return replace(self, ids=ids, headings=kept)

    def _places(self, rows: set[RowId], near: int = 0) -> list[int]:
        """The indexes in `ids` of those that are listed, rising: a search in C for each of a few, else one pass."""
        low = max(near - NEAR, 0)
        if len(rows) < NEAR:
            close = [place for place, row in enumerate(self.ids[low : near + NEAR], low) if row in rows]
            if len(close) == len(rows):
                return close
        if len(rows) > FEW:
            return [place for place, row in enumerate(self.ids) if row in rows]
        found = []
        for row in rows:
            with contextlib.suppress(ValueError):
                found.append(self.ids.index(row))
        return sorted(found)

    def _headings_before(self, line: int) -> int:
        """How many headings stand on lines up to and including this one."""
        low, high = 0, len(self.headings)
        while low < high:
            middle = (low + high) // 2
            if self.headings[middle].start + middle <= line:
                low = middle + 1
            else:
                high = middle
        return low


def read(mail: Mail, query: Query, now: datetime) -> Listing:
    """Read it all. Raises BadInput for a query that cannot be understood."""
    if query.text:
        return _found(mail, query, now)
    if query.narrow:
        ids = mail.narrowed(query.narrow, query.folders, query.sort, descending=query.descending, kept=query.kept)
    else:
        ids = mail.ids(query.folders, query.sort, descending=query.descending)
    if query.sort is not SortKey.DATE or not query.grouped or not ids:
        return Listing(query, ids)
    return Listing(query, ids, find_headings(ids, mail.rows, groups(now), descending=query.descending))


def _both(query: Query) -> str:
    """A search and a quick filter in it. The search stands last: its last word may be half typed."""
    alternatives = " OR " in query.text or "|" in query.text
    return f"{query.narrow} ({query.text})" if alternatives else f"{query.narrow} {query.text}".strip()


def _found(mail: Mail, query: Query, now: datetime) -> Listing:
    ids = mail.search(_both(query), query.folders, best=query.best)
    if query.found:
        ids = joined(mail, ids, query.found)
    marks = mail.search_marks(query.text)
    inside = mail.found_in_attachments(query.text, [RowId(row) for row in ids[:TOLD]]) if ids else {}
    if not query.best and query.sort is SortKey.DATE and not query.descending:
        ids = ids[::-1]
    if query.best or query.sort is not SortKey.DATE or not query.grouped or not ids:
        return Listing(query, ids, marks=marks, inside=inside)
    headings = find_headings(ids, mail.rows, groups(now), descending=query.descending)
    return Listing(query, ids, headings, marks=marks, inside=inside)


def joined(mail: Mail, ids: "array[int]", found: Sequence[RowId]) -> "array[int]":
    """Both, each message once, newest first."""
    rows = mail.rows([RowId(row) for row in dict.fromkeys((*ids, *found))])
    here = {rows[RowId(row)].message for row in ids if RowId(row) in rows}
    listed = set(ids)
    kept = [row for row in rows.values() if row.id in listed or row.message not in here]
    return array("q", [row.id for row in sorted(kept, key=lambda row: (row.date, row.id), reverse=True)])


def find_headings(
    ids: "array[int]", rows: Rows, spans: Sequence[Group], *, descending: bool = True
) -> tuple[Heading, ...]:
    """Where each span of time begins in ids ordered by date: all borders are searched at once, some 17 small reads."""
    newest_first = ids if descending else ids[::-1]
    ends = _ends(newest_first, rows, spans)
    made: list[Heading] = []
    start = 0
    for span, end in zip(spans, ends, strict=True):
        if end > start:
            made.append(Heading(span.title, start if descending else len(ids) - end))
            start = end
    return tuple(made if descending else reversed(made))


def _ends(ids: "array[int]", rows: Rows, spans: Sequence[Group]) -> list[int]:
    """For each span, how many of the newest-first ids are not older than its start."""
    low = [0] * len(spans)
    high = [len(ids)] * len(spans)
    while open_ones := [i for i in range(len(spans)) if low[i] < high[i]]:
        middles = {i: (low[i] + high[i]) // 2 for i in open_ones}
        found = rows({RowId(ids[middle]) for middle in middles.values()})
        for i, middle in middles.items():
            row = found.get(RowId(ids[middle]))
            if row is None or row.date >= spans[i].start:
                low[i] = middle + 1
            else:
                high[i] = middle
    return low
