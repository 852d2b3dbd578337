"""Formatted text as the composer holds it: lines with runs, read from any HTML, written as tidy, minimal HTML.

A `Line` is what an Enter ends, so that what is written looks the same as HTML and as plain text. Foreign HTML is
simplified on the way in: what is kept is words, emphasis, links, pictures by Content-ID, lists, headings, quotation.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from qtmail.mime import nesting
from qtmail.mime.text import html_words, levels, linked

MAX_QUOTE = 8
MAX_LIST = 6
_MAX_NESTABLE = 12_000


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look, or a picture (no characters then)."""

    text: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    code: bool = False
    href: str = ""
    picture: str = ""
    """Content-ID, without brackets."""
    width: int = 0
    """Of a picture, in pixels; 0: its own."""

    @property
    def plain(self) -> bool:
        """Whether nothing is lost when only the characters stay."""
        return self == Run(self.text) or (self == Run(self.text, href=self.href) and _says(self.text, self.href))


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `kind` is "p", "ul", "ol", "h1" to "h3" or "hr"; `depth` counts from 1 in lists."""

    runs: tuple[Run, ...] = ()
    kind: str = "p"
    depth: int = 0
    quote: int = 0
    signature: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def empty(self) -> bool:
        return not self.runs and self.kind == "p"


def _says(text: str, href: str) -> bool:
    """Whether a link's words are its address."""
    bare = re.sub(r"^(?:https?://|mailto:)", "", href).rstrip("/")
    return text.strip().removeprefix("http://").removeprefix("https://").rstrip("/") == bare


# ---- reading -----------------------------------------------------------------------------------------------------

_BLOCKS = frozenset(
    {"address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption"}
    | {"figure", "footer", "form", "header", "html", "main", "nav", "section", "summary", "table", "tbody", "tfoot"}
    | {"thead", "tr", "ul", "ol", "menu", "li", "blockquote", "caption"}
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "dl"})
"""Elements that browsers keep apart from what is around them."""
_HEADINGS = {"h1": "h1", "h2": "h2", "h3": "h3", "h4": "h3", "h5": "h3", "h6": "h3"}
_SKIPPED = frozenset({"head", "style", "script", "title", "template", "svg", "math", "object", "iframe", "noscript"})
_LOOKS: dict[str, str] = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "cite": "italic", "u": "underline",
    "ins": "underline", "s": "strike", "strike": "strike", "del": "strike", "code": "code", "tt": "code",
    "kbd": "code", "samp": "code", "th": "bold",
}  # fmt: skip
_STYLES = (
    (re.compile(r"font-weight:\s*(?:bold|[6-9]00)"), "bold"),
    (re.compile(r"font-style:\s*italic"), "italic"),
    (re.compile(r"text-decoration[^;]*underline"), "underline"),
    (re.compile(r"text-decoration[^;]*line-through"), "strike"),
)
_LINKS = ("http://", "https://", "mailto:", "tel:")


@dataclass(frozen=True, slots=True)
class _At:
    """What holds where the reader stands in the tree."""

    look: Run = Run("")
    line: Line = Line()
    pre: bool = False


