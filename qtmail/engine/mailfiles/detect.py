"""What a path is: its kind, its folders, how many messages are in them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from qtmail.engine.mailfiles import eml, maildir, mbox, mh, profiles, pst
from qtmail.engine.mailfiles.quoting import Variant
from qtmail.engine.mailfiles.values import Box, Found, Kind, Remarks, Source
from qtmail.errors import BadInput

COUNTED = 64 * 1024 * 1024
"""So many octets of an mbox are looked at to tell how many messages it has."""
_MBOX_SUFFIXES = frozenset({".mbox", ".mbx"})


def detect(path: Path) -> Source:
    """Look at what is there. Raises BadInput where it is no mail, or nothing at all."""
    if not path.exists():
        raise BadInput(f"{path} is not there.")
    try:
        return _file(path) if path.is_file() else _directory(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", hint="May you read it?") from error


def read(box: Box, remarks: Remarks, *, form: Variant | None = None) -> Iterator[Found]:
    """The messages of one folder; what cannot be read goes into `remarks`."""
    try:
        match box.kind:
            case Kind.MBOX:
                yield from mbox.read(box.place, remarks, form=form)
            case Kind.MAILDIR:
                yield from maildir.read(box.place, remarks)
            case Kind.MH:
                yield from mh.read(box.place, remarks)
            case Kind.PST:
                yield from pst.read(box, remarks)
            case _:
                for file in _files(box):
                    found = eml.read(file, remarks)
                    if found is not None:
                        yield found
    except OSError as error:
        remarks.cannot(box.place.name, f"cannot be read: {error.strerror}.")


def count(box: Box) -> tuple[int, bool]:
    """-> (how many messages it has, whether that is exact). Raises OSError."""
    match box.kind:
        case Kind.MBOX:
            return mbox.count(box.place, COUNTED)
        case Kind.MAILDIR:
            return maildir.files(box.place), True
        case Kind.MH:
            return mh.files(box.place), True
        case Kind.PST:
            return pst.count(box), True
        case _:
            return sum(1 for _ in _files(box)), True


def _file(path: Path) -> Source:
    with path.open("rb") as file:
        head = file.read(512)
    size = path.stat().st_size
    if pst.is_pst(head):
        return Source(Kind.PST, path, tuple(pst.boxes(path)))
    kind = Kind.MBOX if mbox.is_mbox(head) or (not size and path.suffix.lower() in _MBOX_SUFFIXES) else Kind.EML
    return Source(kind, path, (Box(kind, path, "", size),))


def _directory(path: Path) -> Source:
    profile = profiles.thunderbird_profile(path)
    if profile is not None:
        return _source(Kind.THUNDERBIRD, profile, profiles.thunderbird_boxes)
    if profiles.is_apple(path):
        return _source(Kind.APPLE_MAIL, path, profiles.apple_boxes)
    if maildir.is_maildir(path):
        return _source(Kind.MAILDIR, path, maildir.boxes)
    if (path / "mbox").is_file() and path.suffix == ".mbox":  # what Apple Mail exports
        return Source(Kind.MBOX, path, (Box(Kind.MBOX, path / "mbox", "", (path / "mbox").stat().st_size),))
    found = Source(Kind.FILES, path, tuple(_tree(path, "")))
    if not found.boxes:
        raise BadInput(f"There is no mail in {path}.", hint="Looked for mbox, Maildir, MH, .eml and .emlx.")
    kinds = {box.kind for box in found.boxes}
    return Source(kinds.pop(), path, found.boxes) if kinds <= {Kind.MAILDIR} or kinds <= {Kind.MH} else found


def _source(kind: Kind, path: Path, boxes: Callable[[Path], Iterator[Box]]) -> Source:
    found = tuple(boxes(path))
    if not found:
        raise BadInput(f"There is no mail in {path}.", hint="Its program may keep its mail in another place.")
    return Source(kind, path, found)


def _tree(directory: Path, path: str) -> Iterator[Box]:
    """Mail of any kind, each directory a folder."""
    if maildir.is_maildir(directory):
        yield from _moved(maildir.boxes(directory), path)
        return
    names = sorted(os.scandir(directory), key=lambda entry: entry.name)
    letters = [entry for entry in names if entry.is_file() and Path(entry.name).suffix.lower() in eml.SUFFIXES]
    if letters:
        yield Box(Kind.FILES, directory, path, sum(entry.stat().st_size for entry in letters))
    elif mh.is_mh(directory) and all(
        entry.name.isdigit() or entry.name[0] in ".," or entry.is_dir() for entry in names
    ):
        yield from _moved(mh.boxes(directory), path)
        return
    for entry in names:
        file = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            name = _without(entry.name, ".sbd")
            yield from _tree(file, _joined(path, maildir.shown(name)))
        elif entry.is_file() and file.suffix.lower() not in eml.SUFFIXES and _is_mbox(file):
            name = entry.name[: -len(file.suffix)] if file.suffix.lower() in _MBOX_SUFFIXES else entry.name
            yield Box(Kind.MBOX, file, _joined(path, maildir.shown(name)), entry.stat().st_size)


def _is_mh_name(name: str) -> bool:
    """A message, one that was removed (","), or what programs keep beside them."""
    return name.isdigit() or name[0] in ".,"


def _moved(boxes: Iterator[Box], path: str) -> Iterator[Box]:
    for box in boxes:
        yield Box(box.kind, box.place, _joined(path, box.path) if box.path else path, box.octets)


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _without(name: str, suffix: str) -> str:
    return name.removesuffix(suffix) or name


def _is_mbox(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return mbox.is_mbox(file.read(16))
    except OSError:
        return False


def _files(box: Box) -> Iterator[Path]:
    if box.place.is_file():
        yield box.place
        return
    for entry in sorted(os.scandir(box.place), key=lambda one: _natural(one.name)):
        if entry.is_file() and Path(entry.name).suffix.lower() in eml.SUFFIXES:
            yield Path(entry.path)


def _natural(name: str) -> tuple[int, str]:
    stem = name.partition(".")[0]
    return (int(stem), name) if stem.isdigit() and len(stem) < 18 else (0, name)
