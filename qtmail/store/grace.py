"""The end of things: what was removed longer ago than the grace time is dropped for good, in the safe order."""

import base64
import re
from dataclasses import dataclass

from qtmail.model import ContentHash, MessageId
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Store, Tx
from qtmail.store.messages import drop_messages

DAY = 86_400
_BATCH = 200
_CONTENT = re.compile(r'"content":"([A-Za-z0-9+/=]+)"')


@dataclass(frozen=True, slots=True)
class Collected:
    """How many of each were dropped."""

    rows: int = 0
    messages: int = 0
    contents: int = 0


def collect(store: Store, *, now: int, days: int = 30) -> Collected:
    """Drop rows in grace for longer than this and not part of an open operation, then messages without rows, then
    content nobody refers to. The journal stays."""
    before = now - days * DAY
    rows = messages = 0
    while True:
        with store.transaction("collect") as tx:
            dropped, dropped_messages = _drop_rows(tx, before)
        rows += dropped
        messages += dropped_messages
        if not dropped:
            break
    with store.transaction("collect folders") as tx:
        tx.run(
            """
            DELETE FROM folder WHERE gone_at < ?1 AND NOT EXISTS (SELECT 1 FROM placement WHERE folder = folder.id)
              AND NOT EXISTS (SELECT 1 FROM operation WHERE state IN ('pending', 'sent')
                              AND folder.id IN (json_extract(payload, '$.folder'), json_extract(payload, '$.to')))
            """,
            before,
        )
    reader = store.read()
    kept = drafted(reader)
    contents = store.content.collect(lambda after, last: kept | _of_messages(reader, after, last), before=before)
    return Collected(rows, messages, contents)


def drafted(reader: Reader) -> set[ContentHash]:
    """Every content that is no message's: of the Outbox, what was read in attachments, attachments of drafts there and
    in the journal."""
    sql = "SELECT content FROM outbox UNION SELECT words FROM attachment WHERE words IS NOT NULL"
    found = {ContentHash(content) for content in reader.column(sql)}
    for payload in reader.column("SELECT payload FROM draft UNION ALL SELECT draft FROM outbox WHERE draft <> ''"):
        found.update(ContentHash(base64.b64decode(content)) for content in _CONTENT.findall(payload))
    return found


def _of_messages(reader: Reader, after: bytes, last: bytes) -> set[ContentHash]:
    """Of the stretch of names after the first one to the last: those that messages refer to."""
    return set(reader.column("SELECT content FROM message WHERE content > ? AND content <= ?", after, last))


def _drop_rows(tx: Tx, before: int) -> tuple[int, int]:
    records = tx.all(
        """
        SELECT id, message FROM placement AS p WHERE p.gone_at < ?
          AND NOT EXISTS (
            SELECT 1 FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
            WHERE (r.placement = p.id OR r.copy = p.id) AND r.done = 0 AND o.state IN ('pending', 'sent'))
          AND NOT EXISTS (
            SELECT 1 FROM outbox AS x WHERE x.placement = p.id AND x.state IN ('connecting', 'envelope', 'data'))
        LIMIT ?
        """,
        *(before, _BATCH),
    )
    rows = listed([row for row, _message in records])
    tx.run("DELETE FROM outbox WHERE placement IN (SELECT value FROM json_each(?))", rows)
    tx.run("DELETE FROM history WHERE placement IN (SELECT value FROM json_each(?))", rows)
    tx.run("DELETE FROM placement WHERE id IN (SELECT value FROM json_each(?))", rows)
    messages = drop_messages(tx, [MessageId(message) for message in {message for _row, message in records}])
    return len(records), messages
