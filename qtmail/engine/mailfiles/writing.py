"""Messages written as mbox, Maildir or .eml: whole or not at all, over nothing that is there, back to the octet.

A form that cannot hold a message unchanged (line ends in LF alone, no line end at its end) says so beside it: mbox in a
line before the header, Maildir and .eml in the file's name. Our own reader undoes it; other programs see the message.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO

from qtmail.engine.mailfiles import eml, maildir, marks, wire
from qtmail.engine.mailfiles.mbox import EXACT, OPEN_END, OUR_FORM
from qtmail.engine.mailfiles.quoting import Variant, quoted
from qtmail.engine.mailfiles.values import ToWrite
from qtmail.errors import BadInput
from qtmail.mime.file_names import safe_name
from qtmail.mime.headers import end_of_headers

_SUFFIX_MARK = "!" if sys.platform == "win32" else ":"
_LONGEST_SUBJECT = 60


class Form(StrEnum):
    """How mail is written."""

    MBOX = "mbox"
    MAILDIR = "maildir"
    EML = "eml"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside `path` to write into, which takes its place at the end, and is removed where that does not come.
    Raises BadInput where something is in the way, or the disk says no."""
    part = path.with_name(f"{path.name}.part")
    empty = path.is_dir() and not any(path.iterdir())
    if path.exists() and not empty:
        raise BadInput(f"{path} is there already.", hint="Choose another name, or an empty folder.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(part)  # of an export that was killed
        yield part
        if empty:
            path.rmdir()
        part.rename(path)
    except OSError as error:
        _remove(part)
        raise BadInput(f"{path} cannot be written: {error.strerror}.", hint="Is there room, and may you?") from error
    except BaseException:
        _remove(part)  # a disk that is full is not left full of half an export
        raise


def write(messages: Iterable[ToWrite], path: Path, form: Form, *, variant: Variant = Variant.MBOXRD) -> int:
    """Write one folder into a file (mbox) or directory that is not there yet -> how many. Raises OSError."""
    match form:
        case Form.MBOX:
            with path.open("wb") as file:
                count = write_mbox(messages, file, variant=variant)
                os.fsync(file.fileno())
            return count
        case Form.MAILDIR:
            return _write_maildir(messages, path)
        case Form.EML:
            return _write_eml(messages, path)


def write_mbox(messages: Iterable[ToWrite], file: IO[bytes], *, variant: Variant = Variant.MBOXRD) -> int:
    """Write them as an mbox into a stream -> how many. Raises OSError."""
    count = 0
    for one in messages:
        file.write(mbox_entry(one, variant))
        count += 1
    file.flush()
    return count


def mbox_entry(one: ToWrite, variant: Variant = Variant.MBOXRD) -> bytes:
    """One message with its "From " line before, and the blank line after it."""
    when = datetime.fromtimestamp(one.received, UTC).strftime("%a %b %d %H:%M:%S %Y")
    sender = one.sender if one.sender.isascii() and one.sender.isprintable() and one.sender else ""
    head = f"From {sender if sender and ' ' not in sender else 'MAILER-DAEMON'} {when}\n".encode()
    text = wire.to_lf(one.raw)
    how = [] if text is not None else [EXACT]
    text = one.raw if text is None else text
    if not text.endswith(b"\n"):
        how.append(OPEN_END)
        text += b"\n"
    text = quoted(text, variant)
    told = marks.status_lines(one.flags).encode()
    if variant.tells_length:
        told += b"Content-Length: %d\n" % (len(text) - end_of_headers(text)[1])
    return head + told + OUR_FORM + b" ".join((variant.encode(), *how)) + b"\n" + text + b"\n"


def eml_name(one: ToWrite, suffix: str = ".eml") -> str:
    """ "2026-11-24 Minutes of the meeting (12).eml": a name that every system takes."""
    day = datetime.fromtimestamp(one.received, UTC).strftime("%Y-%m-%d")
    subject = safe_name(one.subject.replace("/", " ")[:_LONGEST_SUBJECT], "no subject").replace("_", " ").strip(" .")
    return f"{day} {' '.join(subject.split()) or 'no subject'} ({one.number}){suffix}"


def _write_maildir(messages: Iterable[ToWrite], path: Path) -> int:
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True, exist_ok=True)
    count = 0
    words: dict[str, int] = {}
    for one in messages:
        letters = marks.maildir_letters(one.flags) + keyword_letters(one.flags, words)
        text = wire.to_lf(one.raw)
        host = maildir.OURS if text is not None else maildir.EXACT
        name = f"{one.received}.M{one.number}{host}"
        write_file(path / "tmp" / name, one.raw if text is None else text, one.received)
        (path / "tmp" / name).replace(path / "cur" / f"{name}{_SUFFIX_MARK}2,{letters}")
        count += 1
    if words:
        lines = "".join(f"{number} {word}\n" for word, number in words.items())
        (path / maildir.KEYWORDS).write_text(lines, "utf-8")
    return count


def keyword_letters(flags: frozenset[str], words: dict[str, int]) -> str:
    """Keywords as Dovecot writes them: small letters whose meaning is in dovecot-keywords, 26 at most."""
    for word in sorted(flags - set(marks.MAILDIR.values())):
        if not word.startswith("\\") and len(words) < 26:
            words.setdefault(word, len(words))
    return "".join(sorted(chr(ord("a") + words[word]) for word in flags if word in words))


def _write_eml(messages: Iterable[ToWrite], path: Path) -> int:
    path.mkdir(parents=True, exist_ok=True)
    count = 0
    for one in messages:
        name = eml_name(one)
        if b"\r\n" not in one.raw and b"\n" in one.raw:
            name = f"{name.removesuffix('.eml')}{eml.EXACT}.eml"
        write_file(path / name, one.raw, one.received)
        count += 1
    return count


def write_file(path: Path, content: bytes, at: int) -> None:
    """A file as old as the message in it. Raises OSError."""
    path.write_bytes(content)
    os.utime(path, (at, at))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
