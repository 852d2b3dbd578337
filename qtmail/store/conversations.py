"""What a list of conversations reads: the newest row of each in order, and all about those in sight.

A conversation is a thread (threads.py); the table `conversation` has the newest row of each in each folder.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NewType

from qtmail.model import Flag, FolderId, RowId, SortKey
from qtmail.store import lists
from qtmail.store.connection import Reader, listed
from qtmail.store.flags import unpack

ThreadId = NewType("ThreadId", int)
"""May become another one when messages come that join or part conversations."""

NAMED = 50
"""Participants of one conversation that are named."""
_ASIDE = "('drafts', 'outbox')"
"""Roles whose messages are no part of a conversation seen from elsewhere."""
_LAST = "('trash', 'junk', 'all')"
"""Roles whose copies stand for a message only where there is no other."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation, seen from the folders that are shown."""

    thread: ThreadId
    head: RowId
    """Its newest row in these folders."""
    rows: tuple[RowId, ...]
    """Its rows in these folders, newest first: what an act on the collapsed line touches."""
    members: tuple[RowId, ...]
    """A row of each message, newest first, those of other folders (Sent, Archive) too; what is here stands for its
    copies elsewhere."""
    participants: tuple[str, ...]
    """Who wrote, in order of first appearance; addresses of `mine` as "me"."""
    unread: int = 0
    """Of `rows`."""
    starred: bool = False
    attachments: int = 0
    """Most of any message."""
    muted: bool = False

    @property
    def count(self) -> int:
        return len(self.members)


@dataclass(slots=True)
class _Found:
    """What was read of one thread, newest first."""

    rows: list[RowId] = field(default_factory=list)
    members: dict[str, RowId] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    """Names of those that have a row here."""
    writers: dict[str, str] = field(default_factory=dict)
    """Address -> name; newest first, so each is put again at the end by an older message."""
    unread: int = 0
    starred: bool = False
    attachments: int = 0


def ids(
    reader: Reader, folders: Sequence[FolderId], sort: SortKey = SortKey.DATE, *, descending: bool = True
) -> "array[int]":
    """array('q') of RowId: the head of each conversation, in order; as quick as `lists.ids`, and from the same kind of
    index. Of a conversation in several of the folders, the newest head."""
    if not folders:
        return array("q")
    order = "DESC" if descending else "ASC"
    if sort is SortKey.DATE:
        one = "SELECT {} FROM conversation WHERE folder = ?"
        if len(folders) == 1:
            sql = f"{one.format('head')} ORDER BY date {order}, head {order}"
            return reader.numbers("head", sql, *folders)
        several = " UNION ALL ".join([one.format("head, date, thread")] * len(folders))
        sql = f"SELECT head FROM (SELECT head, max(date) AS date FROM ({several}) GROUP BY thread)"  # noqa: S608
        return reader.numbers("head", f"{sql} ORDER BY date {order}, head {order}", *folders)
    sql = f"""
        SELECT p.id FROM (
          SELECT head, max(date) AS date FROM conversation
          WHERE folder IN ({", ".join("?" * len(folders))}) GROUP BY thread
        ) AS c JOIN placement AS p ON p.id = c.head JOIN message AS m ON m.id = p.message
        ORDER BY {lists.KEYS[sort]} {order}, p.date DESC, p.id DESC
    """  # noqa: S608 - keys from the table in lists
    return reader.numbers("id", sql, *folders)


def first_ids(reader: Reader, folder: FolderId, most: int, *, descending: bool = True) -> "array[int]":
    """The first so many of `ids` by date."""
    order = "DESC" if descending else "ASC"
    return reader.numbers(
        "head",
        f"SELECT head FROM conversation WHERE folder = ? ORDER BY date {order}, head {order} LIMIT ?",  # noqa: S608
        *(folder, most),
    )


def count(reader: Reader, folder: FolderId) -> int:
    """Conversations of a folder, counted in an index."""
    return int(reader.value("SELECT count(*) FROM conversation WHERE folder = ?", folder))


