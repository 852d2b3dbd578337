"""The server's folders with the state of each, in at most two round trips whatever it offers."""

from collections.abc import Iterable
from dataclasses import replace

from qtmail.net.imap import ImapSession
from qtmail.net.imap_values import RemoteFolder
from qtmail.store.values import ServerFolder


def remote_folders(session: ImapSession) -> tuple[RemoteFolder, ...]:
    """All of them. Where LIST does not bring the state (LIST-STATUS) it is asked for together; None for one that went
    meanwhile."""
    listed = session.folders()
    without = [folder.wire_name for folder in listed if folder.selectable and folder.status is None]
    told = session.statuses_of(without) if without else {}
    return tuple(
        replace(folder, status=told[folder.wire_name]) if folder.wire_name in told else folder for folder in listed
    )


def as_stored(listed: Iterable[RemoteFolder]) -> list[ServerFolder]:
    """What the store remembers of them."""
    return [
        ServerFolder(
            *(one.wire_name, one.path, one.role, one.selectable, one.subscribed, one.shared, one.owner),
            *((one.status.mailboxid, one.status.uidvalidity or 0, one.status.uidnext or 0) if one.status else ()),
        )
        for one in listed
    ]
