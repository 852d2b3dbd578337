"""Which messages belong together, by References and In-Reply-To alone (never the subject): kept with each that comes.

What messages name is joined into clusters. In a cluster whose headers agree, each name has one parent, and whatever
came first, the cluster is one thread: a message costs its references. Where they contradict each other (a parent named
otherwise before, a circle, the user's word), the cluster is a tangle, and looked into as a whole (tangles.py). So
the threads do not depend on the order in which messages come.
"""

from collections.abc import Sequence

from qtmail.model import FolderId, MessageId, RowId
from qtmail.store import tangles
from qtmail.store.clusters import Clusters
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx
from qtmail.store.tangles import Told, told

MOST = 500
"""Messages of one thread that the reader shows."""
STEP = 500
"""Messages of a database from before conversations that are threaded in one transaction."""


def threads_for(tx: Tx, messages: Sequence[Told]) -> list[int]:
    """The thread of each of these, which are about to be inserted; call `untangle` when their rows are there too."""
    return Clusters(tx, messages).write() if messages else []


def untangle(tx: Tx) -> None:
    """Look into what the messages that came last contradict, or told otherwise before."""
    again = tx.column("SELECT message FROM thread_again")
    if again:
        _place_again(tx, again)
    due = tx.column("SELECT cluster FROM thread_due")
    if due:
        tx.run("DELETE FROM thread_due")
        for cluster in due:
            tangles.untangle(tx, cluster)


def catch_up(tx: Tx, most: int = STEP) -> int:
    """Thread the newest of what was here before there were conversations, and what turned out to have other headers
    -> how many; 0 when all is done."""
    below = tx.value("SELECT below FROM thread_state")
    if below:
        found = _read(tx, "id < ? AND thread = 0 ORDER BY id DESC LIMIT ?", below, most)
        _place(tx, found, Clusters(tx, found))
        tangles.show(tx, "m.id IN (SELECT value FROM json_each(?))", listed([one.message for one in found]))
        tx.run("UPDATE thread_state SET below = ?", found[-1].message if found else 0)
        folders = tx.column(
            "SELECT DISTINCT folder FROM placement WHERE message IN (SELECT value FROM json_each(?))",
            listed([one.message for one in found]),
        )
        tx.touched(*(FolderId(folder) for folder in folders))
    untangle(tx)
    return len(found) if below else 0


def behind(reader: Reader) -> bool:
    """Whether there is something for `catch_up`."""
    return bool(
        reader.value("SELECT below > 0 AND EXISTS (SELECT 1 FROM message WHERE id < below) FROM thread_state")
        or reader.value("SELECT EXISTS (SELECT 1 FROM thread_again)")
    )


def thread(reader: Reader, message: MessageId) -> tuple[RowId, ...]:
    """A row of each message of the thread this one is in, oldest first, never one that is gone or in Drafts; the same
    Message-ID (a copy in Sent) once. Its own alone where nothing refers to it."""
    rows: dict[str, RowId] = {}
    for row, other, name in reader.all(
        """
        SELECT p.id, p.message, m.message_id
        FROM message AS o JOIN message AS m ON m.id = o.id OR (o.thread <> 0 AND m.thread = o.thread)
        JOIN placement AS p ON p.message = m.id JOIN folder AS f ON f.id = p.folder
        WHERE o.id = ? AND p.gone_at IS NULL AND f.role NOT IN ('drafts', 'outbox')
        ORDER BY p.date, f.role IN ('trash', 'junk', 'all'), p.id LIMIT ?
        """,
        *(message, MOST),
    ):
        rows.setdefault(name or f"{other}", RowId(row))
    return tuple(rows.values())


def _place(tx: Tx, messages: Sequence[Told], clusters: Clusters) -> None:
    """These are in the store already."""
    tx.many(
        "UPDATE message SET thread = ? WHERE id = ?",
        [(thread, one.message) for one, thread in zip(messages, clusters.write(), strict=True)],
    )


def _place_again(tx: Tx, changed: Sequence[int]) -> None:
    """They told something else before: what they joined then stays one cluster, and is looked into."""
    tx.run("DELETE FROM thread_again")
    values = listed(changed)
    had = tx.all(
        """
        SELECT m.id, m.thread, coalesce(t.cluster, m.thread) FROM message AS m
        LEFT JOIN thread_tangle AS t ON t.thread = m.thread WHERE m.id IN (SELECT value FROM json_each(?))
        """,
        values,
    )
    found = _read(tx, "id IN (SELECT value FROM json_each(?))", values)
    graph = Clusters(tx, found)
    clusters = {message: cluster for message, _thread, cluster in had}
    for one in found:
        graph.join(clusters[one.message], graph.cluster_of(one.node))
        graph.tangled.add(clusters[one.message])
    _place(tx, found, graph)
    untangle(tx)
    tangles.settle(tx, [thread for _message, thread, _cluster in had])


def _read(reader: Reader, which: str, *values: object) -> list[Told]:
    return [
        told(*record)
        for record in reader.all(
            f"SELECT id, message_id, refs, date, from_addr, subject FROM message WHERE {which}",  # noqa: S608
            *values,
        )
    ]
