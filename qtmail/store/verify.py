"""The store against itself: every content hashed, every reference followed, every count counted."""

from collections.abc import Callable, Iterator

from qtmail.errors import StoreError
from qtmail.model import ContentHash
from qtmail.store.connection import Reader
from qtmail.store.db import Store
from qtmail.store.values import Checked

_STEP = 200

_QUESTIONS: tuple[tuple[str, str], ...] = (
    (
        """
        SELECT f.account || '/' || f.path, f.total, f.unread FROM folder AS f
        WHERE f.total <> (SELECT count(*) FROM placement AS p WHERE p.folder = f.id AND p.gone_at IS NULL)
           OR f.unread <> (SELECT count(*) FROM placement AS p
                           WHERE p.folder = f.id AND p.gone_at IS NULL AND p.seen = 0)
        """,
        "the counts of folder {} are wrong ({} messages, {} unread)",
    ),
    (
        """
        SELECT f.account || '/' || f.path, f.bodies_missing + f.bodies_left_out FROM folder AS f
        WHERE f.bodies_missing <> (SELECT count(*) FROM body_wanted AS b WHERE b.folder = f.id AND b.left_out = 0)
           OR f.bodies_left_out <> (SELECT count(*) FROM body_wanted AS b WHERE b.folder = f.id AND b.left_out = 1)
        """,
        "the counts of folder {} are wrong ({} bodies missing)",
    ),
    (
        "SELECT id FROM message AS m WHERE NOT EXISTS (SELECT 1 FROM placement WHERE message = m.id)",
        "message {} is in no folder",
    ),
    (
        """
        SELECT p.id FROM placement AS p JOIN message AS m ON m.id = p.message
        WHERE p.date <> m.date
        """,
        "row {} is listed under another date than its message has",
    ),
    (
        """
        SELECT p.id FROM placement AS p JOIN message AS m ON m.id = p.message
        WHERE p.gone_at IS NULL AND p.uid IS NOT NULL AND m.content IS NULL
          AND NOT EXISTS (SELECT 1 FROM body_wanted AS b WHERE b.placement = p.id)
        """,
        "row {} has no body, and none is wanted",
    ),
    (
        """
        SELECT o.id FROM operation AS o WHERE o.state IN ('pending', 'sent')
          AND EXISTS (SELECT 1 FROM operation_row WHERE operation = o.id)
          AND NOT EXISTS (SELECT 1 FROM operation_row WHERE operation = o.id AND done = 0)
        """,
        "operation {} is open, but nothing of it is left to do",
    ),
    (
        """
        SELECT m.id FROM message AS m WHERE m.content IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM search_docsize AS s WHERE s.id = m.id)
          AND NOT EXISTS (SELECT 1 FROM search_file_docsize AS s WHERE s.id = m.id)
        """,
        "message {} cannot be found by search",
    ),
    (
        """
        SELECT s.id FROM (SELECT id FROM search_docsize UNION ALL SELECT id FROM search_file_docsize) AS s
        WHERE NOT EXISTS (SELECT 1 FROM message AS m WHERE m.id = s.id)
        """,
        "search finds message {}, which is not there",
    ),
)


def verify(
    store: Store, *, contents: bool = True, progress: Callable[[int, int], None] = lambda done, total: None
) -> Checked:
    """Look at everything, change nothing. contents: read and hash them all. progress(done, total) now and then."""
    reader = store.read()
    problems = [f"the database is damaged: {line}" for line in reader.column("PRAGMA quick_check(20)") if line != "ok"]
    problems += [
        f"a reference leads nowhere: {table} {row} -> {parent}"
        for table, row, parent, _ in reader.all("PRAGMA foreign_key_check")
    ]
    for sql, words in _QUESTIONS:
        problems += [words.format(*record) for record in reader.all(f"{sql} LIMIT 100")]
    total = int(reader.value("SELECT count(*) FROM message"))
    checked = 0
    for message, content in _contents(reader) if contents else ():
        try:
            store.content.get(content)
        except StoreError as error:
            problems.append(f"message {message}: {error}")
        checked += 1
        if checked % _STEP == 0:
            progress(checked, total)
    progress(checked, total)
    return Checked(total, checked, tuple(problems))


def repair_counts(store: Store) -> int:
    """Count again what folders count -> how many were wrong."""
    with store.transaction("repair counts") as tx:
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


def _contents(reader: Reader) -> Iterator[tuple[int, ContentHash]]:
    last = 0
    while records := reader.all(
        "SELECT id, content FROM message WHERE id > ? AND content IS NOT NULL ORDER BY id LIMIT ?", last, _STEP
    ):
        yield from ((message, ContentHash(content)) for message, content in records)
        last = records[-1][0]
