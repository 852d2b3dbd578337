"""From folders and accounts to the lines of the sidebar: pure, so that each rule of the order can be tested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from qtmail.model import LOCAL, Account, AccountKey, AccountState, Folder, Role
from qtmail.operations import SavedSearch
from qtmail.ui.places import UNIFIED, UNIFIED_ROLES, Place, folder_title, place_of, place_of_search, unified

SEARCHES = "searches"
"""The key of the heading above saved searches."""
ALL_ACCOUNTS = "all-accounts"
"""The key of the heading above the inbox of all accounts: folded, the inbox stays in sight."""
_FOLDED_AT_FIRST = frozenset({ALL_ACCOUNTS})


def with_fold(folds: frozenset[str], key: str, closed: bool) -> frozenset[str]:
    """The lines whose fold is not as it was at first, once this line is folded or unfolded: what is remembered."""
    return folds | {key} if closed != (key in _FOLDED_AT_FIRST) else folds - {key}


def is_folded(folds: frozenset[str], key: str) -> bool:
    """Whether what is beneath this line is out of sight."""
    return (key in folds) != (key in _FOLDED_AT_FIRST)


class Line(Enum):
    HEADING = 1
    """An account's name."""
    FOLDER = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `key` is stable; `place` is what it opens (None for headings and folders that hold none)."""

    key: str
    line: Line
    title: str
    depth: int
    icon: Role = Role.NONE
    place: Place | None = None
    folder: Folder | None = None
    """None for headings and unified folders."""
    account: AccountKey | None = None
    state: AccountState = AccountState.IDLE
    words: str = ""
    count: int = 0
    """What stands at the right: unread; for Drafts and Outbox all."""
    total: int = 0
    pill: bool = False
    children: bool = False
    collapsed: bool = False
    search: SavedSearch | None = None
    """Of the line of a saved search."""
    colour: str = ""
    """The account's, at its heading and at its line beneath the inbox of all."""


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """A saved search and how many unread messages it finds."""

    search: SavedSearch
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """The last word about an account."""

    state: AccountState = AccountState.IDLE
    words: str = ""
    done: int = 0
    total: int = 0
    octets: int = 0
    """Of `octets_total`; 0: not told."""
    octets_total: int = 0


def build(
    accounts: Sequence[Account],
    folders: Sequence[Folder],
    health: Mapping[AccountKey, Health],
    collapsed: frozenset[str],
    room: Mapping[AccountKey, str] | None = None,
    only_subscribed: frozenset[AccountKey] = frozenset(),
    searches: Sequence[KeptSearch] = (),
) -> tuple[Entry, ...]:
    """All visible lines, top to bottom: what is inside a collapsed line is left out. The Outbox is there while it has
    something in it. `room`: how full each account's mailbox is, in words. `only_subscribed`: accounts whose other
    folders are not shown."""
    enabled = [account for account in accounts if account.enabled]
    inboxes = [folder for folder in folders if folder.role is Role.INBOX]
    several = len(enabled) > 1 and len(inboxes) > 1
    waiting = [_folder_line(f, folder_title(f), 0) for f in folders if f.role is Role.OUTBOX and f.total]
    lines: list[Entry] = []
    if several:
        lines += _unified(enabled, folders, collapsed)
    lines += waiting
    lines += _searches(searches, collapsed)
    for account in accounts:
        own = [f for f in folders if f.account == account.key and not (several and f.role is Role.INBOX)]
        state = health.get(account.key, Health())
        if not account.enabled:
            state = Health(AccountState.DISABLED, "Switched off")
        if full := (room or {}).get(account.key):
            state = replace(state, words=f"{state.words}\n{full}".lstrip())
        shown = subscribed(own) if account.key in only_subscribed else own
        heading, *beneath = _section(account.key, account.name, shown, state, collapsed)
        lines += [replace(heading, colour=account.colour), *beneath]
    local = [folder for folder in folders if folder.account == LOCAL and folder.role is not Role.OUTBOX]
    if local:
        lines += _section(LOCAL, "On this computer", local, Health(), collapsed)
    return tuple(lines)


def subscribed(folders: Sequence[Folder]) -> list[Folder]:
    """Without those the user let go of; what has a role stays, and what a subscribed one is in."""
    wanted = {folder.path for folder in folders if folder.subscribed or folder.role is not Role.NONE}
    for path in tuple(wanted):
        while path := path.rpartition("/")[0]:
            wanted.add(path)
    return [folder for folder in folders if folder.path in wanted]


def _searches(searches: Sequence[KeptSearch], collapsed: frozenset[str]) -> list[Entry]:
    if not searches:
        return []
    closed = SEARCHES in collapsed
    heading = Entry(SEARCHES, Line.HEADING, "Searches", 0, children=True, collapsed=closed)
    lines = [
        Entry(
            place.key, Line.FOLDER, place.title, 0, place=place, count=kept.unread, search=kept.search
        )
        for kept in searches
        for place in (place_of_search(kept.search),)
    ]  # fmt: skip
    return [heading] if closed else [heading, *lines]


