"""The quick filter as a value: what is wanted of a list, and how the search's language says it."""

import re
from dataclasses import dataclass, field, replace

_WORD = re.compile(r'(?P<not>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_MARKS = re.compile(r'[()":*|]+')


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a message may be. `said`: in the search's language."""

    key: str
    said: str
    title: str
    opposite: str
    icon: str


TERMS: tuple[Term, ...] = (
    Term("unread", "is:unread", "Unread", "Read", "mail"),
    Term("starred", "is:starred", "Starred", "Not starred", "star"),
    Term("attachment", "has:attachment", "Attachment", "No attachment", "paperclip"),
    Term("known", "is:known", "People I know", "Strangers", "users"),
)

FIELDS: dict[str, str] = {"from": "Sender", "to": "Recipients", "subject": "Subject", "body": "Body"}
"""Where the words are looked for: operator -> title."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`terms` and `tags`: True wants it, False wants the opposite. All wanted terms must hold, one of the wanted tags;
    every word of `text` must begin a word in one of `fields`; "-word" must not."""

    terms: dict[str, bool] = field(default_factory=dict)
    tags: dict[str, bool] = field(default_factory=dict)
    text: str = ""
    fields: frozenset[str] = frozenset({"from", "to", "subject"})

    @property
    def empty(self) -> bool:
        """Whether everything is left in."""
        return not self.said

    @property
    def said(self) -> str:
        """In the search's language; empty: nothing is left out."""
        parts = [("" if self.terms[t.key] else "-") + t.said for t in TERMS if t.key in self.terms]
        wanted = [f"tag:{tag}" for tag, on in self.tags.items() if on]
        if wanted:
            parts.append(wanted[0] if len(wanted) == 1 else f"({' OR '.join(wanted)})")
        parts += [f"-tag:{tag}" for tag, on in self.tags.items() if not on]
        return " ".join([*parts, *self._words()])

    def with_term(self, key: str, on: bool | None) -> "Filter":
        """None: it does not matter."""
        return replace(self, terms=_put(self.terms, key, on))

    def with_tag(self, tag: str, on: bool | None) -> "Filter":
        """None: it does not matter."""
        return replace(self, tags=_put(self.tags, tag, on))

    def with_field(self, name: str, on: bool) -> "Filter":
        """Look there too, or not; somewhere it is always looked."""
        left = self.fields | {name} if on else self.fields - {name}
        return replace(self, fields=left) if left else self

    def _words(self) -> list[str]:
        found = []
        for item in _WORD.finditer(self.text):
            phrase = item["phrase"] is not None
            word = " ".join(_MARKS.sub(" ", item["phrase"] if phrase else item["word"]).lstrip("-").split())
            if not any(letter.isalnum() for letter in word) or (len(word) == 1 and word.isascii() and not phrase):
                continue  # one letter begins too much
            value = f'"{word}"' if phrase or " " in word else f"{word}*"
            places = [f"{name}:{value}" for name in FIELDS if name in self.fields]
            one = places[0] if len(places) == 1 else f"({' OR '.join(places)})"
            found.append(f"{item['not']}{one}")
        return found


def _put(before: dict[str, bool], key: str, on: bool | None) -> dict[str, bool]:
    rest = {name: value for name, value in before.items() if name != key}
    return rest if on is None else {**rest, key: on}
