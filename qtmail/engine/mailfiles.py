"""Mail in files, as other programs keep it: mbox, Maildir, .eml; read as a stream, written whole or not at all.

mbox is written in its "rd" form (every line /^>*From / gets one more ">"), LF line ends, flags as Status and X-Status
above the header; what is read here is CRLF again, and a message that made the round trip is the same to the octet.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from qtmail.errors import BadInput
from qtmail.mime.headers import end_of_headers, fields
from qtmail.model import Flag

_FROM = re.compile(rb"^>+From ", re.MULTILINE)
_TO_QUOTE = re.compile(rb"^(>*From )", re.MULTILINE)
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a]")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_OUR_STATUS = re.compile(rb"\AStatus: [RO]*\n(?:X-Status: [AFDT]*\n)?")
_MAILDIR_FLAGS = {
    "S": Flag.SEEN,
    "R": Flag.ANSWERED,
    "F": Flag.FLAGGED,
    "D": Flag.DRAFT,
    "P": Flag.FORWARDED,
}
_STATUS_FLAGS = {"R": Flag.SEEN}
_X_STATUS_FLAGS = {"A": Flag.ANSWERED, "F": Flag.FLAGGED, "T": Flag.DRAFT}
_MOZILLA_FLAGS = {0x1: Flag.SEEN, 0x2: Flag.ANSWERED, 0x4: Flag.FLAGGED, 0x1000: Flag.FORWARDED}
_SUFFIX_MARK = "!" if sys.platform == "win32" else ":"
_MAIL_FIELDS = frozenset(
    {
        *(
            "from",
            "sender",
            "reply-to",
            "to",
            "cc",
            "bcc",
            "date",
            "subject",
            "message-id",
            "in-reply-to",
            "references",
        ),
        *("received", "return-path", "delivered-to", "resent-from", "resent-date"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    }
)
"""One of these is in the header of every mail; a letter or a list that only looks like a header has none."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\s]+')


@dataclass(frozen=True, slots=True)
class Found:
    """One message of a file. `received`: seconds since the epoch, None where the file does not tell."""

    raw: bytes
    flags: frozenset[str]
    received: int | None
    where: str


@dataclass(frozen=True, slots=True)
class ToWrite:
    """One message for a file."""

    raw: bytes
    flags: frozenset[str]
    received: int
    subject: str
    sender: str
    number: int
    """Its id here: part of file names, so that no two are the same."""


def read(path: Path, report: list[str]) -> Iterator[Found]:
    """Every message of an .eml file, an mbox, a Maildir, or a folder of such files. What cannot be read is told in
    `report`, a sentence each. Raises BadInput when there is no such file at all."""
    if not path.exists():
        raise BadInput(f"{path} is not there.")
    if path.is_file():
        yield from _guarded(path, report)
        return
    if (path / "cur").is_dir() or (path / "new").is_dir():
        yield from _maildir(path, report)
        return
    files = sorted(one for one in path.rglob("*") if one.is_file() and one.suffix.lower() in {".eml", ".mbox"})
    if not files:
        raise BadInput(f"There is no mail in {path}.", hint="Looked for .eml and .mbox files, cur and new.")
    for one in files:
        yield from _guarded(one, report)


def _guarded(path: Path, report: list[str]) -> Iterator[Found]:
    try:
        with path.open("rb") as file:
            is_mbox = file.read(5) == b"From "
            file.seek(0)
            if is_mbox:
                yield from _mbox(file, path.name)
                return
            raw = _BARE_LF.sub(b"\r\n", file.read())
    except OSError as error:
        report.append(f"{path.name} cannot be read: {error.strerror}.")
        return
    # Mail without any header exists, and `write` made a file of it: text called .eml is taken.
    is_text = path.suffix.lower() == ".eml" and raw.strip() and not _BINARY.search(raw)
    if not is_text and not _MAIL_FIELDS.intersection(fields(raw[: end_of_headers(raw)[0]])):
        report.append(f"{path.name} is no mail: it does not begin with a mail's header (From, Subject, Date).")
        return
    yield Found(raw, frozenset(), None, path.name)


def _mbox(file: IO[bytes], name: str) -> Iterator[Found]:
    """A "From " line begins a message at the start and after an empty line."""
    lines: list[bytes] = []
    start = b""
    number = 0
    blank = True
    for line in file:
        if blank and line.startswith(b"From ") and (not lines or _looks_like_from(line)):
            if start:
                number += 1
                yield _from_mbox(start, lines, f"{name} ({number})")
            start, lines = line, []
        else:
            lines.append(line)
        blank = line in (b"\n", b"\r\n")
    if start:
        yield _from_mbox(start, lines, f"{name} ({number + 1})")


def _looks_like_from(line: bytes) -> bool:
    """Not every unquoted "From " after an empty line begins a message: a date's time must be in it."""
    return re.search(rb"\d:\d\d", line) is not None


def _from_mbox(start: bytes, lines: list[bytes], where: str) -> Found:
    if lines and lines[-1] in (b"\n", b"\r\n"):
        lines.pop()
    text = b"".join(lines).replace(b"\r\n", b"\n")
    flags = _mbox_flags(text)
    text = _OUR_STATUS.sub(b"", text)
    raw = _FROM.sub(lambda quoted: quoted[0][1:], text).replace(b"\n", b"\r\n")
    return Found(raw, flags, _from_date(start), where)


