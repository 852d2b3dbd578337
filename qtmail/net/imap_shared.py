"""Folders that are not the user's own: the namespaces of other users and of everybody (RFC 2342)."""

from collections.abc import Iterable
from dataclasses import dataclass

from qtmail.model import Role
from qtmail.net.imap_values import RemoteFolder

SHARED = "Shared folders"
"""Under which they stand in every path of ours."""
_SAYS_NOTHING = frozenset(("shared", "shared folders", "public folders", "public"))


@dataclass(frozen=True, slots=True)
class Foreign:
    """One namespace of others."""

    prefix: str
    """Decoded, never empty, e.g. "user." or "#shared/"."""
    delimiter: str
    of_users: bool
    """Its first level names the user whose folders follow."""

    @property
    def root(self) -> str:
        """The prefix as the name of a folder."""
        bare = self.prefix.removesuffix(self.delimiter) if self.delimiter else self.prefix
        return bare or self.prefix


@dataclass(frozen=True, slots=True)
class Place:
    """Where a foreign folder stands in the tree."""

    levels: tuple[str, ...]
    owner: str


def place_of(name: str, foreign: Iterable[Foreign]) -> Place | None:
    """Of a decoded name; None: it is the user's own."""
    space = space_of(name, foreign)
    if space is None:
        return None
    rest = name[len(space.prefix) :] if name.startswith(space.prefix) else ""
    levels = [level for level in (rest.split(space.delimiter) if space.delimiter else [rest]) if level]
    if space.of_users:
        owner = levels[0] if levels else ""
        return Place((SHARED, *levels[:1], *map(_inbox, levels[1:])), owner)
    title = space.root.lstrip("#")
    heading = () if not title or title.casefold() in _SAYS_NOTHING else (title,)
    return Place((SHARED, *heading, *levels), "")


def space_of(name: str, foreign: Iterable[Foreign]) -> Foreign | None:
    """The namespace a decoded name is in: that of the longest prefix."""
    fitting = [space for space in foreign if name.startswith(space.prefix) or name == space.root]
    return max(fitting, key=lambda space: len(space.prefix), default=None)


def _inbox(level: str) -> str:
    return "Inbox" if level.upper() == "INBOX" else level


def with_parents(folders: Iterable[RemoteFolder]) -> tuple[RemoteFolder, ...]:
    """With a folder that opens nothing for each level above a shared one that the server does not list itself."""
    known = {folder.path: folder for folder in folders}
    for folder in tuple(known.values()):
        path, wire_name = folder.path, folder.wire_name
        while folder.shared and "/" in path:
            path = path.rpartition("/")[0]
            wire_name = wire_name.rpartition(folder.delimiter.encode())[0] if folder.delimiter else b""
            if path not in known:
                known[path] = RemoteFolder(
                    *(wire_name or f"{SHARED}/".encode(), path, folder.delimiter, Role.NONE),
                    selectable=False,
                    shared=True,
                    owner="" if path == SHARED else folder.owner,
                )
    return tuple(known.values())
