"""Threads where headers contradict each other: by all messages of the cluster, in the order of their mailbox.

This is step 1 of THREAD=REFERENCES (RFC 5256, 3) as servers carry it out, without its step 5: subjects join nothing.
Messages of the same Message-ID (copies by different ways) are one conversation; the RFC parts them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from qtmail.model import FolderId, MessageId
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx

MOST = 5_000
"""Messages of a tangled cluster that is still looked into: a larger one is one conversation."""
_FAR = 1 << 32


class Told(NamedTuple):
    """What one message tells of its thread."""

    message: MessageId
    node: int
    """Its own."""
    links: tuple[int, ...]
    """What it refers to, the first of the thread first, its parent last."""


@lru_cache(4096)
def node_of(name: str) -> int:
    """The number a name goes by, above 0; the same in every store."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1 or 1


def told(message: MessageId, message_id: str, refs: str, date: int, sender: str, subject: str) -> Told:
    """From its header. Without a Message-ID it is itself by date, sender and subject, so that copies are one."""
    own = message_id if "@" in message_id else f"\0{date}\0{sender}\0{subject}"
    links = tuple([node_of(ref) for ref in refs.split() if "@" in ref]) if refs else ()
    return Told(message, node_of(own), links)


def untangle(tx: Tx, cluster: int) -> None:
    """Give every node and message of a tangled cluster its thread anew. Costs some 5 us a message."""
    messages = _messages(tx, cluster)
    if len(messages) > MOST:
        _leave_together(tx, cluster)
        return
    nodes: dict[int, int] = dict(tx.all("SELECT id, thread FROM thread_node WHERE cluster = ?", cluster))
    found = partition([one for one, _thread in _in_order(tx, messages)], choices(tx, list(nodes)))
    part = {node: found.get(node, node) for node in nodes}
    threads = _threads(tx, cluster, part, [(one.node, thread) for one, thread in messages])
    tx.many(
        "UPDATE thread_node SET thread = ? WHERE id = ?",
        [(threads[part[node]], node) for node, thread in nodes.items() if threads[part[node]] != thread],
    )
    tx.run("DELETE FROM thread_tangle WHERE cluster = ?", cluster)
    tx.many("INSERT INTO thread_tangle VALUES (?, ?)", [(thread, cluster) for thread in {cluster, *threads.values()}])
    moved = [(threads[part[one.node]], one.message, thread) for one, thread in messages]
    moved = [record for record in moved if record[0] != record[2]]
    tx.many("UPDATE message SET thread = ? WHERE id = ?", [record[:2] for record in moved])
    settle(tx, {thread for new, _message, old in moved for thread in (new, old)})


def choices(reader: Reader, nodes: Sequence[int]) -> dict[int, int]:
    """Node -> its parent by the user's word (0: none), of those of these nodes that have one."""
    return dict(
        reader.all(
            "SELECT node, parent FROM thread_choice WHERE node IN (SELECT value FROM json_each(?))", listed(nodes)
        )
    )


def partition(messages: Sequence[Told], choices: Mapping[int, int]) -> dict[int, int]:
    """Node -> a node that stands for all of its thread."""
    parents: dict[int, int] = {}
    same: dict[int, int] = {}
    for place, message in enumerate(messages):
        own = -place - 1 if message.node in same else message.node
        same[own] = message.node
        last = 0
        for ref in message.links:
            _link(parents, last, ref)
            last = ref
        if parents.get(own, last) != last:
            parents[own] = 0
        _link(parents, last, own)
    parents.update(choices)
    parents.update((own, choices[node]) for own, node in same.items() if node in choices)
    roots: dict[int, int] = {}
    for one, other in (*parents.items(), *same.items()):
        low, high = _root(roots, one), _root(roots, other or one)
        roots[low] = high
    return {node: _root(roots, node) for node in roots}


def settle(tx: Tx, threads: Iterable[int]) -> None:
    """Find the newest row of each folder of these threads anew."""
    some = listed(sorted(set(threads) - {0}))
    folders = set(tx.column("SELECT folder FROM conversation WHERE thread IN (SELECT value FROM json_each(?))", some))
    tx.run("DELETE FROM conversation WHERE thread IN (SELECT value FROM json_each(?))", some)
    show(tx, "m.thread IN (SELECT value FROM json_each(?))", some)
    folders.update(tx.column("SELECT folder FROM conversation WHERE thread IN (SELECT value FROM json_each(?))", some))
    tx.touched(*(FolderId(folder) for folder in folders))


