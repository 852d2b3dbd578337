"""What is wanted as a tree, and the tree as SQL: as much as possible in one question to the full-text index."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MATCHING = """
    SELECT rowid FROM search WHERE search MATCH ? UNION ALL
    SELECT rowid FROM search_header WHERE search_header MATCH ? AND rowid NOT IN (SELECT id FROM search_docsize)
    UNION ALL SELECT rowid FROM search_file WHERE search_file MATCH ?
"""
"""Messages that match; takes what `asked` makes. Each message is in one of the three."""


def asked(match: str) -> tuple[str, ...]:
    """The values of one MATCHING."""
    return (match,) * 3


@dataclass(frozen=True, slots=True)
class Words:
    """Something for the full-text index."""

    match: str
    """FTS5's language."""
    text: str = ""
    """What is to be marked where it is found; empty: nothing."""
    column: str = ""
    """Only there; empty: anywhere."""
    prefix: bool = False
    """It is the beginning of a word."""


@dataclass(frozen=True, slots=True)
class Where:
    """Something that must hold of placement `p`."""

    sql: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    node: "Node"


@dataclass(frozen=True, slots=True)
class All:
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    nodes: "tuple[Node, ...]"


Node = Words | Where | Not | All | Any


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: all of it must hold."""

    match: str = ""
    """FTS5's language; empty: any message."""
    conditions: tuple[Where, ...] = ()
    words: tuple[Words, ...] = ()
    """What messages found may have in them."""
    elsewhere: "Node | None" = None
    """What a server can be asked that has the texts: words alone; more than `conditions` allow may come of it. None:
    there are none that every message must have."""


def query(node: Node) -> Query:
    """The words that every message found must have, and what else must hold."""
    nodes = node.nodes if isinstance(node, All) else (node,)
    worded, rest = _apart(nodes)
    match = _match(All(tuple(worded))) if worded else ""
    if worded and not match:  # nothing but words that must not be there
        rest = [*rest, *worded]
    return Query(match, tuple(_where(other) for other in rest), tuple(_wanted(node)), _elsewhere(node))


def _elsewhere(node: Node) -> Node | None:
    """The words that must be there, without all the rest."""
    match node:
        case Words():
            return node if node.text else None
        case All():
            parts = [part for one in node.nodes if (part := _elsewhere(one)) is not None]
            return All(tuple(parts)) if parts else None
        case Any():
            some = [_elsewhere(one) for one in node.nodes]
            return None if None in some else Any(tuple(part for part in some if part is not None))
        case _:
            return None


def _wanted(node: Node) -> Iterator[Words]:
    """The words that are not excluded."""
    match node:
        case Words():
            if node.text:
                yield node
        case All() | Any():
            for one in node.nodes:
                yield from _wanted(one)
        case _:
            return


def _match(node: Node) -> str:
    """The node in FTS5's language; empty where that cannot say it."""
    match node:
        case Words():
            return node.match
        case Any():
            parts = [_match(one) for one in node.nodes]
            return f"({' OR '.join(parts)})" if all(parts) else ""
        case All():
            wanted = [_match(one) for one in node.nodes if not isinstance(one, Not)]
            unwanted = [_match(one.node) for one in node.nodes if isinstance(one, Not)]
            if not (wanted and all(wanted) and all(unwanted)):
                return ""
            both = " AND ".join(wanted)
            return f"(({both}) NOT ({' OR '.join(unwanted)}))" if unwanted else f"({both})"
        case _:
            return ""


def _where(node: Node) -> Where:
    """The node as a condition on placement `p`."""
    if match := _match(node):
        return Where(f"+p.message IN ({MATCHING})", asked(match))
    match node:
        case Where():
            return node
        case Not():
            inner = _where(node.node)
            return Where(f"NOT ({inner.sql})", inner.values)
        case All():
            return _joined(" AND ", node.nodes)
        case Any():
            return _joined(" OR ", node.nodes)
        case Words():  # no words: nothing has them
            return Where("0")


def _joined(word: str, nodes: Sequence[Node]) -> Where:
    """Those for the index are asked in one go."""
    worded, rest = _apart(nodes) if word == " AND " else _positive(nodes)
    together: list[Node] = []
    if worded:
        one: Node = All(tuple(worded)) if word == " AND " else Any(tuple(worded))
        together = [one] if _match(one) else list(worded)
    parts = [_where(node) for node in (*together, *rest)]
    return Where(word.join(f"({part.sql})" for part in parts), tuple(v for part in parts for v in part.values))


def _apart(nodes: Iterable[Node]) -> tuple[list[Node], list[Node]]:
    """Those that FTS5 can be asked together, and the others."""
    worded: list[Node] = []
    rest: list[Node] = []
    for node in nodes:
        inner = node.node if isinstance(node, Not) else node
        (worded if _match(inner) else rest).append(node)
    return worded, rest


def _positive(nodes: Iterable[Node]) -> tuple[list[Node], list[Node]]:
    worded = [node for node in nodes if _match(node)]
    return worded, [node for node in nodes if not _match(node)]
