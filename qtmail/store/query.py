"""The query language of search: from what is typed to FTS5's language and a few conditions on rows."""

import re
import unicodedata
from dataclasses import dataclass

from qtmail.errors import BadInput

COLUMNS: dict[str, str] = {
    "from": "sender",
    "to": "recipients",
    "cc": "recipients",
    "subject": "subject",
    "body": "body",
    "file": "files",
}
"""Operator -> column of the search table."""

CONDITIONS: dict[tuple[str, str], str] = {
    ("is", "unread"): "p.seen = 0",
    ("is", "read"): "p.seen = 1",
    ("is", "starred"): "instr(' ' || p.flags || ' ', ' \\Flagged ') > 0",
    ("is", "answered"): "instr(' ' || p.flags || ' ', ' \\Answered ') > 0",
    ("has", "attachment"): "(SELECT attachments FROM message WHERE message.id = p.message) > 0",
}
"""Operator and value -> what must hold of placement `p`."""

_ITEM = re.compile(r'(?P<not>-)?(?:(?P<op>[^\W\d_]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))?')
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003134f])"
)
_FOLD = (
    *(("ß", "ss"), ("æ", "ae"), ("Æ", "ae"), ("ø", "o"), ("Ø", "o")),
    *(("ł", "l"), ("Ł", "l"), ("đ", "d"), ("Đ", "d"), ("ё", "е"), ("Ё", "е")),
)
"""Replaced one after the other: str.translate costs eighteen times as much."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for."""

    match: str = ""
    """FTS5's language; empty: any message."""
    without: str = ""
    """Messages that match this are left out; only where `match` is empty."""
    conditions: tuple[str, ...] = ()


def folded(text: str) -> str:
    """As it is indexed and looked for: compatibility forms unified, letters of scripts without spaces set apart."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    for letter, plain in _FOLD:
        text = text.replace(letter, plain)
    return " ".join(_UNSPACED.split(text))


def parse(typed: str) -> Query:
    """Raises BadInput with what is wrong."""
    wanted: list[str] = []
    unwanted: list[str] = []
    conditions: list[str] = []
    items = [item for item in _ITEM.finditer(typed) if item[0]]
    for item in items:
        negative, op, phrase, word = bool(item["not"]), item["op"], item["phrase"], item["word"]
        if op is not None and op.lower() not in (*COLUMNS, "is", "has"):
            if phrase is None and (word is None or word.startswith("//")):  # "Re:", "https://..."
                op, word = None, f"{op}:{word or ''}"
            else:
                raise BadInput(f"Search does not know “{op}:”.", hint=_known())
        if op is not None and not (phrase or word):
            raise BadInput(f"Something to look for is missing after “{op}:”.")
        if op is not None and op.lower() in ("is", "has"):
            conditions.append(_condition(op.lower(), (phrase or word or "").lower(), negative))
            continue
        last = item.end() == len(typed) and phrase is None and not negative
        if term := _term(phrase if phrase is not None else word or "", phrase is None, last):
            column = COLUMNS[op.lower()] if op is not None else ""
            (unwanted if negative else wanted).append(f"{column} : {term}" if column else term)
    if not (wanted or unwanted or conditions):
        raise BadInput("There is nothing to look for.", hint="Type a word, a name or an address.")
    without = " OR ".join(unwanted)
    match = " AND ".join(wanted)
    if match and without:
        return Query(f"({match}) NOT ({without})", "", tuple(conditions))
    return Query(match, without, tuple(conditions))


def _term(text: str, is_word: bool, last: bool) -> str:
    """One phrase of FTS5; empty when there is no letter or digit in it."""
    prefix = is_word and (last or text.endswith("*"))
    text = folded(text.replace('"', " ").replace("\0", " ")).strip("* ")
    prefix = prefix and len(text) > 1 and " " not in text  # one letter begins too much; apart letters are whole words
    if not any(letter.isalnum() for letter in text):
        return ""
    return f'"{text}"*' if prefix else f'"{text}"'


def _condition(op: str, value: str, negative: bool) -> str:
    condition = CONDITIONS.get((op, value))
    if condition is None:
        raise BadInput(f"Search does not know “{op}:{value}”.", hint=_known())
    return f"NOT ({condition})" if negative else condition


def _known() -> str:
    words = [f"{op}:" for op in COLUMNS] + [f"{op}:{value}" for op, value in CONDITIONS]
    return f"It knows {', '.join(words)}."
