"""Flags as mail files write them: the letters of Status and Maildir names, and the bits of other programs."""

import re

from qtmail.model import Flag

MAILDIR = {
    "S": Flag.SEEN,
    "R": Flag.ANSWERED,
    "F": Flag.FLAGGED,
    "D": Flag.DRAFT,
    "P": Flag.FORWARDED,
}
X_STATUS = {"A": Flag.ANSWERED, "F": Flag.FLAGGED, "T": Flag.DRAFT}
MOZILLA = {0x1: Flag.SEEN, 0x2: Flag.ANSWERED, 0x4: Flag.FLAGGED, 0x1000: Flag.FORWARDED}
MOZILLA_EXPUNGED = 0x8
APPLE = {1: Flag.SEEN, 1 << 2: Flag.ANSWERED, 1 << 4: Flag.FLAGGED, 1 << 6: Flag.DRAFT, 1 << 8: Flag.FORWARDED}
APPLE_DELETED = 1 << 1

_LINE = re.compile(
    rb"^(Status|X-Status|X-Keywords|X-Mozilla-Status|X-Mozilla-Keys)[ \t]*:[ \t]*([^\r\n]*)",
    re.MULTILINE | re.IGNORECASE,
)
_ATOM = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z^_`a-z|~\[\]]{1,100}")
_JUNK = {"junk": Flag.JUNK, "$junk": Flag.JUNK}


def of_bits(bits: int, table: dict[int, Flag]) -> frozenset[str]:
    """The flags of a number that is made of `table`'s bits."""
    return frozenset(flag for bit, flag in table.items() if bits & bit)


def of_letters(letters: str) -> frozenset[str]:
    """The flags of a Maildir name's letters."""
    return frozenset(MAILDIR[letter] for letter in letters if letter in MAILDIR)


def keywords(text: str) -> frozenset[str]:
    """Tags that IMAP knows as keywords; what could be none is left out."""
    words = (word for word in text.replace(",", " ").split() if _ATOM.fullmatch(word))
    return frozenset(_JUNK.get(word.casefold(), word) for word in words)


def of_header(header: bytes) -> tuple[frozenset[str], bool]:
    """-> (the flags that a header block tells in Status, X-Status, X-Keywords and Mozilla's fields, whether Mozilla
    counts the message as deleted)."""
    found: set[str] = set()
    deleted = False
    for name, value in _LINE.findall(header):
        text = value.decode("ascii", "replace").strip()
        match name.lower():
            case b"status":
                found |= {Flag.SEEN} if "R" in text else set()
            case b"x-status":
                found |= {X_STATUS[letter] for letter in text if letter in X_STATUS}
            case b"x-mozilla-status":
                try:
                    bits = int(text, 16)
                except ValueError:
                    continue
                found |= of_bits(bits, MOZILLA)
                deleted = bool(bits & MOZILLA_EXPUNGED)
            case _:
                found |= keywords(text)
    return frozenset(found), deleted


def maildir_letters(flags: frozenset[str]) -> str:
    """The letters of a Maildir name, in their order."""
    return "".join(sorted(letter for letter, flag in MAILDIR.items() if flag in flags))


def status_lines(flags: frozenset[str]) -> str:
    """What an mbox says of them: Status, and X-Status and X-Keywords where there is something to tell."""
    x_status = "".join(letter for letter, flag in X_STATUS.items() if flag in flags)
    others = " ".join(sorted(flags - {Flag.SEEN, *X_STATUS.values()}))
    lines = f"Status: {'R' if Flag.SEEN in flags else ''}O\n"
    lines += f"X-Status: {x_status}\n" if x_status else ""
    return lines + (f"X-Keywords: {others}\n" if others else "")
