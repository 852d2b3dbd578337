"""The facade's way in and out for files: import and export."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from qtmail.engine import mailfiles
from qtmail.engine.indexing import new_messages
from qtmail.engine.mailfiles import Found, ToWrite
from qtmail.engine.outboxing import Outboxing
from qtmail.errors import BadInput
from qtmail.model import Flag, Folder, FolderId, GestureId, Role, RowId
from qtmail.operations import Append
from qtmail.store import add, authors, journal, lists, read
from qtmail.store.content import hash_of

BATCH = 100
BATCH_OCTETS = 8_000_000
FORMS = ("mbox", "maildir", "eml")


class Transfer(Outboxing):
    """An import is one gesture, however many messages: undo takes it back."""

    def import_messages(
        self, path: Path, into: FolderId, progress: Callable[[int], None] = lambda done: None
    ) -> tuple[int, int, tuple[str, ...]]:
        """Take in .eml files, a folder of them, an mbox or a Maildir -> (new, already there, problems)."""
        folder = self._target(into)
        problems: list[str] = []
        taken = _Taken()
        batch: list[Found] = []
        for found in mailfiles.read(path, problems):
            batch.append(found)
            taken.seen += 1
            if len(batch) >= BATCH or sum(len(one.raw) for one in batch) > BATCH_OCTETS:
                self._take_in(batch, folder, taken)
                batch = []
            progress(taken.seen)
        self._take_in(batch, folder, taken)
        return taken.new, taken.seen - taken.new, tuple(problems)

    def export_folder(self, folder: FolderId, path: Path, form: str) -> int:
        """Write "mbox", "maildir" or "eml" -> how many. Raises BadInput where something is in the way."""
        if form not in FORMS:
            raise BadInput(f"“{form}” is not a form of export.", hint=f"It is one of {', '.join(FORMS)}.")
        return mailfiles.write(self._to_write(self.folder(folder)), path, form)

    def export_mbox(self, folder: FolderId, file: IO[bytes]) -> int:
        """Write an mbox into a stream -> how many messages. Raises OSError."""
        return mailfiles.write_mbox(self._to_write(self.folder(folder)), file)

    def _take_in(self, batch: list[Found], folder: Folder, taken: "_Taken") -> None:
        reader = self._read()
        fresh: dict[bytes, Found] = {}
        for found in batch:
            digest = hash_of(found.raw)
            if digest not in fresh and read.row_with_content(reader, folder.id, digest) is None:
                fresh[digest] = found
        if not fresh:
            return
        now, remote = self._now(), self._remote()
        kept = new_messages(self._store.content, [one.raw for one in fresh.values()], now=now)
        messages = [
            message._replace(
                flags=found.flags | ({Flag.DRAFT} if folder.role is Role.DRAFTS else set()),
                received=found.received if found.received is not None else message.received,
            )
            for message, found in zip(kept, fresh.values(), strict=True)
        ]
        with self._store.transaction("import") as tx:
            rows = add.add_messages(tx, folder.id, messages, now=now, why="Imported")
            label = f"Import into {folder.path}"
            performed = journal.perform(tx, [Append(rows)], now=now, remote=remote, label=label, gesture=taken.gesture)
        taken.gesture = performed.gesture or taken.gesture
        taken.new += len(rows)

    def _to_write(self, folder: Folder) -> Iterator[ToWrite]:
        """Everything of the folder that is here whole, oldest first."""
        ids = [RowId(row) for row in lists.ids(self._read(), [folder.id], descending=False)]
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            senders = authors.authors(self._read(), part)
            for row in lists.rows(self._read(), part).values():
                if row.has_body:
                    sender = senders[row.id].address if row.id in senders else ""
                    yield ToWrite(self.raw(row.id), row.flags, row.received, row.subject, sender, row.id)


class _Taken:
    """How far an import is."""

    def __init__(self) -> None:
        self.seen = 0
        self.new = 0
        self.gesture: GestureId | None = None
