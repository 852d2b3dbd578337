"""From what is typed to the tree: words, "phrases", op:value, -not, (a OR b). Half-typed queries are queries too."""

import re
import unicodedata
from dataclasses import dataclass, field

from qtmail.errors import BadInput
from qtmail.store.query.folding import phrase
from qtmail.store.query.operators import COLUMNS, OPERATORS, Terms, known, meaning
from qtmail.store.query.tree import All, Any, Node, Not, Query, Where, Words, query

ITEM = re.compile(
    r"""(?P<space>\s+) | (?P<close>\)) | (?P<not>-(?=[^\s]))? (?:(?P<op>[^\W\d_]+):)? (?:
        (?P<open>\() | "(?P<phrase>[^"]*)"? | (?P<word>[^\s"()]+) )?""",
    re.VERBOSE,
)
"""One after the other they are the whole text."""
_SIGN = "EXISTS (SELECT 1 FROM message AS m WHERE m.id = p.message AND instr(m.subject, ?) + instr(m.preview, ?) > 0)"
BEGINNING = 3
"""Letters of the last word from which on it may be the beginning of one; fewer begin too many words to be looked
through at every key."""
DEEPEST = 20
"""Parentheses within parentheses; more is nobody's question."""


def parse(typed: str, terms: Terms) -> Query:
    """Raises BadInput with what is wrong."""
    found = _Reader(typed, terms).any_of("", 0) or _signs(typed)
    if found is None:
        raise BadInput("There is nothing to look for.", hint="Type a word, a name or an address.")
    return query(found)


def _signs(typed: str) -> Node | None:
    """Emoji and other signs alone: the index has none, so subjects and beginnings are looked through."""
    found = [sign.strip("\ufe0e\ufe0f") for sign in typed.split()]
    signs = [sign for sign in found if any(unicodedata.category(letter) in ("So", "Sc", "Sm") for letter in sign)]
    return _one([Where(_SIGN, (sign, sign)) for sign in signs], All) if signs else None


@dataclass(slots=True)
class _Reader:
    """Walks through the text once."""

    typed: str
    terms: Terms
    _items: list["re.Match[str]"] = field(init=False)
    _at: int = 0

    def __post_init__(self) -> None:
        self._items = [item for item in ITEM.finditer(self.typed) if item[0] and not item["space"]]

    def any_of(self, column: str, depth: int) -> Node | None:
        """What stands between ORs, up to the end or a closing parenthesis; None: nothing. `column`: the operator before
        the parenthesis."""
        alternatives: list[Node] = []
        together: list[Node] = []
        while self._at < len(self._items):
            item = self._items[self._at]
            self._at += 1
            if item["close"]:
                if depth:
                    break
                continue
            if item[0] == "OR" or item[0] == "|":
                if together:
                    alternatives.append(_one(together, All))
                    together = []
                continue
            if item[0] in ("AND", "&"):
                continue
            if (node := self._unit(item, column, depth)) is not None:
                together.append(node)
        if together:
            alternatives.append(_one(together, All))
        return _one(alternatives, Any) if alternatives else None

    def _unit(self, item: "re.Match[str]", column: str, depth: int) -> Node | None:
        node = self._group(item, column, depth) if item["open"] else self._item(item, column)
        return Not(node) if node is not None and item["not"] else node

    def _group(self, item: "re.Match[str]", column: str, depth: int) -> Node | None:
        if depth >= DEEPEST:
            raise BadInput("There are too many parentheses within each other.")
        return self.any_of((item["op"] or column).lower(), depth + 1)

    def _item(self, item: "re.Match[str]", column: str) -> Node | None:
        op, said, word = item["op"], item["phrase"], item["word"]
        if op is not None and op.lower() not in OPERATORS:
            if said is None and (word is None or word.startswith("//")):  # "Re:", "https://..."
                op, word = None, f"{op}:{word or ''}"
            else:
                raise BadInput(f"Search does not know “{op}:”.", hint=known())
        value = said if said is not None else word or ""
        if op is not None and not value:
            raise BadInput(f"Something to look for is missing after “{op}:”.")
        op = (op or column).lower()
        if op and op not in COLUMNS:
            if op not in OPERATORS:
                raise BadInput(f"Search does not know “{op}:”.", hint=known())
            return meaning(op, value, self.terms)
        last = item.end() == len(self.typed) and said is None and not item["not"]
        prefix = said is None and (value.endswith("*") or (last and len(value) >= BEGINNING))
        match = phrase(value, prefix=prefix)
        if not match:
            return None
        column = COLUMNS[op] if op else ""
        return Words(f"{column} : {match}" if op else match, value, column, prefix and match.endswith("*"))


def _one(nodes: list[Node], kind: type[All] | type[Any]) -> Node:
    return nodes[0] if len(nodes) == 1 else kind(tuple(nodes))
