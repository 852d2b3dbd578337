"""The facade's acts on folders: make, rename, delete, subscribe. Deleting one moves what is in it to Trash first."""

from collections.abc import Mapping

from qtmail.engine import permitting
from qtmail.engine.acting import Acting
from qtmail.engine.facade import Done
from qtmail.errors import BadInput
from qtmail.model import LOCAL, AccountKey, Folder, FolderId, Keep, MessageId, Protocol, Right, Role, RowId
from qtmail.operations import CreateFolder, DeleteFolder, Expunge, Move, Operation, RenameFolder, Subscribe
from qtmail.store import journal, keeping, lists, read

_LONGEST_NAME = 200


class Foldering(Acting):
    """Folder paths use "/" between levels, whatever the server does."""

    def create_folder(self, account: AccountKey, path: str) -> Done:
        """With the folders above it; for LOCAL, one on this computer only. Raises BadInput when the name cannot be, or
        is taken."""
        path = check_path(path)
        if account != LOCAL:
            self.account(account)
        self._refuse_taken(account, path)
        self._refuse_place(account, path)
        now, remote = self._now(), self._remote()
        with self._store.transaction("create folder") as tx:
            operations = [
                CreateFolder(account, journal.reserve_folder(tx, account, level, now=now), level)
                for level in _levels(path)
                if read.folder_at(tx, account, level) is None
            ]
            performed = journal.perform(tx, operations, now=now, remote=remote, label=f"Create folder {path}")
        return Done(performed.gesture, performed.label, tx.events)

    def rename_folder(self, folder: FolderId, path: str) -> Done:
        """Also to another place: folders below it go along. Raises BadInput."""
        path = check_path(path)
        old = self.folder(folder)
        self._refuse_role(old, "renamed")
        if path == old.path:
            return Done(None, "", ())
        if path.startswith(f"{old.path}/"):
            raise BadInput("A folder cannot be moved into itself.")
        permitting.refuse(old, Right.REMOVE_FOLDER)
        if path.casefold() != old.path.casefold():
            self._refuse_taken(old.account, path)
        if path.rpartition("/")[0] != old.path.rpartition("/")[0]:
            self._refuse_place(old.account, path)
        operation = RenameFolder(old.account, folder, old.path, path)
        return self._act([operation], label=f"Rename {old.path} to {path}")

    def delete_folder(self, folder: FolderId) -> Done:
        """What is in it goes to Trash first. Raises BadInput for folders with a role."""
        top = self.folder(folder)
        below = [one for one in self._siblings(top) if one.path.startswith(f"{top.path}/")]
        for one in (top, *below):
            self._refuse_role(one, "deleted")
            permitting.refuse(one, Right.REMOVE_FOLDER)
        operations: list[Operation] = []
        for one in sorted((top, *below), key=lambda each: each.path.count("/"), reverse=True):
            operations += self._emptied(one)
            operations.append(DeleteFolder(one.account, one.id, one.path))
        return self._act(operations, label=f"Delete folder {top.path}")

    def subscribe_folders(self, wishes: Mapping[FolderId, bool]) -> Done:
        """Subscribe to these, or not any more: all as one gesture. Nothing of it removes mail, here or there. Raises
        BadInput for folders of an account whose server knows no subscriptions."""
        known = {one.id: one for one in read.folders(self._read())}
        chosen = [(known[folder], on) for folder, on in wishes.items() if folder in known]
        imap = {one.key for one in self.accounts() if one.protocol is Protocol.IMAP}
        for folder, _on in chosen:
            if folder.account not in imap:
                raise BadInput(f"“{folder.path}” is on this computer only.", hint="It is always shown.")
        label = "" if len(chosen) == 1 else "Change which folders are subscribed"
        return self._act([Subscribe(one.account, one.id, one.path, on) for one, on in chosen], label=label)

    def keep_folder(self, folder: FolderId, keep: Keep | None) -> Done:
        """Say what is kept here of a folder's messages; None: what the account says. The engine follows when it is
        woken; nothing that is here already is removed."""
        with self._store.transaction("keep") as tx:
            keeping.set_keep(tx, self.folder(folder).id, keep)
        return Done(None, "", tx.events)

    def left_out(self, message: MessageId) -> bool:
        """Its content is not here, and comes only when it is opened, because of what its folders are to keep."""
        return keeping.is_left_out(self._read(), message)

    def _emptied(self, folder: Folder) -> list[Operation]:
        rows = tuple(RowId(row) for row in lists.ids(self._read(), [folder.id]))
        if not rows:
            return []
        if self._is_trash(folder.id):
            return [Expunge(rows)]
        return [Move(rows, (), self.folder_of_role(folder.account, Role.TRASH).id)]

    def _siblings(self, folder: Folder) -> list[Folder]:
        return [one for one in read.folders(self._read()) if one.account == folder.account]

    def _refuse_taken(self, account: AccountKey, path: str) -> None:
        known = {one.path.casefold(): one.path for one in read.folders(self._read()) if one.account == account}
        if path.casefold() in known:
            raise BadInput(f"There is already a folder “{known[path.casefold()]}”.", hint="Choose another name.")

    def _refuse_place(self, account: AccountKey, path: str) -> None:
        """Not beside the folders of others, and not in one of them without their leave."""
        known = {one.path: one for one in read.folders(self._read()) if one.account == account}
        level = path.rpartition("/")[0]
        while level and level not in known:
            level = level.rpartition("/")[0]
        if not level:
            return
        inside = known[level]
        if inside.shared and not inside.selectable:
            raise BadInput(
                "A folder of your own cannot be among those of others.",
                hint="Make it inside one of theirs, or outside.",
            )
        permitting.refuse(inside, Right.CREATE_BELOW)

    def _refuse_role(self, folder: Folder, done: str) -> None:
        if folder.role is not Role.NONE:
            raise BadInput(
                f"“{folder.path}” is the account's {folder.role.value} folder and cannot be {done}.",
                hint="It is needed to receive, send or delete mail.",
            )


def check_path(path: str) -> str:
    """The path without blanks around its names. Raises BadInput saying what a folder cannot be called."""
    names = [" ".join(name.split()) for name in path.strip().strip("/").split("/")]
    if not all(names):
        raise BadInput("A folder needs a name.", hint="“/” separates a folder from the one it is in.")
    if any(not name.isprintable() or len(name) > _LONGEST_NAME or name in {".", ".."} for name in names):
        raise BadInput(f"“{path[:80]}” cannot be the name of a folder.", hint="Use letters, digits and blanks.")
    if any(set(name) & set("*%") for name in names):
        raise BadInput("The name of a folder cannot contain “*” or “%”.")
    return "/".join(names)


def _levels(path: str) -> list[str]:
    """ "a/b/c" -> "a", "a/b", "a/b/c"."""
    names = path.split("/")
    return ["/".join(names[: depth + 1]) for depth in range(len(names))]
