"""The links by which a conversation's page says what was clicked. No mail can contain one: mime.html keeps no such."""

from dataclasses import dataclass
from enum import StrEnum

from qtmail.model import RowId

SCHEME = "qtmail-thread:"
ALL = "thread"
"""The id of the element that holds all messages."""


class Verb(StrEnum):
    TOGGLE = "toggle"
    """Open or fold the message."""
    REPLY = "reply"
    STAR = "star"
    MORE = "more"
    PRESS = "press"
    """A button of one of its notices; `what` is its id."""
    UNFOLD = "unfold"
    """Its quotes."""
    PART = "part"
    """An attachment; `what` is its index."""


@dataclass(frozen=True, slots=True)
class Click:
    verb: Verb
    row: RowId
    what: str = ""


def link(verb: Verb, row: RowId, what: object = "") -> str:
    """As it stands in the page."""
    return f"{SCHEME}{verb.value}/{row}/{what}"


def read(url: str) -> Click | None:
    """What was clicked; None for a link of the mail itself."""
    if not url.startswith(SCHEME):
        return None
    verb, _, rest = url.removeprefix(SCHEME).partition("/")
    row, _, what = rest.partition("/")
    if verb not in list(Verb) or not row.isdigit():
        return None
    return Click(Verb(verb), RowId(int(row)), what)


def name(row: RowId) -> str:
    """The id of the element that shows this message."""
    return f"m{row}"


def row_of(name: str) -> RowId:
    """The other way."""
    return RowId(int(name.removeprefix("m")))
