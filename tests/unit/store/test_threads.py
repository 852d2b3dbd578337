"""Threads do not depend on the order in which messages come, and are those of THREAD=REFERENCES."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from qtmail.model import FolderId
from qtmail.store.db import Store
from qtmail.store.values import NewHeader
from tests.unit.store.world import World, header

Mail = tuple[str, tuple[str, ...]]
"""(Message-ID's name, names it refers to)."""


def told(uid: int, name: str, refs: Sequence[str] = ()) -> NewHeader:
    """The message of this UID; `name` "": without Message-ID."""
    made = header(uid, key=name or uid)
    facts = replace(made.facts, refs=" ".join(f"<{ref}@example.test>" for ref in refs))
    return made._replace(facts=facts if name else replace(facts, message_id=""))


def partition(store: Store, folder: FolderId, above: int = 0) -> set[frozenset[int]]:
    """The UIDs of the folder above this one, less it, by thread."""
    found: dict[int, set[int]] = {}
    for uid, thread in store.read().all(
        """
        SELECT p.uid - ?2, m.thread FROM placement AS p JOIN message AS m ON m.id = p.message
        WHERE p.folder = ?1 AND p.uid > ?2
        """,
        *(folder, above),
    ):
        assert thread
        found.setdefault(thread, set()).add(uid)
    return {frozenset(uids) for uids in found.values()}


def by_the_book(mails: Sequence[Mail]) -> set[frozenset[int]]:
    """RFC 5256, 3, step 1 as servers do it, over the whole mailbox; the same Message-ID is the same thread."""
    parents: dict[str, str] = {}
    nodes: dict[int, str] = {}
    same: list[tuple[str, str]] = []
    for uid, (name, refs) in enumerate(mails, 1):
        own = name if name and name not in nodes.values() else f"#{uid}"
        nodes[uid] = own
        if name and own != name:
            same.append((own, name))
        for up, down in pairwise(refs):
            _link(parents, up, down)
        last = refs[-1] if refs else ""
        if parents.get(own, last) != last:
            del parents[own]
        if last:
            _link(parents, last, own)
    groups: dict[str, set[str]] = {}
    for one, other in (*parents.items(), *same, *((node, node) for node in nodes.values())):
        joined = groups.get(one, {one}) | groups.get(other, {other})
        groups.update(dict.fromkeys(joined, joined))
    found: dict[frozenset[str], set[int]] = {}
    for uid, node in nodes.items():
        found.setdefault(frozenset(groups[node]), set()).add(uid)
    return {frozenset(uids) for uids in found.values()}


def _link(parents: dict[str, str], up: str, down: str) -> None:
    node: str | None = up
    while node is not None:
        if node == down:
            return
        node = parents.get(node)
    parents.setdefault(down, up)


names = st.sampled_from("abcdefgh")
mail = st.tuples(
    st.one_of(names, st.just("")), st.lists(names, max_size=4).map(lambda refs: tuple(dict.fromkeys(refs)))
)
mailboxes = st.lists(mail, min_size=1, max_size=9).flatmap(
    lambda mails: st.tuples(st.just(mails), st.permutations(range(len(mails))), st.integers(1, 4))
)


def test_threads_are_those_of_the_whole_mailbox_whatever_came_first(world: World) -> None:
    done = 0

    @settings(max_examples=200, deadline=None, database=None)
    @given(mailboxes)
    def arrive(box: tuple[list[Mail], list[int], int]) -> None:
        nonlocal done
        mails, order, at_once = box
        above, done = done, done + len(mails)
        mine = [(name and f"{name}{above}", tuple(f"{ref}{above}" for ref in refs)) for name, refs in mails]
        for start in range(0, len(order), at_once):
            some = [told(above + place + 1, *mine[place]) for place in order[start : start + at_once]]
            world.arrive(world.inbox, *some)
        assert partition(world.store, world.inbox, above) == by_the_book(mails)

    arrive()
    check_conversations(world)


def check_conversations(world: World) -> None:
    """The table that lists are read from says what the rows say."""
    reader = world.store.read()
    kept = reader.all("SELECT thread, folder, date, head FROM conversation ORDER BY thread, folder")
    true = reader.all(
        """
        SELECT thread, folder, date, id FROM (
          SELECT m.thread, p.folder, p.date, p.id,
                 row_number() OVER (PARTITION BY m.thread, p.folder ORDER BY p.date DESC, p.id DESC) AS place
          FROM placement AS p JOIN message AS m ON m.id = p.message WHERE p.gone_at IS NULL AND m.thread <> 0)
        WHERE place = 1 ORDER BY thread, folder
        """
    )
    assert kept == true
