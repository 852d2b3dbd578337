"""How what is being typed may go on."""

from dataclasses import dataclass

from qtmail.store.query import dates
from qtmail.store.query.operators import KINDS, OPERATORS, SAYS, STATES
from qtmail.store.query.parser import ITEM

FEWEST = 2
"""Letters of a word before operators are offered for it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to go on."""

    text: str
    """Stands instead of the unfinished word."""
    says: str = ""
    """What it means, in a few words."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The last word of what is typed."""

    start: int
    """Where it begins in the text."""
    op: str
    """"" where there is no colon."""
    value: str


def unfinished(typed: str) -> Unfinished:
    """Of a text up to the cursor; an empty word at its end where nothing was begun."""
    for item in ITEM.finditer(typed):
        if item.end() == len(typed) and item[0] and not (item["space"] or item["close"] or item["open"]):
            start = item.start() + (1 if item["not"] else 0)
            said = item["phrase"] if item["phrase"] is not None else item["word"] or ""
            return Unfinished(start, (item["op"] or "").lower(), said.lower())
    return Unfinished(len(typed), "", "")


def understood(typed: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of each operator with its value in what is typed; not of the one that is being typed."""
    found = []
    for item in ITEM.finditer(typed):
        known = (item["op"] or "").lower() in OPERATORS and (item["word"] or item["phrase"])
        closed = item["phrase"] is None or item[0].endswith('"')
        if known and closed and (item.end() < len(typed) or item["phrase"]):
            found.append((item.start(), item.end()))
    return tuple(found)


def fixed(word: Unfinished) -> tuple[Suggestion, ...]:
    """Those that do not depend on what is in the store."""
    if not word.op:
        if len(word.value) < FEWEST:
            return ()
        operators = [Suggestion(f"{op}:", says) for op, says in SAYS.items() if op.startswith(word.value)]
        states = [Suggestion(f"{op}:{value}") for op, value in STATES if value.startswith(word.value)]
        return (*operators, *states)
    return tuple(
        Suggestion(quoted(word.op, value))
        for value in _values(word.op)
        if value.lower().startswith(word.value) and value.lower() != word.value
    )


def quoted(op: str, value: str) -> str:
    """As it is typed; in quotes where it has spaces or parentheses."""
    plain = value and not any(letter.isspace() or letter in '()"' for letter in value)
    return f"{op}:{value}" if plain else f'{op}:"{value.replace(chr(34), " ")}"'


def _values(op: str) -> tuple[str, ...]:
    match op:
        case "is" | "has":
            return tuple(value for state, value in STATES if state == op)
        case "type":
            return tuple(KINDS)
        case "before" | "after" | "on":
            return dates.SPANS
        case "older" | "newer":
            return ("3d", "2w", "6m", "1y")
        case "larger" | "smaller":
            return ("100K", "1M", "5M", "25M")
        case _:
            return ()
