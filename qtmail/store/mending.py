"""Puts right what `verify` finds and the rest of the store tells how to put right; one small transaction a step.

Nothing is deleted that is not elsewhere: a message in no folder gets one, content that is gone is asked for again where
a server has it, and content that nobody refers to waits for the grace time.
"""

from collections.abc import Iterator, Sequence

from qtmail.errors import StoreBusy, StoreError
from qtmail.model import LOCAL, ContentHash, MessageId
from qtmail.store import folders, search, tangles, verify
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Store, Tx

FOUND = "Found again"
"""The folder on this computer for messages that were in none."""
INDEXES = ("search", "search_header", "search_file")
"""What `empty_indexes` empties, and can be filled from content and headers."""
_STEP = 200


def counts(store: Store) -> int:
    """Count again what folders count -> how many were wrong."""
    with store.transaction("mend counts") as tx:
        return tx.run(
            """
            UPDATE folder SET total = c.total, unread = c.unread, bodies_missing = c.missing,
              bodies_left_out = c.left_out
            FROM (
              SELECT f.id, count(p.id) AS total, coalesce(sum(1 - p.seen), 0) AS unread,
                (SELECT count(*) FROM body_wanted AS b WHERE b.folder = f.id AND b.left_out = 0) AS missing,
                (SELECT count(*) FROM body_wanted AS b WHERE b.folder = f.id AND b.left_out = 1) AS left_out
              FROM folder AS f LEFT JOIN placement AS p ON p.folder = f.id AND p.gone_at IS NULL GROUP BY f.id) AS c
            WHERE c.id = folder.id AND (folder.total, folder.unread, folder.bodies_missing, folder.bodies_left_out)
              <> (c.total, c.unread, c.missing, c.left_out)
            """
        )


def sql_indexes(store: Store) -> bool:
    """Build the tables' own indexes anew -> whether the file is sound now. Takes a second for 100,000 messages."""
    try:
        with store.transaction("mend indexes") as tx:
            tx.run("REINDEX")
        return not verify.damage(store)[0]
    except StoreBusy:
        raise
    except StoreError:
        return False


def dates(store: Store) -> int:
    """List rows under their message's date -> how many were under another."""
    with store.transaction("mend dates") as tx:
        return tx.run(
            """
            UPDATE placement SET date = m.date FROM message AS m
            WHERE m.id = placement.message AND m.date <> placement.date
            """
        )


def operations(store: Store, *, now: int) -> int:
    """End what is open with nothing left to do -> how many."""
    with store.transaction("mend operations") as tx:
        return tx.run(
            """
            UPDATE operation SET state = 'done', ended_at = ? WHERE state IN ('pending', 'sent')
              AND EXISTS (SELECT 1 FROM operation_row WHERE operation = operation.id)
              AND NOT EXISTS (SELECT 1 FROM operation_row WHERE operation = operation.id AND done = 0)
            """,
            now,
        )


def conversations(store: Store) -> int:
    """Find the newest row of conversations anew where another one is kept as such -> how many."""
    wrong = store.read().column(verify.WRONG_CONVERSATIONS)
    for start in range(0, len(wrong), _STEP):
        with store.transaction("mend conversations") as tx:
            tangles.settle(tx, wrong[start : start + _STEP])
    return len(wrong)


def homeless(store: Store, *, now: int) -> int:
    """Messages in no folder: those with content get one, the others (only a header) go -> how many."""
    done = 0
    while True:
        with store.transaction("mend homeless") as tx:
            found = tx.all(
                """
                SELECT id, content, date FROM message AS m
                WHERE NOT EXISTS (SELECT 1 FROM placement WHERE message = m.id) LIMIT ?
                """,
                _STEP,
            )
            if not found:
                return done
            _house(tx, [(id_, date) for id_, content, date in found if content is not None], now)
            bare = [MessageId(id_) for id_, content, _date in found if content is None]
            tx.run("DELETE FROM message WHERE id IN (SELECT value FROM json_each(?))", listed(bare))
            search.unindex(tx, bare)
            done += len(found)


def _house(tx: Tx, messages: Sequence[tuple[int, int]], now: int) -> None:
    if not messages:
        return
    folder = folders.ensure_folder(tx, LOCAL, FOUND)
    tx.many(
        """
        INSERT INTO placement (folder, message, flags, server_flags, date, received, added_at, added_why)
        VALUES (?, ?, '', '', ?, ?, ?, 'Found again by a check of the store')
        """,
        [(folder, id_, date, date, now) for id_, date in messages],
    )
    tangles.show(tx, "m.id IN (SELECT value FROM json_each(?))", listed([id_ for id_, _date in messages]))
    tx.touched(folder)


