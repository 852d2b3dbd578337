"""Full text: keeping the index, and finding rows. The index and the messages change in one transaction."""

import time
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from qtmail.errors import BadInput
from qtmail.model import AccountKey, FolderId, MessageId, RowId
from qtmail.store.connection import Reader, Record, listed
from qtmail.store.db import Tx
from qtmail.store.query import MATCHING, Marks, Node, Query, Terms, asked, folded, parse
from qtmail.store.ranking import ranked
from qtmail.store.values import BodyFacts, HeaderFacts

FEW = 5_000
"""Up to so many matches are looked up one by one; of more, the newest rows are looked through."""


_PIECES = 16
"""Of one size, when they begin to be put together."""
_MOST_PIECES = 256


class Indexed(NamedTuple):
    """The words of one message."""

    message: MessageId
    facts: HeaderFacts
    body: BodyFacts = BodyFacts()
    attached: str = ""
    """What its attachments say."""


def search(
    reader: Reader,
    query: str,
    folders: Sequence[FolderId] = (),
    *,
    limit: int = 1000,
    accounts: Mapping[str, AccountKey] | None = None,
    best: bool = False,
) -> "array[int]":
    """array('q') of RowId, newest first, each message once. `best`: the newest `limit` ones, the best of them first
    (see ranking.py). Raises BadInput: what is wrong in the query.

    Words are all required; `"a phrase"`, `word*`, `-not`, `(a OR b)`; `op:value` as query.operators has them. The last
    word is a prefix. Diacritics and case do not count. `accounts`: what `account:` and `in:ACCOUNT/` may name, in lower
    case.
    """
    wanted = _parsed(query, accounts)
    few = _few(reader, wanted)
    taken = limit
    while True:
        records = _newest(reader, wanted, few, folders, taken)
        first: dict[int, int] = {}
        for row, message in records:
            first.setdefault(message, row)
        if len(first) >= limit or len(records) < taken:
            found = dict(list(first.items())[:limit])
            order = list(found)
            if best and wanted.match:
                order = ranked(reader, wanted, order, few=few is not None)
            return array("q", [found[message] for message in order])
        taken *= 2  # some messages stand in several folders


def count(
    reader: Reader, query: str, folders: Sequence[FolderId] = (), *, accounts: Mapping[str, AccountKey] | None = None
) -> tuple[int, int]:
    """(messages, unread ones) that `search` would find without a limit. Raises BadInput."""
    wanted = _parsed(query, accounts)
    where, values = _conditions(wanted, _few(reader, wanted), folders)
    total, unread = reader.all(
        f"""
        SELECT count(*), coalesce(sum(unread), 0)
        FROM (SELECT max(1 - p.seen) AS unread FROM placement AS p WHERE {where} GROUP BY p.message)
        """,  # noqa: S608 - conditions are the literals of query.operators
        *values,
    )[0]
    return total, unread


def check(query: str, *, accounts: Mapping[str, AccountKey] | None = None) -> None:
    """Raises BadInput with what is wrong in it."""
    _parsed(query, accounts)


def elsewhere(query: str, *, accounts: Mapping[str, AccountKey] | None = None) -> Node | None:
    """What a server can be asked for (see query.tree); None: nothing. Raises BadInput."""
    return _parsed(query, accounts).elsewhere


def headers_that_may_match(
    reader: Reader, query: str, rows: Sequence[RowId], *, accounts: Mapping[str, AccountKey] | None = None
) -> list[RowId]:
    """Those of these rows whose text is not here and for which all but the words looked for holds, newest first.
    Raises BadInput."""
    where, values = _conditions(replace(_parsed(query, accounts), match=""), None, ())
    return reader.column(
        f"""
        SELECT p.id FROM placement AS p JOIN message AS m ON m.id = p.message
        WHERE {where} AND m.content IS NULL AND p.id IN (SELECT value FROM json_each(?)) ORDER BY p.date DESC, p.id DESC
        """,  # noqa: S608 - conditions are the literals of query.operators
        *values,
        listed(rows),
    )


def marks(query: str, *, accounts: Mapping[str, AccountKey] | None = None) -> Marks:
    """What to mark in what is found; nothing for a query that cannot be understood."""
    try:
        return Marks(_parsed(query, accounts).words)
    except BadInput:
        return Marks()


def in_attachments(
    reader: Reader, query: str, messages: Sequence[MessageId], *, accounts: Mapping[str, AccountKey] | None = None
) -> tuple[MessageId, ...]:
    """Those of these messages found that would not be without what their attachments say. Raises BadInput."""
    match = _parsed(query, accounts).match
    if not match or not messages:
        return ()
    sql = "SELECT rowid FROM search_file WHERE search_file MATCH ? AND rowid IN (SELECT value FROM json_each(?))"
    elsewhere = "{subject sender recipients body files} : "
    found = reader.column(sql, match, listed(messages))
    written = set(reader.column(sql, f"{elsewhere}({match})", listed(found))) if found else set()
    return tuple(message for message in found if message not in written)


def _parsed(query: str, accounts: Mapping[str, AccountKey] | None) -> Query:
    return parse(query, Terms(int(time.time()), accounts or {}))


def _few(reader: Reader, wanted: Query) -> list[int] | None:
    """The messages with its words, where there are few; None: many, or none are wanted."""
    if not wanted.match:
        return None
    few = reader.column(f"{MATCHING} LIMIT ?", *asked(wanted.match), FEW + 1)
    return few if len(few) <= FEW else None


