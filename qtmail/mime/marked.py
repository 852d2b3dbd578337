"""What a search looked for, marked in a document that is ready to be shown."""

import re
from collections.abc import Callable, Sequence

_PIECE = re.compile(r"""<!--.*?-->|<(?:[^<>"']|"[^"]*"|'[^']*')*>|[^<]+|<""", re.DOTALL)
"""A comment, a tag (quoted values may hold ">") or characters."""
_HIDDEN = re.compile(r"<(style|title|script|textarea|head)\b", re.IGNORECASE)
_ENTITY = re.compile(r"(&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)", re.IGNORECASE)
MOST = 2_000
"""Marks in one document."""

Spans = Callable[[str], Sequence[tuple[int, int]]]


def marked(document: str, spans: Spans, style: str) -> str:
    """The document with a `span` of this style around each of the (start, end) that `spans` finds in a stretch of
    characters between tags. Nothing else is changed: what was safe to show still is. `style`: of ours, it is not
    escaped."""
    out: list[str] = []
    left = MOST
    hidden = ""
    for piece in _PIECE.findall(document):
        if piece.startswith("<"):
            if hidden:
                hidden = "" if piece[2:].lower().startswith(hidden) and piece[1:2] == "/" else hidden
            elif found := _HIDDEN.match(piece):
                hidden = found[1].lower()
            out.append(piece)
            continue
        if hidden or left <= 0 or not piece.strip():
            out.append(piece)
            continue
        for number, text in enumerate(_ENTITY.split(piece)):
            made, count = (text, 0) if number % 2 else _in_text(text, spans, style)
            out.append(made)
            left -= count
    return "".join(out)


def _in_text(text: str, spans: Spans, style: str) -> tuple[str, int]:
    made: list[str] = []
    at = count = 0
    for start, end in spans(text):
        made += (text[at:start], f'<span style="{style}">', text[start:end], "</span>")
        at, count = end, count + 1
    made.append(text[at:])
    return "".join(made), count
