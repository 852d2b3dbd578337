"""A draft saved anew, told to the IMAP server in one step where it knows REPLACE (RFC 8508).

Elsewhere the new one is added and proven first, and the older one expunged by the operation that waits for it.
"""

import logging

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.imap_batches import Batch
from qtmail.engine.imap_link import ImapLink
from qtmail.errors import Refused
from qtmail.model import Flag, RowId
from qtmail.store import replacing, replay
from qtmail.store.db import Store
from qtmail.store.replacing import Replaced
from qtmail.store.values import FolderState

log = logging.getLogger(__name__)

Places = dict[RowId, tuple[int, int] | None]


class Replacer:
    """For one replay."""

    def __init__(self, link: ImapLink, store: Store, desk: Desk) -> None:
        self._link = link
        self._store = store
        self._desk = desk
        self._done: list[Replaced] = []

    def put(self, batch: Batch, target: FolderState) -> Places:
        """Replace what this one message is to replace -> where it is now, to be proven; {} where nothing was done. An
        Append that was asked before goes the usual way, which looks first."""
        session = self._link.session
        if batch.asked or len(batch.rows) != 1 or not session.supports("REPLACE"):
            return {}
        (row,) = batch.rows
        old = replacing.replaced_by(self._store.read(), batch.first.id, target.id, target.uidvalidity)
        if old is None or row.content is None:
            return {}
        with self._store.transaction("operations sent") as tx:
            if not replay.mark_sent(tx, old.operation):
                return {}
        self._link.enter(target, readonly=False)
        flags = sorted(flag for flag in row.flags if flag != Flag.DELETED)
        content = self._store.content.get(row.content)
        try:
            told = session.replace(old.uid, target.wire_name, content, flags, row.received)
        except Refused as error:
            log.info("the draft is added instead of replacing UID %d: %s", old.uid, error.server_words)
            return {}
        self._done.append(old)
        return {row.row: (told.uidvalidity, told.uid) if told else None}

    def settle(self) -> None:
        """What took their places is proven: those replaced are gone."""
        for old in self._done:
            with self._store.transaction("replaced") as tx:
                replay.confirm(tx, old.operation, {old.row: None}, now=clock.now())
            self._desk.announcer.say(tx.events)
        self._done.clear()
