"""A backup brought up to date.

    known files --what is not wanted there--> elsewhere
                                                 | wanted in another folder: renamed
    rows of a folder --new--> written, fsync, read again and hashed --> renamed into cur
                     --other flags--> renamed
    at last: what nobody wanted --> removed/; manifest and sums in one step

Killed at any point, what is in cur is whole and proven, and the next run goes on from it.
"""

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from qtmail.engine.backing_up import layout
from qtmail.engine.backing_up.durable import settle, sync_directory
from qtmail.engine.backing_up.layout import About, KeptFolder, Line, Name, Place
from qtmail.engine.lock import file_lock
from qtmail.engine.mailfiles import maildir, marks
from qtmail.engine.mailfiles.writing import keyword_letters
from qtmail.errors import AlreadyRunning, BadInput, Cancelled, StoreError
from qtmail.model import Folder
from qtmail.paths import Profile
from qtmail.store import copies, lists
from qtmail.store.copies import Copied
from qtmail.store.db import Store

BATCH = 400
BATCH_OCTETS = 64 * 1024 * 1024
"""Files that are written, made durable, read again and hashed together: at most so many, and about so many octets."""
ROWS = 1_000
SAY_S = 0.2


class Going(NamedTuple):
    """How far it is, in messages."""

    done: int
    total: int
    new: int


@dataclass(slots=True)
class BackupReport:
    """What was done. Every message counted in `messages` is in the backup and was proven when it was written."""

    root: Path
    messages: int = 0
    new: int = 0
    octets: int = 0
    """Of the new ones."""
    moved: int = 0
    """Only their folder or flags were other ones."""
    removed: int = 0
    """Not in the profile any more: kept in “removed”."""
    missing: int = 0
    """Only their headers are in the profile."""
    damaged: int = 0
    """Whose content cannot be read in the profile: see “qtmail verify”."""
    seconds: float = 0.0


