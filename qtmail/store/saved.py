"""Searches that are kept: names and words alone. What they find is asked anew whenever it is shown."""

from qtmail.events import SearchesChanged
from qtmail.operations import SavedSearch
from qtmail.store.connection import Reader
from qtmail.store.db import Tx


def searches(reader: Reader) -> tuple[SavedSearch, ...]:
    """All of them, by name."""
    found = [SavedSearch(*record) for record in reader.all("SELECT id, name, query FROM saved_search")]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))


def next_id(reader: Reader) -> int:
    """The id for a new one; none is given twice."""
    return int(reader.value("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'saved_search'"))


def keep(tx: Tx, before: SavedSearch | None, after: SavedSearch | None) -> bool:
    """From one to the other -> whether it was `before` still. Notes SearchesChanged."""
    if before is None and after is not None:
        sql, values = "INSERT OR IGNORE INTO saved_search (id, name, query) VALUES (?, ?, ?)", _fields(after)
    elif before is not None and after is not None:
        sql = "UPDATE saved_search SET name = ?, query = ? WHERE id = ? AND name = ? AND query = ?"
        values = (after.name, after.query, *_fields(before))
    elif before is not None:
        sql, values = "DELETE FROM saved_search WHERE id = ? AND name = ? AND query = ?", _fields(before)
    else:
        return False
    changed = bool(tx.run(sql, *values))
    if changed:
        tx.note(SearchesChanged())
    return changed


def _fields(one: SavedSearch) -> tuple[object, ...]:
    return one.id, one.name, one.query
