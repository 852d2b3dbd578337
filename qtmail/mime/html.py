"""HTML from strangers, made safe; plain text made into HTML; the complete documents the reader shows."""

from dataclasses import dataclass

CID_PREFIX = "mail-body:/cid/"
REMOTE_PREFIX = "mail-remote:/"


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """A fragment without scripts, forms, frames or any reference that leaves the message."""

    html: str
    remote_count: int = 0
    """Pictures the sender wanted fetched from the network, whether or not that was allowed."""
    remote_hosts: tuple[str, ...] = ()
    """The hosts those would have come from, sorted, each once."""
    simplified: bool = False
    """Too deep or too large to be drawn as designed: shown as plain text, or cut."""


def sanitise(
    html: str, *, cids: frozenset[str] = frozenset(), remote_allowed: bool = False, cid_prefix: str = CID_PREFIX
) -> SafeHtml:
    """Make a received HTML body safe to draw. Never raises; bounded in time (50,000 nested elements included).

    cids: Content-IDs (without brackets) of the parts at hand; `cid:x` becomes `cid_prefix` + quoted x, others vanish.
    remote_allowed: keep http(s) pictures, as REMOTE_PREFIX + an opaque token that `remote_source` reads back.
    """
    raise NotImplementedError


def remote_source(url: str) -> str:
    """The http(s) address behind a REMOTE_PREFIX URL; empty when it is none of ours."""
    raise NotImplementedError


def content_id(url: str) -> str:
    """The Content-ID behind a CID_PREFIX URL; empty when it is none of ours."""
    raise NotImplementedError


def text_to_html(text: str) -> str:
    """A plain text body as a fragment: links made live, quotes nested as blockquote.quote.level-N, signature dimmed.

    Class names: text, quote level-1 ... level-5, signature. Colours are the caller's CSS.
    """
    raise NotImplementedError


def html_to_text(html: str) -> str:
    """Readable text of an HTML body, with its tables and lists laid out. Never raises."""
    raise NotImplementedError


def document(body: SafeHtml | str, *, dark: bool = False, css: str = "", title: str = "") -> str:
    """The complete document to show, with the content security policy inside. A str body is plain text.

    css: the theme's rules, put after ours. The root element has the classes "text-mail" or "html-mail", and "dark".
    """
    raise NotImplementedError