def wishes(store: Store) -> int:
    """Rows without a body that nobody wanted: wanted again -> how many."""
    with store.transaction("mend wanted") as tx:
        return tx.run(
            """
            INSERT INTO body_wanted (placement, folder, date)
            SELECT p.id, p.folder, p.date FROM placement AS p JOIN message AS m ON m.id = p.message
            WHERE p.gone_at IS NULL AND p.uid IS NOT NULL AND m.content IS NULL
              AND NOT EXISTS (SELECT 1 FROM body_wanted AS b WHERE b.placement = p.id)
            """
        )


def refetch(store: Store, message: MessageId, content: ContentHash) -> bool:
    """This content is gone or damaged: forget it and want it again -> False where no server has the message, and
    nothing was changed."""
    with store.transaction("mend content") as tx:
        if not tx.value(
            """
            SELECT EXISTS (SELECT 1 FROM placement AS p JOIN folder AS f ON f.id = p.folder
                           WHERE p.message = ? AND p.uid IS NOT NULL AND p.uidvalidity > 0 AND p.gone_at IS NULL
                             AND f.wire_name <> x'')
            """,
            message,
        ):
            return False
        tx.run("UPDATE message SET content = NULL, header = x'' WHERE id = ?", message)
        tx.run(
            """
            INSERT INTO body_wanted (placement, folder, date)
            SELECT id, iif(gone_at IS NULL, folder, -folder), date FROM placement WHERE message = ? AND uid IS NOT NULL
            ON CONFLICT (placement) DO UPDATE SET attempts = 0, problem = ''
            """,
            message,
        )
        tx.touched(*tx.column("SELECT folder FROM placement WHERE message = ? AND gone_at IS NULL", message))
    store.content.drop([content])
    return True


def empty_indexes(store: Store) -> None:
    """The full-text indexes, before they are filled anew; attachments are read again in the background."""
    with store.transaction("empty indexes") as tx:
        tx.run(
            """
            INSERT OR IGNORE INTO attachment_wanted (message, date)
            SELECT id, date FROM message WHERE content IS NOT NULL AND attachments > 0
            """
        )
        for index in INDEXES:
            tx.run(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")  # noqa: S608 - a literal


def strays(store: Store) -> int:
    """Words of messages that are not there any more: forgotten -> how many."""
    done = 0
    while True:
        with store.transaction("mend strays") as tx:
            found = tx.column(
                """
                SELECT s.id FROM (SELECT id FROM search_docsize UNION SELECT id FROM search_file_docsize) AS s
                WHERE NOT EXISTS (SELECT 1 FROM message AS m WHERE m.id = s.id) LIMIT ?
                """,
                _STEP,
            )
            search.unindex(tx, found)
        done += len(found)
        if len(found) < _STEP:
            return done


def unindexed(reader: Reader) -> Iterator[tuple[MessageId, ContentHash]]:
    """Messages with content that search does not find."""
    last = 0
    while records := reader.all(
        """
        SELECT m.id, m.content FROM message AS m WHERE m.id > ? AND m.content IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM search_docsize AS s WHERE s.id = m.id)
          AND NOT EXISTS (SELECT 1 FROM search_file_docsize AS s WHERE s.id = m.id) ORDER BY m.id LIMIT ?
        """,
        *(last, _STEP),
    ):
        yield from ((MessageId(id_), ContentHash(content)) for id_, content in records)
        last = records[-1][0]


def bare(reader: Reader) -> Iterator[tuple[MessageId, bytes]]:
    """(message, header) of those without content that search does not find by their header either."""
    last = 0
    while records := reader.all(
        """
        SELECT m.id, m.header FROM message AS m WHERE m.id > ? AND m.content IS NULL AND m.header <> x''
          AND NOT EXISTS (SELECT 1 FROM search_docsize AS s WHERE s.id = m.id)
          AND NOT EXISTS (SELECT 1 FROM search_header_docsize AS s WHERE s.id = m.id) ORDER BY m.id LIMIT ?
        """,
        *(last, _STEP),
    ):
        yield from ((MessageId(id_), bytes(header)) for id_, header in records)
        last = records[-1][0]
