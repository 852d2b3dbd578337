"""Folders the user made, renamed or deleted, told to the IMAP server."""

from qtmail.engine.imap_batches import asked_before
from qtmail.errors import FolderGone, Refused
from qtmail.model import FolderId
from qtmail.net.imap import ImapSession
from qtmail.operations import CreateFolder, DeleteFolder, RenameFolder
from qtmail.store import read
from qtmail.store.db import Store
from qtmail.store.values import PendingOperation


def tell_folder(
    session: ImapSession, store: Store, pending: PendingOperation, operation: CreateFolder | RenameFolder | DeleteFolder
) -> dict[FolderId, bytes]:
    """Have it done. -> the names that folders of ours have on the server now. Raises Refused and what the net does."""
    match operation:
        case CreateFolder(folder=folder, path=path):
            name = session.wire_name(path)
            session.create(name)
            return {folder: name}
        case RenameFolder():
            return _rename(session, store, pending, operation)
        case DeleteFolder(path=path):
            if pending.target is not None and pending.target.wire_name:
                _delete(session, pending.target.wire_name, path)
            return {}


def _rename(
    session: ImapSession, store: Store, pending: PendingOperation, operation: RenameFolder
) -> dict[FolderId, bytes]:
    """With those below it (RFC 9051, 6.3.6)."""
    names = {operation.folder: session.wire_name(operation.new)}
    below = operation.new + "/"
    for state in read.folder_states(store.read(), operation.account):
        if state.path.startswith(below) and state.wire_name:
            names[state.id] = session.wire_name(state.path)
    known = pending.target.wire_name if pending.target is not None else b""
    old = known or session.wire_name(operation.old)
    if asked_before(pending):
        there = {folder.wire_name for folder in session.folders()}
        if old not in there and names[operation.folder] in there:
            return names
    session.rename(old, names[operation.folder])
    return names


def _delete(session: ImapSession, wire_name: bytes, path: str) -> None:
    """Only an empty one: mail that came meanwhile is not here yet, and would be lost."""
    try:
        total = session.status(wire_name).total
    except FolderGone:
        return
    if total:
        raise Refused(
            f"The folder {path} holds mail on the server that was not here yet.",
            hint="It is shown again; look at it, then delete it again.",
        )
    session.delete(wire_name)
