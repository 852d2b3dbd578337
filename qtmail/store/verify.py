"""The store against itself: every content hashed, every reference followed, every count counted, the index compared.

What can be put right is in mending.py; what of the file itself is damaged beyond that, rescue.py saves.
"""

from collections.abc import Callable, Iterator

import apsw

from qtmail.errors import StoreBusy, StoreError
from qtmail.model import ContentHash
from qtmail.store.connection import Reader, Record, meaning, only_reading
from qtmail.store.db import Store
from qtmail.store.values import Checked

_STEP = 200

WRONG_CONVERSATIONS = """
    SELECT DISTINCT thread FROM (
      SELECT c.thread FROM conversation AS c LEFT JOIN placement AS p ON p.id = c.head
        LEFT JOIN message AS m ON m.id = p.message
      WHERE p.id IS NULL OR p.gone_at IS NOT NULL OR (p.folder, p.date, m.thread) <> (c.folder, c.date, c.thread)
      UNION ALL
      SELECT m.thread FROM message AS m JOIN placement AS p ON p.message = m.id
        LEFT JOIN conversation AS c ON c.thread = m.thread AND c.folder = p.folder
      WHERE m.thread <> 0 AND p.gone_at IS NULL AND (c.thread IS NULL OR (p.date, p.id) > (c.date, c.head)))
"""
"""Threads whose newest row in some folder is not the one that is kept as such."""
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
    (WRONG_CONVERSATIONS, "conversation {} does not show its newest message in every folder"),
    (
        """
        SELECT m.id FROM message AS m WHERE m.content IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM search_docsize AS s WHERE s.id = m.id)
          AND NOT EXISTS (SELECT 1 FROM search_file_docsize AS s WHERE s.id = m.id)
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
    """Look at everything, change nothing. contents: read and hash them all. progress(done, total) now and then; what it
    raises ends the check.

    Pages of the file that cannot be read are a problem like others. Raises StoreError only where nothing can be read.
    """
    reader = store.read()
    broken, broken_indexes = damage(store)
    problems = [f"the database is damaged: {line}" for line in broken]
    problems += [f"the search index is damaged: {line}" for line in broken_indexes]
    problems += _asked(reader, "PRAGMA foreign_key_check", "a reference leads nowhere: {} {} -> {}")
    for sql, words in _QUESTIONS:
        problems += _asked(reader, f"{sql} LIMIT 100", words)
    total = int(reader.value("SELECT count(*) FROM message"))
    checked = 0
    for message, content in each_content(reader) if contents else ():
        try:
            store.content.get(content)
        except StoreError as error:
            problems.append(f"message {message}: {error}")
        checked += 1
        if checked % _STEP == 0:
            progress(checked, total)
    progress(checked, total)
    return Checked(total, checked, tuple(problems))


def damage(store: Store) -> tuple[list[str], list[str]]:
    """(what of the file is damaged, what of the full-text indexes), in SQLite's words.

    Over a connection of its own: FTS5 takes what another connection wrote since its last look for damage.
    """
    try:
        sqlite = only_reading(store.path)
        try:
            lines = [str(record[0]) for record in sqlite.execute("PRAGMA quick_check(20)").fetchall()]
        finally:
            sqlite.close(True)
    except apsw.Error as error:
        if isinstance(meant := meaning(error), StoreError) and not meant.retry:
            return [str(error)], []
        raise meant from error
    found = [line for line in lines if line != "ok"]
    words = [line for line in found if "fts5" in line.lower()]
    return [line for line in found if line not in words], words


def each_content(reader: Reader) -> Iterator[tuple[int, ContentHash]]:
    """(message, its content) of every message that has one; ends early where the table cannot be read."""
    last = 0
    while records := _readable(
        reader, "SELECT id, content FROM message WHERE id > ? AND content IS NOT NULL ORDER BY id LIMIT ?", last, _STEP
    ):
        yield from ((message, ContentHash(content)) for message, content in records)
        last = records[-1][0]


def _asked(reader: Reader, sql: str, words: str) -> list[str]:
    """A sentence for every record of the answer; where it cannot be read, that is the sentence."""
    try:
        return [words.format(*record) for record in reader.all(sql)]
    except StoreBusy:
        raise
    except StoreError as error:
        return [f"a part of the database cannot be read: {error}"]


def _readable(reader: Reader, sql: str, *values: int) -> list[Record]:
    try:
        return reader.all(sql, *values)
    except StoreBusy:
        raise
    except StoreError:
        return []