def show(tx: Tx, which: str, values: str) -> None:
    """These rows (of messages `m`, rows `p`) are in the lists of conversations."""
    tx.run(
        f"""
        INSERT INTO conversation
          SELECT m.thread, p.folder, p.date, p.id FROM message AS m JOIN placement AS p ON p.message = m.id
          WHERE {which} AND p.gone_at IS NULL AND m.thread <> 0
        ON CONFLICT DO UPDATE SET date = excluded.date, head = excluded.head
        WHERE (excluded.date, excluded.head) > (date, head)
        """,  # noqa: S608 - the literals of this module and of threads.py
        values,
    )


def next_thread(tx: Tx, count: int) -> int:
    """The first of so many free numbers of threads."""
    tx.run("UPDATE thread_state SET next = next + ?", count)
    return int(tx.value("SELECT next FROM thread_state")) - count


def _link(parents: dict[int, int], up: int, down: int) -> None:
    """Unless it has a parent, or that would be a circle."""
    if not up or parents.get(down):
        return
    node = up
    while node:
        if node == down:
            return
        node = parents.get(node, 0)
    parents[down] = up


def _root(roots: dict[int, int], node: int) -> int:
    found = node
    while (above := roots.setdefault(found, found)) != found:
        found = above
    while node != found:
        roots[node], node = found, roots[node]
    return found


def _leave_together(tx: Tx, cluster: int) -> None:
    """It is too large: one conversation."""
    parts = listed(tx.column("SELECT thread FROM thread_tangle WHERE cluster = ? AND thread <> cluster", cluster))
    if parts == "[]":
        return
    tx.run("DELETE FROM thread_tangle WHERE cluster = ? AND thread <> cluster", cluster)
    tx.run("UPDATE thread_node SET thread = cluster WHERE cluster = ? AND thread <> cluster", cluster)
    if tx.run("UPDATE message SET thread = ? WHERE thread IN (SELECT value FROM json_each(?))", cluster, parts):
        settle(tx, [cluster, *tx.column("SELECT value FROM json_each(?)", parts)])


def _messages(reader: Reader, cluster: int) -> list[tuple[Told, int]]:
    """The messages of the cluster, with the thread each has; MOST + 1 at most."""
    return [
        (told(*record), thread)
        for *record, thread in reader.all(
            """
            SELECT id, message_id, refs, date, from_addr, subject, thread FROM message
            WHERE thread IN (SELECT thread FROM thread_tangle WHERE cluster = ?) AND thread <> 0 LIMIT ?
            """,
            *(cluster, MOST + 1),
        )
    ]


def _in_order(reader: Reader, messages: list[tuple[Told, int]]) -> list[tuple[Told, int]]:
    """As in the folder that has all of them; else as they were received. Which came here first does not matter."""
    places: dict[int, dict[int, tuple[int, int]]] = {}
    for folder, message, received, uid in reader.all(
        """
        SELECT folder, message, received, uid FROM placement WHERE message IN (SELECT value FROM json_each(?))
        """,
        listed([one.message for one, _thread in messages]),
    ):
        known = places.setdefault(folder, {})
        known[message] = min(known.get(message, (_FAR, _FAR)), (received, uid or _FAR))
    whole = [found for _folder, found in sorted(places.items()) if len(found) == len(messages)]
    if whole and all(uid < _FAR for _received, uid in whole[0].values()):
        order = {message: (0, uid) for message, (_received, uid) in whole[0].items()}
    else:
        order = {}
        for found in places.values():
            for message, place in found.items():
                order[message] = min(order.get(message, place), place)
    return sorted(messages, key=lambda one: (order.get(one[0].message, (_FAR, _FAR)), one[0].node, one[0].message))


def _threads(tx: Tx, cluster: int, part: Mapping[int, int], had: Iterable[tuple[int, int]]) -> dict[int, int]:
    """A thread for each part: the one most of its messages are in already, if no larger part has that."""
    votes: dict[int, Counter[int]] = {standing: Counter() for standing in part.values()}
    for node, thread in had:
        votes[part[node]][thread] += 1
    order = sorted(votes, key=lambda standing: -votes[standing].total())
    found: dict[int, int] = {}
    taken: set[int] = set()
    for standing in order:
        choice = next((thread for thread, _ in votes[standing].most_common() if thread not in taken), None)
        if choice is not None:
            found[standing] = choice
            taken.add(choice)
    missing = [standing for standing in order if standing not in found]
    if missing and cluster not in taken:
        found[missing.pop(0)] = cluster
    if missing:
        found.update(zip(missing, range(first := next_thread(tx, len(missing)), first + len(missing)), strict=True))
    return found
