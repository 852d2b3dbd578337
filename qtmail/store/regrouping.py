"""The user's word on conversations: split, joined, muted. By Message-ID, so that it outlives the messages it was said
of, and holds for those that come later."""

from collections.abc import Iterable, Sequence

from qtmail.model import FolderId, RowId
from qtmail.operations import ThreadWord
from qtmail.store import tangles, threads
from qtmail.store.clusters import Clusters
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx


def say(tx: Tx, words: Sequence[ThreadWord]) -> bool:
    """From now on these names have these parents -> whether that changes anything."""
    nodes = [word.node for word in words]
    known = tangles.choices(tx, nodes)
    changed = [word for word in words if known.get(word.node) != word.parent]
    for word in changed:
        if word.parent is None:
            tx.run("DELETE FROM thread_choice WHERE node = ?", word.node)
        else:
            tx.run("INSERT OR REPLACE INTO thread_choice VALUES (?, ?)", word.node, word.parent)
    if changed:
        graph = Clusters(tx, (), names=[word.node for word in changed])
        graph.tangled.update(graph.cluster_of(word.node) for word in changed)
        graph.write()
        threads.untangle(tx)
    return bool(changed)


def mute(tx: Tx, nodes: Sequence[int], on: bool) -> bool:
    """New mail in the conversations of these names is nobody's concern, or is again -> whether that is anything."""
    if on:
        tx.many("INSERT OR IGNORE INTO thread_mute VALUES (?)", [(node,) for node in nodes])
    else:
        tx.many("DELETE FROM thread_mute WHERE node = ?", [(node,) for node in nodes])
    folders = tx.column(
        """
        SELECT DISTINCT c.folder FROM thread_node AS n JOIN conversation AS c ON c.thread = n.thread
        WHERE n.id IN (SELECT value FROM json_each(?))
        """,
        listed(nodes),
    )
    tx.touched(*(FolderId(folder) for folder in folders))
    return bool(nodes)


def split(reader: Reader, row: RowId) -> tuple[tuple[ThreadWord, ...], tuple[ThreadWord, ...]]:
    """(before, after) of: this message begins a conversation. Empty where it does so already."""
    own = _own(reader, row)
    if own is None:
        return (), ()
    before = tangles.choices(reader, [own.node]).get(own.node)
    if before == 0 or (before is None and not _parent(reader, own.node)):
        return (), ()
    return (ThreadWord(own.node, before),), (ThreadWord(own.node, 0),)


def join(reader: Reader, rows: Iterable[RowId], to: RowId) -> tuple[tuple[ThreadWord, ...], tuple[ThreadWord, ...]]:
    """(before, after) of: the conversations of these messages are part of the one of `to`. What was split off from
    it goes back to where it was."""
    target = _own(reader, to)
    if target is None:
        return (), ()
    _root, thread = root_of(reader, target.node)
    before: list[ThreadWord] = []
    after: list[ThreadWord] = []
    done = {thread}
    for row in rows:
        own = _own(reader, row)
        if own is None:
            continue
        root, thread = root_of(reader, own.node)
        if thread in done:
            continue
        done.add(thread)
        before.append(ThreadWord(root, tangles.choices(reader, [root]).get(root)))
        after.append(ThreadWord(root, target.node))
    return tuple(before), tuple(after)


def to_mute(reader: Reader, rows: Iterable[RowId], on: bool) -> tuple[int, ...]:
    """The names to be muted, or not any more, for the conversations of these rows."""
    some = listed(rows)
    if not on:
        return tuple(
            reader.column(
                """
                SELECT u.node FROM thread_mute AS u JOIN thread_node AS n ON n.id = u.node WHERE n.thread IN (
                  SELECT m.thread FROM placement AS p JOIN message AS m ON m.id = p.message
                  WHERE p.id IN (SELECT value FROM json_each(?)))
                """,
                some,
            )
        )
    muted = set(reader.column("SELECT n.thread FROM thread_mute AS u JOIN thread_node AS n ON n.id = u.node"))
    nodes: dict[int, int] = {}
    for row in reader.column("SELECT value FROM json_each(?)", some):
        own = _own(reader, RowId(row))
        if own is not None:
            root, thread = root_of(reader, own.node)
            nodes.setdefault(thread, root)
    return tuple(root for thread, root in nodes.items() if thread not in muted)


def muted_of(reader: Reader, rows: Sequence[RowId]) -> tuple[RowId, ...]:
    """Those of these rows whose conversation is muted and that are unread."""
    if not rows or not reader.value("SELECT EXISTS (SELECT 1 FROM thread_mute)"):
        return ()
    return tuple(
        RowId(row)
        for row in reader.column(
            """
            SELECT p.id FROM placement AS p JOIN message AS m ON m.id = p.message
            WHERE p.id IN (SELECT value FROM json_each(?)) AND p.seen = 0 AND m.thread IN (
              SELECT n.thread FROM thread_mute AS u JOIN thread_node AS n ON n.id = u.node)
            """,
            listed(rows),
        )
    )


def root_of(reader: Reader, node: int) -> tuple[int, int]:
    """-> (the name its conversation begins with, the thread)."""
    thread = int(reader.value("SELECT thread FROM thread_node WHERE id = ?", node))
    seen = {node}
    while (above := _parent(reader, node)) and above not in seen:
        if reader.value("SELECT thread FROM thread_node WHERE id = ?", above) != thread:
            break
        node = above
        seen.add(node)
    return node, thread


def _parent(reader: Reader, node: int) -> int:
    chosen = reader.value("SELECT parent FROM thread_choice WHERE node = ?", node)
    return int(chosen if chosen is not None else reader.value("SELECT parent FROM thread_node WHERE id = ?", node) or 0)


def _own(reader: Reader, row: RowId) -> tangles.Told | None:
    """What this row's message says of its thread; None when it is gone or was not looked at yet."""
    record = reader.one(
        """
        SELECT m.id, m.message_id, m.refs, m.date, m.from_addr, m.subject
        FROM placement AS p JOIN message AS m ON m.id = p.message WHERE p.id = ? AND m.thread <> 0
        """,
        row,
    )
    return None if record is None else tangles.told(*record)
