"""The local effect of each kind of operation, and what of it is to be recorded: only what really changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from qtmail.errors import BadInput
from qtmail.model import LOCAL, AccountKey, FolderId, MessageId, OutboxId, RowId
from qtmail.operations import (
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    KeepSearch,
    Move,
    Mute,
    OnFolder,
    Operation,
    Regroup,
    RenameFolder,
    Restore,
    Send,
    SetFlag,
    Subscribe,
    Unsend,
)
from qtmail.store import outbox, regrouping, saved
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx
from qtmail.store.flags import canonical, pack, unpack
from qtmail.store.messages import PlacementRecord, insert_placements, next_ids

LOCAL_ONLY = -1
"""UIDVALIDITY of a row of a remote folder that its server refused to take: nothing about it is told to the server."""


class Source(NamedTuple):
    """A row as the operation found it. `copy`: of a Copy, the row made."""

    row: RowId
    account: AccountKey
    folder: FolderId
    uidvalidity: int
    uid: int | None
    flags: str
    message: MessageId
    copy: RowId | None = None

    @property
    def local(self) -> bool:
        return self.uidvalidity == LOCAL_ONLY


@dataclass(frozen=True, slots=True)
class Effect:
    """One operation as effective, of one account."""

    operation: Operation
    account: AccountKey
    sources: tuple[Source, ...] = ()
    local: bool = False
    """Nothing of it is told to a server, whatever the account."""


def apply(tx: Tx, operation: Operation, *, now: int) -> list[Effect]:
    """Change the rows; nothing at all when nothing would change. Raises BadInput, NotUndoable (Unsend)."""
    match operation:
        case SetFlag():
            return _set_flag(tx, operation)
        case Move():
            return _move(tx, operation)
        case Copy():
            return _copy(tx, operation, now)
        case Append():
            return _split(Append(()), sources_of(tx, operation.rows))
        case Expunge():
            return _expunge(tx, operation, now)
        case Restore():
            return _restore(tx, operation)
        case CreateFolder() | RenameFolder() | DeleteFolder() | Subscribe():
            return _on_folder(tx, operation, now)
        case KeepSearch():
            return [Effect(operation, LOCAL)] if saved.keep(tx, operation.before, operation.after) else []
        case Regroup():
            return [Effect(operation, LOCAL)] if regrouping.say(tx, operation.after) else []
        case Mute():
            return [Effect(operation, LOCAL)] if regrouping.mute(tx, operation.nodes, operation.on) else []
        case Send():
            return _split(operation, sources_of(tx, operation.rows), local=True)
        case Unsend():
            return _unsend(tx, operation, now)


def sources_of(reader: Reader, rows: Sequence[RowId], *, gone: bool = False) -> list[Source]:
    """These rows as they are, in the order given; those that are gone (or, with `gone`, are not) left out."""
    found = {
        record[0]: Source(*record)
        for record in reader.all(
            f"""
            SELECT p.id, f.account, p.folder, p.uidvalidity, p.uid, p.flags, p.message
            FROM placement AS p JOIN folder AS f ON f.id = p.folder
            WHERE p.id IN (SELECT value FROM json_each(?)) AND p.gone_at IS {"NOT " if gone else ""}NULL
            """,  # noqa: S608
            listed(rows),
        )
    }
    return [found[row] for row in dict.fromkeys(rows) if row in found]


def _split(operation: Operation, sources: Sequence[Source], *, local: bool = False) -> list[Effect]:
    """One effect for each account; rows that are only local apart from those the server has."""
    parts: dict[tuple[AccountKey, bool], list[Source]] = {}
    for source in sources:
        parts.setdefault((source.account, local or source.local), []).append(source)
    effects = []
    for (account, only_local), part in parts.items():
        rows = tuple(source.row for source in part)
        match operation:
            case Move():
                own: Operation = replace(operation, rows=rows, sources=tuple(source.folder for source in part))
            case Copy():
                own = replace(operation, rows=rows, copies=tuple(s.copy for s in part if s.copy is not None))
            case CreateFolder() | RenameFolder() | DeleteFolder() | Subscribe() | KeepSearch() | Regroup() | Mute():
                own = operation
            case _:
                own = replace(operation, rows=rows)
        effects.append(Effect(own, account, tuple(part), only_local))
    return effects


def _set_flag(tx: Tx, operation: SetFlag) -> list[Effect]:
    flag = canonical(operation.flag)
    changed = [s for s in sources_of(tx, operation.rows) if (flag in unpack(s.flags)) is not operation.on]
    put_flag(tx, changed, flag, operation.on)
    return _split(replace(operation, flag=flag), changed)


def put_flag(tx: Tx, sources: Sequence[Source], flag: str, on: bool) -> None:
    """As the user sees it; what the server said stays."""
    changed = frozenset((flag,))
    tx.many(
        "UPDATE placement SET flags = ? WHERE id = ?",
        [
            (pack(unpack(source.flags) | changed if on else unpack(source.flags) - changed), source.row)
            for source in sources
        ],
    )
    tx.touched(*{source.folder for source in sources})


def _move(tx: Tx, operation: Move) -> list[Effect]:
    account = _account_of_live(tx, operation.to)
    sources = [source for source in sources_of(tx, operation.rows) if source.folder != operation.to]
    if operation.sources:
        expected = dict(zip(operation.rows, operation.sources, strict=True))
        sources = [source for source in sources if source.folder == expected[source.row]]
    if any(source.account != account for source in sources):
        raise BadInput("These messages are of another account.", hint="Copy them there instead.")
    tx.many(
        """
        UPDATE placement SET folder = ?, uid = NULL, uidvalidity = min(uidvalidity, 0), modseq = 0 WHERE id = ?
        """,
        [(operation.to, source.row) for source in sources],
    )
    tx.touched(*{source.folder for source in sources}, *([operation.to] if sources else []))
    return _split(operation, sources)


def _copy(tx: Tx, operation: Copy, now: int) -> list[Effect]:
    account = _account_of_live(tx, operation.to)
    sources = sources_of(tx, operation.rows)
    if any(source.account != account for source in sources):
        raise BadInput("These messages are of another account.", hint="Copy them by dragging them there.")
    copies = make_copies(tx, sources, operation.to, now=now)
    return _split(operation, [source._replace(copy=copy) for source, copy in zip(sources, copies, strict=True)])


def make_copies(tx: Tx, sources: Sequence[Source], to: FolderId, *, now: int) -> list[RowId]:
    """A row in `to` for each, without UID."""
    if not sources:
        return []
    _message, row = next_ids(tx)
    details = {
        record[0]: record[1:]
        for record in tx.all(
            """
            SELECT p.id, p.date, p.received, f.path, m.content IS NULL FROM placement AS p
            JOIN folder AS f ON f.id = p.folder JOIN message AS m ON m.id = p.message
            WHERE p.id IN (SELECT value FROM json_each(?))
            """,
            listed([source.row for source in sources]),
        )
    }
    copies = []
    for offset, source in enumerate(sources):
        date, received, path, _headless = details[source.row]
        copies.append(
            PlacementRecord(
                id=RowId(row + offset),
                folder=to,
                message=source.message,
                uidvalidity=min(source.uidvalidity, 0),
                uid=None,
                flags=source.flags,
                server_flags=source.flags,
                modseq=0,
                date=date,
                received=received,
                added_at=now,
                added_why=f"Copied from {path}",
            )
        )
    insert_placements(tx, copies)
    tx.many(
        "INSERT INTO body_wanted (placement, folder, date) VALUES (?, ?, ?)",
        [(c.id, to, c.date) for c, s in zip(copies, sources, strict=True) if details[s.row][3]],
    )
    tx.touched(to)
    return [copy.id for copy in copies]


def _expunge(tx: Tx, operation: Expunge, now: int) -> list[Effect]:
    sources = sources_of(tx, operation.rows)
    to_grace(tx, sources, "expunged", now=now)
    return _split(operation, sources)


def to_grace(tx: Tx, sources: Sequence[Source], why: str, *, now: int) -> None:
    """Out of every list, kept for the grace time. They keep their UID until the server is known not to have it."""
    tx.many("UPDATE placement SET gone_at = ?, gone_why = ? WHERE id = ?", [(now, why, s.row) for s in sources])
    tx.touched(*{source.folder for source in sources})


def _restore(tx: Tx, operation: Restore) -> list[Effect]:
    sources = [
        source
        for source in sources_of(tx, operation.rows, gone=True)
        if tx.value("SELECT gone_at IS NULL FROM folder WHERE id = ?", source.folder)
    ]
    tx.many(
        """
        UPDATE placement SET gone_at = NULL, gone_why = '', uid = NULL, uidvalidity = min(uidvalidity, 0), modseq = 0
        WHERE id = ?
        """,
        [(source.row,) for source in sources],
    )
    tx.touched(*{source.folder for source in sources})
    return _split(operation, sources)


def _on_folder(tx: Tx, operation: OnFolder, now: int) -> list[Effect]:
    match operation:
        case CreateFolder():
            changed = create_folder(tx, operation.folder, operation.path)
        case RenameFolder():
            changed = rename_folder(tx, operation.folder, operation.old, operation.new)
        case DeleteFolder():
            changed = delete_folder(tx, operation.folder, now=now)
        case Subscribe():
            changed = subscribe(tx, operation.folder, operation.on)
    if changed:
        tx.touched(operation.folder)
    return [Effect(operation, operation.account)] if changed else []


def create_folder(tx: Tx, folder: FolderId, path: str) -> bool:
    """Bring a reserved or deleted folder (back) to life; False if its path is taken or it lives."""
    return bool(
        tx.run(
            """
            UPDATE folder SET gone_at = NULL, path = ?2 WHERE id = ?1 AND gone_at IS NOT NULL AND NOT EXISTS (
              SELECT 1 FROM folder AS other WHERE other.account = folder.account AND other.path = ?2
              AND other.gone_at IS NULL)
            """,
            folder,
            path,
        )
    )


def rename_folder(tx: Tx, folder: FolderId, old: str, new: str) -> bool:
    """It, and the folders below it; False if it is not called `old` or one of the new paths is taken."""
    account = tx.value("SELECT account FROM folder WHERE id = ? AND path = ? AND gone_at IS NULL", folder, old)
    if account is None or old == new:
        return False
    below = tx.all(
        "SELECT id, path FROM folder WHERE account = ? AND gone_at IS NULL AND substr(path, 1, ?) = ?",
        account,
        len(old) + 1,
        f"{old}/",
    )
    moved = {folder: new, **{id_: new + path[len(old) :] for id_, path in below}}
    taken = tx.all("SELECT id, path FROM folder WHERE account = ? AND gone_at IS NULL", account)
    if {path for id_, path in taken if id_ not in moved} & set(moved.values()):
        return False
    for id_ in moved:  # out of the way first: "a" -> "a/a" meets itself
        tx.run("UPDATE folder SET path = char(0) || id WHERE id = ?", id_)
    tx.many("UPDATE folder SET path = ? WHERE id = ?", [(path, id_) for id_, path in moved.items()])
    return True


def delete_folder(tx: Tx, folder: FolderId, *, now: int) -> bool:
    """Out of the tree; False unless it is there and empty."""
    return bool(tx.run("UPDATE folder SET gone_at = ? WHERE id = ? AND gone_at IS NULL AND total = 0", now, folder))


def subscribe(tx: Tx, folder: FolderId, on: bool) -> bool:
    """Among the folders to be shown, or not any more; False if it is so already, or gone."""
    changed = tx.run(
        "UPDATE folder SET subscribed = ?1 WHERE id = ?2 AND gone_at IS NULL AND subscribed <> ?1", on, folder
    )
    return bool(changed)


def _unsend(tx: Tx, operation: Unsend, now: int) -> list[Effect]:
    sources = sources_of(tx, operation.rows)
    outbox.take_back(tx, OutboxId(operation.item), now=now)
    return _split(operation, sources, local=True)


def _account_of_live(tx: Tx, folder: FolderId) -> AccountKey:
    account = tx.value("SELECT account FROM folder WHERE id = ? AND gone_at IS NULL", folder)
    if account is None:
        raise BadInput("That folder is gone.", hint="Choose another one.")
    return AccountKey(account)
