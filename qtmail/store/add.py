"""Whole messages: from POP3, imports, drafts, copies of what was sent."""

from collections.abc import Sequence

from qtmail.events import BodiesArrived
from qtmail.model import FolderId, MessageId, RowId
from qtmail.store import people, search, threads
from qtmail.store.db import Tx
from qtmail.store.flags import pack
from qtmail.store.messages import (
    MessageRecord,
    PlacementRecord,
    drop_messages,
    insert_messages,
    insert_placements,
    next_ids,
)
from qtmail.store.values import NewMessage


def add_messages(
    tx: Tx, folder: FolderId, messages: Sequence[NewMessage], *, now: int, why: str = "Arrived"
) -> tuple[RowId, ...]:
    """Rows for these in a folder, in their order. The same bytes are one message however often they are placed.

    Local only: perform(Append(rows)) in the same transaction if a server is to have them. why: for the biography.
    """
    if not messages:
        return ()
    whole: dict[bytes, tuple[int, int]] = {
        content: (message, date)
        for content, message, date in tx.all(
            f"SELECT content, id, date FROM message WHERE content IN ({', '.join('?' * len(messages))})",  # noqa: S608
            *[message.content for message in messages],
        )
    }
    next_message, row = next_ids(tx)
    records: list[MessageRecord] = []
    placements: list[PlacementRecord] = []
    for offset, new in enumerate(messages):
        if new.content not in whole:
            whole[new.content] = (next_message + len(records), new.facts.date)
            records.append(
                MessageRecord(
                    *(MessageId(next_message + len(records)), new.content, b"", new.facts, new.size, new.body, now)
                )
            )
        id_, date = whole[new.content]
        flags = pack(new.flags)
        placements.append(
            PlacementRecord(
                *(RowId(row + offset), folder, MessageId(id_), 0, None, flags, flags, 0),
                *(date, new.received, now, why),
            )
        )
    insert_messages(tx, records)
    insert_placements(tx, placements)
    search.index(tx, [search.Indexed(record.id, record.facts, record.body) for record in records])
    people.met_in(tx, folder, [record.facts for record in records], now=now)
    tx.touched(folder)
    return tuple(record.id for record in placements)


def complete_message(tx: Tx, row: RowId, new: NewMessage, *, now: int) -> None:
    """Of this row's message only the beginning was here; this is the whole of it, in every folder it is placed in.
    Notes BodiesArrived for both. Nothing happens when the row is gone for good."""
    old = tx.value("SELECT message FROM placement WHERE id = ?", row)
    if old is None:
        return
    whole = tx.value("SELECT id FROM message WHERE content = ?", new.content)
    if whole is None:
        whole, _ = next_ids(tx)
        record = MessageRecord(MessageId(whole), new.content, b"", new.facts, new.size, new.body, now)
        insert_messages(tx, [record])
        search.index(tx, [search.Indexed(record.id, record.facts, record.body)])
    tx.touched(*(FolderId(folder) for folder in tx.column("SELECT folder FROM placement WHERE message = ?", old)))
    tx.run(
        "UPDATE placement SET message = ?1, date = (SELECT date FROM message WHERE id = ?1) WHERE message = ?2",
        whole,
        old,
    )
    threads.untangle(tx)
    drop_messages(tx, [MessageId(old)])
    tx.note(BodiesArrived((MessageId(old), MessageId(whole))))
