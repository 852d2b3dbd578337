"""Messages to be moved or copied on the server."""

from collections.abc import Sequence

from qtmail.engine.imap_append_replay import Adder, Places
from qtmail.engine.imap_batches import Batch
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_outcome import Outcome
from qtmail.engine.imap_rows import ImapRows, SourceGone
from qtmail.model import RowId
from qtmail.net.imap_values import Moved
from qtmail.store.values import FolderState, PendingRow


class Mover:
    """Move and Copy. What another client took away meanwhile comes to nothing; where it took away the whole folder,
    what we have of a message goes to the target all the same."""

    def __init__(self, link: ImapLink, rows: ImapRows, outcome: Outcome, adder: Adder) -> None:
        self._link = link
        self._rows = rows
        self._outcome = outcome
        self._adder = adder

    def move(self, batch: Batch) -> None:
        """Raises FolderGone for a target that is not there, Deferred."""
        target = self._rows.target(batch.target)
        for folder, rows in self._rows.by_folder(batch.rows):
            try:
                uids = self._rows.uids(folder, rows)
            except SourceGone:
                self._rescue(batch, rows, target)
                continue
            if batch.asked:
                uids = self._settle_moved(batch, folder, rows, uids, target)
            if uids:
                self._link.enter(folder, readonly=False)
                moved = self._link.session.move(sorted(uids.values()), target.wire_name)
                self._confirm(batch, uids, moved, target)

    def _settle_moved(
        self,
        batch: Batch,
        folder: FolderState,
        rows: Sequence[PendingRow],
        uids: dict[RowId, int],
        target: FolderState,
    ) -> dict[RowId, int]:
        """Asked before, answer not seen. What left the source is looked for in the target; of what is still in the
        source but was copied already (servers without MOVE) only the source is removed. -> what is still to move."""
        here = self._rows.present(uids.values())
        copied = not self._link.session.supports("MOVE")
        found = self._rows.unclaimed(target, [row for row in rows if copied or uids.get(row.row) not in here])
        leftover = sorted(uids[row] for row in found if uids.get(row) in here)
        if leftover:
            self._link.enter(folder, readonly=False)
            self._link.session.expunge(leftover)
        missing = [row for row, uid in uids.items() if uid not in here and row not in found]
        if found or missing:
            self._outcome.confirm(batch, dict(found), missing)
        return {row: uid for row, uid in uids.items() if uid in here and row not in found}

    def copy(self, batch: Batch) -> None:
        """Raises FolderGone for a target that is not there, Deferred."""
        target = self._rows.target(batch.target)
        rows: Sequence[PendingRow] = batch.rows
        if batch.asked and (found := self._rows.unclaimed(target, rows)):
            self._outcome.confirm(batch, dict(found))
            rows = [row for row in rows if row.row not in found]
        for folder, part in self._rows.by_folder(rows):
            try:
                uids = self._rows.uids(folder, part, changing=False)
            except SourceGone:
                self._rescue(batch, part, target)
                continue
            if uids:
                copied = self._link.session.copy(sorted(uids.values()), target.wire_name)
                self._confirm(batch, uids, copied, target)

    def _confirm(self, batch: Batch, uids: dict[RowId, int], moved: Moved, target: FolderState) -> None:
        placed: Places = {}
        for row, uid in uids.items():
            if uid in moved.uids:
                new = moved.uids[uid]
                placed[row] = (moved.uidvalidity, new) if moved.uidvalidity and new else None
        self._look_for(batch, placed, target)
        self._outcome.confirm(batch, placed, [row for row in uids if row not in placed])

    def _look_for(self, batch: Batch, placed: Places, target: FolderState) -> None:
        """Where the server did not tell: what is to be done next with a message waits for its UID. The others are met
        when the folder is compared."""
        silent = [row for row in batch.rows if row.row in placed and placed[row.row] is None]
        by_new_row = {row.row if row.copy is None else row.copy: row for row in silent}
        waited_for = self._outcome.have_more(batch, by_new_row.keys())
        placed.update(self._rows.unclaimed(target, [by_new_row[id_] for id_ in waited_for]))

    def _rescue(self, batch: Batch, rows: Sequence[PendingRow], target: FolderState) -> None:
        """The folder they were in was deleted elsewhere, and these with it; but the user wanted them there."""
        placed: Places = dict(self._rows.unclaimed(target, rows)) if batch.asked else {}
        placed.update(self._adder.put(target, [row for row in rows if row.row not in placed]))
        self._outcome.confirm(batch, placed, [row.row for row in rows if row.row not in placed])
