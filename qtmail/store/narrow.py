"""The rows of folders that a quick filter leaves: what is said in the search's language, in the order of the list."""

import time
from array import array
from collections.abc import Mapping, Sequence

from qtmail.model import AccountKey, FolderId, RowId, SortKey
from qtmail.store import lists
from qtmail.store.connection import Reader, listed
from qtmail.store.query import MATCHING, Query, Terms, asked, parse

FEW = 5_000
"""Up to so many messages that match are looked up one by one; of more, the folders are looked through."""


def narrowed(
    reader: Reader,
    said: str,
    folders: Sequence[FolderId],
    sort: SortKey = SortKey.DATE,
    *,
    descending: bool = True,
    kept: Sequence[RowId] = (),
    most: int | None = None,
    accounts: Mapping[str, AccountKey] | None = None,
) -> "array[int]":
    """array('q') of RowId of these folders, as `lists.ids` orders them. `kept`: stay in it though they do not match.
    `most`: the first ones only. Raises BadInput: what is wrong in `said`."""
    wanted = parse(said, Terms(int(time.time()), accounts or {}))
    where, values = _conditions(reader, wanted)
    within = f"p.folder IN ({', '.join('?' * len(folders))}) AND p.gone_at IS NULL"
    join = "" if sort is SortKey.DATE else "JOIN message AS m ON m.id = p.message"
    one = f"SELECT p.id AS id, p.date AS date, {_key(sort)} AS key FROM placement AS p {join}"  # noqa: S608 - literals
    parts = [f"{one} WHERE {within} AND {where}"]
    asked_for = [*folders, *values]
    if kept:
        parts.append(f"{one} WHERE +{within} AND p.id IN (SELECT value FROM json_each(?))")  # noqa: S608 - literals
        asked_for += [*folders, listed(kept)]
    order = "DESC" if descending else "ASC"
    by = f"date {order}, id {order}" if sort is SortKey.DATE else f"key {order}, date DESC, id DESC"
    limit = f" LIMIT {most}" if most is not None else ""
    if not folders:
        return array("q")
    return reader.numbers("id", f"{' UNION '.join(parts)} ORDER BY {by}{limit}", *asked_for)


def _key(sort: SortKey) -> str:
    return "0" if sort is SortKey.DATE else lists.KEYS[sort]


def _conditions(reader: Reader, wanted: Query) -> tuple[str, list[object]]:
    where = [f"({condition.sql})" for condition in wanted.conditions]
    values = [value for condition in wanted.conditions for value in condition.values]
    if wanted.match:
        few = reader.column(f"{MATCHING} LIMIT ?", *asked(wanted.match), FEW + 1)
        if len(few) <= FEW:
            where.append("p.message IN (SELECT value FROM json_each(?))")
            values.append(listed(few))
        else:
            where.append(f"+p.message IN ({MATCHING})")
            values.extend(asked(wanted.match))
    return " AND ".join(where) or "1", values
