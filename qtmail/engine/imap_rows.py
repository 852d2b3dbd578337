"""Where the rows of an operation are on the IMAP server: by UID where it is known, else found by Message-ID."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from qtmail.engine import clock
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.imap_relink import still_are, went_back
from qtmail.errors import FolderGone, Refused, TemporarilyRefused
from qtmail.model import Flag, FolderId, RowId
from qtmail.net.imap_values import Selected
from qtmail.store import read, relink, rights, sync
from qtmail.store.db import Store
from qtmail.store.values import FolderState, PendingRow


class Deferred(TemporarilyRefused):
    """It cannot be done yet for a reason of our own."""


class Unproven(Deferred):
    """The server may have done it: look first when it is tried again."""


class SourceGone(FolderGone):
    """The folder that the messages were in is not on the server any more, and they with it."""


class ImapRows:
    """For one replay. Methods select folders as they need."""

    def __init__(self, link: ImapLink, store: Store) -> None:
        self._link = link
        self._store = store

    def by_folder(self, rows: Iterable[PendingRow]) -> Iterator[tuple[FolderState, list[PendingRow]]]:
        """Rows by the folder they are in on the server."""
        groups: dict[FolderId, list[PendingRow]] = {}
        for row in rows:
            groups.setdefault(row.folder, []).append(row)
        for folder, group in groups.items():
            yield read.folder_state(self._store.read(), folder), group

    def on_server(self, folder: FolderState) -> FolderState:
        """As the server has it, to put something in: one that it does not have yet is made, and one that was not
        compared yet has its UIDVALIDITY."""
        if folder.wire_name and folder.uidvalidity:
            return folder
        session = self._link.session
        name = folder.wire_name
        if not name:
            name = session.wire_name(folder.path)
            session.create(name, folder.role)
        return replace(folder, wire_name=name, uidvalidity=session.status(name).uidvalidity or 0)

    def target(self, folder: FolderState | None) -> FolderState:
        """Where an operation goes to; it is on the server then. Raises FolderGone."""
        if folder is None:
            raise FolderGone("The folder this should go to is not there any more.")
        return self.on_server(folder)

    def uids(
        self, folder: FolderState, rows: Sequence[PendingRow], *, changing: bool = True, removing: bool = False
    ) -> dict[RowId, int]:
        """Select the folder for writing -> the UID of each row. Raises SourceGone, Refused where nothing can be
        changed (`changing`), Deferred where the UIDs are not known or may be those of other messages now; what is to
        be removed for good (`removing`) is looked at in any case."""
        known = {row.row: row.uid for row in rows if row.uid is not None and row.uidvalidity == folder.uidvalidity}
        if not folder.wire_name or len(known) < len(rows):
            raise Deferred(f"The server has not told yet where these messages are in {folder.path}.")
        opened = self._enter(folder)
        if opened is not None and went_back(folder, opened):
            self._link.leave()  # another connection may have seen more since this one opened it
            opened = self._enter(folder)
        grew = opened is not None and opened.uidnext != folder.uidnext
        back = opened is not None and went_back(folder, opened)
        if back or ((removing or grew) and not still_are(self._link, self._store, folder, rows)):
            raise Deferred(f"The folder {folder.path} was put back to what it was earlier, and is compared first.")
        if opened is not None and opened.read_only and changing:
            with self._store.transaction("read only") as tx:  # the window does not offer it any more
                rights.remember(tx, folder.id, rights.READ_ONLY, now=clock.now())
            raise Refused(
                f"The folder {folder.path} can only be read.", hint="Ask its owner for the right to change it."
            )
        return known

    def _enter(self, folder: FolderState) -> Selected | None:
        """Have it selected for writing -> how it was then. Raises SourceGone, Deferred."""
        try:
            self._link.enter(folder, readonly=False)
        except FolderGone as gone:
            raise SourceGone(
                f"The folder {folder.path} is not on the server.", server_words=gone.server_words
            ) from gone
        except Refused as error:
            raise Deferred(
                f"The folder {folder.path} cannot be opened now.", server_words=error.server_words
            ) from error
        return self._link.opened

    def present(self, uids: Iterable[int]) -> set[int]:
        """Those of these that the selected folder still has."""
        asked = set(uids)
        return asked & set(self._link.session.uids(min(asked))) if asked else set()

    def unclaimed(self, folder: FolderState, rows: Sequence[PendingRow]) -> dict[RowId, tuple[int, int]]:
        """Select the folder -> where it has these messages (by Message-ID and size) in places that no row of ours
        accounts for: what an earlier attempt put there."""
        if not rows or not folder.wire_name:
            return {}
        self._link.select(folder)
        return self._find(folder, rows)

    def anywhere(self, folder: FolderState, rows: Sequence[PendingRow]) -> dict[RowId, tuple[int, int]]:
        """Select the folder -> where it has messages of these Message-IDs, whatever rows we have of them."""
        if not rows or not folder.wire_name:
            return {}
        uidvalidity = self._link.select(folder).uidvalidity
        found: dict[RowId, tuple[int, int]] = {}
        there = self._link.session.find_messages([row.message_id for row in rows])
        for row in rows:
            messages = there.get(row.message_id, ())
            if messages and uidvalidity == folder.uidvalidity:
                found[row.row] = (uidvalidity, messages[0].uid)
        return found

    def still_there(self, folder: FolderState, rows: Sequence[PendingRow]) -> dict[RowId, tuple[int, int]]:
        """Rows that the server never lost, shown again there (\\Deleted taken off)."""
        wanted = {row.uid: row.row for row in rows if row.uid is not None and row.uidvalidity == folder.uidvalidity}
        if not wanted or not folder.wire_name:
            return {}
        self._link.enter(folder, readonly=False)
        here = sorted(self.present(wanted))
        if here:
            self._link.session.set_flags(here, [Flag.DELETED], False)
        return {wanted[uid]: (folder.uidvalidity, uid) for uid in here}

    def _find(self, folder: FolderState, rows: Sequence[PendingRow]) -> dict[RowId, tuple[int, int]]:
        """In the selected folder."""
        if not any(row.message_id for row in rows):
            return {}
        taken = set(sync.known_uids(self._store.read(), folder.id))
        found: dict[RowId, tuple[int, int]] = {}
        there = self._link.session.find_messages([row.message_id for row in rows])
        for row in rows:
            every = there.get(row.message_id, ())
            ours = relink.identities(self._store.read(), folder.id, [one.uid for one in every])
            unread = {uid for uid, (message_id, *_) in ours.items() if not message_id}
            for one in every:
                if (one.uid not in taken or one.uid in unread) and one.size == (row.size or one.size):
                    found[row.row] = (folder.uidvalidity, one.uid)
                    taken.add(one.uid)
                    unread.discard(one.uid)
                    break
        return found
