"""Whose domain a host belongs to, and names that are made to be taken for others."""

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Letters of other scripts that are drawn like a Latin one: a label of nothing else is a disguise.
_LIKE_LATIN = dict(
    zip("асеорхуіјѕһԁԛԝьӏαορνικτυχεϲгпмтнвкґӓӧüіɡɑաոսօ", "aceopxyijshdqwblaopviktuxecrnmthbkraoiigawnuo", strict=False)
)
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "KATAKANA-HIRAGANA"})


@lru_cache(maxsize=1)
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # 30 ms, and most mail never asks

    return PublicSuffixList()


@lru_cache(maxsize=1_000)
def organisation(host: str) -> str:
    """The part of a host's name that somebody registered: "example.co.uk" of "mx.example.co.uk". The host itself
    where it is an address or a name without dots; empty for none. Any case, any script."""
    host = host.strip(" .[]").lower()
    if not host or "." not in host or host.replace(".", "").isdigit() or ":" in host:
        return host
    return _suffixes().privatesuffix(to_ascii(host)) or host


def same_organisation(one: str, other: str) -> bool:
    """Whether two hosts are the same organisation's."""
    one, other = one.strip(" .").lower(), other.strip(" .").lower()
    if not one or not other:
        return False
    return one == other or organisation(one) == organisation(other)


def to_ascii(host: str) -> str:
    """IDNA's form of a host name; as it is where it has none."""
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host, uts46=True, transitional=False).decode("ascii")
    except UnicodeError:
        return host


def to_unicode(host: str) -> str:
    """A host's name in its own script, whether or not that is safe to show."""
    if "xn--" not in host.lower():
        return host
    import idna

    try:
        return idna.decode(host)
    except UnicodeError:
        return host


def is_honest(label: str) -> bool:
    """Whether a domain label is of one script (East Asian ones may mix) and not made of look-alikes."""
    if label.isascii():
        return True
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha()}
    if scripts <= {"LATIN"} or scripts <= _EAST_ASIAN:
        return True
    return len(scripts) == 1 and not set(label) <= _LIKE_LATIN.keys()


def imitated(host: str) -> str:
    """The name this one would be taken for ("paypal.com"); empty for an honest one."""
    shown = to_unicode(host)
    if all(map(is_honest, shown.split("."))):
        return ""
    return "".join(_LIKE_LATIN.get(letter, letter) for letter in shown.lower())
