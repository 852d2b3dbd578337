"""Plain text made into HTML and HTML made into plain text."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape, unescape
from typing import Any

from qtmail.mime import nesting

MAX_QUOTE = 5
"""Quote levels beyond this one look like it."""

_TAG = re.compile(r"<[^<>]*>|<[^<>]*\Z")
_BREAK = re.compile(r"<(?:br|hr|/p|/div|/tr|/li|/h[1-6]|/blockquote|/table)\b[^<>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(!--|script|style|title)", re.IGNORECASE)
_HIDDEN_END = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "title")}
_HIDDEN_END["!--"] = re.compile("-->")
_MAYBE_LINK = re.compile(r"://|www\.|mailto:|@|\w\.\w")
_MAX_LINKED = 400_000
_MAX_LINE = 4_000
_MAX_LAID_OUT = 150_000
"""Characters; laying out takes 0.3 ms a kilobyte, and a mail should open within 50 ms."""
_MAX_NESTABLE = 8_000
# What counts as a top-level domain in "example.org/x" without a scheme. Left out on purpose: py, rs, sh, md, so, cc,
# ps, zip, mov, app and others that are more often file name extensions or identifiers.
_TLDS = (  # noqa: SIM905
    "com org net edu gov int mil info biz name eu io dev cloud online shop blog tech email news museum coop aero "
    "at au be bg br ca ch cn cz de dk ee es fi fr gr hk hr hu id ie il in is it jp kr lt lu lv mx nl no nz "
    "pl pt ro se sg si sk th tr tw ua uk us za рф"
).split()


def html_words(html: str) -> str:
    """The characters outside tags: what is left to do with HTML that no parser should be given. Linear in time."""
    html = html[:2_000_000]
    out: list[str] = []
    at = 0
    while found := _HIDDEN.search(html, at):
        out.append(html[at : found.start()])
        close = _HIDDEN_END[found[1].lower()].search(html, found.end())
        at = close.end() if close else len(html)
    out.append(html[at:])
    return unescape(_TAG.sub(" ", _BREAK.sub("\n", " ".join(out))))


@lru_cache(maxsize=1)
def _linkify() -> Any:
    from linkify_it import LinkifyIt  # 30 ms that a window without an open message need not spend

    finder = LinkifyIt({}, {"fuzzy_link": True, "fuzzy_email": True, "fuzzy_ip": False})
    return finder.tlds(_TLDS)


def linked(line: str) -> str:
    """One line, escaped, with its web and mail addresses as links."""
    if len(line) > _MAX_LINE or not _MAYBE_LINK.search(line):
        return escape(line)
    out: list[str] = []
    last = 0
    for match in _linkify().match(line) or ():
        if not match.url.lower().startswith(("http://", "https://", "mailto:", "ftp://")):
            continue
        out.append(escape(line[last : match.index]))
        shown = escape(line[match.index : match.last_index])
        out.append(f'<a href="{escape(match.url)}">{shown}</a>')
        last = match.last_index
    return "".join((*out, escape(line[last:])))


def levels(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its quote depth, its ">" marks taken off."""
    for line in text.split("\n"):
        at = depth = 0
        while at < len(line) and (line[at] == ">" or (line[at] == " " and line[at + 1 : at + 2] == ">" and depth)):
            depth += line[at] == ">"
            at += 1
        rest = line[at:]
        yield depth, rest.removeprefix(" ") if depth else rest


def text_to_html(text: str) -> str:
    """A plain text body as a fragment: links made live, quotes nested as blockquote.quote.level-N, signature dimmed.

    Class names: text, quote level-1 ... level-5, signature. Colours are the caller's CSS.
    """
    out = ['<div class="text" style="white-space:pre-wrap">']
    depth = done = 0
    signature = False
    for level, line in levels(text):
        wanted = min(level, MAX_QUOTE)
        if wanted != depth:
            out += ["</blockquote>"] * (depth - wanted)
            out += [f'<blockquote class="quote level-{number}">' for number in range(depth + 1, wanted + 1)]
            depth = wanted
        if line in {"-- ", "--"} and not depth and not signature:
            signature = True
            out.append('<div class="signature">')
        done += len(line)
        out.append((linked(line) if done < _MAX_LINKED else escape(line)) + "\n")
    out += ["</blockquote>"] * depth
    return "".join((*out, "</div>" if signature else "", "</div>"))


def html_to_text(html: str) -> str:
    """Readable text of an HTML body, with its tables and lists laid out. Never raises."""
    if len(html) > _MAX_LAID_OUT or nesting.may_nest(html, _MAX_NESTABLE) or nesting.depth(html) > 200:
        return _tidied(html_words(html))
    from inscriptis import get_text  # 60 ms with lxml
    from inscriptis.model.config import ParserConfig
    from lxml.etree import LxmlError

    try:
        return _tidied(get_text(html, ParserConfig(display_links=False)))
    except (LxmlError, ValueError, TypeError, AttributeError, IndexError, RecursionError, AssertionError):
        return _tidied(html_words(html))


def _tidied(text: str) -> str:
    lines = (line.rstrip().replace("\xa0", " ") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