def _unified(accounts: Sequence[Account], folders: Sequence[Folder], collapsed: frozenset[str]) -> list[Entry]:
    """The inbox of all accounts with each one's beneath; unfolded, the other roles that two accounts have."""
    closed = is_folded(collapsed, ALL_ACCOUNTS)
    heading = Entry(ALL_ACCOUNTS, Line.HEADING, "All accounts", 0, children=True, collapsed=closed)
    lines = [heading, *_unified_inbox(accounts, [f for f in folders if f.role is Role.INBOX], collapsed)]
    for role in () if closed else UNIFIED_ROLES[1:]:
        own = [folder for folder in folders if folder.role is role and folder.selectable]
        if len({folder.account for folder in own}) > 1:
            place = unified(role, own)
            parts = [_folder_line(folder, place.title, 0) for folder in own]
            count, total = sum(part.count for part in parts), sum(part.total for part in parts)
            lines.append(Entry(place.key, Line.FOLDER, place.title, 0, role, place, count=count, total=total))
    return lines


def _unified_inbox(accounts: Sequence[Account], inboxes: Sequence[Folder], collapsed: frozenset[str]) -> list[Entry]:
    closed = is_folded(collapsed, UNIFIED)
    top = Entry(
        UNIFIED, Line.FOLDER, "Inbox", 0, Role.INBOX, unified(Role.INBOX, inboxes),
        count=sum(inbox.unread for inbox in inboxes), total=sum(inbox.total for inbox in inboxes),
        pill=True, children=True, collapsed=closed,
    )  # fmt: skip
    if closed:
        return [top]
    names = {account.key: account.name for account in accounts}
    beneath = [
        _folder_line(inbox, names.get(inbox.account, "On this computer"), 1, names.get(inbox.account, ""))
        for inbox in inboxes
    ]
    colours = {account.key: account.colour for account in accounts}
    return [top, *(replace(line, colour=colours.get(line.account or LOCAL, "")) for line in beneath)]


def _section(
    account: AccountKey, name: str, folders: Sequence[Folder], health: Health, collapsed: frozenset[str]
) -> list[Entry]:
    key = f"account:{account}"
    closed = key in collapsed
    heading = Entry(
        key, Line.HEADING, name, 0, account=account, state=health.state, words=health.words,
        children=True, collapsed=closed,
    )  # fmt: skip
    return [heading] if closed else [heading, *_tree(folders, collapsed)]


def _tree(folders: Sequence[Folder], collapsed: frozenset[str]) -> list[Entry]:
    """Folders with a role first, flat; then the user's own below their parents; those of others last."""
    with_role: list[Folder] = []
    taken: set[Role] = set()
    own: list[Folder] = []
    for folder in folders:
        if folder.role is Role.NONE or folder.role in taken:
            own.append(folder)
        else:
            taken.add(folder.role)
            with_role.append(folder)
    lines = [_folder_line(folder, folder_title(folder), 0) for folder in with_role]
    paths = {folder.path for folder in own}
    parents = {_parent(path, paths) for path in paths}
    hidden: set[str] = set()
    for folder in sorted(own, key=lambda f: (f.shared, _sort_key(f.path))):
        parent = _parent(folder.path, paths)
        if parent in hidden:
            hidden.add(folder.path)
            continue
        if not folder.selectable and folder.path not in parents:
            continue
        line = _folder_line(folder, _below(folder.path, parent), _depth(folder.path, paths))
        if folder.path in parents:
            closed = line.key in collapsed
            if closed:
                hidden.add(folder.path)
            line = _with_children(line, closed)
        lines.append(line)
    return lines


def _folder_line(folder: Folder, title: str, depth: int, account_name: str = "") -> Entry:
    place = place_of(folder, account_name)
    everything = folder.role in (Role.DRAFTS, Role.OUTBOX)
    quiet = folder.role in (Role.TRASH, Role.JUNK, Role.SENT)
    return Entry(
        place.key, Line.FOLDER, title, depth, folder.role, place if folder.selectable else None, folder,
        folder.account, count=folder.total if everything else 0 if quiet else folder.unread, total=folder.total,
        pill=folder.role is Role.INBOX and not account_name,
    )  # fmt: skip


def _with_children(line: Entry, collapsed: bool) -> Entry:
    return Entry(
        line.key, line.line, line.title, line.depth, line.icon, line.place, line.folder, line.account,
        count=line.count, total=line.total, pill=line.pill, children=True, collapsed=collapsed,
    )  # fmt: skip


def _parent(path: str, paths: set[str]) -> str:
    """The nearest folder above that is listed; "" when there is none (INBOX/Work below a hidden INBOX)."""
    above = path.rpartition("/")[0]
    while above and above not in paths:
        above = above.rpartition("/")[0]
    return above


def _below(path: str, parent: str) -> str:
    """What is left to say of a path under its parent; INBOX and [Gmail] as bare prefixes say nothing."""
    rest = path[len(parent) + 1 :] if parent else path
    for prefix in ("INBOX/", "[Gmail]/", "[Google Mail]/"):
        rest = rest.removeprefix(prefix)
    return rest


def _depth(path: str, paths: set[str]) -> int:
    depth = 0
    while path := _parent(path, paths):
        depth += 1
    return depth


def _sort_key(path: str) -> tuple[str, ...]:
    return tuple(part.casefold() for part in path.split("/"))
