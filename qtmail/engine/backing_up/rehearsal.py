"""A restore rehearsed: into a profile of its own, compared message by message with the manifest, and removed again."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from qtmail.engine.backing_up import layout
from qtmail.engine.backing_up.layout import KeptFolder, Line
from qtmail.engine.backing_up.restore import about_of
from qtmail.engine.intake import Progress
from qtmail.errors import BadInput, StoreError
from qtmail.model import ContentHash, Flag
from qtmail.paths import Profile

if TYPE_CHECKING:
    from qtmail.engine.backups import BackingUp

BATCH = 400
MOST_TOLD = 50
OLD_S = 24 * 3600


@dataclass(slots=True)
class RehearsalReport:
    """What a restore would bring back. `equal` of `messages` came back with the same bytes and the same flags."""

    messages: int = 0
    equal: int = 0
    problems: list[str] = field(default_factory=list)
    """The first of them, a sentence each."""

    @property
    def ok(self) -> bool:
        return self.equal == self.messages and not self.problems

    def tell(self, problem: str) -> None:
        if len(self.problems) < MOST_TOLD:
            self.problems.append(problem)


def rehearse(
    chosen: Path,
    work: Path,
    make: "Callable[[Profile], BackingUp]",
    progress: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> RehearsalReport:
    """`work`: where the profile is made; it needs as much room as the mail takes here. Raises BadInput, StoreError."""
    root, about = about_of(chosen)
    if not about.complete_at:
        raise BadInput("This backup was never finished.", hint="Run “qtmail backup” first.")
    work.mkdir(parents=True, exist_ok=True)
    _sweep(work)
    directory = Path(tempfile.mkdtemp(prefix="rehearsal-", dir=work))
    report = RehearsalReport()
    try:
        with closing(make(Profile(directory))) as mail:
            restored = mail.restore(root, progress, stop, rehearsal=True)
            for problem in restored.taken.problems:
                report.tell(problem)
            _compare(mail, root, {folder.directory: folder for folder in about.folders}, report)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return report


def _sweep(work: Path) -> None:
    """What rehearsals that were killed left behind; one that runs is younger."""
    for old in work.glob("rehearsal-*"):
        if time.time() - old.stat().st_mtime > OLD_S:
            shutil.rmtree(old, ignore_errors=True)


def _compare(mail: "BackingUp", root: Path, kept: dict[str, KeptFolder], report: RehearsalReport) -> None:
    """Every line of the manifest against what the store now has."""
    batch: list[Line] = []
    with (root / layout.MANIFEST).open("rb") as file:
        for text in file:
            line = msgspec.json.decode(text, type=Line)
            if batch and (batch[0].folder != line.folder or len(batch) >= BATCH):
                _compare_batch(mail, kept, batch, report)
                batch = []
            batch.append(line)
    if batch:
        _compare_batch(mail, kept, batch, report)


def _compare_batch(mail: "BackingUp", kept: dict[str, KeptFolder], batch: list[Line], report: RehearsalReport) -> None:
    folder = kept[batch[0].folder]
    owner = folder.account_name
    here = mail.folder_named(f"{owner}/{folder.path}")
    hashes = [ContentHash(bytes.fromhex(line.sha256)) for line in batch]
    known = mail.with_contents(here.id, hashes)
    for line, digest in zip(batch, hashes, strict=True):
        report.messages += 1
        if digest not in known:
            report.tell(f"{line.folder}/cur/{line.file} did not come back.")
            continue
        row, flags = known[digest]
        try:
            size = len(mail.raw(row))  # read from the store, and hashed there
        except StoreError as error:
            report.tell(f"{line.folder}/cur/{line.file}: {error}")
            continue
        if size != line.size:
            report.tell(f"{line.folder}/cur/{line.file} came back with {size:,} octets in place of {line.size:,}.")
        elif flags < frozenset(line.flags) - {Flag.DELETED}:
            report.tell(f"{line.folder}/cur/{line.file} came back without some of its flags.")
        else:
            report.equal += 1
