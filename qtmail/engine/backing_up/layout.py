"""What is where in a backup.

    qtmail-backup.json          what this is: of which profile, its folders, when it was last complete
    manifest.jsonl              a line a message: folder, file, SHA-256, size, flags, time of arrival
    SHA256SUMS                  the same for “sha256sum -c”
    accounts.toml, settings.toml ...   as they are in the profile: there are no passwords in them
    mail/ACCOUNT/FOLDER/cur/    the messages, octet for octet; a Maildir that other programs can open
    removed/...                 what is not in the profile any more: moved there, never deleted

A file is called RECEIVED.RROW_SHA256.qtmail-exact:2,FLAGS, so a backup can be read without any list of what is in it.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from qtmail.engine.mailfiles import maildir
from qtmail.errors import BadInput
from qtmail.mime.file_names import safe_name
from qtmail.model import ContentHash, RowId
from qtmail.paths import write_whole
from qtmail.store.copies import Copied

ABOUT = "qtmail-backup.json"
MANIFEST = "manifest.jsonl"
SUMS = "SHA256SUMS"
MAIL = "mail"
REMOVED = "removed"
LOCK = ".qtmail-backup.lock"
FORMAT = 1
OWN_FOLDER = "qtmail backup"
"""Made in a chosen folder that has other things in it."""
_NAME = re.compile(rf"^(\d+)\.R(\d+)_([0-9a-f]{{64}}){re.escape(maildir.EXACT)}(?:[:!;]2,([A-Za-z]*))?$")


class KeptFolder(msgspec.Struct, frozen=True):
    """One folder of the profile, and its directory below mail/."""

    account: str
    """Its key; empty: on this computer."""
    account_name: str
    path: str
    role: str
    directory: str
    messages: int = 0


class About(msgspec.Struct, frozen=True):
    """The file ABOUT."""

    format: int
    profile: str
    """Random, the same for ever: a backup belongs to one profile."""
    folders: tuple[KeptFolder, ...] = ()
    complete_at: int = 0
    """Seconds since the epoch; 0: never was."""
    messages: int = 0


class Line(msgspec.Struct, frozen=True):
    """One line of the manifest. `folder`: as KeptFolder.directory."""

    folder: str
    file: str
    sha256: str
    size: int
    received: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """What a file's name says."""

    received: int
    row: RowId
    content: ContentHash
    letters: str

    @classmethod
    def of(cls, name: str) -> "Name | None":
        """None for a file that no backup made."""
        found = _NAME.match(name)
        if found is None:
            return None
        return cls(int(found[1]), RowId(int(found[2])), ContentHash(bytes.fromhex(found[3])), found[4] or "")


class Place(NamedTuple):
    """Where a file is: a directory (relative to the backup, with cur) and its name there."""

    directory: str
    name: str

    def below(self, root: Path) -> Path:
        return root / self.directory / self.name


def file_name(one: Copied, letters: str, mark: str) -> str:
    """`mark`: what is before the flags, a colon where the file system takes one."""
    assert one.content is not None
    return f"{one.received}.R{one.row}_{one.content.hex()}{maildir.EXACT}{mark}2,{letters}"


def directories(folders: Iterable[tuple[str, str]]) -> list[str]:
    """A directory below mail/ for each (account name, folder path): readable, safe everywhere, no two the same."""
    taken: set[str] = set()
    found = []
    for account, path in folders:
        levels = [_level(name) for name in (account, *path.split("/"))]
        wanted = "/".join(levels)
        number = 2
        while wanted.casefold() in taken:
            wanted, number = f"{'/'.join(levels)} ({number})", number + 1
        taken.add(wanted.casefold())
        found.append(wanted)
    return found


def _level(name: str) -> str:
    safe = safe_name(name, "folder").removeprefix(".") or "folder"
    return f"{safe}_" if safe.casefold() in maildir.INSIDE else safe


def root_of(chosen: Path) -> Path:
    """Where in a chosen folder the backup is, or is to be: the folder itself when it is one, or has nothing in it."""
    if (chosen / ABOUT).is_file() or not chosen.exists():
        return chosen
    if (chosen / OWN_FOLDER / ABOUT).is_file() or any(one.name != LOCK for one in chosen.iterdir()):
        return chosen / OWN_FOLDER
    return chosen


def read_about(root: Path) -> About | None:
    """None where there is no backup. Raises BadInput: damaged, or from a newer program."""
    try:
        found = msgspec.json.decode((root / ABOUT).read_bytes(), type=About)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"{root / ABOUT} cannot be read: {error}.", hint="Choose another folder for backups.") from error
    if found.format > FORMAT:
        raise BadInput("This backup was made by a newer qtmail.", hint="Install the newer version.")
    return found


def write_about(root: Path, about: About) -> None:
    """In one step. Raises OSError."""
    write_whole(root / ABOUT, msgspec.json.format(msgspec.json.encode(about)).decode())


def mark_for(root: Path) -> str:
    """ ":" is what a Maildir has; not on Windows, nor on a stick formatted for it."""
    if sys.platform == "win32":
        return "!"
    probe = root / ".qtmail:probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return "!"
    return ":"
