"""The other messages of a thread, by References alone (never the subject): what the reader shows in one scroll."""

from collections.abc import Iterable

from qtmail.model import MessageId, RowId
from qtmail.store.connection import Reader, listed

MOST = 500
"""Messages of one thread."""
_ROUNDS = 12
"""How often what was found is asked for more: chains of replies that each name only their parent."""

_MORE = """
    SELECT id, message_id, refs FROM message
    WHERE message_id <> '' AND message_id IN (SELECT value FROM json_each(?1))
    UNION
    SELECT id, message_id, refs FROM message
    WHERE refs <> '' AND substr(refs, 1, instr(refs || ' ', ' ') - 1) IN (SELECT value FROM json_each(?1))
    LIMIT ?2
"""


def thread(reader: Reader, message: MessageId) -> tuple[RowId, ...]:
    """A row of each message of the thread this one is in, oldest first; its own alone where nothing refers to it."""
    start = reader.one("SELECT id, message_id, refs FROM message WHERE id = ?", message)
    if start is None:
        return ()
    found: dict[int, None] = {start[0]: None}
    asked: set[str] = set()
    names = _names(start[1], start[2])
    for _ in range(_ROUNDS):
        fresh = names - asked
        if not fresh or len(found) >= MOST:
            break
        asked |= fresh
        names = set()
        for id_, own, refs in reader.all(_MORE, listed(fresh), MOST):
            if id_ not in found:
                found[id_] = None
                names |= _names(own, refs)
    return _rows(reader, found)


def _names(own: str, refs: str) -> set[str]:
    return {name for name in (own, *refs.split()) if name}


def _rows(reader: Reader, messages: Iterable[int]) -> tuple[RowId, ...]:
    """One row of each, never one that is gone; the same Message-ID (a copy in Sent) once."""
    rows: dict[str, RowId] = {}
    for row, message, name in reader.all(
        """
        SELECT p.id, p.message, m.message_id
        FROM placement AS p JOIN message AS m ON m.id = p.message JOIN folder AS f ON f.id = p.folder
        WHERE p.message IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL AND f.role NOT IN ('drafts', 'outbox')
        ORDER BY p.date, f.role IN ('trash', 'junk', 'all'), p.id
        """,
        listed(messages),
    ):
        rows.setdefault(name or f"{message}", RowId(row))
    return tuple(rows.values())
