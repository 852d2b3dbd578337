"""What removing means on Gmail (X-GM-EXT-1), where folders are labels.

To expunge in the folder of a label only takes the label off: the message stays in All Mail. Only in Trash and Spam it
goes. So what is to go for good is moved to Trash, which takes off every label, and is expunged there.
"""

import logging
from collections.abc import Sequence

from qtmail.engine.imap_link import ImapLink
from qtmail.model import Role
from qtmail.store import read
from qtmail.store.db import Store
from qtmail.store.values import FolderState

log = logging.getLogger(__name__)

_GOES_THERE = (Role.TRASH, Role.JUNK)


def expunge(link: ImapLink, store: Store, folder: FolderState, uids: Sequence[int]) -> None:
    """Remove these of the selected folder for good; another folder may be selected afterwards.

    Cut between the two steps they are in Trash, which Gmail empties by itself. The same where Gmail does not tell
    where in Trash it put them.
    """
    session = link.session
    trash = None
    if session.supports("X-GM-EXT-1") and folder.role not in _GOES_THERE:
        trash = read.folder_of_role(store.read(), folder.account, Role.TRASH)
    state = None if trash is None else read.folder_state(store.read(), trash)
    if state is None or not state.wire_name:
        session.expunge(uids)
        return
    moved = session.move(uids, state.wire_name)
    there = sorted(uid for uid in moved.uids.values() if uid is not None)
    if not there:
        log.info("%d messages are left to Gmail in Trash", len(uids))
    elif link.select(state, readonly=False).uidvalidity == moved.uidvalidity:
        session.expunge(there)
