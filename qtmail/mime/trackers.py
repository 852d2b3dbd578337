"""Pictures that tell the sender who read when: too small to be seen, or of an address made for counting."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

_MOST_IMAGES = 5_000
_INVISIBLE = 2
"""Pixels a side; what is as small as that nobody looks at."""
_SIZE = re.compile(r"\s*(\d{1,4})(?:\.\d+)?\s*(?:px)?\s*(?:!important)?\s*$", re.IGNORECASE)
_HIDDEN = re.compile(r"display:none|visibility:hidden|opacity:0(?:\.0+)?(?![.\d])|mso-hide:all")
# How the services that count openings name what is fetched; after scheme and "//". Compiled at first use (16 ms).
_COUNTS = r"""
    ^[^/?]*(?:list-manage\d*\.com/track/open|/wf/open|mandrillapp\.com/track|emltrk\.com|mailtrack\.io|yesware\.com
      |bananatag\.com|getnotify\.com|mailfoogae|sidekickopen|hubspotemail|hubspotlinks|mailstat\.us|readnotify\.com
      |streak\.com|superhuman\.com|doubleclick\.net|google-analytics\.com|facebook\.com/tr\b|adroll\.com
      |cmail\d*\.com/t/|createsend\d*\.com/t/|pstmrk\.it/open|sparkpostmail\d*\.com/q/|mailgun\.org/o/
      |customeriomail\.com/(?:e/)?o|klaviyomail\.com/o|sendibt\d\.com/tr/op|mjt\.lu/oo|exct\.net/open\.aspx
      |rs6\.net/on\.jsp|returnpath|litmus|intercom[^/]*/via/o|awstrack\.me/[A-Z]0/)
    |^[^/?]*/(?:[^?]*/)?(?:open|opens|pixel|beacon|webbug|spacer|trk|track(?:er|ing)?(?:/open)?|o)(?:\.(?:gif|png|php|aspx|jsp|ashx))?(?:[?/]|$)
    |^[^/?]*/[^?]*\b(?:open[-_]?track|track[-_]?open|email[-_]?open|mail[-_]?open|tracking[-_]?pixel)
    """


def counting_address(url: str) -> bool:
    """Whether an http(s) address looks made for counting who opens a mail."""
    return re.match(_COUNTS, url.partition("//")[2], re.IGNORECASE | re.VERBOSE) is not None


def trackers(tree: LexborHTMLParser) -> frozenset[str]:
    """The addresses of the <img> elements that look like trackers, as written but for blanks around them."""
    return frozenset(_of(tree.css("img")[:_MOST_IMAGES]))


def _of(images: Iterable[LexborNode]) -> Iterable[str]:
    for image in images:
        said = image.attributes
        url = (said.get("src") or "").strip()
        if url.lower().startswith(("http://", "https://")) and (_unseen(said) or counting_address(url)):
            yield url


def _unseen(said: dict[str, str | None]) -> bool:
    """Whether the element's size or style keeps it from being seen."""
    style = re.sub(r"\s", "", (said.get("style") or "")[:2_000].lower())
    if _HIDDEN.search(style):
        return True
    declared = dict(piece.partition(":")[::2] for piece in style.split(";"))
    sides = [
        _pixels(declared.get(f"max-{side}") or declared.get(side) or said.get(side) or "")
        for side in ("width", "height")
    ]
    if 0 in sides:
        return True
    return all(side is not None and side <= _INVISIBLE for side in sides)


def _pixels(value: str) -> int | None:
    found = _SIZE.match(value)
    return int(found[1]) if found else None