def heads(reader: Reader, rows: Iterable[RowId], folders: Sequence[FolderId]) -> dict[RowId, RowId]:
    """Row -> the head, in these folders, of the conversation it is in; rows without one there are left out."""
    found = {}
    for row, head, _date in reader.all(
        f"""
        SELECT p.id, c.head, max(c.date) FROM placement AS p JOIN message AS m ON m.id = p.message
        JOIN conversation AS c ON c.thread = m.thread
        WHERE p.id IN (SELECT value FROM json_each(?)) AND c.folder IN ({", ".join("?" * len(folders))})
        GROUP BY p.id
        """,  # noqa: S608 - question marks
        listed(rows),
        *folders,
    ):
        found[RowId(row)] = RowId(head)
    return found


def conversations(
    reader: Reader, rows: Iterable[RowId], folders: Sequence[FolderId], *, mine: frozenset[str] = frozenset()
) -> dict[RowId, Conversation]:
    """Row -> the conversation it is in (60 of five messages: 2 ms), in the order asked; rows of folders that are not
    shown are left out. `mine`: the user's addresses, lower case."""
    asked: dict[int, int] = dict(
        reader.all(
            """
            SELECT p.id, m.thread FROM placement AS p JOIN message AS m ON m.id = p.message
            WHERE p.id IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL AND m.thread <> 0
            """,
            listed(rows),
        )
    )
    threads = sorted(set(asked.values()))
    here = set(folders)
    found: dict[int, _Found] = {thread: _Found() for thread in threads}
    for thread, row, message, folder, flags, files, name, address, message_id in reader.all(
        f"""
        SELECT m.thread, p.id, m.id, p.folder, p.flags, m.attachments, m.from_name, m.from_addr, m.message_id
        FROM message AS m JOIN placement AS p ON p.message = m.id JOIN folder AS f ON f.id = p.folder
        WHERE m.thread IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL
          AND (f.role NOT IN {_ASIDE} OR p.folder IN (SELECT value FROM json_each(?)))
        ORDER BY p.date DESC, f.role IN {_LAST}, p.id DESC
        """,  # noqa: S608 - literals
        listed(threads),
        listed(folders),
    ):
        _take(found[thread], RowId(row), message_id or f"{message}", folder in here, flags, files, name, address)
    muted = muted_threads(reader)
    return {
        RowId(row): _conversation(ThreadId(thread), found[thread], mine, thread in muted)
        for row, thread in asked.items()
        if found[thread].rows
    }


def rows_of(reader: Reader, rows: Sequence[RowId], folders: Sequence[FolderId]) -> list[RowId]:
    """Every row that these folders have of the conversations of these rows, by conversation, newest first."""
    return [
        RowId(row)
        for row in reader.column(
            """
            SELECT p.id FROM (
              SELECT DISTINCT m.thread AS thread FROM placement AS p JOIN message AS m ON m.id = p.message
              WHERE p.id IN (SELECT value FROM json_each(?)) AND m.thread <> 0) AS t
            JOIN message AS m ON m.thread = t.thread AND m.thread <> 0 JOIN placement AS p ON p.message = m.id
            WHERE p.gone_at IS NULL AND p.folder IN (SELECT value FROM json_each(?))
            ORDER BY t.thread, p.date DESC, p.id DESC
            """,
            *(listed(rows), listed(folders)),
        )
    ]


def muted_threads(reader: Reader) -> frozenset[ThreadId]:
    """Those whose new mail is nobody's concern."""
    return frozenset(reader.column("SELECT n.thread FROM thread_mute AS u JOIN thread_node AS n ON n.id = u.node"))


def _take(found: _Found, row: RowId, name: str, here: bool, flags: str, files: int, writer: str, address: str) -> None:
    if here:
        found.rows.append(row)
        found.unread += str(Flag.SEEN) not in unpack(flags)
    if here and name not in found.shown:
        found.shown.add(name)
        found.members[name] = row
    found.members.setdefault(name, row)
    found.starred = found.starred or (here and str(Flag.FLAGGED) in unpack(flags))
    found.attachments = max(found.attachments, files)
    key = address.lower() or writer
    found.writers.pop(key, None)
    found.writers[key] = writer or address


def _conversation(thread: ThreadId, found: _Found, mine: frozenset[str], muted: bool) -> Conversation:
    names = dict.fromkeys("me" if key in mine else name for key, name in reversed(found.writers.items()))
    return Conversation(
        *(thread, found.rows[0], tuple(found.rows), tuple(found.members.values()), tuple(names)[:NAMED]),
        *(found.unread, found.starred, found.attachments, muted),
    )
