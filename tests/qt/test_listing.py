"""Lists as arrays of ids: headings, lines and what is left when messages go."""

from array import array
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from qtmail.model import FolderId, MessageId, Row, RowId
from qtmail.ui import dates
from qtmail.ui.dates import Group
from qtmail.ui.message_list.listing import Heading, Listing, Query, find_headings


def row(number: int, date: int) -> Row:
    return Row(
        RowId(number), MessageId(number), FolderId(1), "", "", "", date, date, 1, frozenset(), "", 0, "", True
    )  # fmt: skip


class Rows:
    """Rows by id, counting how often and how many are read."""

    def __init__(self, by_id: dict[RowId, Row]) -> None:
        self.by_id = by_id
        self.calls = 0
        self.read = 0

    def __call__(self, ids: Iterable[RowId]) -> dict[RowId, Row]:
        wanted = list(ids)
        self.calls += 1
        self.read += len(wanted)
        return {i: self.by_id[i] for i in wanted if i in self.by_id}


def mailbox(stamps: list[int]) -> "tuple[array[int], Rows]":
    """Newest first."""
    stamps = sorted(stamps, reverse=True)
    return array("q", range(len(stamps))), Rows({RowId(i): row(i, d) for i, d in enumerate(stamps)})


SPANS = (Group("new", 100), Group("middle", 50), Group("old", -(2**62)))


@given(st.lists(st.integers(0, 150), max_size=60), st.booleans())
def test_headings_stand_where_a_plain_count_puts_them(stamps: list[int], descending: bool) -> None:
    ids, rows = mailbox(stamps)
    found = find_headings(ids if descending else ids[::-1], rows, SPANS, descending=descending)
    ordered = sorted(stamps, reverse=descending)
    names = ["new" if d >= 100 else "middle" if d >= 50 else "old" for d in ordered]
    expected = [Heading(name, place) for place, name in enumerate(names) if place == 0 or names[place - 1] != name]
    assert list(found) == expected


def test_headings_of_a_big_list_cost_few_small_reads() -> None:
    now = datetime(2026, 11, 18, 12)
    base = int(now.timestamp())
    ids, rows = mailbox([base - i * 3000 for i in range(200_000)])
    spans = dates.groups(now)
    headings = find_headings(ids, rows, spans)
    assert headings[0] == Heading("Today", 0)
    assert rows.calls <= 19
    assert rows.read <= 19 * len(spans)


def test_a_row_that_went_meanwhile_does_not_stop_the_search() -> None:
    ids, rows = mailbox([10, 60, 70, 120, 130])
    del rows.by_id[RowId(2)]
    assert find_headings(ids, rows, SPANS)[0].title == "new"


LISTING = Listing(Query(), array("q", [10, 11, 12, 13]), (Heading("Today", 0), Heading("October", 3)))


def test_lines_count_headings() -> None:
    assert LISTING.lines == 6
    assert [LISTING.heading_at(line) is not None for line in range(6)] == [True, False, False, False, True, False]
    assert [LISTING.id_at(line) for line in range(-1, 7)] == [None, None, 10, 11, 12, None, 13, None]
    assert [LISTING.line_of(RowId(i)) for i in (10, 12, 13, 99)] == [1, 3, 5, -1]
    assert list(LISTING.ids_in(1, 3)) == [10, 11, 12]
    assert list(LISTING.ids_in(0, 5)) == [10, 11, 12, 13]
    assert list(LISTING.ids_in(4, 4)) == []
    assert LISTING.lines_of({RowId(i) for i in (13, 11, 10, 12, 98, 99)}) == [1, 2, 3, 5]


@given(st.sets(st.integers(0, 11)), st.lists(st.integers(1, 11), unique=True, max_size=4))
def test_without_agrees_with_reading_anew(gone: set[int], borders: list[int]) -> None:
    starts = [0, *sorted(borders)]
    listing = Listing(Query(), array("q", range(1, 13)), tuple(Heading(f"g{s}", s) for s in starts))
    left = listing.without({RowId(i + 1) for i in gone})
    expected: list[str] = []
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else 12
        kept = [str(i + 1) for i in range(start, end) if i not in gone]
        expected += [f"g{start}", *kept] if kept else []
    shown = []
    for line in range(left.lines):
        heading = left.heading_at(line)
        shown.append(heading.title if heading else str(left.id_at(line)))
    assert shown == expected


def test_rows_are_found_wherever_they_went() -> None:
    ids = array("q", range(30_000, 0, -1))
    far = Listing(Query(), ids, (Heading("Today", 0), Heading("October", 7)))
    assert [far.line_of(RowId(5), near) for near in (0, 29_990, 12_000)] == [29_997] * 3
    assert far.lines_of({RowId(5), RowId(30_000)}, 29_990) == [1, 29_997]
    assert far.lines_of({RowId(5), RowId(7)}, 29_990) == [29_995, 29_997]
    assert far.line_of(RowId(30_001), 4) == -1


def test_what_is_still_being_read_is_no_message() -> None:
    part = Listing(Query(), array("q", [3, 2, 0, 0]), (Heading("Today", 0),))
    assert not part.whole
    assert [part.id_at(line) for line in range(5)] == [None, 3, 2, None, None]
    assert LISTING.whole
    assert Listing().whole


def test_groups_fall_and_name_what_people_say() -> None:
    now = datetime(2026, 11, 18, 12)  # a Wednesday
    groups = dates.groups(now)
    titles = [g.title for g in groups]
    assert titles[:6] == ["Later", "Today", "Yesterday", "This week", "Last week", "November"]
    assert "October" in titles
    assert titles[-1] == "Long ago"
    assert all(a.start > b.start for a, b in pairwise(groups))


def test_groups_on_the_first_of_january() -> None:
    titles = [g.title for g in dates.groups(datetime(2027, 1, 1, 9))]
    assert titles[:2] == ["Later", "Today"]
    assert "December 2026" in titles
    assert "2025" in titles


def test_dates_are_told_as_near_as_they_are() -> None:
    now = datetime(2026, 11, 18, 12)

    def told(*when: int) -> str:
        return dates.short(int(datetime(*when).timestamp()), now)  # type: ignore[arg-type]

    assert "9" in told(2026, 11, 18, 9, 5)
    assert told(2026, 11, 16, 9, 5) == "Mon"
    assert "Oct" in told(2026, 10, 2, 9, 5)
    assert "2024" in told(2024, 10, 2) or "24" in told(2024, 10, 2)
    assert dates.short(2**60, now)


def test_one_message_tells_its_day_and_time() -> None:
    now = datetime(2026, 11, 18, 12)

    def told(*when: int) -> str:
        return dates.medium(int(datetime(*when).timestamp()), now)  # type: ignore[arg-type]

    assert told(2026, 11, 18, 9, 5) == dates.short(int(datetime(2026, 11, 18, 9, 5).timestamp()), now)
    assert told(2026, 11, 16, 9, 5).startswith("Mon")
    assert "Nov" in told(2026, 11, 16, 9, 5)
    assert "2026" not in told(2026, 11, 16, 9, 5)
    assert "2024" in told(2024, 10, 2)


def test_ago() -> None:
    assert [dates.ago(s) for s in (5, 120, 7300, 90_000, 200_000)] == [
        "just now", "2 min ago", "2 h ago", "1 day ago", "2 days ago",
    ]  # fmt: skip
