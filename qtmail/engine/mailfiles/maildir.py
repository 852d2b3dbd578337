"""Maildir: flags from the names, Dovecot's keywords, and folders in it in both ways (Maildir++ and as directories)."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from qtmail.engine.mailfiles import marks, wire
from qtmail.engine.mailfiles.values import Box, Found, Kind, Remarks
from qtmail.net import imap_names

_INFO = re.compile(r"[:!;]2,([A-Za-z]*)$")
_KEYWORD = re.compile(r"^(\d{1,2}) (\S+)$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([0-9a-f]{2})")
_STAMP = re.compile(r"^(\d{9,10})\.")
KEYWORDS = "dovecot-keywords"
OURS = ".qtmail"
"""In the names of our own files, whose flags are nowhere else."""
EXACT = f"{OURS}-exact"
"""In the names of our own files that hold a message as it is, whose line ends must stay."""
INSIDE = frozenset({"cur", "new", "tmp"})


def is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() or (path / "new").is_dir()


def boxes(root: Path) -> Iterator[Box]:
    """The Maildir itself, then the folders in it."""
    yield from _below(root, "")


def read(path: Path, remarks: Remarks) -> Iterator[Found]:
    """Its messages, those of cur first. Raises OSError for a directory that cannot be listed."""
    keywords = keywords_of(path)
    for folder in (path / "cur", path / "new"):
        names = sorted(entry.name for entry in os.scandir(folder)) if folder.is_dir() else []
        for name in names:
            if name.startswith("."):
                continue
            try:
                with (folder / name).open("rb") as file:
                    text, at = file.read(), int(os.fstat(file.fileno()).st_mtime)
            except OSError as error:
                remarks.cannot(f"{folder.name}/{name}", f"cannot be read: {error.strerror}.")
                continue
            info = _INFO.search(name)
            letters = info[1] if info else ""
            flags = marks.of_letters(letters) | {keywords[c] for c in letters if c in keywords}
            if OURS not in name and b"X-Mozilla-" in text[:4000]:
                more, deleted = marks.of_header(wire.header_of(text))
                flags |= more
                if deleted:
                    remarks.skipped += 1
                    continue
            raw = text if EXACT in name else wire.to_crlf(text)
            yield Found(raw, flags, at or _stamp(name), name)


def files(path: Path) -> int:
    """How many messages it has."""
    return sum(1 for part in ("cur", "new") if (path / part).is_dir() for _ in os.scandir(path / part))


def octets(path: Path) -> int:
    """How large they are."""
    return sum(_size(entry) for part in ("cur", "new") if (path / part).is_dir() for entry in os.scandir(path / part))


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_size
    except OSError:  # renamed meanwhile, or a link to nowhere: reading it tells
        return 0


def _below(directory: Path, path: str) -> Iterator[Box]:
    if is_maildir(directory):
        yield Box(Kind.MAILDIR, directory, path, octets(directory))
    for child in sorted(one for one in directory.iterdir() if one.is_dir() and not one.is_symlink()):
        name = child.name
        if name in INSIDE and (is_maildir(directory) or not is_maildir(child)):
            continue
        if name.startswith(".") and name.endswith(".directory"):  # KMail: what is below a folder stands beside it
            yield from _below(child, _joined(path, name[1:-10]))
        elif name.startswith("."):
            if is_maildir(child):  # Maildir++: ".Work.Old" is Work/Old
                yield from _below(child, _joined(path, _plus_plus(name)))
        else:
            yield from _below(child, _joined(path, shown(name)))


def shown(name: str) -> str:
    """A directory's name as a folder's: modified UTF-7 (RFC 3501, 5.1.3) read, "/" kept out."""
    return imap_names.decode(os.fsencode(name)).replace("/", imap_names.SLASH)


def _plus_plus(name: str) -> str:
    return "/".join(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), shown(level)) for level in name[1:].split("."))


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def keywords_of(path: Path) -> dict[str, str]:
    """Dovecot's file: a number and a keyword a line; the number stands in names as a letter (0: "a")."""
    try:
        text = (path / KEYWORDS).read_text("utf-8", "replace")
    except OSError:
        return {}
    found: dict[str, str] = {}
    for number, word in _KEYWORD.findall(text):
        known = marks.keywords(word)
        if known and int(number) < 26:
            found[chr(ord("a") + int(number))] = next(iter(known))
    return found


def _stamp(name: str) -> int | None:
    found = _STAMP.match(name)
    return int(found[1]) if found else None
