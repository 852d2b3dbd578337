"""Mail files into the store: read, made ready in a second process, written; each content once in a folder.

    reader (this thread) --batch--> Workshop (durable, read) --> at most 200 rows a transaction

Killed at any point, the same import again goes on where it was: what is in its folder already is passed over.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from qtmail.engine import mailfiles
from qtmail.engine.mailfiles import Box, Found, Remarks, Source
from qtmail.engine.overlap import Overlap
from qtmail.engine.workshop import Ticket, Workshop
from qtmail.errors import MailError
from qtmail.model import AccountKey, Flag, Folder, GestureId, Role, RowId
from qtmail.operations import Append, SetFlag
from qtmail.store import add, copies, journal
from qtmail.store.content import hash_of
from qtmail.store.db import Store
from qtmail.store.values import NewMessage

BATCH = 400
BATCH_OCTETS = 4 * 1024 * 1024
"""A batch is made durable at once: at most so many messages, and about so many octets of them."""
ROWS = 200
"""Rows of one transaction, at most: a click's write never waits long."""
SAY_S = 0.2


@dataclass(slots=True)
class BoxReport:
    """What became of one folder of a source."""

    path: str
    """Of the folder here, "ACCOUNT/path" as commands print it."""
    new: int = 0
    there: int = 0
    merged: int = 0
    """Of those that were there: how many got flags."""


