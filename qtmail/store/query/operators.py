"""What may stand before a colon, and what it means."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qtmail.errors import BadInput
from qtmail.model import AccountKey
from qtmail.store.query import dates
from qtmail.store.query.folding import phrase
from qtmail.store.query.tree import Any, Node, Where, Words

COLUMNS: dict[str, str] = {
    "from": "sender",
    "to": "recipients",
    "cc": "recipients",
    "subject": "subject",
    "body": "body",
    "filename": "files",
    "file": "files",
}
"""Operator -> column of the search table."""

KINDS: dict[str, tuple[str, ...]] = {
    "pdf": ("pdf",),
    "image": ("png", "jpg", "jpeg", "gif", "webp", "heic", "svg", "bmp", "tif", "tiff"),
    "audio": ("mp3", "ogg", "opus", "wav", "flac", "m4a", "aac"),
    "video": ("mp4", "mov", "mkv", "avi", "webm", "m4v"),
    "document": ("pdf", "doc", "docx", "odt", "rtf", "txt", "pages", "md"),
    "spreadsheet": ("xls", "xlsx", "ods", "csv", "numbers"),
    "presentation": ("ppt", "pptx", "odp", "key"),
    "archive": ("zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar"),
    "calendar": ("ics",),
    "contact": ("vcf",),
    "mail": ("eml", "msg"),
}
"""type:NAME -> the endings of file names that are of it; any other ending is taken as it is."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmg]?)(?:i?b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_FLAG = "instr(' ' || p.flags || ' ', ?) > 0"


def _flag(name: str) -> Where:
    return Where(_FLAG, (f" {name} ",))


_ENCRYPTED = Any(
    (
        Words('files : "encrypted asc"'),
        Words('files : "smime p7m"'),
        Words('body : "begin pgp message"'),
    )
)
_ATTACHED = Where("(SELECT attachments FROM message WHERE message.id = p.message) > 0")
_KNOWN = Where(
    """(SELECT from_addr FROM message WHERE message.id = p.message) COLLATE NOCASE IN
      (SELECT address FROM person WHERE wrote > 0)"""
)
"""From somebody the user wrote to."""

_MUTED = Where("""p.message IN (
    SELECT m.id FROM thread_mute AS u JOIN thread_node AS n ON n.id = u.node JOIN message AS m ON m.thread = n.thread
)""")
STATES: dict[tuple[str, str], Node] = {
    ("is", "unread"): Where("p.seen = 0"),
    ("is", "read"): Where("p.seen = 1"),
    ("is", "starred"): Where("instr(' ' || p.flags || ' ', ' \\Flagged ') > 0"),  # as its index has it
    ("is", "answered"): _flag("\\Answered"),
    ("is", "forwarded"): _flag("$Forwarded"),
    ("is", "draft"): _flag("\\Draft"),
    ("is", "muted"): _MUTED,
    ("is", "known"): _KNOWN,
    ("is", "encrypted"): _ENCRYPTED,
    ("has", "attachment"): _ATTACHED,
}
"""Those with a fixed set of words after the colon."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the words of a query mean here and now."""

    now: int
    accounts: Mapping[str, AccountKey]
    """Names and addresses, folded to lower case."""


def _in(value: str, terms: Terms) -> Node:
    said = value.lower().strip("/")
    if said in ("anywhere", "all"):
        return Where("1")
    account, _, path = said.partition("/")
    if path and account in terms.accounts:
        sql = "p.folder IN (SELECT id FROM folder WHERE account = ? AND lower(path) = ?)"
        return Where(sql, (terms.accounts[account], path))
    sql = """p.folder IN (
        SELECT id FROM folder
        WHERE lower(path) = ? OR substr(lower(path), -length(?)) = ? OR role = ? AND role <> ''
    )"""
    below = f"/{said}"
    return Where(sql, (said, below, below, said))


