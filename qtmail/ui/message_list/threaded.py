"""A list of conversations: each a line, its messages below it where it is open."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from qtmail.engine.mail import Mail
from qtmail.model import RowId, SortKey
from qtmail.ui.dates import groups
from qtmail.ui.message_list.first import MANY, PAGE
from qtmail.ui.message_list.listing import Heading, Listing, Query, find_headings


def read(mail: Mail, query: Query, now: datetime) -> Listing:
    """All of them; those that are open with their messages."""
    return _whole(mail, query, mail.conversation_ids(query.folders, query.sort, descending=query.descending), now)


def begin(mail: Mail, query: Query, now: datetime) -> Listing:
    """As `first.begin`: of very many only the first page, and a 0 for each that is still to be read."""
    plain = query.sort is SortKey.DATE and len(query.folders) == 1
    if not plain or sum(mail.folder(folder).total for folder in query.folders) < MANY:
        return read(mail, query, now)
    ids = mail.first_conversation_ids(query.folders[0], PAGE, descending=query.descending)
    rest = max(mail.conversation_count(query.folders[0]) - len(ids), 0)
    found = _whole(mail, query, ids, now)
    return replace(found, ids=found.ids + array("q", bytes(8 * rest)))


def _whole(mail: Mail, query: Query, ids: "array[int]", now: datetime) -> Listing:
    by_date = query.sort is SortKey.DATE and query.grouped and len(ids) > 0
    headings = find_headings(ids, mail.rows, groups(now), descending=query.descending) if by_date else ()
    listing = Listing(query, ids, headings)
    if query.unfolded:
        seen = mail.conversations(query.unfolded, query.folders).values()
        listing = opened(listing, {one.head: [row for row in one.members if row != one.head] for one in seen})
    if query.follow:
        heads = mail.conversation_heads(query.follow, query.folders)
        moved = {row: head for row, head in heads.items() if row != head and row not in listing.parents}
        listing = replace(listing, moved=moved)
    return listing


def opened(listing: Listing, members: Mapping[RowId, Sequence[RowId]]) -> Listing:
    """The same with these messages below these lines."""
    ids, parents = listing.ids[:], dict(listing.parents)
    starts = [heading.start for heading in listing.headings]
    for head, below in members.items():
        if not below or head in parents.values() or head not in ids:
            continue
        place = ids.index(head) + 1
        ids[place:place] = array("q", below)
        parents.update(dict.fromkeys(below, head))
        for later in range(bisect_left(starts, place), len(starts)):
            starts[later] += len(below)
    return replace(listing, ids=ids, headings=_moved(listing, starts), parents=parents, moved={})


def closed(listing: Listing, head: RowId) -> Listing:
    """The same with this conversation as one line: it stands for its messages."""
    below = [row for row, parent in listing.parents.items() if parent == head]
    ids = listing.ids[:]
    starts = [heading.start for heading in listing.headings]
    for row in below:
        place = ids.index(row)
        del ids[place]
        for later in range(bisect_left(starts, place + 1), len(starts)):
            starts[later] -= 1
    parents = {row: parent for row, parent in listing.parents.items() if parent != head}
    moved = {RowId(row): head for row in below}
    return replace(listing, ids=ids, headings=_moved(listing, starts), parents=parents, moved=moved)


def _moved(listing: Listing, starts: Sequence[int]) -> tuple[Heading, ...]:
    return tuple(Heading(old.title, start) for old, start in zip(listing.headings, starts, strict=True))
