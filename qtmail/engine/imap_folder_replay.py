"""Folders the user made, renamed, deleted, subscribed to or let go of, told to the IMAP server."""

from collections.abc import Iterable

from qtmail.engine.imap_batches import asked_before
from qtmail.errors import FolderGone, Refused
from qtmail.model import FolderId
from qtmail.net.imap import ImapSession
from qtmail.operations import CreateFolder, DeleteFolder, OnTree, RenameFolder, Subscribe
from qtmail.store import read
from qtmail.store.db import Store
from qtmail.store.values import PendingOperation


def tell_subscriptions(session: ImapSession, store: Store, operations: Iterable[PendingOperation]) -> None:
    """The last word on each folder, under the name it has by now; nothing of one that the server does not have. Raises
    what the net does."""
    last = {one.operation.folder: one.operation.on for one in operations if isinstance(one.operation, Subscribe)}
    names = {folder: read.folder_state(store.read(), folder).wire_name for folder in last}
    session.subscribe({names[folder]: on for folder, on in last.items() if names[folder]})


def tell_folder(
    session: ImapSession, store: Store, pending: PendingOperation, operation: OnTree
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
            if name := read.folder_state(store.read(), operation.folder).wire_name:
                _delete(session, name, path)
            return {}


def _rename(
    session: ImapSession, store: Store, pending: PendingOperation, operation: RenameFolder
) -> dict[FolderId, bytes]:
    """With those below it (RFC 9051, 6.3.6); who was subscribed stays so."""
    names = {operation.folder: session.wire_name(operation.new)}
    now = read.folder_state(store.read(), operation.folder).wire_name  # an earlier rename may just have been told
    old = now or session.wire_name(operation.old)
    along = {old: names[operation.folder]} if _subscribed(store, operation.folder) else {}
    below = operation.new + "/"
    for state in read.folder_states(store.read(), operation.account):
        if state.path.startswith(below) and state.wire_name:
            names[state.id] = session.wire_name(state.path)
            if _subscribed(store, state.id):
                along[state.wire_name] = names[state.id]
    if asked_before(pending):
        there = {folder.wire_name for folder in session.folders()}
        if old not in there and names[operation.folder] in there:
            session.carry_subscriptions(along)
            return names
    session.rename(old, names[operation.folder], along)
    return names


def _subscribed(store: Store, folder: FolderId) -> bool:
    found = read.folder(store.read(), folder)
    return found is not None and found.subscribed


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
