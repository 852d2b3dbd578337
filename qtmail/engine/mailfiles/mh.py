"""MH: a file a message, named by its number, with .mh_sequences; also as Claws Mail and Sylpheed keep it."""

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from qtmail.engine.mailfiles import marks, wire
from qtmail.engine.mailfiles.maildir import shown
from qtmail.engine.mailfiles.values import Box, Found, Kind, Remarks
from qtmail.model import Flag

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_SEQUENCES = ".mh_sequences"
_CLAWS_MARKS = (".claws_mark", ".sylpheed_mark")
_CLAWS = {1 << 2: Flag.FLAGGED, 1 << 4: Flag.ANSWERED, 1 << 5: Flag.FORWARDED}
_CLAWS_UNREAD = 1 << 1
_ENTRY = struct.Struct("<II")


def is_mh(path: Path) -> bool:
    """Whether the directory itself is an MH folder."""
    if (path / _SEQUENCES).is_file() or any((path / name).is_file() for name in _CLAWS_MARKS):
        return True
    return any(entry.name.isdigit() and entry.is_file() for entry in os.scandir(path))


def boxes(root: Path) -> Iterator[Box]:
    """The folder itself and those below it."""
    yield from _below(root, "")


def read(path: Path, remarks: Remarks) -> Iterator[Found]:
    """Its messages by number. Raises OSError for a directory that cannot be listed."""
    flags_of = _flags(path)
    for number in sorted(_numbers(path)):
        file = path / str(number)
        try:
            text, at = file.read_bytes(), int(file.stat().st_mtime)
        except OSError as error:
            remarks.cannot(f"{path.name}/{number}", f"cannot be read: {error.strerror}.")
            continue
        received = wire.received_of(wire.header_of(text)) or at
        yield Found(wire.to_crlf(text), flags_of(number), received, f"{path.name}/{number}")


def files(path: Path) -> int:
    """How many messages it has."""
    return len(_numbers(path))


def _numbers(path: Path) -> list[int]:
    return [int(entry.name) for entry in os.scandir(path) if entry.name.isdigit() and entry.is_file()]


def _below(directory: Path, path: str) -> Iterator[Box]:
    if numbers := _numbers(directory):
        size = sum((directory / str(number)).stat().st_size for number in numbers)
        yield Box(Kind.MH, directory, path, size)
    for child in sorted(one for one in directory.iterdir() if one.is_dir() and not one.is_symlink()):
        if not child.name.startswith("."):
            yield from _below(child, f"{path}/{shown(child.name)}" if path else shown(child.name))


class _Sequences:
    """.mh_sequences: what is not "unseen" was read."""

    def __init__(self, text: str) -> None:
        self._of: dict[str, set[int]] = {}
        for line in text.replace("\\\n", " ").splitlines():
            name, _, ranges = line.partition(":")
            numbers = self._of.setdefault(name.strip().casefold(), set())
            for first, last in _RANGE.findall(ranges):
                numbers.update(range(int(first), min(int(last or first), int(first) + 10_000_000) + 1))

    def __call__(self, number: int) -> frozenset[str]:
        names = {
            "flagged": Flag.FLAGGED,
            "replied": Flag.ANSWERED,
            "answered": Flag.ANSWERED,
            "forwarded": Flag.FORWARDED,
        }
        found = {flag for name, flag in names.items() if number in self._of.get(name, ())}
        return frozenset(found if number in self._of.get("unseen", ()) else found | {Flag.SEEN})


class _ClawsMarks:
    """.claws_mark: pairs of number and bits after a version."""

    def __init__(self, data: bytes) -> None:
        usable = data[4 : 4 + (len(data) - 4) // _ENTRY.size * _ENTRY.size]
        self._bits: dict[int, int] = dict(_ENTRY.iter_unpack(usable))

    def __call__(self, number: int) -> frozenset[str]:
        bits = self._bits.get(number, _CLAWS_UNREAD)
        found = marks.of_bits(bits, _CLAWS)
        return found if bits & _CLAWS_UNREAD else found | {Flag.SEEN}


def _flags(path: Path) -> "_Sequences | _ClawsMarks":
    for name in _CLAWS_MARKS:
        if (path / name).is_file():
            return _ClawsMarks((path / name).read_bytes())
    try:
        return _Sequences((path / _SEQUENCES).read_text("utf-8", "replace"))
    except OSError:
        return _Sequences("")
