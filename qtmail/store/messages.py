"""The records of messages and placements: made in one way, whatever they came by."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from qtmail.model import ContentHash, MessageId, RowId
from qtmail.store import tangles, threads
from qtmail.store.connection import listed
from qtmail.store.db import Tx
from qtmail.store.tangles import Told, told
from qtmail.store.values import BodyFacts, HeaderFacts

_REPLY = re.compile(
    r"^(?:\s*(?:re|fwd?|aw|wg|sv|vs|antw|odp|rv|tr|ref|回复|转发)\s*(?:\[\d+\])?\s*[:：])+\s*", re.IGNORECASE
)


def base_subject(subject: str) -> str:
    """What lists sort by: without "Re:" in the languages people use, lower case."""
    return _REPLY.sub("", subject).strip().casefold()


class MessageRecord(NamedTuple):
    """One new record of `message`."""

    id: MessageId
    content: ContentHash | None
    header: bytes
    facts: HeaderFacts
    size: int
    body: BodyFacts
    body_at: int | None


class PlacementRecord(NamedTuple):
    """One new record of `placement`, in the order of its columns."""

    id: RowId
    folder: int
    message: MessageId
    uidvalidity: int
    uid: int | None
    flags: str
    server_flags: str
    modseq: int
    date: int
    received: int
    added_at: int
    added_why: str


def next_ids(tx: Tx) -> tuple[int, int]:
    """The next free ids of (message, placement); ids are never given twice."""
    given: dict[str, int] = dict(tx.all("SELECT name, seq FROM sqlite_sequence WHERE name IN ('message', 'placement')"))
    return given.get("message", 0) + 1, given.get("placement", 0) + 1


def insert_messages(tx: Tx, records: Sequence[MessageRecord]) -> None:
    """Insert them as they are, each in its thread; their words are indexed by the caller."""
    found = threads.threads_for(tx, [_told(record) for record in records])
    tx.many(
        """
        INSERT INTO message (id, content, header, message_id, subject, base_subject, from_name, from_addr, to_names,
                             to_addr, date, size, preview, attachments, refs, body_at, thread)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            (
                record.id,
                record.content,
                record.header,
                record.facts.message_id,
                record.facts.subject,
                base_subject(record.facts.subject),
                record.facts.sender.name,
                record.facts.sender.address,
                *recipients(record.facts),
                record.facts.date,
                record.size,
                record.body.preview,
                record.body.attachments,
                record.facts.refs,
                record.body_at,
                thread,
            )
            for record, thread in zip(records, found, strict=True)
        ],
    )


def insert_placements(tx: Tx, records: Sequence[PlacementRecord]) -> None:
    """Insert them as they are. Of messages whose threads are tangled, the threads are found now."""
    tx.many(
        """
        INSERT INTO placement (id, folder, message, uidvalidity, uid, flags, server_flags, modseq, date, received,
                               added_at, added_why)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        records,
    )
    tangles.show(tx, "p.id IN (SELECT value FROM json_each(?))", listed([record.id for record in records]))
    threads.untangle(tx)


def _told(record: MessageRecord) -> Told:
    facts = record.facts
    return told(record.id, facts.message_id, facts.refs, facts.date, facts.sender.address, facts.subject)


def want_bodies(tx: Tx, records: Sequence[PlacementRecord]) -> None:
    """Their bodies are still to be fetched."""
    tx.many(
        "INSERT INTO body_wanted (placement, folder, date) VALUES (?, ?, ?)",
        [(record.id, record.folder, record.date) for record in records],
    )


def recipients(facts: HeaderFacts) -> tuple[str, str]:
    """(names of all recipients, the address of the first)."""
    if not facts.recipients:
        return "", ""
    return ", ".join([person.name or person.address for person in facts.recipients]), facts.recipients[0].address


def drop_messages(tx: Tx, messages: Sequence[MessageId]) -> int:
    """Drop those that no placement shows any more, with their words -> how many."""
    dropped = 0
    for message in messages:
        if tx.run(
            "DELETE FROM message WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM placement WHERE message = ?1)", message
        ):
            for table in ("search", "search_header", "search_file"):
                tx.run(f"DELETE FROM {table} WHERE rowid = ?", message)  # noqa: S608 - the names above
            dropped += 1
    return dropped