def _newest(
    reader: Reader, wanted: Query, few: list[int] | None, folders: Sequence[FolderId], limit: int
) -> list[tuple[int, int]]:
    """(row, message) of the newest matching rows."""
    where, values = _conditions(wanted, few, folders)
    sql = f"SELECT p.id, p.message FROM placement AS p WHERE {where} ORDER BY p.date DESC, p.id DESC"  # noqa: S608 - conditions are the literals of query.operators
    return reader.all(f"{sql} LIMIT ?", *values, limit)


def _conditions(wanted: Query, few: list[int] | None, folders: Sequence[FolderId]) -> tuple[str, list[object]]:
    """What must hold of placement `p`, and its values."""
    where = ["p.gone_at IS NULL"]
    values: list[object] = []
    for condition in wanted.conditions:
        where.append(f"({condition.sql})")
        values.extend(condition.values)
    if few is not None:
        where.append("p.message IN (SELECT value FROM json_each(?))")
        values.append(listed(few))
    elif wanted.match:
        where.append(f"+p.message IN ({MATCHING})")
        values.extend(asked(wanted.match))
    if folders:
        where.append(f"{'' if len(folders) == 1 else '+'}p.folder IN ({', '.join('?' * len(folders))})")
        values.extend(folders)
    return " AND ".join(where), values


def index_headers(tx: Tx, messages: Iterable[Indexed]) -> None:
    """Index new messages whose content is not here yet."""
    tx.many(_INSERT.format("search_header"), map(_words, messages))


def index(tx: Tx, messages: Sequence[Indexed]) -> None:
    """Index messages whole, anew where they were indexed before (by more than their header)."""
    _forget(tx, [one.message for one in messages])
    tx.many(_INSERT.format("search"), map(_words, messages))


def index_with_attachments(tx: Tx, messages: Sequence[Indexed]) -> None:
    """Index messages with what their attachments say, in place of how they were indexed before."""
    for one in messages:
        unindex(tx, [one.message])
    records = [(*_words(one), folded(one.attached)) for one in messages]
    tx.many(
        """
        INSERT INTO search_file (rowid, subject, sender, recipients, body, files, attached) VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        records,
    )


def drop_headers(tx: Tx) -> bool:
    """Empty the index of headers, where no message is without content any more. -> whether that was so.

    `index` leaves there what was indexed by its header: deleting it one by one takes as long as indexing the body, and
    MATCHING passes over what is in both.
    """
    if tx.value("SELECT EXISTS (SELECT 1 FROM body_wanted) OR EXISTS (SELECT 1 FROM message WHERE content IS NULL)"):
        return False
    tx.run("INSERT INTO search_header (search_header) VALUES ('delete-all')")
    return True


def unindex(tx: Tx, messages: Iterable[MessageId]) -> None:
    """Forget their words."""
    for message in messages:
        for table in ("search", "search_header", "search_file"):
            tx.run(f"DELETE FROM {table} WHERE rowid = ?", message)  # noqa: S608 - the names above


def _forget(tx: Tx, messages: Sequence[MessageId]) -> None:
    """The few of these that are indexed whole already: an index must not have one twice."""
    known = "SELECT id FROM {}_docsize WHERE id IN (SELECT value FROM json_each(?))"
    for table in ("search", "search_file"):
        for message in tx.column(known.format(table), listed(messages)):
            tx.run(f"DELETE FROM {table} WHERE rowid = ?", message)  # noqa: S608 - the names above


def merges(reader: Reader) -> bool:
    """Whether the pieces of the index are put together as they come; see `merge_as_it_comes`."""
    return bool(reader.value("SELECT v FROM search_config WHERE k = 'automerge'"))


def merge_as_it_comes(tx: Tx, on: bool) -> None:
    """Put the pieces of the index together a little with each transaction, or (for much at once, where that costs a
    fifth of indexing) only where there are hundreds of them. To be switched on again afterwards."""
    tx.run("INSERT INTO search (search, rank) VALUES ('crisismerge', ?)", _MOST_PIECES)
    tx.run("INSERT INTO search (search, rank) VALUES ('automerge', ?)", _PIECES if on else 0)


def tidy(tx: Tx, pages: int = 200) -> None:
    """Merge a part of the index, and forget headers that are indexed with their bodies, when there is time: searching
    gets quicker. Harmless to repeat."""
    tx.run("INSERT INTO search (search, rank) VALUES ('merge', ?)", pages)
    tx.run("INSERT INTO search_file (search_file, rank) VALUES ('merge', ?)", pages)
    if not drop_headers(tx):
        tx.run(
            """
            DELETE FROM search_header WHERE rowid IN
              (SELECT header.id FROM search_header_docsize AS header JOIN search_docsize AS whole USING (id) LIMIT ?)
            """,
            pages,
        )
        tx.run("INSERT INTO search_header (search_header, rank) VALUES ('merge', ?)", pages)


_INSERT = "INSERT INTO {} (rowid, subject, sender, recipients, body, files) VALUES (?, ?, ?, ?, ?, ?)"


def _words(indexed: Indexed) -> Record:
    message, facts, body = indexed[:3]
    return (
        message,
        folded(facts.subject),
        folded(f"{facts.sender.name} {facts.sender.address}"),
        folded(", ".join([f"{person.name} {person.address}" for person in facts.recipients])),
        body.text if body.folded else folded(body.text),
        folded(body.files),
    )
