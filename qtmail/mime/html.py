"""HTML from strangers, made safe; plain text made into HTML; the complete documents the reader shows."""

import base64
import binascii
import itertools
import re
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote, urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from qtmail.mime import css as styles
from qtmail.mime import headers, nesting
from qtmail.mime.text import html_to_text, html_words, text_to_html
from qtmail.mime.trackers import counting_address, trackers

__all__ = [
    "BASE_CSS",
    "CID_PREFIX",
    "POLICY",
    "REMOTE_PREFIX",
    "SafeHtml",
    "content_id",
    "document",
    "html_to_text",
    "remote_source",
    "sanitise",
    "text_to_html",
]

CID_PREFIX = "mail-body:/cid/"
REMOTE_PREFIX = "mail-remote:/"
POLICY = (
    "default-src 'none'; img-src mail-body: cid: data: mail-remote:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-src 'none'"
)
"""The content security policy of every document shown."""

MAX_HTML = 5_000_000
"""Characters; what is longer is cut before it is parsed."""
MAX_TAGS = 40_000
"""Of what is drawn: laying out 20,000 elements takes half a second, and nothing is seen before."""
MAX_NESTABLE = 12_000
"""Elements that could nest; more are shown as text, because parsing may take seconds (see `nesting`)."""

_TAGS = frozenset(
    """
    a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del
    details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main
    mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot
    th thead time tr tt u ul var wbr
    """.split()  # noqa: SIM905
)
_DROPPED = frozenset(
    """
    script style title svg math iframe frame frameset noframes object embed applet template noembed
    noscript select datalist audio video canvas map xml
    """.split()  # noqa: SIM905
)
_EVERYWHERE = frozenset("align bgcolor class dir height id lang style title valign width".split())  # noqa: SIM905
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(_EVERYWHERE),
    "a": {"href", "name"},
    "img": {"src", "alt", "border", "hspace", "vspace"},
    "table": {"background", "border", "bordercolor", "cellpadding", "cellspacing", "frame", "rules", "summary"},
    "tr": {"background"},
    "td": {"abbr", "axis", "background", "colspan", "headers", "nowrap", "rowspan", "scope"},
    "th": {"abbr", "axis", "background", "colspan", "headers", "nowrap", "rowspan", "scope"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"type", "value"},
    "col": {"span"},
    "colgroup": {"span"},
    "hr": {"color", "noshade", "size"},
    "blockquote": {"type"},
    "time": {"datetime"},
    "bdo": {"dir"},
}
_LINKS = ("http:", "https:", "mailto:", "tel:", "ftp:", "#")
_DATA_PICTURE = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|bmp|x-icon|vnd\.microsoft\.icon);base64,[A-Za-z0-9+/=\s]*$", re.I
)
_STYLE_END = re.compile(r"[<>]")


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """A fragment without scripts, forms, frames or any reference that leaves the message."""

    html: str
    remote_count: int = 0
    """Pictures the sender wanted fetched from the network, whether or not that was allowed."""
    remote_hosts: tuple[str, ...] = ()
    """The hosts those would have come from, sorted, each once; of trackers only where there is nothing else."""
    tracker_count: int = 0
    """How many of those look made for counting readers: they are never kept."""
    simplified: bool = False
    """Too deep or too large to be drawn as designed: shown as plain text, or cut."""


@dataclass(slots=True)
class _Policy:
    """What one sanitising may keep, and what it met."""

    cids: frozenset[str]
    remote_allowed: bool
    cid_prefix: str
    trackers: frozenset[str] = frozenset()
    remote: set[str] = field(default_factory=set)
    counting: set[str] = field(default_factory=set)

    def picture(self, url: str) -> str | None:
        """The address to write for a picture's; None to leave it out."""
        url = url.strip()
        scheme = url[:8].lower()
        if scheme.startswith("cid:"):
            name = headers.unquoted(url[4:])
            return self.cid_prefix + quote(name, safe="@.-_~$+!*") if name in self.cids else None
        if scheme.startswith("data:"):
            return url if _DATA_PICTURE.match(url) else None
        if scheme.startswith(("http://", "https://")):
            return self.fetched(url) or None
        return None

    def fetched(self, url: str) -> str:
        self.remote.add(url)
        if url in self.trackers or counting_address(url):
            self.counting.add(url)
            return ""
        if not self.remote_allowed:
            return ""
        return REMOTE_PREFIX + base64.urlsafe_b64encode(url.encode("utf-8", "replace")).decode("ascii").rstrip("=")

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        """nh3 asks this of every attribute it would keep."""
        match name:
            case "style":
                return styles.declarations(value, self.fetched) or None
            case "src":
                return self.picture(value) if tag == "img" else None
            case "background":
                return self.picture(value)
            case "href":
                url = value.strip()
                return url if url.lower().startswith(_LINKS) else None
        return value

    def hosts(self) -> tuple[str, ...]:
        found: set[str] = set()
        for url in (self.remote - self.counting) or self.remote:
            try:
                host = urlsplit(url).hostname
            except ValueError:
                continue
            if host:
                found.add(headers.clean(host))
        return tuple(sorted(found))