def _account(value: str, terms: Terms) -> Node:
    said = value.lower()
    keys = {key for name, key in terms.accounts.items() if name == said} or {
        key for name, key in terms.accounts.items() if name.startswith(said)
    }
    if not keys:
        names = ", ".join(sorted(name for name in terms.accounts if "@" not in name))
        raise BadInput(f"There is no account “{value}”.", hint=f"There are: {names}." if names else "")
    sql = "p.folder IN (SELECT id FROM folder WHERE account IN (SELECT value FROM json_each(?)))"
    return Where(sql, (json.dumps(sorted(keys)),))


def _tag(value: str, terms: Terms) -> Node:
    return Where("instr(' ' || lower(p.flags) || ' ', ?) > 0", (f" {value.lower()} ",))


def _type(value: str, terms: Terms) -> Node:
    said = value.lower().lstrip(".").rstrip("s") if value.lower().rstrip("s") in KINDS else value.lower().lstrip(".")
    matches = [Words(f"files : {match}") for end in KINDS.get(said, (said,)) if (match := phrase(end, prefix=False))]
    if not matches:
        raise BadInput(f"“{value}” is no type of file.", hint=f"Say an ending, or one of {', '.join(KINDS)}.")
    return Any(tuple(matches))


def _size(value: str) -> int:
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise BadInput(f"“{value}” is no size.", hint="Say 500K, 5M or 1G.")
    return int(float(found[1]) * _UNITS[found[2].lower()])


_OCTETS = "(SELECT size FROM message WHERE message.id = p.message)"


def _on(value: str, terms: Terms) -> Node:
    return Where("p.date >= ? AND p.date < ?", dates.span(value, terms.now))


VALUED: dict[str, Callable[[str, Terms], Node]] = {
    "in": _in,
    "account": _account,
    "tag": _tag,
    "type": _type,
    "larger": lambda value, terms: Where(f"{_OCTETS} > ?", (_size(value),)),
    "smaller": lambda value, terms: Where(f"{_OCTETS} < ?", (_size(value),)),
    "before": lambda value, terms: Where("p.date < ?", (dates.span(value, terms.now)[0],)),
    "after": lambda value, terms: Where("p.date >= ?", (dates.span(value, terms.now)[1],)),
    "on": _on,
    "older": lambda value, terms: Where("p.date < ?", (dates.ago(value, terms.now),)),
    "newer": lambda value, terms: Where("p.date >= ?", (dates.ago(value, terms.now),)),
}
"""Operator -> what its value means. `before:` and `after:` leave out the day, month or year itself."""

OPERATORS = (*COLUMNS, "is", "has", *VALUED)

SAYS: dict[str, str] = {
    "from": "who wrote it",
    "to": "whom it is to",
    "cc": "whom it is to",
    "subject": "words of the subject",
    "body": "words of the text",
    "filename": "name of an attachment",
    "is": "unread, starred, answered …",
    "has": "attachment",
    "in": "folder",
    "account": "one account",
    "tag": "a tag of yours",
    "type": "kind of attachment",
    "larger": "than 5M, 500K",
    "smaller": "than 5M, 500K",
    "before": "2024-03, yesterday, “last week”",
    "after": "2024-03, yesterday, “last week”",
    "on": "2024-03-15, yesterday",
    "older": "than 3d, 2w, 6m, 1y",
    "newer": "than 3d, 2w, 6m, 1y",
}
"""What is typed after each; `file:` is another word for `filename:`."""


def meaning(op: str, value: str, terms: Terms) -> Node:
    """Of an operator that is not a column. Raises BadInput."""
    if op in VALUED:
        return VALUED[op](value, terms)
    said = value.lower()
    if said in ("flagged", "attachments", "seen", "replied"):
        said = {"flagged": "starred", "attachments": "attachment", "seen": "read", "replied": "answered"}[said]
    state = STATES.get((op, said))
    if state is None:
        raise BadInput(f"Search does not know “{op}:{value}”.", hint=known())
    return state


def known() -> str:
    """All of it, in a sentence."""
    words = [f"{op}:" for op in (*COLUMNS, *VALUED)] + [f"{op}:{value}" for op, value in STATES]
    return f"It knows {', '.join(words)}."
