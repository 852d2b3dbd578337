"""The facade's way in and out for files: import and export."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from qtmail.engine.foldering import check_path
from qtmail.engine.outboxing import Outboxing
from qtmail.model import LOCAL, Folder, FolderId, RowId
from qtmail.store import authors, facts, lists, read

if TYPE_CHECKING:  # few starts need them
    from qtmail.engine.intake import ImportReport, Progress
    from qtmail.engine.mailfiles import Source, ToWrite, Variant
    from qtmail.engine.outgo import Exported, ExportReport, Going

BATCH = 100
UNFINISHED = "unfinished_import"


class Unfinished(msgspec.Struct, frozen=True):
    """An import that did not come to its end."""

    path: str
    into: int
    """FolderId."""


class Transfer(Outboxing):
    """An import is one gesture, however many messages: undo takes it back."""

    def import_messages(
        self, path: Path, into: FolderId, progress: Callable[[int], None] = lambda done: None
    ) -> tuple[int, int, tuple[str, ...]]:
        """Take in what is at a path -> (new, already there, problems)."""
        from qtmail.engine import mailfiles

        report = self.take_in(mailfiles.detect(path), into, lambda told: progress(told.read))
        return report.new, report.there, report.problems

    def take_in(
        self,
        source: "Source",
        into: FolderId,
        progress: "Callable[[Progress], None]" = lambda _: None,
        stop: threading.Event | None = None,
        form: "Variant | None" = None,
        origin: Path | None = None,
    ) -> "ImportReport":
        """Take in all of a source, its folders below `into`, what is there already once. Raises BadInput, StoreError;
        what was written until then stays, and the same again goes on from there: until one comes to its end it is
        remembered (`unfinished_import`). `origin`: the archive it is from."""
        from qtmail.engine import mailfiles
        from qtmail.engine.intake import ImportReport, Intake

        top = self._target(into)
        report = ImportReport(source.path, mailfiles.KIND_NAMES[source.kind])
        intake = Intake(
            self._store,
            place=lambda path: self._import_folder(top, path),
            remote=self._remote(),
            now=self._now,
            progress=progress,
            stop=stop,
            read=partial(mailfiles.read, form=form),
        )
        self._remember_import(Unfinished(str((origin or source.path).absolute()), top.id))
        intake.take_in(source, report)
        if not report.stopped:
            self._remember_import(None)
        return report

    def unfinished_import(self) -> "Unfinished | None":
        """The last import that was stopped, killed or failed, while its files and its folder are there."""
        text = facts.get(self._read(), LOCAL, UNFINISHED)
        if not text:
            return None
        found = msgspec.json.decode(text, type=Unfinished)
        folder = read.folder(self._read(), FolderId(found.into))
        return found if folder is not None and Path(found.path).exists() else None

    def _remember_import(self, what: "Unfinished | None") -> None:
        with self._store.transaction("remember import") as tx:
            facts.put(tx, LOCAL, UNFINISHED, msgspec.json.encode(what).decode() if what else "")

    def export(
        self,
        what: "Exported",
        path: Path,
        form: str,
        progress: "Callable[[Going], None]" = lambda _: None,
        stop: threading.Event | None = None,
        variant: "Variant | None" = None,
    ) -> "ExportReport":
        """Write folders or single messages as "mbox", "maildir" or "eml", whole or not at all. Raises BadInput where
        something is in the way or the disk says no; StoreError."""
        from qtmail.engine.outgo import Outgo

        return Outgo(self, what, progress, stop).write(path, form, variant)

    def export_folder(self, folder: FolderId, path: Path, form: str) -> int:
        """Write one folder -> how many. Raises BadInput where something is in the way."""
        from qtmail.engine.outgo import Exported

        return self.export(Exported((folder,)), path, form).written

    def to_write(self, rows: Sequence[RowId]) -> "Iterator[ToWrite]":
        """Those of these whose content is here, as files want them, in their order."""
        from qtmail.engine.mailfiles import ToWrite

        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            senders = authors.authors(self._read(), part)
            shown = lists.rows(self._read(), part)
            for row in (shown[id_] for id_ in part if id_ in shown):
                if row.has_body:
                    sender = senders[row.id].address if row.id in senders else ""
                    yield ToWrite(self.raw(row.id), row.flags, row.received, row.subject, sender, row.id)

    def rows_of(self, folder: FolderId) -> tuple[RowId, ...]:
        """Its messages, oldest first."""
        return tuple(RowId(row) for row in lists.ids(self._read(), [self.folder(folder).id], descending=False))

    def _import_folder(self, top: Folder, path: str) -> tuple[Folder, str]:
        """The folder for a path of a source, made if it is not there -> it, and its name for people."""
        owner = self.account(top.account).name if top.account != LOCAL else "Local"
        if not path:
            return top, f"{owner}/{top.path}"
        whole = check_path(f"{top.path}/{tamed(path)}")
        known = {one.path.casefold(): one.path for one in read.folders(self._read()) if one.account == top.account}
        whole = known.get(whole.casefold(), whole)
        if whole not in known.values():
            self.create_folder(top.account, whole)
        found = read.folder_at(self._read(), top.account, whole)
        assert found is not None
        return self._target(found), f"{owner}/{whole}"


def tamed(path: str) -> str:
    """Folder names of other programs as they can be called here."""
    names = [
        "".join(char if char.isprintable() and char not in "*%" else "_" for char in name) for name in path.split("/")
    ]
    return "/".join(" ".join(name.split())[:200] or "_" for name in names)
