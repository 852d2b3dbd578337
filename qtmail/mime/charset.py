"""Bytes to text, whatever the label says: declared, then strict UTF-8, then detected, then Latin-1."""

import codecs
import re
from functools import lru_cache

# Labels seen in mail that Python does not know, or that stand for a larger set than their name says
# (WHATWG Encoding Standard, 4.2): what everybody sends as iso-8859-1 is windows-1252, as gb2312 is gb18030.
_LABELS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "l1": "cp1252",
    "ansi": "cp1252",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "latin5": "cp1254",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "tis-620": "cp874",
    "koi8r": "koi8-r",
    "koi8": "koi8-r",
    "koi": "koi8-r",
    "koi8-ru": "koi8-u",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "chinese": "gb18030",
    "cn-gb": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "ks_c_5601-1989": "cp949",
    "euc-kr": "cp949",
    "windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc-jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "cp-850": "cp850",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-utf-8": "utf-8",
    "utf-8n": "utf-8",
}
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_UNKNOWN = frozenset({"", "unknown", "unknown-8bit", "x-unknown", "default", "_autodetect", "binary", "8bit"})
_MAYBE_UTF8 = frozenset({"", "utf-8", "cp1252"})
"""Codecs of labels under which valid UTF-8 is read as that."""
# A word of Latin letters with ones of another alphabet inside was Latin throughout, and detected wrongly.
_MIXED = re.compile("[A-Za-z][\u0370-\u06ff\u0e00-\u0e7f]|[\u0370-\u06ff\u0e00-\u0e7f][A-Za-z]")
# Where chardet looks; a body's first paragraphs tell its alphabet.
_DETECTED_BYTES = 20_000


@lru_cache(maxsize=512)
def codec(label: str) -> str:
    """Python's name for a charset label as found in mail; empty when it means nothing to us."""
    name = label.strip(" \t\r\n\"'<>;,").lower().partition("*")[0]
    if name in _UNKNOWN or len(name) > 40 or not name.isascii():
        return ""
    for candidate in (name, name.removeprefix("x-"), name.replace("_", "-"), name.replace("windows", "cp")):
        try:
            found = codecs.lookup(_LABELS.get(candidate, candidate))
        except (LookupError, ValueError):
            continue
        # rot13, base64 and their like are codecs too, but no character sets.
        if found._is_text_encoding and found.name not in _NO_CHARSETS:
            return found.name
    return ""


def decode(data: bytes, declared: str = "") -> str:
    """Text of these bytes. `declared` is the charset label as written (may be unknown or wrong). Never raises."""
    name = codec(declared) if declared else ""
    if data.isascii() and (not name or name in {"utf-8", "cp1252"}) and b"\x1b" not in data:
        return data.decode("ascii")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    # Valid UTF-8 in 8-bit Latin letters is UTF-8 with a wrong label, hardly ever anything else.
    order = [name, "utf-8"] if name and name != "cp1252" else ["utf-8", name]
    for candidate in order:
        if text := _strictly(data, candidate):
            return text
    # The label may be right and a few bytes broken: trust it rather than guess, unless it says nothing.
    if name and name not in {"utf-8", "cp1252", "ascii"}:
        text = data.decode(name, "replace")
        if text.count("\ufffd") * 50 <= len(text):
            return text
    if name == "utf-8":
        text = data.decode("utf-8", "replace")
        if text.count("\ufffd") * 50 <= len(text):
            return text
    text = _strictly(data, _detected(data))
    if text and not _MIXED.search(text):
        return text
    return _strictly(data, "cp1252") or text or data.decode("latin-1")


def plain_utf8(data: bytes, declared: str = "") -> str:
    """What `decode` makes of these bytes where they are UTF-8 and the label does not speak against it, else ""."""
    if declared and codec(declared) not in _MAYBE_UTF8:
        return ""
    return _strictly(data.removeprefix(b"\xef\xbb\xbf"), "utf-8")


def as_told(data: bytes, label: str) -> str:
    """Text in the charset the user names, whatever else speaks for another; `decode` where the label is unknown."""
    name = codec(label)
    return data.decode(name, "replace").encode("utf-8", "replace").decode() if name else decode(data)


def _strictly(data: bytes, name: str) -> str:
    if not name:
        return ""
    try:
        text = data.decode(name)
        # Python's utf-7 lets lone surrogates through, which nothing can store.
        return text if name != "utf-7" else text.encode("utf-8", "replace").decode()
    except (UnicodeError, ValueError, LookupError):
        return ""


def _detected(data: bytes) -> str:
    import chardet  # 40 ms, and most mail never needs it

    # Mail is written in what the web knows; with Macintosh and DOS sets allowed, short German turns into Icelandic.
    found = chardet.detect(data[:_DETECTED_BYTES], encoding_era=chardet.EncodingEra.MODERN_WEB)
    return codec(str(found.get("encoding") or ""))
