"""A folder whose UIDs mean other messages than they did: our rows are found again by their headers, not downloaded.

Either its UIDVALIDITY changed (RFC 9051, 2.3.1.1), as it should when UIDs are given anew; or it was put back from a
backup, or another folder took its name, and the server does not say so: then numbers go backwards, or UIDs that we know
belong to other messages. What may be so is looked into before anything is believed.
"""

import logging
from array import array
from collections.abc import Sequence

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.context import chunks, committed
from qtmail.engine.imap_link import ImapLink
from qtmail.mime.parse import parse_headers
from qtmail.net.imap_values import FetchedHeader, Selected
from qtmail.store import relink, sync
from qtmail.store.db import Store
from qtmail.store.values import FolderState, PendingRow, Relinkable

log = logging.getLogger(__name__)

ROWS = 200
SAMPLE = 16
"""So many messages are looked at to see whether a folder still is what it was, the newest among them."""


def went_back(folder: FolderState, selected: Selected) -> bool:
    """Numbers that only ever grow are smaller than they were."""
    if selected.uidvalidity != folder.uidvalidity:
        return False
    modseq = selected.highestmodseq or 0
    return bool(selected.uidnext and selected.uidnext < folder.uidnext) or 0 < modseq < folder.highestmodseq


def still_are(link: ImapLink, store: Store, folder: FolderState, rows: Sequence[PendingRow]) -> bool:
    """The UIDs of these are still theirs in the selected folder, or of nobody. UIDs are given in ascending order, so
    the highest that it has tells for all. Where not, the next visit looks into it."""
    by_uid = {row.uid: row for row in rows if row.uid is not None}
    highest = sorted(by_uid)[-SAMPLE:]
    fetched = list(link.session.fetch_headers(highest))
    link.session.take_quarantined()
    if all(
        _is(one, by_uid[one.uid].message_id, by_uid[one.uid].received, by_uid[one.uid].size)
        for one in fetched
        if one.uid in by_uid
    ):
        return True
    with store.transaction("suspect") as tx:
        relink.suspect(tx, folder.id)
    return False


def look_into(link: ImapLink, store: Store, desk: Desk, folder: FolderState, selected: Selected) -> bool:
    """Whether the UIDs of the selected folder mean other messages than they did: all its rows wait to be relinked
    then (`relink_folder`). Asks the server only where something points to it: numbers that went back, a new name, or
    new messages (then whether the newest known one still is the same)."""
    if selected.uidvalidity != folder.uidvalidity:
        return False
    if relink.is_doubted(store.read(), folder.id):
        _doubt(store, desk, folder)
        return True
    back = went_back(folder, selected) or relink.is_suspect(store.read(), folder.id)
    grew = bool(folder.uidnext > 1 and selected.uidnext and selected.uidnext > folder.uidnext)
    if not back and not grew:
        return False
    if _same(link, store, folder, SAMPLE if back else 1):
        if back:
            with committed(store, desk.announcer, "not suspect") as tx:
                relink.clear_suspicion(tx, folder.id, uidnext=selected.uidnext or 0)
        return False
    log.info("folder %s is not what it was: its messages are compared with ours", folder.id)
    with committed(store, desk.announcer, "doubt") as tx:
        relink.begin_doubt(tx, folder.id)
    _doubt(store, desk, folder)
    return True


def relink_folder(link: ImapLink, store: Store, desk: Desk, folder: FolderState) -> "array[int]":
    """Give the rows of the selected folder their new UIDs; cut anywhere, it can be done again. -> all UIDs it has."""
    log.info("the messages of folder %s (UIDVALIDITY %d) are found again", folder.id, folder.uidvalidity)
    listed = link.session.uids()
    for chunk in chunks(listed[::-1], ROWS):
        desk.control.check()
        items = [_relinkable(fetched) for fetched in link.session.fetch_headers(chunk)]
        with committed(store, desk.announcer, "relink") as tx:
            relink.relink(tx, folder.id, items, now=clock.now())
    link.session.take_quarantined()
    with committed(store, desk.announcer, "drop unlinked") as tx:
        relink.drop_unlinked(tx, folder.id, now=clock.now())
    return listed


def _doubt(store: Store, desk: Desk, folder: FolderState) -> None:
    """In small transactions; cut in between, it goes on at the next visit."""
    while True:
        desk.control.check()
        with store.transaction("doubt") as tx:
            if relink.doubt_some(tx, folder.id, ROWS):
                return


def _same(link: ImapLink, store: Store, folder: FolderState, most: int) -> bool:
    """The newest of the messages known here that the server has, and some others, are what they were."""
    known = sync.known_uids(store.read(), folder.id)
    if not known:
        return True
    step = max(1, len(known) // most)
    sample = sorted({*known[::-step][: most - 1], *known[-1:], *known[-most // 2 :]})
    ours = relink.identities(store.read(), folder.id, sample)
    fetched = list(link.session.fetch_headers(sample))
    link.session.take_quarantined()
    return all(_is(one, *ours[one.uid]) for one in fetched if one.uid in ours)


def _is(fetched: FetchedHeader, message_id: str, received: int, size: int) -> bool:
    theirs = parse_headers(fetched.header).message_id
    if theirs or message_id:
        return theirs == message_id
    return fetched.internaldate == received or fetched.size == size


def _relinkable(fetched: FetchedHeader) -> Relinkable:
    return Relinkable(
        fetched.uid,
        parse_headers(fetched.header).message_id,
        fetched.size,
        fetched.internaldate,
        fetched.flags,
        fetched.modseq or 0,
    )
