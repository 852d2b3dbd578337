"""What reading and writing mail files speaks in."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class Kind(StrEnum):
    """What a path on the disk holds."""

    EML = "eml"
    MBOX = "mbox"
    MAILDIR = "maildir"
    MH = "mh"
    FILES = "files"
    """A folder of mail files, of any of the kinds above."""
    THUNDERBIRD = "thunderbird"
    APPLE_MAIL = "apple-mail"
    PST = "pst"


KIND_NAMES: dict[Kind, str] = {
    Kind.EML: "A message",
    Kind.MBOX: "An mbox file",
    Kind.MAILDIR: "A Maildir",
    Kind.MH: "An MH folder",
    Kind.FILES: "A folder of mail files",
    Kind.THUNDERBIRD: "A Thunderbird profile",
    Kind.APPLE_MAIL: "Apple Mail's folder",
    Kind.PST: "An Outlook data file",
}


class Found(NamedTuple):
    """One message of a file. `received`: seconds since the epoch, None where the file does not tell."""

    raw: bytes
    flags: frozenset[str]
    received: int | None
    where: str


class Unreadable(NamedTuple):
    """What could not be taken in, and why; both for people."""

    where: str
    why: str

    def sentence(self) -> str:
        return f"{self.where} {self.why}"


@dataclass(slots=True)
class Remarks:
    """What a reader has to say beside the messages; it adds to it while it reads."""

    unreadable: list[Unreadable] = field(default_factory=list)
    skipped: int = 0
    """Deleted in the program that wrote the file, which only had not tidied up yet."""
    partial: int = 0
    """Taken in as far as the file has them: the rest was kept elsewhere."""

    def cannot(self, where: str, why: str) -> None:
        self.unreadable.append(Unreadable(where, why))


@dataclass(frozen=True, slots=True)
class Box:
    """One folder of mail, as files hold it."""

    kind: Kind
    place: Path
    path: str = ""
    """Where it belongs below the folder that everything goes into, "/" between levels; empty: into that one."""
    octets: int = 0
    """About so many."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is at a path: its folders, in the order in which they are read."""

    kind: Kind
    path: Path
    boxes: tuple[Box, ...]
    note: str = ""
    """What the user should know before it is taken in."""

    @property
    def octets(self) -> int:
        return sum(box.octets for box in self.boxes)


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
