"""What the message list can show: one folder, or several as one (all inboxes)."""

from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.model import Account, AccountKey, Folder, FolderId, Role
from qtmail.operations import SavedSearch

ROLE_NAMES: dict[Role, str] = {
    Role.INBOX: "Inbox",
    Role.OUTBOX: "Outbox",
    Role.DRAFTS: "Drafts",
    Role.SENT: "Sent",
    Role.ARCHIVE: "Archive",
    Role.JUNK: "Junk",
    Role.TRASH: "Trash",
    Role.ALL: "All mail",
    Role.FLAGGED: "Starred",
}
"""What folders of a role are called, whatever the server calls them."""

UNIFIED = "unified"
"""The key of all inboxes as one; of another role: `unified:ROLE`."""
UNIFIED_ROLES = (Role.INBOX, Role.DRAFTS, Role.SENT, Role.ARCHIVE, Role.JUNK, Role.TRASH)
"""What is shown of all accounts as one, in this order."""


@dataclass(frozen=True, slots=True)
class Place:
    """`key` is stable over restarts: what is remembered as open."""

    key: str
    title: str
    folders: tuple[FolderId, ...]
    role: Role
    account: AccountKey | None
    """None: of several accounts."""
    query: str = ""
    """Of a saved search: what it looks for, in all folders."""


def place_of(folder: Folder, account_name: str = "") -> Place:
    """The place that is just this folder."""
    title = folder_title(folder)
    return Place(
        f"{folder.account}/{folder.path}",
        f"{title} – {account_name}" if account_name else title,
        (folder.id,),
        folder.role,
        folder.account,
    )


def place_of_search(search: SavedSearch) -> Place:
    """What a saved search finds."""
    return Place(f"search:{search.id}", search.name, (), Role.NONE, None, search.query)


def unified(role: Role, folders: Sequence[Folder]) -> Place:
    """All folders of this role as one. What is moved, archived or deleted there stays in its own account."""
    own = tuple(folder.id for folder in folders if folder.role is role and folder.selectable)
    key = UNIFIED if role is Role.INBOX else f"{UNIFIED}:{role.value}"
    return Place(key, ROLE_NAMES[role], own, role, None)


def folder_title(folder: Folder) -> str:
    return ROLE_NAMES.get(folder.role) or folder.name


def folder_label(folder: Folder, accounts: Sequence[Account]) -> str:
    """“Account / Path” for finding it among all."""
    names = {account.key: account.name for account in accounts}
    own = ROLE_NAMES.get(folder.role) or folder.path.replace("/", " / ")
    return f"{names.get(folder.account, 'On this computer')} / {own}"
