"""What is in an attachment, as text to look at: mails, calendars, cards, archives, and text in whatever charset."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePath

from qtmail.mime.address import display_list
from qtmail.mime.charset import decode
from qtmail.mime.parse import parse

MOST_OCTETS = 2_000_000
"""Of a text that is shown; the file has the rest."""
_MOST_ENTRIES = 2_000
_TEXTS = frozenset(
    "txt md rst log csv tsv json xml yaml yml toml ini cfg conf py js ts c h cpp hpp rs go java kt rb php "  # noqa: SIM905
    "pl sh sql css diff patch tex bib srt asc pgp pem vtt html htm svg".split()
)
_CALENDAR = {
    "SUMMARY": "What", "DTSTART": "From", "DTEND": "Until", "DURATION": "For", "LOCATION": "Where",
    "ORGANIZER": "Organiser", "ATTENDEE": "With", "RRULE": "Repeats", "STATUS": "Status", "URL": "Link",
    "DESCRIPTION": "Details",
}  # fmt: skip
_CARD = {
    "FN": "Name", "ORG": "Organisation", "TITLE": "Title", "EMAIL": "Mail", "TEL": "Telephone", "ADR": "Address",
    "URL": "Link", "BDAY": "Birthday", "NOTE": "Note",
}  # fmt: skip
_LINE = re.compile(r"^([A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;(?:[^:\"]|\"[^\"]*\")*)?):(.*)$", re.DOTALL)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?$")


def described(name: str, kind: str, data: bytes) -> str | None:
    """The text that shows what is in it; None for what only its own program can show. Never raises."""
    suffix = PurePath(name).suffix[1:].lower()
    if kind == "message/rfc822" or suffix == "eml":
        return _mail(data)
    if kind == "text/calendar" or suffix == "ics":
        return _fields(decode(data[:MOST_OCTETS]), _CALENDAR, "VEVENT")
    if kind in ("text/vcard", "text/x-vcard", "text/directory") or suffix in ("vcf", "vcard"):
        return _fields(decode(data[:MOST_OCTETS]), _CARD, "VCARD")
    if kind in ("application/zip", "application/x-zip-compressed") or suffix in ("zip", "jar", "docx", "xlsx", "odt"):
        return _archive(data) if suffix not in ("docx", "xlsx", "odt") else None
    if kind.startswith("text/") or kind in ("application/json", "application/xml") or suffix in _TEXTS:
        text = decode(data[:MOST_OCTETS]).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        return text + ("\n…" if len(data) > MOST_OCTETS else "")
    return None


def _mail(data: bytes) -> str:
    message = parse(data)
    people = (("From", message.from_), ("To", message.to), ("Cc", message.cc))
    lines = [f"{label}: {display_list(found[:50])}" for label, found in people if found]
    lines.append(f"Subject: {message.subject}")
    lines += [f"Attached: {part.name or part.type} ({part.size:,} octets)" for part in message.parts[:50]]
    return "\n".join([*lines, "", message.text[:MOST_OCTETS]])


def _fields(text: str, known: dict[str, str], unit: str) -> str:
    """The lines a person wants of a calendar (RFC 5545) or a card (RFC 6350)."""
    out: list[str] = []
    open_ = False
    for name, value in _content_lines(text):
        if name == "BEGIN" and value.strip().upper() == unit:
            open_ = True
            out += [""] if out else []
        elif name == "END" and value.strip().upper() == unit:
            open_ = False
        elif open_ and name in known and (words := _value(name, value)):
            out.append(f"{known[name]}: {words}")
    return "\n".join(out) or text


def _content_lines(text: str) -> Iterator[tuple[str, str]]:
    """Names and values, unfolded (a line that begins with a blank goes on)."""
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines()[:20_000]:
        if found := _LINE.match(line):
            yield found[2].upper(), found[4]


def _value(name: str, value: str) -> str:
    value = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)
    if name in ("DTSTART", "DTEND", "BDAY") and (when := _MOMENT.match(value)):
        day = f"{when[1]}-{when[2]}-{when[3]}"
        return day + (f" {when[4]}:{when[5]}{' UTC' if when[6] else ''}" if when[4] else "")
    value = (
        value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    )
    if name in ("ADR", "ORG"):
        return ", ".join(piece for piece in value.split(";") if piece)
    return value


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return "This archive is damaged: what is in it cannot be listed."
    files = [entry for entry in entries if not entry.is_dir()]
    width = max((len(f"{entry.file_size:,}") for entry in files[:_MOST_ENTRIES]), default=1)
    locked = " (locked with a password)" if any(entry.flag_bits & 1 for entry in files) else ""
    head = f"{len(files):,} files, {sum(entry.file_size for entry in files):,} octets unpacked{locked}"
    lines = [f"{entry.file_size:>{width},}  {entry.filename}" for entry in files[:_MOST_ENTRIES]]
    more = [f"… and {len(files) - _MOST_ENTRIES:,} more"] if len(files) > _MOST_ENTRIES else []
    return "\n".join([head, "", *lines, *more]).replace("\0", "")