def _from_date(line: bytes) -> int | None:
    words = line.decode("ascii", "replace").split(" ", 2)
    try:
        return int(datetime.strptime(words[2].strip()[:24], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC).timestamp())
    except (IndexError, ValueError):
        return None


def _mbox_flags(text: bytes) -> frozenset[str]:
    header = fields(text[: end_of_headers(text)[0]])
    status = header.get("status", [b""])[0].decode("ascii", "replace")
    x_status = header.get("x-status", [b""])[0].decode("ascii", "replace")
    found = {_STATUS_FLAGS[c] for c in status if c in _STATUS_FLAGS}
    found |= {_X_STATUS_FLAGS[c] for c in x_status if c in _X_STATUS_FLAGS}
    try:
        bits = int(header.get("x-mozilla-status", [b"0"])[0], 16)
    except ValueError:
        bits = 0
    return frozenset(found | {flag for bit, flag in _MOZILLA_FLAGS.items() if bits & bit})


def _maildir(path: Path, report: list[str]) -> Iterator[Found]:
    for folder in (path / "cur", path / "new"):
        if not folder.is_dir():
            continue
        for one in sorted(folder.iterdir(), key=lambda file: file.name):
            letters = re.search(r"[:!;]2,([A-Za-z]*)$", one.name)
            try:
                raw, at = _BARE_LF.sub(b"\r\n", one.read_bytes()), int(one.stat().st_mtime)
            except OSError as error:
                report.append(f"{one.name} cannot be read: {error.strerror}.")
                continue
            flags = {_MAILDIR_FLAGS[c] for c in (letters[1] if letters else "") if c in _MAILDIR_FLAGS}
            yield Found(raw, frozenset(flags), at, one.name)
    inside = sorted(one.name for one in path.iterdir() if one.is_dir() and one.name.startswith("."))
    if inside:
        report.append(f"Folders inside it were left out ({', '.join(inside)}): import each by itself.")


def write(messages: Iterable[ToWrite], path: Path, form: str) -> int:
    """Write them as "mbox", "maildir" or "eml" -> how many. Raises BadInput where something is in the way."""
    try:
        if form == "mbox":
            return _write_mbox(messages, path)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise BadInput(f"{path} is there already.", hint="Choose a new or empty folder.")
        return _write_maildir(messages, path) if form == "maildir" else _write_eml(messages, path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", hint="Is there room, and may you?") from error


def write_mbox(messages: Iterable[ToWrite], file: IO[bytes]) -> int:
    """Write them as an mbox into a stream -> how many. Raises OSError."""
    count = 0
    for one in messages:
        file.write(_mbox_entry(one))
        count += 1
    file.flush()
    return count


def _write_mbox(messages: Iterable[ToWrite], path: Path) -> int:
    if path.exists():
        raise BadInput(f"{path} is there already.", hint="Choose another name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            count = write_mbox(messages, file)
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # a disk that is full is not left full of half an mbox
        raise
    return count


def _mbox_entry(one: ToWrite) -> bytes:
    when = datetime.fromtimestamp(one.received, UTC).strftime("%a %b %d %H:%M:%S %Y")
    sender = one.sender if one.sender.isascii() and one.sender and " " not in one.sender else "MAILER-DAEMON"
    status = "R" if Flag.SEEN in one.flags else ""
    more = "".join(letter for letter, flag in _X_STATUS_FLAGS.items() if flag in one.flags)
    head = f"From {sender} {when}\nStatus: {status}O\n" + (f"X-Status: {more}\n" if more else "")
    body = _TO_QUOTE.sub(rb">\1", one.raw.replace(b"\r\n", b"\n"))
    return head.encode() + body + (b"\n" if body.endswith(b"\n") else b"\n\n")


def _write_maildir(messages: Iterable[ToWrite], path: Path) -> int:
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True, exist_ok=True)
    count = 0
    for one in messages:
        letters = "".join(sorted(letter for letter, flag in _MAILDIR_FLAGS.items() if flag in one.flags))
        name = f"{one.received}.{one.number}.qtmail"
        part = path / "tmp" / name
        _write_file(part, one.raw.replace(b"\r\n", b"\n"), one.received)
        part.replace(path / "cur" / f"{name}{_SUFFIX_MARK}2,{letters}")
        count += 1
    return count


def _write_eml(messages: Iterable[ToWrite], path: Path) -> int:
    path.mkdir(parents=True, exist_ok=True)
    count = 0
    for one in messages:
        day = datetime.fromtimestamp(one.received, UTC).strftime("%Y-%m-%d")
        subject = _UNSAFE.sub(" ", one.subject).strip(" .")[:60] or "no subject"
        _write_file(path / f"{day} {subject} ({one.number}).eml", one.raw, one.received)
        count += 1
    return count


def _write_file(path: Path, content: bytes, at: int) -> None:
    path.write_bytes(content)
    os.utime(path, (at, at))
