"""Long quotes folded away: who reads an answer has read what is quoted. Nothing is ever left out, only folded."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from qtmail.mime.text import levels

LEAST_LINES = 6
"""Shorter quotes stay: an answer between the lines needs them."""
_LEAST_LETTERS = 240
_QUOTES = "blockquote[type=cite], blockquote.gmail_quote, div.gmail_quote, blockquote.quote, div.yahoo_quoted"
_FOLD = '<details class="quoted"><summary>Show quoted text</summary>'
_SHEET = re.compile(r"^<style>.*?</style>", re.DOTALL)


def folded_levels(text: str) -> Iterator[tuple[int, str]]:
    """Like text.levels; a long stretch of quoted lines is one line of level -1 that says how many there are.

    A text that is nothing but a quote stays as it is.
    """
    every = list(levels(text))
    if not any(not level and line.strip() for level, line in every):
        yield from every
        return
    at = 0
    while at < len(every):
        end = _quote_end(every, at)
        if end - at >= LEAST_LINES:
            yield -1, f"Show quoted text ({end - at:,} lines)"
            at = end
            continue
        end = max(end, at + 1)
        yield from every[at:end]
        at = end


def _quote_end(every: list[tuple[int, str]], at: int) -> int:
    """Behind the last quoted line of the stretch that begins here; blank lines between belong to it."""
    end = at
    for number in range(at, len(every)):
        level, line = every[number]
        if level:
            end = number + 1
        elif line.strip():
            break
    return end if at < len(every) and every[at][0] else at


def folded(html: str) -> str:
    """A sanitised fragment with its outermost long quotes in <details>; itself where there are none."""
    if "<blockquote" not in html and "_quote" not in html:
        return html
    found = _SHEET.match(html)
    sheet, body = (found[0], html[found.end() :]) if found else ("", html)
    try:
        tree = LexborHTMLParser(f"<body>{body}</body>")
    except (SelectolaxError, ValueError, MemoryError):
        return html
    if tree.body is None:
        return html
    quotes = [quote for quote in tree.css(_QUOTES) if not _inside(quote)]
    letters = len(tree.body.text().strip())
    for quote in quotes[:200]:
        length = len(quote.text().strip())
        if length < _LEAST_LETTERS or length >= letters - 1:
            continue
        new = LexborHTMLParser(f"<body>{_FOLD}{quote.html}</details></body>").css_first("details")
        if new is not None:
            quote.replace_with(new)
    return sheet + (tree.body.inner_html or "")


def without_folds(html: str) -> str:
    """The same with every fold open, for what cannot fold: paper, and the simple view."""
    return html.replace(_FOLD, '<details class="quoted" open><summary></summary>')


def _inside(quote: LexborNode) -> bool:
    """Whether it is within another quote that is folded."""
    parent = quote.parent
    while parent is not None:
        if parent.tag == "details" or (parent.tag or "") == "blockquote":
            return True
        if parent.tag == "div" and "gmail_quote" in (parent.attributes.get("class") or "").split():
            return True
        parent = parent.parent
    return False
