"""What is in the store, by id: folders, where rows are, what opens a message. Nothing here is slow."""

from collections.abc import Iterable, Sequence

from qtmail.errors import BadInput
from qtmail.model import ROLE_ORDER, AccountKey, Folder, FolderId, Keep, Role, RowId
from qtmail.store import rights
from qtmail.store.connection import Reader, Record, listed
from qtmail.store.values import FolderState, Opened, Place

_ROLE_PLACE = {role: place for place, role in enumerate(ROLE_ORDER)}

_FOLDERS = """
    SELECT f.id, f.account, f.path, f.role, f.total, f.unread, f.selectable, f.subscribed, f.uidvalidity,
           f.bodies_missing, f.verified_at, f.keep, f.bodies_left_out, f.shared, f.owner, f.rights
    FROM folder AS f WHERE f.gone_at IS NULL
"""

_STATES = """
    SELECT id, account, path, role, wire_name, selectable, uidvalidity, uidnext, highestmodseq, server_total, total,
           verified_at, shared
    FROM folder
"""


def folders(reader: Reader) -> tuple[Folder, ...]:
    """Every folder that is not gone, by account key, role order, path."""
    every = [_folder(record) for record in reader.all(_FOLDERS)]
    every.sort(key=lambda f: (f.account, _ROLE_PLACE[f.role], f.path.casefold(), f.path))
    return tuple(every)


def folder(reader: Reader, folder: FolderId) -> Folder | None:
    """None when it is gone or never was."""
    record = reader.one(_FOLDERS + " AND f.id = ?", folder)
    return None if record is None else _folder(record)


def folder_at(reader: Reader, account: AccountKey, path: str) -> FolderId | None:
    """The folder of this path; None if there is none (gone ones do not count)."""
    found = reader.value("SELECT id FROM folder WHERE account = ? AND path = ? AND gone_at IS NULL", account, path)
    return None if found is None else FolderId(found)


def folder_of_role(reader: Reader, account: AccountKey, role: Role) -> FolderId | None:
    """The account's folder of this role; the one with the shortest path if there are several."""
    found = reader.value(
        """
        SELECT id FROM folder WHERE account = ? AND role = ? AND gone_at IS NULL
        ORDER BY length(path), path LIMIT 1
        """,
        account,
        role.value,
    )
    return None if found is None else FolderId(found)


def folder_state(reader: Reader, folder: FolderId) -> FolderState:
    """What sync remembers of it. Raises BadInput for no such folder."""
    record = reader.one(_STATES + "WHERE id = ?", folder)
    if record is None:
        raise BadInput("There is no such folder.")
    return _state(record)


def folder_states(reader: Reader, account: AccountKey) -> tuple[FolderState, ...]:
    """All of this account that are not gone, inbox first, then by path."""
    records = reader.all(
        _STATES + "WHERE account = ? AND gone_at IS NULL ORDER BY role <> 'inbox', path",
        account,
    )
    return tuple(_state(record) for record in records)


def places(reader: Reader, rows: Sequence[RowId]) -> dict[RowId, Place]:
    """Where rows are; those gone are left out."""
    records = reader.all(
        """
        SELECT p.id, p.message, f.account, p.folder, p.uidvalidity, p.uid
        FROM placement AS p JOIN folder AS f ON f.id = p.folder
        WHERE p.id IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL
        """,
        listed(rows),
    )
    found = {record[0]: Place(*record) for record in records}
    return {row: found[row] for row in rows if row in found}


def opened(reader: Reader, row: RowId) -> Opened | None:
    """What is needed to open this row's message (rows in grace too); None: no such row."""
    record = reader.one(
        """
        SELECT p.id, p.message, f.account, p.folder, m.content, m.header, m.size
        FROM placement AS p JOIN folder AS f ON f.id = p.folder JOIN message AS m ON m.id = p.message
        WHERE p.id = ?
        """,
        row,
    )
    return None if record is None else Opened(*record)


def waiting(reader: Reader, accounts: Iterable[AccountKey]) -> int:
    """How many operations of these accounts no server has confirmed yet."""
    return int(
        reader.value(
            """
            SELECT count(*) FROM operation
            WHERE state IN ('pending', 'sent') AND account IN (SELECT value FROM json_each(?))
            """,
            listed(accounts),
        )
    )


def _folder(record: Record) -> Folder:
    id_, account, path, role, total, unread, selectable, subscribed, uidvalidity, *rest = record
    missing, verified_at, keep, left_out, shared, owner, letters = rest
    return Folder(
        id=FolderId(id_),
        account=AccountKey(account),
        path=path,
        role=Role(role),
        total=total,
        unread=unread,
        selectable=bool(selectable),
        subscribed=bool(subscribed),
        uidvalidity=uidvalidity,
        bodies_missing=missing,
        verified_at=verified_at,
        keep=Keep.of(keep) if keep else None,
        left_out=left_out,
        shared=bool(shared),
        owner=owner,
        rights=rights.read(letters),
    )


def _state(record: Record) -> FolderState:
    id_, account, path, role, wire_name, selectable, uidvalidity, uidnext, modseq, server_total, *rest = record
    total, verified_at, shared = rest
    return FolderState(
        *(FolderId(id_), AccountKey(account), path, Role(role), bytes(wire_name), bool(selectable)),
        *(uidvalidity, uidnext, modseq, server_total, total, verified_at, bool(shared)),
    )
