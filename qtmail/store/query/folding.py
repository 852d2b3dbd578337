"""Text as it is indexed and looked for."""

import re
import unicodedata

_BASIC = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNSPACED_BASIC = re.compile(f"([{_BASIC}])")
"""Without letters above U+FFFF: `re` then looks a letter up in a table, in two thirds of the time."""
UNSPACED_LETTERS = f"{_BASIC}\U00020000-\U0003134f"
"""For a class of a regular expression."""
UNSPACED = re.compile(f"([{UNSPACED_LETTERS}])")
"""A letter of a script without spaces: each is a word of its own."""
_NO_LEAD = bytes(octet for octet in range(256) if octet < 0xE0 or octet == 0xE2)
"""Octets that begin no letter of UNSPACED in UTF-8; all others do."""
_FOLD = (
    *(("ß", "ss"), ("ẞ", "ss"), ("æ", "ae"), ("Æ", "ae"), ("œ", "oe"), ("Œ", "oe"), ("ø", "o"), ("Ø", "o")),
    *(("ł", "l"), ("Ł", "l"), ("đ", "d"), ("Đ", "d"), ("ı", "i"), ("ё", "е"), ("Ё", "е")),
)
"""Replaced one after the other: str.translate costs eighteen times as much."""


def folded(text: str) -> str:
    """As it is indexed and looked for: compatibility forms unified, letters of scripts without spaces set apart."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    for letter, plain in _FOLD:
        text = text.replace(letter, plain)
    leads = text.encode("utf-8", "replace").translate(None, _NO_LEAD)
    if not leads:  # known in a fifth of the time of looking for such letters
        return text
    return " ".join((UNSPACED if max(leads) >= 0xF0 else _UNSPACED_BASIC).split(text))


def phrase(text: str, *, prefix: bool) -> str:
    """One phrase of FTS5's language; empty when there is no letter or digit in it. `prefix`: the beginning of a word is
    enough."""
    text = folded(text.replace('"', " ").replace("\0", " ")).strip("* ")
    prefix = prefix and len(text) > 1 and " " not in text  # one letter begins too much; apart letters are whole words
    if not any(letter.isalnum() for letter in text):
        return ""
    return f'"{text}"*' if prefix else f'"{text}"'
