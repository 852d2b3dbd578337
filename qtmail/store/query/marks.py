"""Where the words looked for stand in a text that is shown: what the index took for the same is the same here."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from qtmail.store.query.folding import UNSPACED, UNSPACED_LETTERS, folded
from qtmail.store.query.tree import Words

LONGEST = 300_000
"""Characters that are looked through."""
_TOKEN = re.compile(r"[^\W_]+")
_RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")
_DIACRITICS = re.compile("[\u0300-\u036f]+")
_START = rf"(?:(?<![^\W_])|(?<=[{UNSPACED_LETTERS}]))"
_END = rf"(?:(?![^\W_])|(?=[{UNSPACED_LETTERS}]))"


@dataclass(frozen=True, slots=True)
class Marks:
    """The words of one search."""

    words: tuple[Words, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words)

    def spans(self, text: str, column: str = "") -> list[tuple[int, int]]:
        """(start, end) of what is to be marked in a text, in order, not overlapping. `column`: which text that is
        ("subject", "sender", "body", ...); empty: any."""
        pattern = _compiled(self.words, column)
        if pattern is None or not text:
            return []
        plain, places = _plain(text[:LONGEST])
        found = pattern.finditer(plain)
        return [(places[one.start()], places[one.end() - 1] + 1) for one in found if one.end() > one.start()]

    def has(self, text: str, column: str = "") -> bool:
        """Whether there is something to mark in it: quicker than `spans`."""
        pattern = _compiled(self.words, column)
        return pattern is not None and pattern.search(_bare(folded(text))) is not None

    def terms(self, column: str = "") -> tuple[str, ...]:
        """The words as they were typed, those of the text that `column` is."""
        return tuple(dict.fromkeys(one.text.strip("*") for one in _of(self.words, column)))


def _of(words: tuple[Words, ...], column: str) -> list[Words]:
    return [one for one in words if not column or one.column in ("", column)]


@lru_cache(maxsize=32)
def _compiled(words: tuple[Words, ...], column: str) -> "re.Pattern[str] | None":
    longest_first = sorted({_pattern(one) for one in _of(words, column)} - {""}, key=len, reverse=True)
    return re.compile("|".join(longest_first)) if longest_first else None


def _pattern(word: Words) -> str:
    """Matches in what `_plain` makes; empty where there is nothing to find."""
    tokens = _TOKEN.findall(_bare(folded(word.text)))
    if not tokens:
        return ""
    parts: list[str] = []
    for before, token in zip(["", *tokens], tokens, strict=False):
        apart = UNSPACED.match(token) or (before and UNSPACED.match(before))
        parts.append(("" if not before else r"[\W_]*" if apart else r"[\W_]+") + re.escape(token))
    start = "" if UNSPACED.match(tokens[0]) else _START
    end = "" if word.prefix or UNSPACED.match(tokens[-1]) else _END
    return f"{start}{''.join(parts)}{end}"


def _plain(text: str) -> tuple[str, "range | list[int]"]:
    """As the index has it, and for each of its characters where it is in `text`."""
    if text.isascii():
        return text.lower(), range(len(text))
    made: list[str] = []
    places: list[int] = []
    for run in _RUNS.finditer(text):
        if run[0].isascii():
            made.append(run[0].lower())
            places.extend(range(*run.span()))
        else:
            plain = _letter(run[0])
            made.append(plain)
            places.extend([run.start()] * len(plain))
    return "".join(made), places


@lru_cache(maxsize=4096)
def _letter(letter: str) -> str:
    return _bare(folded(letter).strip() or letter)


def _bare(text: str) -> str:
    """Lower case without diacritics."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _DIACRITICS.sub("", unicodedata.normalize("NFD", text.lower())))
