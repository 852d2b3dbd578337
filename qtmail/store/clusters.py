"""Joining new messages to the clusters of what names each other: read at once, changed in memory, written at once."""

from collections.abc import Sequence

from qtmail.model import FolderId
from qtmail.store import tangles
from qtmail.store.connection import listed
from qtmail.store.db import Tx
from qtmail.store.tangles import Told


class _Node:
    """A name: `parent` 0: none told. `cluster` may have been joined to another since."""

    __slots__ = ("changed", "cluster", "here", "new", "parent")

    def __init__(self, parent: int, here: bool, cluster: int, new: bool) -> None:
        self.parent = parent
        self.here = here
        self.cluster = cluster
        self.new = new
        self.changed = new


class Clusters:
    """Some messages of one transaction, threaded together. See threads.py for the idea."""

    def __init__(self, tx: Tx, messages: Sequence[Told], names: Sequence[int] = ()) -> None:
        """`names`: nodes that are there, and of which the user said something new."""
        self._tx = tx
        self._messages = messages
        self.tangled: set[int] = set()
        """Clusters (under any number they had) whose threads have to be looked into."""
        known = {name for one in messages for name in one.links}.union(names)
        known.update(one.node for one in messages)
        self._nodes: dict[int, _Node] = {}
        self._above: dict[int, int] = {}
        self._read(known)
        self._first = self._next = int(tx.value("SELECT next FROM thread_state"))
        for one in messages:
            self._take(one)
        if tx.value("SELECT EXISTS (SELECT 1 FROM thread_choice)"):
            self._choose()

    def cluster_of(self, name: int) -> int:
        """The number under which its cluster will be kept, as far as is known yet."""
        return self._root(self._nodes[name].cluster)

    def join(self, one: int, other: int) -> int:
        """These clusters are one -> its number: one that is in the store already, if there is one."""
        one, other = self._root(one), self._root(other)
        if one == other:
            return one
        if one >= self._first > other:
            one, other = other, one
        self._above[other] = one
        return one

    def write(self) -> list[int]:
        """Into the store -> the thread of each message; of those in tangles for the time being (see `thread_due`)."""
        tx, nodes = self._tx, self._nodes
        if self._next != self._first:
            tx.run("UPDATE thread_state SET next = ?", self._next)
        joined = self._joined()
        tangled = {self._root(cluster) for cluster in self.tangled}
        tangled |= self._tangled_before(joined)
        for cluster, absorbed in joined.items():
            self._absorb(cluster, absorbed, tangled=cluster in tangled)
        tx.many(
            "INSERT INTO thread_node (id, parent, here, cluster, thread) VALUES (?, ?, ?, ?, ?)",
            [
                (name, node.parent, node.here, cluster := self._root(node.cluster), cluster)
                for name, node in nodes.items()
                if node.new
            ],
        )
        tx.many(
            "UPDATE thread_node SET parent = ?, here = ? WHERE id = ?",
            [(node.parent, node.here, name) for name, node in nodes.items() if node.changed and not node.new],
        )
        tx.many("INSERT OR IGNORE INTO thread_tangle VALUES (?1, ?1)", [(cluster,) for cluster in tangled])
        tx.many("INSERT OR IGNORE INTO thread_due VALUES (?)", [(cluster,) for cluster in tangled])
        found = [self.cluster_of(one.node) for one in self._messages]
        self._tell(set(found))
        return found

    def _tell(self, threads: set[int]) -> None:
        """Who shows conversations that were here before has to look again."""
        folders = self._tx.column(
            "SELECT DISTINCT folder FROM conversation WHERE thread IN (SELECT value FROM json_each(?))",
            listed(sorted(thread for thread in threads if thread < self._first)),
        )
        self._tx.touched(*(FolderId(folder) for folder in folders))

    def _read(self, names: set[int]) -> None:
        for name, parent, here, cluster in self._tx.all(
            "SELECT id, parent, here, cluster FROM thread_node WHERE id IN (SELECT value FROM json_each(?))",
            listed(sorted(names)),
        ):
            self._nodes[name] = _Node(parent, bool(here), cluster, False)

    def _take(self, one: Told) -> None:
        """One message more: its references, each the child of the one before it, and itself the child of the last."""
        nodes, last = self._nodes, 0
        for ref in one.links:
            known = nodes.get(ref)
            if known is None:
                self._add(ref, last, False)
            elif last not in (0, known.parent, ref):
                self._claim(ref, known, last)
            last = ref
        node = nodes.get(one.node)
        if node is None:
            self._add(one.node, last, True)
            return
        if one.node in one.links:
            self.tangled.add(node.cluster)
        if node.here:  # the same Message-ID again
            if last and node.parent != last:
                self._contradict(one.node, last)
            return
        node.here = node.changed = True
        if node.parent != last:
            if node.parent:
                self._contradict(one.node, last)
            else:
                self._put_under(one.node, last)

    def _claim(self, name: int, node: _Node, parent: int) -> None:
        """Some message says that this is the child of that one."""
        if node.parent or node.here:
            self._contradict(name, parent)
        else:
            self._put_under(name, parent)

    def _add(self, name: int, parent: int, here: bool) -> None:
        if parent:
            cluster = self._nodes[parent].cluster
        else:
            cluster = self._next
            self._next += 1
        self._nodes[name] = _Node(parent, here, cluster, True)

    def _put_under(self, name: int, parent: int) -> None:
        """It had no parent. Where both are one cluster already, it would be its own forefather."""
        node, above = self._nodes[name], self._nodes[parent]
        if self._root(node.cluster) == self._root(above.cluster):
            self.tangled.add(node.cluster)
            return
        self.join(node.cluster, above.cluster)
        node.parent = parent
        node.changed = True

    def _contradict(self, name: int, parent: int) -> None:
        """It has another parent, or was here without one."""
        cluster = self._nodes[name].cluster
        if parent:
            cluster = self.join(cluster, self._nodes[parent].cluster)
        self.tangled.add(cluster)

    def _choose(self) -> None:
        """What the user said of these names counts from the moment they are here."""
        for name, parent in tangles.choices(self._tx, list(self._nodes)).items():
            self.tangled.add(self._nodes[name].cluster)
            if parent:
                self._read({parent} - self._nodes.keys())
                if parent not in self._nodes:
                    self._add(parent, 0, False)
                self.join(self._nodes[name].cluster, self._nodes[parent].cluster)

    def _root(self, cluster: int) -> int:
        above = self._above
        if cluster not in above:
            return cluster
        found = cluster
        while (higher := above.get(found, found)) != found:
            found = higher
        while cluster != found:
            above[cluster], cluster = found, above[cluster]
        return found

    def _joined(self) -> dict[int, list[int]]:
        """Cluster -> those of the store that become part of it. The largest keeps its number."""
        groups: dict[int, list[int]] = {}
        for cluster in list(self._above):
            if cluster < self._first:
                groups.setdefault(self._root(cluster), []).append(cluster)
        joined = {}
        for root, others in groups.items():
            members = {root, *others}
            sizes: dict[int, int] = dict(
                self._tx.all(
                    """
                    SELECT cluster, count(*) FROM thread_node WHERE cluster IN (SELECT value FROM json_each(?))
                    GROUP BY cluster
                    """,
                    listed(sorted(members)),
                )
            )
            largest = max(sorted(members), key=lambda one: sizes.get(one, 0))
            self._above[root] = largest
            self._above[largest] = largest
            joined[largest] = sorted(members - {largest})
        return joined

    def _tangled_before(self, joined: dict[int, list[int]]) -> set[int]:
        """Of the clusters touched, those that are tangled since before."""
        touched = {node.cluster for node in self._nodes.values() if node.cluster < self._first}
        touched.update(one for others in joined.values() for one in others)
        known = self._tx.column(
            "SELECT cluster FROM thread_tangle WHERE cluster IN (SELECT value FROM json_each(?))",
            listed(sorted(touched)),
        )
        return {self._root(cluster) for cluster in known}

    def _absorb(self, cluster: int, absorbed: list[int], *, tangled: bool) -> None:
        """Give up the numbers of clusters that are part of another one now."""
        tx, some = self._tx, listed(absorbed)
        which = "IN (SELECT value FROM json_each(?))"
        if tangled:  # the threads are found anew
            tx.run(f"UPDATE thread_tangle SET cluster = ? WHERE cluster {which}", cluster, some)  # noqa: S608
            tx.many("INSERT OR IGNORE INTO thread_tangle VALUES (?, ?)", [(one, cluster) for one in absorbed])
            tx.run(f"UPDATE thread_node SET cluster = ? WHERE cluster {which}", cluster, some)  # noqa: S608
            return
        tx.run(f"UPDATE thread_node SET cluster = ?1, thread = ?1 WHERE cluster {which}", cluster, some)  # noqa: S608
        tx.run(f"UPDATE message SET thread = ? WHERE thread {which}", cluster, some)  # noqa: S608
        tx.run(
            f"""
            INSERT INTO conversation SELECT ?, folder, date, head FROM conversation WHERE thread {which}
            ON CONFLICT DO UPDATE SET date = excluded.date, head = excluded.head
            WHERE (excluded.date, excluded.head) > (date, head)
            """,  # noqa: S608
            *(cluster, some),
        )
        tx.run(f"DELETE FROM conversation WHERE thread {which}", some)  # noqa: S608
