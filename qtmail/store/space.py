"""How much room mail takes, by folder; and what could be dropped here because its server has it.

Sizes are those of the mail itself (octets before compression). A message that stands in several folders counts once, in
the folder that had it first. Read in steps of message ids, so that no reader stands in the way of the log's folding-in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qtmail.events import FolderChanged
from qtmail.model import AccountKey, ContentHash, FolderId, MessageId, RowId
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Store, Tx

STEP = 20_000
BATCH = 200


@dataclass(frozen=True, slots=True)
class FolderSpace:
    """What one folder takes. `octets` of `messages` that are here whole; `away`: messages whose content is not here."""

    account: AccountKey
    folder: FolderId
    path: str
    messages: int
    octets: int
    away: int


@dataclass(frozen=True, slots=True)
class Space:
    """All of it. `facts`, `content`: octets of the files; `unused`: those of them that new mail takes first."""

    folders: tuple[FolderSpace, ...]
    facts: int
    content: int
    unused: int


class Droppable(NamedTuple):
    """A message whose content could be dropped, if its server has it: one of its rows there."""

    message: MessageId
    content: ContentHash
    size: int
    row: RowId
    folder: FolderId
    uidvalidity: int
    uid: int


def measure(store: Store, progress: Callable[[int, int], None] = lambda done, total: None) -> Space:
    """Takes a second or two for a million messages; what `progress` raises ends it."""
    reader = store.read()
    last = int(reader.value("SELECT coalesce(max(id), 0) FROM message"))
    taken: dict[int, list[int]] = {}
    for start in range(0, last, STEP):
        for folder, messages, octets, away in reader.all(_TAKEN, start, start + STEP):
            here = taken.setdefault(folder, [0, 0, 0])
            here[0] += messages
            here[1] += octets or 0
            here[2] += away
        progress(min(start + STEP, last), last)
    names = {
        id_: (AccountKey(account), path)
        for id_, account, path in reader.all("SELECT id, account, path FROM folder WHERE gone_at IS NULL")
    }
    folders = tuple(
        FolderSpace(names[id_][0], FolderId(id_), names[id_][1], *taken[id_]) for id_ in sorted(taken) if id_ in names
    )
    free = store.content.unused() + _unused(reader)
    return Space(folders, store.path.stat().st_size, store.content.path.stat().st_size, free)


_TAKEN = """
    SELECT p.folder, count(*) - count(CASE WHEN m.content IS NULL THEN 1 END),
      sum(CASE WHEN m.content IS NOT NULL THEN m.size END), count(CASE WHEN m.content IS NULL THEN 1 END)
    FROM message AS m JOIN placement AS p ON p.id =
      (SELECT min(id) FROM placement WHERE message = m.id AND gone_at IS NULL)
    WHERE m.id > ? AND m.id <= ? GROUP BY p.folder
"""


def _unused(reader: Reader) -> int:
    return int(reader.value("PRAGMA freelist_count")) * int(reader.value("PRAGMA page_size"))


def droppable(
    store: Store, account: AccountKey, before: int, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Droppable]:
    """Whole messages dated before that time, each of whose rows is on the account's IMAP server under the UID known
    here; in the order of folders and UIDs.

    Left out: what a row on this computer, in grace, of another account or unsent shows too; what a change still waits
    to be told of; what the Outbox, a draft or the POP3 ledger needs.
    """
    reader = store.read()
    last = int(reader.value("SELECT coalesce(max(id), 0) FROM message"))
    found: list[Droppable] = []
    for start in range(0, last, STEP):
        found += [
            Droppable(MessageId(record[0]), ContentHash(record[1]), record[2], RowId(record[3]), *record[4:])
            for record in reader.all(_DROPPABLE, account, before, start, start + STEP)
        ]
        progress(min(start + STEP, last), last)
    return sorted(found, key=lambda one: (one.folder, one.uid))


_PROVABLE = """
    NOT EXISTS (
      SELECT 1 FROM placement AS p JOIN folder AS f ON f.id = p.folder WHERE p.message = m.id
        AND (p.gone_at IS NOT NULL OR p.uid IS NULL OR f.account <> ?1 OR f.wire_name = x'' OR f.gone_at IS NOT NULL
             OR f.uidvalidity = 0 OR p.uidvalidity <> f.uidvalidity
             OR EXISTS (SELECT 1 FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
                        WHERE (r.placement = p.id OR r.copy = p.id) AND o.state IN ('pending', 'sent'))))
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE content = m.content)
    AND NOT EXISTS (SELECT 1 FROM pop_ledger WHERE content = m.content)
"""
_DROPPABLE = f"""
    SELECT m.id, m.content, m.size, p.id, p.folder, p.uidvalidity, p.uid
    FROM message AS m JOIN placement AS p ON p.id = (SELECT min(id) FROM placement WHERE message = m.id)
    WHERE m.content IS NOT NULL AND m.date < ?2 AND m.id > ?3 AND m.id <= ?4 AND {_PROVABLE}
"""  # noqa: S608 - literals


def placed(reader: Reader, messages: Sequence[MessageId]) -> list[tuple[MessageId, FolderId, int]]:
    """(message, folder, UID) of every row of these that is on a server."""
    return [
        (MessageId(message), FolderId(folder), uid)
        for message, folder, uid in reader.all(
            """
            SELECT message, folder, uid FROM placement
            WHERE message IN (SELECT value FROM json_each(?)) AND uid IS NOT NULL
            """,
            listed(messages),
        )
    ]


def drop(tx: Tx, account: AccountKey, messages: Sequence[tuple[MessageId, bytes]], *, now: int) -> list[ContentHash]:
    """Their content is not here any more, and comes when it is asked for -> the contents to drop after commit.

    messages: (message, its header) of `droppable` ones whose server was just asked. What changed meanwhile is left.
    """
    headers = dict(messages)
    still = tx.all(
        f"SELECT m.id, m.content FROM message AS m WHERE m.id IN (SELECT value FROM json_each(?2)) "  # noqa: S608
        f"AND m.content IS NOT NULL AND {_PROVABLE}",
        *(account, listed(list(headers))),
    )
    tx.many(
        "UPDATE message SET content = NULL, header = ? WHERE id = ?", [(headers[id_], id_) for id_, _content in still]
    )
    rows = tx.all(
        "SELECT id, folder, date FROM placement WHERE message IN (SELECT value FROM json_each(?))",
        listed([id_ for id_, _content in still]),
    )
    tx.many(
        "INSERT OR REPLACE INTO body_wanted (placement, folder, date, left_out, freed_at) VALUES (?, ?, ?, 1, ?)",
        [(row, folder, date, now) for row, folder, date in rows],
    )
    for folder in {FolderId(folder) for _row, folder, _date in rows}:
        tx.note(FolderChanged(folder))
    return [ContentHash(content) for _id, content in still]


def bring_back(tx: Tx, account: AccountKey, *, now: int) -> None:
    """What was dropped to make room is wanted again: the next pass puts that in force, and fetches it."""
    tx.run("UPDATE folder SET keep_more_at = ?, keep_applied = 0 WHERE account = ? AND gone_at IS NULL", now, account)
