"""Bodies: which are still wanted, and storing them. Their bytes are in the content database before this is called."""

from array import array
from collections.abc import Sequence

from qtmail.events import BodiesArrived
from qtmail.model import AccountKey, FolderId, MessageId, RowId
from qtmail.store import search
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx
from qtmail.store.messages import base_subject, recipients
from qtmail.store.values import NewBody, Wanted

MAX_ATTEMPTS = 5
"""Failures after which a body is only fetched when the user asks for it."""

_FETCHABLE = """
    SELECT p.id, p.message, p.folder, p.uidvalidity, p.uid, m.size, b.attempts
    FROM body_wanted AS b JOIN placement AS p ON p.id = b.placement JOIN message AS m ON m.id = p.message
    JOIN folder AS f ON f.id = p.folder
    WHERE p.uid IS NOT NULL AND p.uidvalidity = f.uidvalidity
"""


def in_order(reader: Reader, account: AccountKey) -> "array[int]":
    """array('q') of RowId: every row of the account still without content, newest first; not what folders leave out
    (see store/keeping.py)."""
    return reader.numbers(
        "placement",
        """
        SELECT b.placement FROM body_wanted AS b JOIN folder AS f ON f.id = b.folder
        WHERE f.account = ? AND f.gone_at IS NULL AND f.wire_name <> x'' AND b.left_out = 0 AND b.attempts < ?
        ORDER BY b.date DESC
        """,
        *(account, MAX_ATTEMPTS),
    )


def fetchable(reader: Reader, rows: Sequence[int]) -> list[Wanted]:
    """Those of these rows that can be fetched now, in their order."""
    records = reader.all(_FETCHABLE + "AND b.placement IN (SELECT value FROM json_each(?))", listed(list(rows)))  # noqa: S608
    found = {record[0]: Wanted(*record) for record in records}
    return [found[row] for row in rows if row in found]


def next_bodies(reader: Reader, folder: FolderId, limit: int = 100) -> list[Wanted]:
    """Rows of a folder still without content, newest first; not what the folder leaves out (see store/keeping.py)."""
    records = reader.all(
        _FETCHABLE + "AND b.folder = ? AND b.left_out = 0 AND b.attempts < ? ORDER BY b.date DESC LIMIT ?",
        *(folder, MAX_ATTEMPTS, limit),
    )
    return [Wanted(*record) for record in records]


def wanted(reader: Reader, messages: Sequence[MessageId]) -> list[Wanted]:
    """One fetchable row for each of these messages that is without content: what events.FetchBody asks, and what an
    APPEND to another account waits for (rows in grace whose expunge is open are fetchable too)."""
    found: dict[int, Wanted] = {}
    sql = _FETCHABLE + "AND p.message IN (SELECT value FROM json_each(?))"  # noqa: S608 - literals
    for record in reader.all(sql, listed(messages)):
        found.setdefault(record[1], Wanted(*record))
    return [found[message] for message in messages if message in found]


def missing(reader: Reader, account: AccountKey) -> dict[FolderId, int]:
    """How many bodies are still to come, by folder."""
    return {
        FolderId(folder): count
        for folder, count in reader.all(
            """
            SELECT id, bodies_missing FROM folder WHERE account = ? AND gone_at IS NULL AND bodies_missing > 0
            """,
            account,
        )
    }


def store_bodies(tx: Tx, bodies: Sequence[NewBody], *, now: int) -> tuple[MessageId, ...]:
    """These rows' messages have content now, and are indexed whole -> those messages. If a message with the same
    bytes is here already, the row points to that one and its provisional message goes. Notes BodiesArrived."""
    places: dict[int, tuple[int, int, bytes | None]] = {
        row: (message, folder, content)
        for row, message, folder, content in tx.all(
            """
            SELECT p.id, p.message, p.folder, m.content FROM placement AS p JOIN message AS m ON m.id = p.message
            WHERE p.id IN (SELECT value FROM json_each(?))
            """,
            listed([body.row for body in bodies]),
        )
    }
    whole: dict[bytes, int] = dict(
        tx.all(
            f"SELECT content, id FROM message WHERE content IN ({', '.join('?' * len(bodies))})",  # noqa: S608
            *[body.content for body in bodies],
        )
    )
    fresh: dict[int, NewBody] = {}
    arrived: dict[MessageId, None] = {}
    for body in bodies:
        if body.row not in places:
            continue
        message, _folder, content = places[body.row]
        twin = whole.setdefault(body.content, message)
        if twin != message and content is None and message not in fresh:
            _repoint(tx, message, twin)
        elif content is None and message not in fresh:
            fresh[message] = body
        arrived[MessageId(twin)] = None
    _fill(tx, fresh, now)
    tx.run(
        """
        DELETE FROM body_wanted WHERE placement IN
          (SELECT id FROM placement WHERE message IN (SELECT value FROM json_each(?)))
        """,
        listed(list(arrived)),
    )
    tx.touched(*{FolderId(folder) for _message, folder, _content in places.values()})
    tx.note(BodiesArrived(tuple(arrived)))
    return tuple(arrived)


def failed(tx: Tx, row: RowId, why: str) -> None:
    """This body could not be fetched or stored this time."""
    tx.run("UPDATE body_wanted SET attempts = attempts + 1, problem = ? WHERE placement = ?", why, row)


def _fill(tx: Tx, fresh: dict[int, NewBody], now: int) -> None:
    tx.many(
        """
        UPDATE message SET content = ?, header = x'', message_id = ?, subject = ?, base_subject = ?, from_name = ?,
          from_addr = ?, to_names = ?, to_addr = ?, size = ?, preview = ?, attachments = ?, refs = ?, body_at = ?
        WHERE id = ?
        """,
        [
            (
                *(new.content, new.facts.message_id, new.facts.subject, base_subject(new.facts.subject)),
                *(new.facts.sender.name, new.facts.sender.address, *recipients(new.facts), new.size),
                *(new.body.preview, new.body.attachments, new.facts.refs, now, message),
            )
            for message, new in fresh.items()
        ],
    )
    search.index(tx, [search.Indexed(MessageId(message), new.facts, new.body) for message, new in fresh.items()])


def _repoint(tx: Tx, provisional: int, whole: int) -> None:
    """All rows of the provisional message show the whole one; the provisional one goes."""
    tx.run(
        "UPDATE placement SET message = ?1, date = (SELECT date FROM message WHERE id = ?1) WHERE message = ?2",
        whole,
        provisional,
    )
    tx.run("DELETE FROM message WHERE id = ?", provisional)
    search.unindex(tx, [MessageId(provisional)])
