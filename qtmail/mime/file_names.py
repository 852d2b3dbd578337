"""File names made of what a mail says: safe on every system."""

import unicodedata
from pathlib import PurePath

_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)
_FORBIDDEN = frozenset('<>:"/\\|?*')
_MOST = 180
"""Octets of a name in UTF-8: file systems take 255, and a number may be added."""


def safe_name(name: str, fallback: str = "attachment") -> str:
    """A file name that is one on every system: no folder, no control or direction character, not reserved, not too
    long; its extension stays."""
    seen = (char for char in name.strip() if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    kept = "".join("_" if char in _FORBIDDEN else char for char in seen)
    kept = " ".join(kept.split()).strip(" .")
    stem, suffix = PurePath(kept).stem, PurePath(kept).suffix
    if not stem:
        stem, suffix = fallback, suffix
    if stem.partition(".")[0].casefold() in _RESERVED:
        stem = f"_{stem}"
    while len((stem + suffix).encode()) > _MOST:
        if len(suffix) > 20:
            suffix = suffix[:20]
        stem = stem[:-1]
    return f"{stem}{suffix}"
