"""A folder whose UIDVALIDITY changed (RFC 9051, 2.3.1.1): our rows are found again by their headers, not downloaded."""

import logging
from array import array

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.context import chunks, committed
from qtmail.engine.imap_link import ImapLink
from qtmail.mime.parse import parse_headers
from qtmail.store import relink
from qtmail.store.db import Store
from qtmail.store.values import FolderState, Relinkable

log = logging.getLogger(__name__)

ROWS = 200


def relink_folder(link: ImapLink, store: Store, desk: Desk, folder: FolderState) -> "array[int]":
    """Give the rows of the selected folder their new UIDs; cut anywhere, it can be done again. -> all UIDs it has."""
    log.info("folder %s was renumbered to UIDVALIDITY %d", folder.id, folder.uidvalidity)
    listed = link.session.uids()
    for chunk in chunks(listed[::-1], ROWS):
        desk.control.check()
        items = [
            Relinkable(
                fetched.uid,
                parse_headers(fetched.header).message_id,
                fetched.size,
                fetched.internaldate,
                fetched.flags,
                fetched.modseq or 0,
            )
            for fetched in link.session.fetch_headers(chunk)
        ]
        with committed(store, desk.announcer, "relink") as tx:
            relink.relink(tx, folder.id, items, now=clock.now())
    link.session.take_quarantined()
    with committed(store, desk.announcer, "drop unlinked") as tx:
        relink.drop_unlinked(tx, folder.id, now=clock.now())
    return listed
