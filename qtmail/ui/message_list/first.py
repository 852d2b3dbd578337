"""The beginning of a large list, at once: what its first screens show, and room for all the rest."""

from array import array
from datetime import datetime

from qtmail.engine.mail import Mail
from qtmail.model import SortKey
from qtmail.ui.dates import groups
from qtmail.ui.message_list.listing import Listing, Query, find_headings, read

PAGE = 300
"""Messages of the beginning."""
MANY = 20_000
"""From so many on the rest takes long enough to be noticed."""


def begin(mail: Mail, query: Query, now: datetime) -> Listing:
    """The whole list where that is quick; else its first page, and a 0 for each that is still to be read: the scroll
    bar is right at once. Raises BadInput."""
    plain = Query(
        query.folders, descending=query.descending, narrow=query.narrow, kept=query.kept, grouped=query.grouped
    )
    if query != plain or query.sort is not SortKey.DATE:
        return read(mail, query, now)
    total = sum(mail.folder(folder).total for folder in query.folders)
    if total < MANY:
        return read(mail, query, now)
    if query.narrow:
        ids = mail.narrowed(query.narrow, query.folders, descending=query.descending, kept=query.kept, most=PAGE)
        rest = 1 if len(ids) == PAGE else 0  # how many there are is not known
    else:
        ids = mail.first_ids(query.folders, PAGE, descending=query.descending)
        rest = max(total - len(ids), 0)
    headings = find_headings(ids, mail.rows, groups(now), descending=query.descending) if query.grouped and ids else ()
    return Listing(query, ids + array("q", bytes(8 * rest)), headings)
