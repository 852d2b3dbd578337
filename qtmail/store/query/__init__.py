"""The language of the search box: from what is typed to FTS5's language and conditions on rows."""

from qtmail.store.query.folding import folded
from qtmail.store.query.marks import Marks
from qtmail.store.query.operators import Terms
from qtmail.store.query.parser import parse
from qtmail.store.query.suggest import Suggestion, fixed, quoted, understood, unfinished
from qtmail.store.query.tree import MATCHING, All, Any, Node, Query, Words, asked

__all__ = [
    "MATCHING",
    "All",
    "Any",
    "Marks",
    "Node",
    "Query",
    "Suggestion",
    "Terms",
    "Words",
    "asked",
    "fixed",
    "folded",
    "parse",
    "quoted",
    "understood",
    "unfinished",
]
