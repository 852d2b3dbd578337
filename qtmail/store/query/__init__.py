"""The language of the search box: from what is typed to FTS5's language and conditions on rows."""

from qtmail.store.query.folding import folded
from qtmail.store.query.marks import Marks
from qtmail.store.query.operators import Terms
from qtmail.store.query.parser import parse
from qtmail.store.query.suggest import Suggestion, fixed, quoted, unfinished
from qtmail.store.query.tree import MATCHING, Query, asked

__all__ = [
    "MATCHING",
    "Marks",
    "Query",
    "Suggestion",
    "Terms",
    "asked",
    "fixed",
    "folded",
    "parse",
    "quoted",
    "unfinished",
]