class _Reader:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._runs: list[Run] = []
        self._gap = False

    def flush(self, at: _At, *, force: bool = False) -> None:
        """End the line. An empty one stays only if it was ended on purpose."""
        runs = _trimmed(self._runs)
        self._runs = []
        if not runs and not force:
            return
        if runs and self._gap and self.lines and not self.lines[-1].empty:
            level = min(at.line.quote, self.lines[-1].quote)
            self.lines.append(Line(quote=level, signature=at.line.signature and self.lines[-1].signature))
        self._gap = False
        self.lines.append(replace(at.line, runs=tuple(runs)))

    def add(self, text: str, at: _At) -> None:
        if at.pre:
            first, *rest = text.replace("\r", "").split("\n")
            self._put(first, at)
            for line in rest:
                self.flush(at, force=True)
                self._put(line, at)
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", text)
        if not self._runs or self._runs[-1].text.endswith(" "):
            text = text.lstrip(" ")
        self._put(text, at)

    def _put(self, text: str, at: _At) -> None:
        if text:
            self._runs.append(replace(at.look, text=text.replace("\xa0", " ")))

    def walk(self, node: LexborNode, at: _At, deep: int = 0) -> None:
        child = node.child
        while child is not None:
            tag = child.tag or ""
            if tag == "-text":
                self.add(child.text_content or "", at)
            elif deep < 200 and tag not in _SKIPPED and not tag.startswith(("-", "!")):
                self._element(child, tag, at, deep + 1)
            child = child.next

    def _element(self, node: LexborNode, tag: str, at: _At, deep: int) -> None:
        match tag:
            case "br":
                self.flush(at, force=True)
            case "hr":
                self.flush(at)
                self.lines.append(replace(at.line, runs=(), kind="hr"))
            case "img":
                source = node.attributes.get("src") or ""
                if source.startswith("cid:"):
                    width = node.attributes.get("width") or ""
                    self._runs.append(
                        Run("", picture=source[4:], width=int(width) if width.isdigit() and len(width) < 5 else 0)
                    )
                else:
                    self.add(node.attributes.get("alt") or "", at)
            case "td" | "th":
                if self._runs:
                    self._put("\t", at)
                self.walk(node, _styled(node, tag, at), deep)
            case _ if tag in _BLOCKS or tag in _SPACED:
                self._block(node, tag, at, deep)
            case _:
                self.walk(node, _styled(node, tag, at), deep)

    def _block(self, node: LexborNode, tag: str, at: _At, deep: int) -> None:
        self.flush(at)
        spaced = tag in _SPACED and "margin:0" not in (node.attributes.get("style") or "").replace(" ", "")
        self._gap = self._gap or spaced
        inside = _inside(node, tag, _styled(node, tag, at))
        self.walk(node, inside, deep)
        self.flush(inside)
        self._gap = spaced


def _inside(node: LexborNode, tag: str, at: _At) -> _At:
    """What holds within a block element."""
    classes = (node.attributes.get("class") or "").split()
    line = at.line
    if tag == "blockquote":
        line = replace(line, quote=min(line.quote + 1, MAX_QUOTE), kind="p", depth=0)
    elif tag in ("ul", "ol", "menu"):
        line = replace(line, depth=min(line.depth + 1, MAX_LIST), kind="ol" if tag == "ol" else "ul")
    elif tag in _HEADINGS:
        line = replace(line, kind=_HEADINGS[tag])
    if "signature" in classes or "moz-signature" in classes or "gmail_signature" in classes:
        line = replace(line, signature=True)
    style = (node.attributes.get("style") or "").replace(" ", "")
    pre = tag == "pre" or "text" in classes or "white-space:pre" in style or at.pre
    return replace(at, line=line, pre=pre)


def _styled(node: LexborNode, tag: str, at: _At) -> _At:
    look = at.look
    if tag == "a":
        href = (node.attributes.get("href") or "").strip()
        if href.lower().startswith(_LINKS):
            look = replace(look, href=href)
    elif tag in _LOOKS:
        look = _with(look, _LOOKS[tag])
    style = (node.attributes.get("style") or "").lower()
    if style and tag not in ("body", "html", "table"):
        for pattern, name in _STYLES:
            if pattern.search(style) and not (name == "underline" and look.href):
                look = _with(look, name)
    return replace(at, look=look)


def _with(look: Run, name: str) -> Run:
    return replace(look, **{name: True})  # type: ignore[arg-type]


def _trimmed(runs: Iterable[Run]) -> list[Run]:
    """Neighbours of one look joined; no blanks at the line's end."""
    joined: list[Run] = []
    for run in runs:
        if joined and not run.picture and replace(run, text="") == replace(joined[-1], text=""):
            joined[-1] = replace(run, text=joined[-1].text + run.text)
        else:
            joined.append(run)
    if joined and not joined[-1].picture and joined[-1].text != "-- ":
        joined[-1] = replace(joined[-1], text=joined[-1].text.rstrip(" \t"))
        if not joined[-1].text:
            joined.pop()
    return joined


def lines_of_html(html: str) -> tuple[Line, ...]:
    """Any HTML, simplified to lines. Sanitise what came from elsewhere first. Never raises."""
    if nesting.may_nest(html, _MAX_NESTABLE):
        return lines_of_text(html_words(html))
    try:
        tree = LexborHTMLParser(html)
    except (SelectolaxError, ValueError, MemoryError):
        return lines_of_text(html_words(html))
    reader = _Reader()
    if tree.body is not None:
        reader.walk(tree.body, _At())
        reader.flush(_At())
    return tuple(reader.lines)