@dataclass(slots=True)
class ImportReport:
    """What an import did."""

    source: Path
    kind: str
    folders: list[BoxReport] = field(default_factory=list)
    remarks: Remarks = field(default_factory=Remarks)
    troubles: list[str] = field(default_factory=list)
    """Folders that could not be made, and the like: sentences."""
    stopped: bool = False
    """By the user: what was taken in stays, and the same import again brings the rest."""
    seconds: float = 0.0

    @property
    def new(self) -> int:
        return sum(folder.new for folder in self.folders)

    @property
    def there(self) -> int:
        return sum(folder.there for folder in self.folders)

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence each."""
        cut = self.remarks.partial
        told = [f"{partial:,} were taken in without their attachments, which Apple Mail keeps apart."] if cut else []
        return (*self.troubles, *told, *(one.sentence() for one in self.remarks.unreadable))


class Progress(NamedTuple):
    """How far an import is. `octets` of `octets_total` are read."""

    folder: str
    read: int
    new: int
    octets: int
    octets_total: int


class _Target(NamedTuple):
    folder: Folder
    report: BoxReport


class _Batch(NamedTuple):
    target: _Target
    found: Sequence[Found]
    ready: Ticket
    now: int


class Intake:
    """One import: every message of `source` into folders that `place` gives for their paths."""

    def __init__(
        self,
        store: Store,
        *,
        place: Callable[[str], tuple[Folder, str]],
        remote: frozenset[AccountKey],
        now: Callable[[], int],
        progress: Callable[[Progress], None] = lambda _: None,
        stop: threading.Event | None = None,
        read: Callable[[Box, Remarks], Iterator[Found]] = mailfiles.read,
        merge_flags: bool = False,
        why: str = "Imported",
    ) -> None:
        """`place`: path in the source -> its folder, made where it is not there, and that one's name for the report;
        raises MailError. Setting `stop` ends it after the batch under way. `merge_flags`: what is there already gets
        the flags it has in the file on top of its own. `why`: for the messages' stories."""
        self._store = store
        self._place = place
        self._remote = remote
        self._now = now
        self._progress = progress
        self._stop = stop or threading.Event()
        self._read_box = read
        self._merge_flags = merge_flags
        self._why = why
        self._label = "Restore" if why.startswith("Restored") else "Import"
        self._gesture: GestureId | None = None
        self._workshop = Workshop(store.content)
        self._pending: set[tuple[int, bytes]] = set()
        """(folder, content) of batches under way: the store does not know them yet."""
        self._said = 0.0
        self._read = self._new = self._octets = 0

    def take_in(self, source: Source, report: ImportReport) -> None:
        """Do it, into `report`. Raises StoreError; what was written until then stays."""
        began = time.monotonic()
        total = source.octets
        try:
            with ExitStack() as held:
                # An mbox of 1 MB has some 200 messages: for less a second process does not pay.
                held.enter_context(self._workshop.open(total // 5_000))
                held.callback(self._workshop.close)
                facts = held.enter_context(Overlap(self._write, "facts"))
                ready: Overlap[_Batch] = held.enter_context(Overlap(partial(self._finish, facts=facts), "import"))
                for box in source.boxes:
                    if self._stop.is_set():
                        break
                    self._take_box(box, report, ready, total)
        finally:
            report.stopped = self._stop.is_set()
            report.seconds += time.monotonic() - began

    def _take_box(self, box: Box, report: ImportReport, ready: "Overlap[_Batch]", total: int) -> None:
        try:
            folder, name = self._place(box.path)
        except MailError as error:
            report.troubles.append(error.sentence())
            return
        told = BoxReport(name)
        report.folders.append(told)
        for batch in _batches(self._read_box(box, report.remarks)):
            self._hand_on(_Target(folder, told), batch, ready)
            self._say(name, total)
            if self._stop.is_set():
                return
        self._say(name, total)

    def _hand_on(self, target: _Target, batch: list[Found], ready: "Overlap[_Batch]") -> None:
        """What is not in the folder yet, each content once."""
        self._read += len(batch)
        self._octets += sum(len(found.raw) for found in batch)
        folder = target.folder.id
        hashes = [hash_of(found.raw) for found in batch]
        known = copies.with_contents(self._store.read(), folder, hashes)
        fresh: list[Found] = []
        merged: list[tuple[str, RowId]] = []
        for digest, found in zip(hashes, batch, strict=True):
            if digest in known or (folder, digest) in self._pending:
                target.report.there += 1
                if self._merge_flags and digest in known:
                    row, flags = known[digest]
                    merged.extend((flag, row) for flag in found.flags - flags)
            else:
                self._pending.add((folder, digest))
                fresh.append(found)
        self._merge(target, merged)
        if fresh:
            now = self._now()
            ticket = self._workshop.prepare([found.raw for found in fresh], now=now)
            ready.put(_Batch(target, fresh, ticket, now))

    def _merge(self, target: _Target, merged: list[tuple[str, RowId]]) -> None:
        """Flags that rows here lack."""
        if not merged:
            return
        rows: dict[str, list[RowId]] = {}
        for flag, row in merged:
            rows.setdefault(flag, []).append(row)
        operations = [SetFlag(tuple(of), flag, True) for flag, of in rows.items()]
        journal.act(self._store, operations, now=self._now(), remote=self._remote, label="Merge flags")
        target.report.merged += len({row for _flag, row in merged})

    def _finish(self, batch: _Batch, facts: "Overlap[tuple[_Target, list[NewMessage]]]") -> None:
        draft = {Flag.DRAFT} if batch.target.folder.role is Role.DRAFTS else set()
        messages = []
        for found, prepared in zip(batch.found, batch.ready(), strict=True):
            content, size, told, body = prepared
            # `now` stands where a Date was missing or absurd.
            received = found.received if found.received is not None else told.date
            if told.date == batch.now:
                told = replace(told, date=received)
            messages.append(NewMessage(content, size, received, told, body, found.flags | draft))
        for start in range(0, len(messages), ROWS):
            facts.put((batch.target, messages[start : start + ROWS]))

    def _write(self, part: tuple[_Target, list[NewMessage]]) -> None:
        (folder, told), messages = part
        now = self._now()
        with self._store.transaction("import") as tx:
            rows = add.add_messages(tx, folder.id, messages, now=now, why=self._why)
            performed = journal.perform(
                tx,
                [Append(rows)],
                now=now,
                remote=self._remote,
                label=f"{self._label} into {folder.path}",
                gesture=self._gesture,
            )
        self._gesture = performed.gesture or self._gesture
        self._pending.difference_update((folder.id, message.content) for message in messages)
        told.new += len(rows)
        self._new += len(rows)

    def _say(self, name: str, total: int) -> None:
        now = time.monotonic()
        if now - self._said >= SAY_S or self._octets >= total:
            self._said = now
            self._progress(Progress(name, self._read, self._new, min(self._octets, total), total))


def report_text(report: ImportReport) -> str:
    """The whole report for people, to be saved."""
    lines = [f"Import of {report.source} ({report.kind})", ""]
    for folder in report.folders:
        already = f", {folder.there:,} there already" if folder.there else ""
        lines.append(f"{folder.path}: {folder.new:,} new{already}")
    if len(report.folders) > 1:
        lines.append(f"Together: {report.new:,} new, {report.there:,} there already")
    if report.remarks.skipped:
        lines.append(f"{report.remarks.skipped:,} left out: deleted in the program they are from")
    if report.stopped:
        lines.append("Stopped before its end: the same import again brings the rest.")
    if report.problems:
        lines += ["", f"Problems ({len(report.problems):,}):", *report.problems]
    return "\n".join(lines) + "\n"


def _batches(messages: Iterator[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    octets = 0
    for found in messages:
        batch.append(found)
        octets += len(found.raw)
        if len(batch) >= BATCH or octets >= BATCH_OCTETS:
            yield batch
            batch, octets = [], 0
    if batch:
        yield batch
