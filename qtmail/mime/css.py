"""Style sheets of strangers: only known properties with known functions stay, and nothing that names an address."""

import re
from collections.abc import Callable
from functools import lru_cache

MAX_CSS = 300_000
_REPEATED = 1_000
"""Characters; only shorter ones are remembered."""

_PROPERTIES = frozenset(
    """
    color background background-color background-image background-position background-repeat background-size
    border border-top border-right border-bottom border-left border-color border-style border-width border-radius
    border-top-color border-top-style border-top-width border-right-color border-right-style border-right-width
    border-bottom-color border-bottom-style border-bottom-width border-left-color border-left-style border-left-width
    border-top-left-radius border-top-right-radius border-bottom-left-radius border-bottom-right-radius
    border-collapse border-spacing box-shadow box-sizing caption-side clear display direction empty-cells
    align-content align-items align-self flex flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap
    justify-content order gap row-gap column-gap columns column-count
    float font font-family font-feature-settings font-kerning font-size font-stretch font-style font-variant font-weight
    height letter-spacing line-height list-style list-style-position list-style-type
    margin margin-top margin-right margin-bottom margin-left max-height max-width min-height min-width
    object-fit opacity outline outline-color outline-style outline-width overflow overflow-x overflow-y overflow-wrap
    padding padding-top padding-right padding-bottom padding-left page-break-inside quotes
    table-layout text-align text-align-last text-decoration text-decoration-color text-decoration-line
    text-decoration-style text-indent text-overflow text-shadow text-transform unicode-bidi vertical-align visibility
    white-space width word-break word-spacing word-wrap
    -webkit-text-size-adjust -ms-text-size-adjust text-size-adjust mso-hide mso-line-height-rule mso-table-lspace
    mso-table-rspace
    """.split()  # noqa: SIM905
)
_FUNCTIONS = frozenset("rgb rgba hsl hsla calc min max clamp linear-gradient radial-gradient".split())  # noqa: SIM905
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_FUNCTION = re.compile(r"([\w-]*)\(")
_URL = re.compile(r"url\(\s*(?:\"([^\"()\\]*)\"|'([^'()\\]*)'|([^\"'()\\\s]*))\s*\)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\\<>@{}]|\bexpression\b|\bbehaviou?r\b|-moz-binding|javascript:|\burl\s*\(", re.IGNORECASE)
_SELECTOR = re.compile(r"[\w\s.#:,>+~*()\[\]=\"'|^$-]{1,2000}$")
_CONDITION = re.compile(r"@(?:media|supports)[\w\s(),:.>=<-]{0,500}$", re.IGNORECASE)

Remote = Callable[[str], str]
"""Told of each http(s) address a picture would come from; gives the URL to write instead, or "" for none."""


def declarations(style: str, remote: Remote) -> str:
    """A style attribute (or the inside of a rule) with only what is harmless left of it."""
    if len(style) < _REPEATED and "(" not in style:
        return _without_addresses(style)
    return _kept(style, remote)


@lru_cache(maxsize=2_048)
def _without_addresses(style: str) -> str:
    """Newsletters say the same few things a thousand times."""
    return _kept(style, lambda _url: "")


def _kept(style: str, remote: Remote) -> str:
    kept: list[str] = []
    for piece in _COMMENT.sub(" ", style[:MAX_CSS]).split(";"):
        name, colon, value = piece.partition(":")
        name = name.strip().lower()
        if not colon or name not in _PROPERTIES:
            continue
        if safe := _value(name, value.strip(), remote):
            kept.append(f"{name}:{safe}")
    return ";".join(kept)


def _value(name: str, value: str, remote: Remote) -> str:
    pictures: list[str] = []

    def replaced(found: re.Match[str]) -> str:
        url = (found[1] or found[2] or found[3] or "").strip()
        if not name.startswith("background"):
            return ""
        if url.lower().startswith(("http://", "https://")) and (instead := remote(url)):
            pictures.append(instead)
            return f"\x00{len(pictures) - 1}\x00"
        return ""

    value = _URL.sub(replaced, value.replace("\x00", ""))
    if len(value) > 2_000 or _FORBIDDEN.search(value):
        return ""
    if any(function.lower() not in _FUNCTIONS for function in _FUNCTION.findall(value) if function):
        return ""
    if name == "display" and "contents" in value:
        return ""
    value = re.sub("\x00(\\d+)\x00", lambda found: f'url("{pictures[int(found[1])]}")', value)
    return " ".join(value.split())


def sheet(css: str, remote: Remote) -> str:
    """A style sheet with only plain rules and media queries left; @import, @font-face and their like are dropped."""
    css = _COMMENT.sub(" ", css[:MAX_CSS]).replace("<!--", " ").replace("-->", " ")
    out: list[str] = []
    at = 0
    depth = 0
    while at < len(css):
        opening = _next(css, at)
        if opening < 0:
            break
        head = css[at:opening].strip()
        match css[opening]:
            case ";":
                at = opening + 1  # @import, @charset, or garbage
            case "}":
                if depth:
                    depth -= 1
                    out.append("}")
                at = opening + 1
            case _ if head.startswith("@"):
                if _CONDITION.match(head) and depth < 3:
                    out.append(head + "{")
                    depth += 1
                    at = opening + 1
                else:
                    at = _block_end(css, opening)
            case _:
                end = css.find("}", opening)
                end = len(css) if end < 0 else end
                if _SELECTOR.match(head) and (kept := declarations(css[opening + 1 : end], remote)):
                    out.append(f"{head}{{{kept}}}")
                at = end + 1
    out.append("}" * depth)
    return "".join(out)


def _next(css: str, at: int) -> int:
    found = re.compile(r"[{};]").search(css, at)
    return found.start() if found else -1


def _block_end(css: str, opening: int) -> int:
    """Behind the "}" that belongs to the "{" at `opening`."""
    depth = 0
    for found in re.compile(r"[{}]").finditer(css, opening):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.end()
    return len(css)
