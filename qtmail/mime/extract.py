"""The words inside attachments, for the search index: which kinds are read, and how.

Only ever called in a process of its own with limits (engine/extracting_process): what comes by mail unasked may be made
to take for ever or to fill the memory. That is also why every reader here is Python or expat: a PDF library in C would
be quicker, but a fault in it could be used by whoever sends a mail, before anybody opens it.
"""

from collections.abc import Callable
from pathlib import PurePosixPath

from qtmail.mime import charset, extract_office
from qtmail.mime.summary import quick_text, summarise
from qtmail.mime.unreadable import Unreadable

INDEXED = 200_000
"""Characters of one attachment, at most."""
LARGEST = 40 * 1024 * 1024
"""Octets; larger attachments are not read."""

_PLAIN = (
    *("txt", "text", "log", "md", "markdown", "rst", "csv", "tsv", "json", "xml", "yaml", "yml", "toml", "ini", "conf"),
    *("cfg", "tex", "bib", "srt", "diff", "patch", "vcf", "sql", "py", "js", "ts", "java", "c", "h", "cpp", "hpp"),
    *("cs", "go", "rs", "rb", "php", "sh", "bat", "ps1", "pl", "lua", "r", "kt", "swift"),
)
_KINDS: dict[str, str] = {
    **dict.fromkeys(_PLAIN, "text"),
    **dict.fromkeys(("html", "htm", "xhtml"), "html"),
    **dict.fromkeys(("docx", "docm", "dotx"), "docx"),
    **dict.fromkeys(("xlsx", "xlsm", "xltx"), "xlsx"),
    **dict.fromkeys(("pptx", "ppsx", "pptm"), "pptx"),
    **dict.fromkeys(("odt", "ods", "odp", "ott", "odg"), "odf"),
    "pdf": "pdf",
    "ics": "ics",
    "eml": "mail",
}
"""The ending of a file's name -> how it is read."""
_OF_TYPE: dict[str, str] = {
    "application/pdf": "pdf",
    "text/html": "html",
    "text/calendar": "ics",
    "message/rfc822": "mail",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odf",
    "application/vnd.oasis.opendocument.spreadsheet": "odf",
    "application/vnd.oasis.opendocument.presentation": "odf",
}
_ICS = ("SUMMARY", "DESCRIPTION", "LOCATION", "ORGANIZER", "ATTENDEE", "CATEGORIES", "COMMENT", "CONTACT")


def kind_of(name: str, type_: str) -> str:
    """How an attachment of this name and media type is read; "" where it is not. The name knows better: many programs
    send application/octet-stream."""
    ending = PurePosixPath(name).suffix[1:].lower()
    return _KINDS.get(ending) or _OF_TYPE.get(type_) or ("text" if type_.startswith("text/") else "")


def text_of(kind: str, data: bytes, label: str = "") -> str:
    """At most INDEXED characters of what an attachment says. `kind`: see `kind_of`; `label`: its charset, if declared.
    Raises Unreadable; and whatever a reader raises on something that was made to break it."""
    return " ".join(_READERS[kind](data, label).split())[:INDEXED]


def _text(data: bytes, label: str) -> str:
    if data[:4096].count(0) > len(data[:4096]) // 10 and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("it is not the text its name says")
    return charset.decode(data[: INDEXED * 8], label)


def _html(data: bytes, label: str) -> str:
    return quick_text(charset.decode(data[: INDEXED * 20], label))


def _mail(data: bytes, label: str) -> str:
    found = summarise(data)
    people = [f"{one.name} {one.address}" for one in (*found.facts.from_, *found.facts.to)]
    return "\n".join((found.facts.subject, *people, *found.attachment_names, found.text))


def _ics(data: bytes, label: str) -> str:
    """What an event is called, where it is and who comes (RFC 5545: lines unfolded, values unescaped)."""
    text = charset.decode(data[: INDEXED * 8], label).replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    found: list[str] = []
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        field, *parameters = name.split(";")
        if colon and field.upper() in _ICS:
            found += [one.partition("=")[2].strip('"') for one in parameters if one.upper().startswith("CN=")]
            value = value.removeprefix("mailto:").removeprefix("MAILTO:")
            found.append(value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";"))
    return "\n".join(found)


def _pdf(data: bytes, label: str) -> str:
    from qtmail.mime.extract_pdf import text

    return text(data, INDEXED)


def _office(read: Callable[[bytes, int], str]) -> Callable[[bytes, str], str]:
    return lambda data, label: read(data, INDEXED)


_READERS: dict[str, Callable[[bytes, str], str]] = {
    "text": _text,
    "html": _html,
    "mail": _mail,
    "ics": _ics,
    "pdf": _pdf,
    "docx": _office(extract_office.docx),
    "xlsx": _office(extract_office.xlsx),
    "pptx": _office(extract_office.pptx),
    "odf": _office(extract_office.odf),
}
