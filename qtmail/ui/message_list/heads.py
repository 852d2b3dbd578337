"""What the lines of a list of conversations say: the newest message's line stands for all of it while it is closed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qtmail.engine.conversing import Conversation
from qtmail.engine.mail import Mail
from qtmail.model import Flag, Row, RowId
from qtmail.ui.message_list.listing import Listing

KEPT = 2_000
"""Conversations."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How a line of such a list looks beyond its message."""

    count: int = 1
    """Messages of the conversation whose line this is."""
    open: bool | None = None
    """None: there is nothing to be opened."""
    below: bool = False
    """A message of the conversation above."""
    muted: bool = False
    face: str = ""
    """Whose avatar it has, where that is not the line's correspondent."""


def first_name(name: str) -> str:
    """What a list of several people calls one: “Bob Stone” and “Stone, Bob” are “Bob”."""
    if "@" in name:
        return name
    given = name.partition(",")[2].split() or name.split()
    return given[0] if given else name


class Heads:
    """The conversations of the lines that were looked at lately."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._known: dict[RowId, Conversation] = {}
        self._faces: dict[RowId, str] = {}
        self._writers: dict[RowId, str] = {}
        """Of messages below, in other folders than those shown."""
        self._open: frozenset[int] = frozenset()
        self._listing = Listing()

    def show(self, listing: Listing) -> None:
        """These lines are shown now."""
        if listing.query.folders != self._listing.query.folders:
            self._known.clear()
        self._listing = listing
        self._open = frozenset(listing.parents.values())

    def forget(self) -> None:
        """Something changed: all is read again."""
        self._known.clear()
        self._faces.clear()
        self._writers.clear()

    def read(self, rows: Sequence[RowId]) -> None:
        """Make sure that the conversations of these lines are known: one small read at most."""
        query = self._listing.query
        missing = [row for row in rows if row not in self._known and row not in self._listing.parents]
        below = [row for row in rows if row in self._listing.parents and row not in self._writers]
        if below:
            mine = self._mail.own_addresses()
            for row, author in self._mail.authors(below).items():
                self._writers[row] = "me" if author.address.lower() in mine else author.name or author.address
        if query.conversations and missing:
            if len(self._known) > KEPT:
                self._known.clear()
                missing = [row for row in rows if row not in self._listing.parents]
            self._known.update(self._mail.conversations(missing, query.folders))

    def sight(self, row: RowId) -> Sight | None:
        """None in a list that is not one of conversations."""
        if not self._listing.query.conversations:
            return None
        if row in self._listing.parents:
            return Sight(below=True)
        one = self._known.get(row)
        if one is None:
            return Sight()
        opened = row in self._open if one.count > 1 else None
        return Sight(one.count, opened, muted=one.muted, face=self._faces.get(row, ""))

    def conversation(self, row: RowId) -> Conversation | None:
        """Of a line that is not below another."""
        self.read([row])
        return None if row in self._listing.parents else self._known.get(row)

    def as_line(self, row: Row) -> Row:
        """The message as its line says it: a closed conversation's tells of all its messages; one below, who wrote it
        (where it stands by itself, in Sent, that is to whom)."""
        if row.id in self._writers:
            return replace(row, correspondent=self._writers[row.id])
        one = self._known.get(row.id)
        if one is None or one.count < 2 or row.id in self._open or row.id in self._listing.parents:
            return row
        self._faces[row.id] = row.correspondent
        several = len(one.participants) > 1
        names = [first_name(name) for name in one.participants] if several else one.participants
        flags = {flag for flag, on in ((Flag.SEEN, not one.unread), (Flag.FLAGGED, one.starred)) if on}
        return replace(
            row,
            correspondent=", ".join(names),
            flags=(row.flags - {Flag.SEEN, Flag.FLAGGED}) | flags,
            attachments=one.attachments,
        )