def lines_of_text(text: str) -> tuple[Line, ...]:
    """Plain text: quotes by their marks, a signature from its "-- " to the next empty line."""
    lines: list[Line] = []
    signed = False
    for level, line in levels(text):
        if level or not line.strip():
            signed = False
        elif line in ("-- ", "--"):
            signed = True
        lines.append(Line((Run(line),) if line else (), quote=min(level, MAX_QUOTE), signature=signed))
    return tuple(lines)


# ---- writing -----------------------------------------------------------------------------------------------------

_QUOTE_STYLE = "margin:0 0 0 4px;padding-left:12px;border-left:2px solid #dfe3e8"
_TAGS = (("code", "code"), ("strike", "s"), ("underline", "u"), ("italic", "i"), ("bold", "b"))


def html_of(lines: Iterable[Line]) -> str:
    """A fragment: one <div> a line, lists as lists, quotes in nested <blockquote type="cite">."""
    return "".join(_quoted(tuple(lines), 0))


def _quoted(lines: tuple[Line, ...], level: int) -> Iterator[str]:
    for deeper, group in groupby(lines, lambda line: line.quote > level):
        if deeper:
            inner = "".join(_quoted(tuple(group), level + 1))
            yield f'<blockquote type="cite" style="{_QUOTE_STYLE}">{inner}</blockquote>'
            continue
        for signed, part in groupby(group, lambda line: line.signature):
            written = "".join(_listed(tuple(part), 0))
            yield f'<div class="signature">{written}</div>' if signed else written


def _listed(lines: tuple[Line, ...], depth: int) -> Iterator[str]:
    for kind, group in groupby(lines, lambda line: line.kind if line.depth > depth else ""):
        if kind in ("ul", "ol"):
            yield f"<{kind}>{''.join(_listed(tuple(group), depth + 1))}</{kind}>"
            continue
        for line in group:
            yield _line(line)


def _line(line: Line) -> str:
    if line.kind == "hr":
        return "<hr>"
    tag = {"ul": "li", "ol": "li", "p": "div"}.get(line.kind, line.kind)
    after_blank = [True, *(run.text.endswith((" ", "\t")) for run in line.runs)]
    inner = "".join(_run(run, kept) for run, kept in zip(line.runs, after_blank, strict=False))
    return f"<{tag}>{inner or '<br>'}</{tag}>"


def _run(run: Run, after_blank: bool) -> str:
    """A run's HTML; `after_blank`: a blank at its start would be swallowed."""
    if run.picture:
        width = f' width="{run.width}"' if run.width else ""
        return f'<img src="cid:{escape(run.picture)}" alt=""{width}>'
    text = escape(run.text, quote=False) if run.href else linked(run.text)
    out = _spaced(text)
    if after_blank and out.startswith(" "):
        out = f"&nbsp;{out[1:]}"
    for name, tag in _TAGS:
        if getattr(run, name):
            out = f"<{tag}>{out}</{tag}>"
    return f'<a href="{escape(run.href)}">{out}</a>' if run.href else out


def _spaced(html: str) -> str:
    """Blanks that HTML would swallow, kept."""
    html = html.replace("\t", "    ")
    return re.sub(r"  +", lambda found: " " + "&nbsp;" * (len(found[0]) - 1), html)


def text_of(lines: Iterable[Line]) -> str:
    """As plain text: marks for quotes and list entries, addresses behind words that hide them."""
    out: list[str] = []
    numbers: dict[int, int] = {}
    for line in lines:
        if line.kind not in ("ul", "ol"):
            numbers.clear()
        mark = ""
        if line.kind == "ul":
            mark = "  " * (line.depth - 1) + "- "
        elif line.kind == "ol":
            numbers[line.depth] = numbers.get(line.depth, 0) + 1
            mark = "  " * (line.depth - 1) + f"{numbers[line.depth]}. "
        words = "-" * 40 if line.kind == "hr" else mark + "".join(map(_words, line.runs))
        out.append((">" * line.quote + " " + words).rstrip() if line.quote else words)
    return "\n".join(out)


def _words(run: Run) -> str:
    if run.picture:
        return "[picture]"
    if run.href and not _says(run.text, run.href):
        return f"{run.text} <{run.href.removeprefix('mailto:')}>"
    return run.text


def is_plain(lines: Iterable[Line]) -> bool:
    """Whether plain text says all that is there."""
    return all(line.kind == "p" and all(run.plain for run in line.runs) for line in lines)