def sanitise(
    html: str, *, cids: frozenset[str] = frozenset(), remote_allowed: bool = False, cid_prefix: str = CID_PREFIX
) -> SafeHtml:
    """Make a received HTML body safe to draw. Never raises; bounded in time (50,000 nested elements included).

    cids: Content-IDs (without brackets) of the parts at hand; `cid:x` becomes `cid_prefix` + quoted x, others vanish.
    remote_allowed: keep http(s) pictures that do not look like trackers, as REMOTE_PREFIX + an opaque token that
    `remote_source` reads back.
    """
    cut = len(html) > MAX_HTML
    html = html[:MAX_HTML].encode("utf-8", "replace").decode().replace("\0", "")
    if nesting.may_nest(html, MAX_NESTABLE):
        return SafeHtml(text_to_html(html_words(html)), simplified=True)
    tree = _tree(html)
    policy = _Policy(cids, remote_allowed, cid_prefix, trackers(tree) if tree is not None else frozenset())
    body = _cleaner(policy).clean(html)
    if nesting.depth(body) > nesting.MAX_DEPTH:
        return SafeHtml(text_to_html(html_words(html)), simplified=True)
    if (end := _end_of_tags(body)) < len(body):
        body, cut = body[:end], True
    style, attributes = _surroundings(tree, policy) if tree is not None else ("", "")
    if attributes:
        body = f"<div {attributes}>{body}</div>"
    if style:
        body = f"<style>{style}</style>{body}"
    return SafeHtml(body, len(policy.remote), policy.hosts(), len(policy.counting), cut)


def _end_of_tags(body: str) -> int:
    """Before the first tag that is one too many; parsers close what is open there."""
    if body.count("<") <= MAX_TAGS:
        return len(body)
    return next(itertools.islice(re.finditer("<", body), MAX_TAGS, None)).start()


def _cleaner(policy: _Policy) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED),
        attributes=_ATTRIBUTES,
        attribute_filter=policy.attribute,
        link_rel="noopener noreferrer",
        url_schemes={"http", "https", "mailto", "tel", "ftp", "cid", "data"},
        url_relative=_relative,
    )


def _relative(url: str) -> str | None:
    """Only jumps within the message; `_Policy` has already replaced what it allows by absolute addresses."""
    return url if url.startswith("#") else None


def _tree(html: str) -> LexborHTMLParser | None:
    try:
        return LexborHTMLParser(html)
    except (SelectolaxError, ValueError, MemoryError):
        return None


def _surroundings(tree: LexborHTMLParser, policy: _Policy) -> tuple[str, str]:
    """The style sheets, filtered, and what <body> said about the whole, as attributes for a <div>."""
    sheets = [node.text(deep=True) for node in tree.css("style")[:50]]
    style = _STYLE_END.sub(_child_combinator, styles.sheet("\n".join(sheets), policy.fetched)) if sheets else ""
    body = tree.body
    if body is None:
        return style, ""
    written = body.attributes
    said = [written.get("style") or ""]
    said += [
        f"{name}:{value}"
        for name, key in (("background-color", "bgcolor"), ("color", "text"))
        if (value := written.get(key))
    ]
    kept = styles.declarations(";".join(said), policy.fetched)
    attributes = f'style="{escape(kept)}"' if kept else ""
    if (direction := (written.get("dir") or "").lower()) in {"rtl", "ltr"}:
        attributes = f'dir="{direction}" {attributes}'
    return style, attributes


def _child_combinator(found: re.Match[str]) -> str:
    """ "<" never is CSS, and could end the element; ">" only joins selectors."""
    return ">" if found[0] == ">" else ""


def remote_source(url: str) -> str:
    """The http(s) address behind a REMOTE_PREFIX URL; empty when it is none of ours."""
    _, prefix, token = url.partition(REMOTE_PREFIX)
    if not prefix:
        return ""
    try:
        source = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError):
        return ""
    return source if source.lower().startswith(("http://", "https://")) else ""


def content_id(url: str) -> str:
    """The Content-ID behind a CID_PREFIX URL; empty when it is none of ours."""
    _, prefix, name = url.partition(CID_PREFIX)
    return headers.unquoted(name) if prefix else ""


BASE_CSS = """
html{-webkit-text-size-adjust:100%}
body{margin:0;overflow-wrap:anywhere}
img{max-width:100%;height:auto}
table{max-width:100%}
.text{white-space:pre-wrap;line-height:1.45;max-width:75em}
blockquote.quote{margin:0;padding-left:12px;border-left:2px solid}
.signature,.moz-signature,.gmail_signature{opacity:.65}
"""
"""What every document starts from, in the order of their weight: this, the theme's rules, the mail's own."""


def document(body: SafeHtml | str, *, dark: bool = False, css: str = "", title: str = "") -> str:
    """The complete document to show, with the content security policy inside. A str body is plain text.

    css: the theme's rules, put after ours. The root element has the classes "text-mail" or "html-mail", and "dark".
    """
    safe = isinstance(body, SafeHtml)
    fragment = body.html if isinstance(body, SafeHtml) else text_to_html(body)
    classes = ("html-mail" if safe else "text-mail") + (" dark" if dark else "")
    return (
        f'<!DOCTYPE html>\n<html class="{classes}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        f'<meta name="color-scheme" content="{"dark" if dark else "light"}">'
        f"<title>{escape(title)}</title><style>{BASE_CSS}{css}</style></head>"
        f"<body>{fragment}</body></html>"
    )
