"""Where links lead: those whose words name another host, and parameters that only tell who clicked."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from qtmail.mime import headers
from qtmail.mime.domains import same_organisation, to_unicode

_MOST = 5_000
_NAMES_A_HOST = (  # compiled at first use: it takes 14 ms
    r"^\W*(?:https?://)?(?:[^\s/@]+@)?((?:[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61})\.)+[a-z\u00a1-\uffff]{2,18})"
    r"(?::\d+)?(?:[/?#]\S*)?\W*$"
)
_FILES = frozenset(
    "jpg jpeg png gif webp svg pdf doc docx xls xlsx ppt pptx txt csv zip html htm md js ts css eml ics".split()  # noqa: SIM905
)
_TELLS = re.compile(
    r"(?:utm_\w+|mc_[ce]id|_hs(?:enc|mi|fp)|hsctatracking|vero_(?:id|conv)|oly_(?:enc|anon)_id|mkt_tok|trk_\w+|pk_\w+|mtm_\w+"
    r"|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|ysclid|twclid|ttclid|igshid|igsh|li_fat_id|s_cid|wickedid"
    r"|rb_clickid|_openstat|ml_subscriber(?:_hash)?|ck_subscriber_id|elqtrack(?:id)?|elq\w{0,12}|__s|_ke|_kx|_bta_(?:tid|c)"
    r"|cvid|oicd|ncid|sc_(?:src|lid|uid|llid)|bsft_\w+|iterable\w*|sfmc_\w+|spm(?:reportid|userid|jobid|mailingid))$",
    re.IGNORECASE,
)


def host_of(url: str) -> str:
    """The host a web address leads to, lower case; empty for other links."""
    try:
        parts = urlsplit(url.strip())
        return headers.clean(parts.hostname or "").lower() if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def named_host(text: str) -> str:
    """The host that a link's words name, if they look like an address; empty for other words."""
    words = headers.clean(text)
    found = re.match(_NAMES_A_HOST, words, re.IGNORECASE) if len(words) < 300 else None
    if found is None or found[1].rpartition(".")[2].lower() in _FILES:
        return ""
    return found[1].lower()


def misleading(html: str) -> dict[str, str]:
    """For each link of a sanitised document whose words name another organisation's host: that host, by address."""
    if "<a " not in html:
        return {}
    try:
        links = LexborHTMLParser(html).css("a[href]")[:_MOST]
    except (SelectolaxError, ValueError, MemoryError):
        return {}
    found: dict[str, str] = {}
    for link in links:
        url = link.attributes.get("href") or ""
        named, host = named_host(link.text()), host_of(url)
        if named and host and not same_organisation(named, host):
            found.setdefault(url, named)
    return found


def without_tracking(url: str) -> str:
    """A web address without the parameters that only tell who clicked, and where; itself when there are none."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not (parts.query or parts.fragment):
            return url
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return url
    kept = [(name, value) for name, value in pairs if not _TELLS.match(name)]
    if len(kept) == len(pairs):
        return url
    return urlunsplit(parts._replace(query=urlencode(kept)))


def readable(url: str) -> str:
    """An address for eyes: its host in its own script where the two differ, nothing invisible in it."""
    host = host_of(url)
    shown = to_unicode(host)
    return headers.clean(url) + (f"   ({shown})" if shown != host else "")
