"""How deeply HTML is nested, counted before any parser is given it: tree builders take seconds on 50,000 levels."""

import re

MAX_DEPTH = 250
"""Nested tables of real newsletters stay below 100."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
# Elements that a new sibling closes, and whose end tags people leave out: counting them would cry wolf.
_IMPLIED = frozenset("p li dt dd tr td th option thead tbody tfoot colgroup html head body".split())  # noqa: SIM905


def too_deep(html: str) -> bool:
    """Whether some element has more than MAX_DEPTH open ones around it, as far as tags alone can tell."""
    depth = loose = 0
    for closing, name in _TAG.findall(html):
        lower = name.lower()
        if lower in _VOID:
            continue
        step = -1 if closing else 1
        if lower in _IMPLIED:
            loose = max(loose + step, 0)
        else:
            depth = max(depth + step, 0)
        if depth > MAX_DEPTH or loose > 20 * MAX_DEPTH:
            return True
    return False
