"""mbox in its four forms (see quoting.py), read as a stream of blocks: files of any size need little memory.

Which form it is shows in the file itself (`variant`).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO

from qtmail.engine.mailfiles import marks, wire
from qtmail.engine.mailfiles.quoting import Variant, unquoted
from qtmail.engine.mailfiles.values import Found, Remarks
from qtmail.mime.headers import end_of_headers

BLOCK = 4 * 1024 * 1024
LARGEST = 512 * 1024 * 1024
"""Octets of one message; where more come without a new “From ”, the file is no mbox from there on."""
LOOKED_AT = 2_000
"""Messages from which the form of a file is told."""
OUR_FORM = b"X-Qtmail-Form: "
"""A line that our own exports put before each header: the form of mbox, and what an mbox could not hold otherwise."""
EXACT = b"exact"
"""Line ends are written as they are."""
OPEN_END = b"open-end"
"""The message does not end with a line end."""


_FROM_LINE = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_NEXT = 200
"""Octets after a “From ” line that are looked at."""
_DATED = re.compile(rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .*\d:\d\d")
_TIMED = re.compile(rb"\d:\d\d")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|>?From ")
_LENGTH = re.compile(rb"^Content-Length[ \t]*:[ \t]*(\d{1,12})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_QUOTED_AGAIN = re.compile(rb"(?:^|\n)([^\n]*)\n>>+From [^\n]*(?:\n([^\n]*))?")
_OURS = re.compile(
    rb"\AStatus: [RO]*\n(?:X-Status: [AFDT]*\n)?(?:X-Keywords: [^\n]*\n)?(?:Content-Length: \d+\n)?"
    rb"X-Qtmail-Form: (mbox[a-z0-9]+)([a-z -]*)\n"
)
_MOZILLA_TOP = re.compile(rb"\A(?:X-(?:Mozilla-Status2?|Mozilla-Keys|Account-Key|UIDL):[^\n]*\n)*")
_INTERNAL = b"DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA"
"""What UW-IMAP and Dovecot keep in a message of their own."""
_ASCTIME = re.compile(
    rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d{1,2}) (\d\d?):(\d\d)(?::(\d\d))?"
    rb"(?: [A-Z]{3,4}| [+-]\d{4})? (\d{4})"
)
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")


def is_mbox(head: bytes) -> bool:
    """Whether a file that begins so is one."""
    return head.lstrip(b"\r\n").startswith(b"From ")


def read(path: Path, remarks: Remarks, *, form: Variant | None = None) -> Iterator[Found]:
    """Its messages in their order; `form` None: as the file shows. Raises OSError."""
    form = form or variant(path)
    with path.open("rb") as file:
        for number, entry in enumerate(_entries(file, by_length=form.tells_length), 1):
            where = f"{path.name} ({number})"
            if len(entry) > LARGEST:
                remarks.cannot(where, f"is larger than {LARGEST >> 20} MB.")
                continue
            found = _message(entry, form, where)
            if found is None:
                remarks.skipped += 1
            else:
                yield found


def count(path: Path, most: int) -> tuple[int, bool]:
    """-> (how many messages it has, whether that is exact): of a file with more than `most` octets it is a guess from
    those. Raises OSError."""
    with path.open("rb") as file:
        size = path.stat().st_size
        seen = messages = 0
        for entry in _entries(file, by_length=False):
            seen += len(entry)
            messages += 1
            if seen > most:
                return messages * size // seen, False
    return messages, True


def variant(path: Path) -> Variant:
    """The form of the file, from its first messages. Raises OSError.

    Where Content-Length is right, it counts; unquoted “From ” lines inside tell mboxcl2. What was quoted twice tells
    mboxrd, unless it stands among lines that are quoted twice themselves: then somebody's answer is all it is.
    """
    with path.open("rb") as file:
        sample = list(islice(_entries(file, by_length=True), LOOKED_AT))
    lengths = [_fits(entry) for entry in sample]
    if any(lengths) and sum(lengths) * 2 > len(sample):
        bodies = (entry[end_of_headers(entry)[1] :] for entry in sample)
        return Variant.MBOXCL2 if any(_FROM_LINE.search(body) for body in bodies) else Variant.MBOXCL
    again = answers = 0
    for entry in sample:
        for before, after in _QUOTED_AGAIN.findall(entry) if b"\n>>" in entry else ():
            again += 1
            answers += before.startswith(b">>") or after.startswith(b">>")
    return Variant.MBOXO if again and answers * 2 > again else Variant.MBOXRD


def _fits(entry: bytes) -> bool:
    """Whether its Content-Length is that of its body, the blank line after it apart."""
    end, body = end_of_headers(entry)
    told = _LENGTH.search(entry, 0, end)
    return told is not None and not entry[body + int(told[1]) :].strip(b"\r\n") and body + int(told[1]) <= len(entry)


def _entries(file: IO[bytes], *, by_length: bool) -> Iterator[bytes]:
    """The file cut at its “From ” lines, each with the one it begins with."""
    held = file.read(BLOCK).lstrip(b"\r\n")
    start, at_end = 0, False
    while start < len(held) or not at_end:
        cut = _end(held, start, at_end=at_end, by_length=by_length) if start < len(held) else None
        if cut is not None:
            yield held[start:cut]
            start = cut
            continue
        if at_end:
            yield held[start:]
            return
        block = file.read(max(BLOCK, len(held) - start))
        at_end = not block
        held, start = held[start:] + block, 0
        if len(held) > 2 * LARGEST:
            yield held
            return


def _end(held: bytes, start: int, *, at_end: bool, by_length: bool) -> int | None:
    """Where the message that begins at `start` ends; None: that is not in `held`."""
    search_from = held.find(b"\n", start) + 1
    if not search_from:
        return None
    if by_length and (told := _by_length(held, start, at_end=at_end)) is not None:
        return told or None
    at = search_from - 1
    while (at := held.find(b"\nFrom ", at)) >= 0:  # twenty times as quick as a pattern
        at += 1
        end = held.find(b"\n", at) + 1 or len(held)
        if end + _NEXT > len(held) and not at_end:
            return None  # what follows it is not here yet
        if _begins(held, at, end):
            return at
    return len(held) if at_end else None


def _by_length(held: bytes, start: int, *, at_end: bool) -> int | None:
    """The end that Content-Length tells; 0 where that is not in `held` yet, None where it tells nothing."""
    end, body = end_of_headers(held, start)
    told = _LENGTH.search(held, start, end)
    if told is None:
        return None
    stop = body + int(told[1])
    if stop + 8 > len(held) and not at_end:
        return 0 if int(told[1]) < LARGEST else None
    if stop > len(held):
        return None
    while held[stop : stop + 1] in (b"\r", b"\n") and stop < len(held):
        stop += 1
    return stop if stop == len(held) or held.startswith(b"From ", stop) else None


def _begins(held: bytes, start: int, end: int) -> bool:
    """Whether this “From ” line begins a message: not every line that begins so does, quoted or not."""
    line, rest = held[start:end], held[end : end + _NEXT]
    blank = held[max(0, start - 3) : start].endswith((b"\n\n", b"\n\r\n"))
    fields = _FIELD.match(rest) is not None
    if _DATED.search(line):
        return fields or (blank and rest.startswith((b"\n", b"\r\n")))
    bare = not line[5:].strip() or line.startswith(b"From - ")  # Thunderbird writes no more
    return blank and fields and (bare or _TIMED.search(line) is not None)


def _message(entry: bytes, form: Variant, where: str) -> Found | None:
    """None for what its program had deleted, or keeps for itself."""
    line_end = entry.find(b"\n") + 1 or len(entry)
    start, text = entry[:line_end], entry[line_end:]
    text = _without_separator(text)
    words: list[bytes] = []
    if ours := _OURS.match(text):  # flags stand there alone: a message's own Status was written by somebody else
        form, words, text = Variant(ours[1].decode()), ours[2].split(), text[ours.end() :]
        flags, _ = marks.of_header(ours[0])
    else:
        flags, deleted = marks.of_header(wire.header_of(text))
        if deleted or _INTERNAL in text[:1000]:
            return None
        text = _MOZILLA_TOP.sub(b"", text, count=1)
    text = unquoted(text, form)
    if OPEN_END in words:
        text = text.removesuffix(b"\n")
    raw = text if EXACT in words else wire.to_crlf(text)
    return Found(raw, flags, _from_date(start) or wire.received_of(wire.header_of(text)), where)


def _without_separator(text: bytes) -> bytes:
    """The blank line before the next “From ” is no part of the message."""
    if text.endswith(b"\n\r\n"):
        return text[:-2]
    return text[:-1] if text.endswith(b"\n\n") or text == b"\n" else text


def _from_date(line: bytes) -> int | None:
    """The date of a “From ” line (asctime, taken as UTC, some with a zone that is left out)."""
    found = _ASCTIME.search(line)
    if not found:
        return None
    month, *numbers = found.groups(b"0")
    day, hour, minute, second, year = map(int, numbers)
    try:
        return int(datetime(year, _MONTHS.index(month) + 1, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        return None
