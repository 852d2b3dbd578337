"""Messages the server is to have, told to it: what it lacks is added, and proven to be there."""

from collections.abc import Iterator, Sequence

from qtmail.engine.backend import Desk
from qtmail.engine.imap_batches import Batch
from qtmail.engine.imap_draft_replay import Replacer
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_outcome import Outcome
from qtmail.engine.imap_rows import Deferred, ImapRows, Unproven
from qtmail.model import Flag, Role, RowId
from qtmail.net.imap_values import Adding
from qtmail.operations import Restore
from qtmail.store import facts
from qtmail.store.db import Store
from qtmail.store.values import FolderState, PendingRow

FILES_SENT = "files_sent_itself"
SMALLEST_PART = 0.9
"""An appended message is proven to be there when its size is at least this part of ours (servers rewrite line ends)."""
Places = dict[RowId, tuple[int, int] | None]


class Adder:
    """Append and Restore; and for a Move or Copy whose source is gone, what we have of it."""

    def __init__(self, link: ImapLink, store: Store, desk: Desk, rows: ImapRows, outcome: Outcome) -> None:
        self._link = link
        self._store = store
        self._desk = desk
        self._rows = rows
        self._outcome = outcome
        self._replacer = Replacer(link, store, desk)

    def append(self, batch: Batch) -> None:
        """APPEND what the server lacks, then prove that it is there: an Expunge elsewhere may be waiting for this."""
        target = self._rows.target(batch.target)
        rows = batch.rows
        placed: Places = {}
        if isinstance(batch.first.operation, Restore):
            placed.update(self._rows.still_there(target, rows))
        replaced = self._replacer.put(batch, target)
        self._prove(target, [row for row in rows if row.row in replaced], replaced)
        placed.update(replaced)
        missing = [row for row in rows if row.row not in placed]
        if target.role is Role.SENT:
            placed.update(self._server_copies(target, missing))
        elif batch.asked:
            placed.update(self._rows.unclaimed(target, missing))
        lacking = [row for row in rows if row.row not in placed]
        placed.update(self.put(target, lacking))
        if placed:
            self._outcome.confirm(batch, placed)
        self._replacer.settle()
        if any(row.row not in placed for row in rows):
            raise Deferred("The content of these messages is not here yet.")

    def put(self, target: FolderState, rows: Sequence[PendingRow]) -> Places:
        """Add those of these whose content is here -> where they are now, proven; None: there, the UID is not known."""
        whole = [row for row in rows if row.content is not None]
        placed: Places = {}
        told = self._link.session.append_many(target.wire_name, self._contents(whole))
        for row, appended in zip(whole, told, strict=True):
            placed[row.row] = (appended.uidvalidity, appended.uid) if appended else None
        if None in placed.values() and self._link.session.supports("UIDPLUS"):
            self._link.evidence.catch(
                "UIDPLUS",
                "It offers UIDPLUS and does not tell where it put a message.",
                "The message is looked for by its Message-ID, and only counts as there when it is found.",
            )
        self._prove(target, whole, placed)
        return placed

    def _contents(self, rows: Sequence[PendingRow]) -> Iterator[Adding]:
        for row in rows:
            self._desk.control.check()
            assert row.content is not None
            flags = tuple(sorted(flag for flag in row.flags if flag != Flag.DELETED))
            yield Adding(self._store.content.get(row.content), flags, row.received)

    def _server_copies(self, sent: FolderState, rows: Sequence[PendingRow]) -> Places:
        """Many servers file what they were given to send by themselves: that copy is ours then. Learned per account:
        after they did not once, it is only looked for what an earlier attempt may have appended."""
        account = self._desk.account.key
        if facts.get(self._store.read(), account, FILES_SENT) == "no":
            return dict(self._rows.unclaimed(sent, rows))
        found = self._rows.anywhere(sent, rows)
        with self._store.transaction("learn sent copies") as tx:
            facts.put(tx, account, FILES_SENT, "yes" if found else "no")
        return dict(found)

    def _prove(self, target: FolderState, rows: Sequence[PendingRow], placed: Places) -> None:
        """Fill in UIDs the server did not tell, and see each message there with about its size. Raises Unproven."""
        if not placed:
            return
        silent = [row for row in rows if row.row in placed and placed[row.row] is None]
        placed.update(self._rows.unclaimed(target, silent))
        self._link.select(target)
        sizes = {row.row: row.size for row in rows}
        by_uid = {place[1]: row for row, place in placed.items() if place and row in sizes}
        seen = {fetched.uid: fetched.size for fetched in self._link.session.fetch_headers(sorted(by_uid))}
        self._link.session.take_quarantined()
        for uid, row in by_uid.items():
            if seen.get(uid, -1) < sizes[row] * SMALLEST_PART:
                raise Unproven(f"The server took a message for {target.path} and does not show it.")
