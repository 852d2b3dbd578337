"""The structure of a message for people to look at: containers and leaves in the order of the walk (RFC 2046, 5.1)."""

from dataclasses import dataclass

from qtmail.mime import headers, parts
from qtmail.model import Part


@dataclass(frozen=True, slots=True)
class Node:
    """One node; `depth` 0 is the message itself. `part` is None for what only holds others."""

    depth: int
    type: str
    part: Part | None = None
    encoding: str = ""
    """The transfer encoding as written; empty where none is said (7bit)."""
    disposition: str = ""


def nodes(raw: bytes) -> tuple[Node, ...]:
    """Every node of these bytes, depth first. Never raises; bounded as `parts.cut` is."""
    tree = parts.cut(raw)
    found: list[Node] = []
    waiting = list(tree.containers)
    for index, leaf in enumerate(tree.leaves):
        while waiting and waiting[0].before <= index:
            found.append(_container(waiting.pop(0)))
        part = Part(
            index=index,
            name=leaf.name,
            type=leaf.type,
            size=parts.size(raw, leaf),
            inline=leaf.disposition == "inline",
            content_id=leaf.content_id,
            charset=headers.clean(leaf.charset),
        )
        depth = leaf.depth + 1 if leaf.within >= 0 or leaf.head < 0 else leaf.depth
        found.append(Node(depth, leaf.type, part, leaf.encoding, leaf.disposition))
    return (*found, *map(_container, waiting))


def _container(one: parts.Container) -> Node:
    return Node(one.depth, one.type)
