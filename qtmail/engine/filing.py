"""What becomes of a message that was accepted: out of the Outbox, its copy into Sent."""

from qtmail.engine import clock
from qtmail.model import Account, FolderId, OutboxItem, Protocol, Role
from qtmail.operations import Append
from qtmail.store import coordinates, folders, journal, outbox, read, story
from qtmail.store.db import Tx
from qtmail.store.effects import sources_of, to_grace


def file_copy(tx: Tx, account: Account, item: OutboxItem) -> bool:
    """The row goes from the Outbox to Sent, Bcc and all. For IMAP an Append follows; its replay first looks whether the
    server made a copy by itself. -> False where no copy is wanted or the row is gone."""
    now = clock.now()
    outbox.sent_copy_settled(tx, item.id)
    place = read.places(tx, [item.row]).get(item.row)
    if place is None:
        return False
    story.tell(tx, item.row, f"Sent: the server said “{item.reply}”", now=now)
    if item.again_of is not None:
        to_grace(tx, sources_of(tx, [item.row]), "sent", now=now)
        return False
    sent = _sent_folder(tx, account, item)
    coordinates.place(tx, item.row, sent, 0, None, now=now)
    tx.touched(place.folder, sent)
    remote = frozenset({account.key} if account.protocol is Protocol.IMAP else ())
    journal.perform(tx, [Append((item.row,))], now=now, remote=remote, label="File in Sent", quiet=True)
    return True


def _sent_folder(tx: Tx, account: Account, item: OutboxItem) -> FolderId:
    """The identity's; the account's where that is not there (any more)."""
    path = account.identity(item.identity).sent_folder
    named = read.folder_at(tx, account.key, path) if path else None
    sent = named if named is not None else read.folder_of_role(tx, account.key, Role.SENT)
    return sent if sent is not None else folders.ensure_folder(tx, account.key, "Sent", Role.SENT)