class Backup:
    """One run."""

    def __init__(
        self,
        store: Store,
        profile: Profile,
        folders: list[tuple[Folder, str]],
        chosen: Path,
        *,
        identity: str,
        now: Callable[[], int],
        progress: Callable[[Going], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> None:
        """`folders`: each with its account's name. `identity`: the profile's. `chosen`: see layout.root_of."""
        self._store = store
        self._profile = profile
        self._folders = folders
        self._root = layout.root_of(chosen)
        self._identity = identity
        self._now = now
        self._progress = progress
        self._stop = stop or threading.Event()
        self._report = BackupReport(self._root)
        self._elsewhere: dict[int, Place] = {}
        """Row -> its file in a folder where it does not belong (any more)."""
        self._total = sum(folder.total for folder, _name in folders)
        self._said = 0.0
        self._done = 0
        self._mark = ":"

    def run(self) -> BackupReport:
        """Do it. Raises BadInput (no room, no permission, another profile's), AlreadyRunning, StoreError, Cancelled;
        what is there stays good in any case."""
        began = time.monotonic()
        if self._root.resolve().is_relative_to(self._profile.root.resolve()):
            raise BadInput("A backup cannot be inside the profile.", hint="Choose a folder on another disk.")
        try:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            busy = AlreadyRunning("Another qtmail is writing this backup.", hint="Wait until it is done.")
            with file_lock(self._root / layout.LOCK, busy):
                self._bring_up_to_date()
        except OSError as error:
            raise BadInput(
                f"The backup in {self._root} could not be finished: {error.strerror or error}.",
                hint="Is there room, and may you write there? What was there before is still good.",
            ) from error
        self._report.seconds = time.monotonic() - began
        return self._report

    def _bring_up_to_date(self) -> None:
        about = layout.read_about(self._root)
        if about is not None and about.profile != self._identity:
            raise BadInput(
                f"{self._root} has the backup of another profile.", hint="Choose another folder, or an empty one."
            )
        kept = self._plan()
        before = about or About(layout.FORMAT, self._identity)
        # From now on the folder says what it is, but not that it is complete.
        layout.write_about(self._root, msgspec.structs.replace(before, folders=kept))
        self._mark = layout.mark_for(self._root)
        self._tidy()
        self._find_elsewhere(kept)
        done: list[KeptFolder] = []
        with _Lists(self._root) as written:
            for (folder, _name), place in zip(self._folders, kept, strict=True):
                count = self._folder(folder, place.directory, written)
                done.append(msgspec.structs.replace(place, messages=count))
            self._remove_the_rest()
            self._copy_settings()
            written.finish()
        self._report.messages = sum(place.messages for place in done)
        layout.write_about(
            self._root, About(layout.FORMAT, self._identity, tuple(done), self._now(), self._report.messages)
        )
        self._say(last=True)

    def _plan(self) -> tuple[KeptFolder, ...]:
        names = layout.directories((name, folder.path) for folder, name in self._folders)
        return tuple(
            KeptFolder(folder.account, name, folder.path, folder.role.value, directory)
            for (folder, name), directory in zip(self._folders, names, strict=True)
        )

    def _tidy(self) -> None:
        """What a run that was killed left half written."""
        for half in (self._root / layout.MAIL).rglob("tmp/*"):
            half.unlink()
        for name in (layout.MANIFEST, layout.SUMS):
            (self._root / f"{name}.part").unlink(missing_ok=True)

    def _find_elsewhere(self, kept: tuple[KeptFolder, ...]) -> None:
        """Files whose row is not of their directory's folder: moved meanwhile, or removed."""
        mail = self._root / layout.MAIL
        folder_of = {place.directory: folder for (folder, _name), place in zip(self._folders, kept, strict=True)}
        for directory in sorted(mail.rglob("cur")) if mail.is_dir() else ():
            relative = directory.parent.relative_to(mail).as_posix()
            folder = folder_of.get(relative)
            own = set(lists.ids(self._store.read(), [folder.id])) if folder is not None else set()
            for name in _names(directory):
                if (known := Name.of(name)) is not None and known.row not in own:
                    self._elsewhere[known.row] = Place(f"{layout.MAIL}/{relative}/cur", name)

    def _folder(self, folder: Folder, directory: str, written: "_Lists") -> int:
        base = self._root / layout.MAIL / directory
        for part in ("cur", "new", "tmp"):
            (base / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        there = {known.row: (known, name) for name in _names(base / "cur") if (known := Name.of(name)) is not None}
        words = _Keywords(base)
        count = 0
        batch: list[tuple[Copied, str]] = []
        waiting = 0
        ids = sorted(lists.ids(self._store.read(), [folder.id]))
        for start in range(0, len(ids), ROWS):
            for one in copies.rows(self._store.read(), ids[start : start + ROWS]):
                self._check_stop()
                self._done += 1
                known, old = there.get(one.row, (None, ""))
                if one.content is None:  # not fetched yet; or freed here, and this is where it still is
                    count += self._keep_freed(one, known, old, directory, written)
                    continue
                name = layout.file_name(one, words.letters(one.flags), self._mark)
                if known is not None and known.content == one.content and self._is_whole(base / "cur" / old, one.size):
                    self._rename(base / "cur", old, name)
                    count += 1
                elif self._take_over(one, base, name):
                    count += 1
                else:
                    batch.append((one, name))
                    waiting += one.size
                    if len(batch) >= BATCH or waiting >= BATCH_OCTETS:
                        count += self._write(base, batch, directory, written)
                        batch, waiting = [], 0
                    continue
                written.add(directory, one, name)
            self._say()
            words.save()  # before a name can be read that needs it
        count += self._write(base, batch, directory, written)
        self._report.missing += len(ids) - count
        return count

    def _keep_freed(self, one: Copied, known: Name | None, old: str, directory: str, written: "_Lists") -> int:
        if known is None:
            return 0
        written.add(directory, one._replace(content=known.content), old)
        return 1

    def _rename(self, cur: Path, old: str, name: str) -> None:
        """Other flags."""
        if old != name:
            (cur / old).rename(cur / name)
            self._report.moved += 1

    def _take_over(self, one: Copied, base: Path, name: str) -> bool:
        """Its file from another folder of the backup."""
        place = self._elsewhere.get(one.row)
        if place is None:
            return False
        known = Name.of(place.name)
        if known is None or known.content != one.content or not self._is_whole(place.below(self._root), one.size):
            return False
        del self._elsewhere[one.row]
        place.below(self._root).rename(base / "cur" / name)
        self._report.moved += 1
        return True

    def _is_whole(self, path: Path, size: int) -> bool:
        """A power cut can leave a file without its end."""
        with suppress(FileNotFoundError):
            return path.stat().st_size == size
        return False

    def _write(self, base: Path, batch: list[tuple[Copied, str]], directory: str, written: "_Lists") -> int:
        """New files: nothing is in cur that was not read again and has its hash."""
        good: list[tuple[Copied, str, Path]] = []
        for one, name in batch:
            assert one.content is not None
            try:
                raw = self._store.content.get(one.content)
            except StoreError:
                self._report.damaged += 1
                continue
            path = base / "tmp" / f"{one.received}.R{one.row}"
            path.write_bytes(raw)
            good.append((one, name, path))
            self._report.octets += len(raw)
        settle(base / "tmp", [path for _one, _name, path in good])
        for one, name, path in good:
            _prove(path, one)
            os.utime(path, (one.received, one.received))
            path.rename(base / "cur" / name)
            written.add(directory, one, name)
        if good:
            sync_directory(base / "cur")
        self._report.new += len(good)
        return len(good)

    def _remove_the_rest(self) -> None:
        for place in self._elsewhere.values():
            target = self._root / layout.REMOVED / Path(place.directory).relative_to(layout.MAIL)
            for part in ("cur", "new", "tmp"):
                (target.parent / part).mkdir(parents=True, exist_ok=True, mode=0o700)
            place.below(self._root).rename(target / place.name)
            self._report.removed += 1

    def _copy_settings(self) -> None:
        """Accounts, settings, shortcuts: there is no secret in any of them."""
        for file in self._profile.root.glob("*.toml"):
            part = self._root / f"{file.name}.part"
            shutil.copyfile(file, part)
            part.replace(self._root / file.name)

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise Cancelled("The backup was stopped; what is in it is good, and the next one brings the rest.")

    def _say(self, *, last: bool = False) -> None:
        now = time.monotonic()
        if last or now - self._said >= SAY_S:
            self._said = now
            self._progress(Going(self._done, self._total, self._report.new))


class _Keywords:
    """dovecot-keywords of one directory: what was given a letter keeps it."""

    def __init__(self, base: Path) -> None:
        self._path = base / maildir.KEYWORDS
        self._words = {word: ord(letter) - ord("a") for letter, word in maildir.keywords_of(base).items()}
        self._saved = dict(self._words)

    def letters(self, flags: frozenset[str]) -> str:
        return marks.maildir_letters(flags) + keyword_letters(flags, self._words)

    def save(self) -> None:
        if self._words != self._saved:
            part = self._path.with_name(f"{self._path.name}.part")
            part.write_text("".join(f"{number} {word}\n" for word, number in self._words.items()), "utf-8")
            part.replace(self._path)


class _Lists:
    """Manifest and sums, written beside the old ones; these are replaced only by whole ones."""

    def __init__(self, root: Path) -> None:
        self._paths = [root / layout.MANIFEST, root / layout.SUMS]
        self._files: list[IO[bytes]] = []
        self._encoder = msgspec.json.Encoder()

    def __enter__(self) -> "_Lists":
        self._files = [path.with_name(f"{path.name}.part").open("wb") for path in self._paths]
        return self

    def add(self, directory: str, one: Copied, name: str) -> None:
        assert one.content is not None
        line = Line(directory, name, one.content.hex(), one.size, one.received, tuple(sorted(one.flags)))
        self._files[0].write(self._encoder.encode(line) + b"\n")
        self._files[1].write(f"{line.sha256}  {layout.MAIL}/{directory}/cur/{name}\n".encode())

    def finish(self) -> None:
        for file, path in zip(self._files, self._paths, strict=True):
            file.flush()
            os.fsync(file.fileno())
            file.close()
            path.with_name(f"{path.name}.part").replace(path)

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            with suppress(OSError):  # a full disk says so at closing again
                file.close()


def _prove(path: Path, one: Copied) -> None:
    """Read again from the disk it is what it was. Raises BadInput."""
    with path.open("rb") as file:
        if hasattr(os, "posix_fadvise"):  # or else memory would be read, not the disk
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if hashlib.file_digest(file, "sha256").digest() != one.content:
            raise BadInput(
                f"What was written to {path.parent.parent} is not what came back from it.",
                hint="The disk of the backup is failing: choose another one.",
            )


def _names(directory: Path) -> Iterator[str]:
    with os.scandir(directory) as entries:
        for entry in entries:
            yield entry.name
