"""The store's mail into files: folders with those inside them, what a search finds, a selection."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from qtmail.engine import mailfiles
from qtmail.engine.mailfiles import Form, ToWrite, Variant
from qtmail.errors import BadInput, Cancelled
from qtmail.mime.file_names import safe_name
from qtmail.model import Folder, FolderId, RowId
from qtmail.net import imap_names

if TYPE_CHECKING:
    from qtmail.engine.transfer import Transfer

SAY_S = 0.2
_ESCAPED_IN_MAILDIR = str.maketrans({".": "\\2e", "\\": "\\5c"})


@dataclass(frozen=True, slots=True)
class Exported:
    """What is to be written: folders, or else single messages."""

    folders: tuple[FolderId, ...] = ()
    below: bool = False
    """With the folders inside them."""
    rows: tuple[RowId, ...] = ()


class Going(NamedTuple):
    """How far an export is."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote. `left_out`: only their headers are here yet."""

    path: Path
    written: int
    left_out: int
    seconds: float
    files: int = 1


class Part(NamedTuple):
    """The messages of one folder, and where they belong below the top."""

    path: str
    rows: Sequence[RowId]


class Outgo:
    """One export."""

    def __init__(
        self,
        mail: "Transfer",
        what: Exported,
        progress: Callable[[Going], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> None:
        """Setting `stop` ends it; nothing is left of it then."""
        self._mail = mail
        self._parts = parts_of(mail, what)
        self._single = len(self._parts) == 1 and not what.below
        self._progress = progress
        self._stop = stop or threading.Event()
        self._total = sum(len(part.rows) for part in self._parts)
        self._done = 0
        self._said = 0.0

    def write(self, path: Path, form: str, variant: Variant | None = None) -> ExportReport:
        """Raises BadInput for a form that is none, where something is in the way or the disk says no; Cancelled."""
        if form not in tuple(Form):
            raise BadInput(f"“{form}” is not a form of export.", hint=f"It is one of {', '.join(Form)}.")
        began = time.monotonic()
        files = 0
        with mailfiles.whole(path) as part:
            for one in self._parts:
                target = part if self._single else part / self._below(one.path, Form(form))
                target.parent.mkdir(parents=True, exist_ok=True)
                mailfiles.write(self._counted(one.rows), target, Form(form), variant=variant or Variant.MBOXRD)
                files += 1
        left = self._total - self._done
        self._say(last=True)
        return ExportReport(path, self._done, left, time.monotonic() - began, files)

    def _counted(self, rows: Sequence[RowId]) -> Iterator[ToWrite]:
        for one in self._mail.to_write(rows):
            if self._stop.is_set():
                raise Cancelled("The export was stopped; nothing of it was kept.")
            self._done += 1
            self._say()
            yield one

    def _say(self, *, last: bool = False) -> None:
        now = time.monotonic()
        if last or now - self._said >= SAY_S:
            self._said = now
            self._progress(Going(self._done, self._total))

    def _below(self, path: str, form: Form) -> str:
        """Where a folder goes inside the directory of the whole export."""
        if not path:
            return "" if form is Form.MAILDIR else _file_name("messages", form)
        names = path.split("/")
        if form is Form.MAILDIR:  # Maildir++, with what Dovecot calls listescape
            return "." + ".".join(_maildir_name(name) for name in names)
        return "/".join([*(safe_name(name, "folder") for name in names[:-1]), _file_name(names[-1], form)])


def _file_name(name: str, form: Form) -> str:
    safe = safe_name(name, "folder")
    return f"{safe}.mbox" if form is Form.MBOX else safe


def _maildir_name(name: str) -> str:
    return imap_names.encode(name.translate(_ESCAPED_IN_MAILDIR)).decode("ascii")


def parts_of(mail: "Transfer", what: Exported) -> list[Part]:
    """Every folder of it, each with its messages, oldest first. Raises BadInput for one that is gone."""
    return list(_parts(mail, what))


def _parts(mail: "Transfer", what: Exported) -> Iterator[Part]:
    if what.rows or not what.folders:
        yield Part("", what.rows)
    every = mail.folders() if what.below else ()
    for id_ in what.folders:
        top = mail.folder(id_)
        prefix = top.name if len(what.folders) > 1 else ""
        yield Part(prefix, mail.rows_of(id_))
        for one in _inside(every, top):
            below = one.path.removeprefix(f"{top.path}/")
            yield Part(f"{prefix}/{below}" if prefix else below, mail.rows_of(one.id))


def _inside(every: Sequence[Folder], top: Folder) -> Iterator[Folder]:
    for one in every:
        if one.account == top.account and one.path.startswith(f"{top.path}/") and one.selectable:
            yield one
