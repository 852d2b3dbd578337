"""What may be done in folders, as the server said last (MYRIGHTS, or READ-ONLY at SELECT)."""

from collections.abc import Iterable

from qtmail.events import FoldersChanged
from qtmail.model import AccountKey, FolderId, Right
from qtmail.store.connection import Reader
from qtmail.store.db import Tx

ALL = frozenset(Right)
READ_ONLY = "lr"
"""The letters that say what READ-ONLY at SELECT does."""


def written(letters: Iterable[str]) -> frozenset[Right]:
    """From the letters of RFC 4314; those of RFC 2086 ("d", "c") stand for what they were divided into."""
    told = set(letters)
    if "d" in told:
        told |= {"t", "e", "x"}
    if "c" in told:
        told |= {"k", "x"}
    if not {"t", "e"} <= told:
        told -= {"t"}  # marking without expunging removes nothing
    return frozenset(right for right in Right if right.value in told)


def read(letters: str | None) -> frozenset[Right] | None:
    """As a folder has them; None: not known."""
    return None if letters is None else written(letters)


def due(reader: Reader, account: AccountKey, *, before: int, now: int, limit: int) -> list[tuple[FolderId, bytes]]:
    """(folder, name on the server) of those whose rights were last asked for before this time, or after
    `now` by a clock that ran ahead; oldest first."""
    return [
        (FolderId(id_), bytes(wire_name))
        for id_, wire_name in reader.all(
            """
            SELECT id, wire_name FROM folder
            WHERE account = ? AND gone_at IS NULL AND selectable = 1 AND wire_name <> x''
              AND rights_at NOT BETWEEN ? AND ?
            ORDER BY rights_at, role <> 'inbox', path LIMIT ?
            """,
            *(account, before, now, limit),
        )
    ]


def remember(tx: Tx, folder: FolderId, letters: Iterable[str] | None, *, now: int) -> None:
    """What the server said now; None: it does not tell."""
    told = None if letters is None else "".join(sorted(letters))
    before = tx.value("SELECT rights FROM folder WHERE id = ?", folder)
    tx.run("UPDATE folder SET rights = ?, rights_at = ? WHERE id = ?", told, now, folder)
    if read(before) != read(told):
        tx.touched(folder)


def forget(tx: Tx, account: AccountKey) -> None:
    """Ask for all of them anew; until then everything is tried."""
    if tx.run("UPDATE folder SET rights = NULL, rights_at = 0 WHERE account = ? AND rights_at > 0", account):
        tx.note(FoldersChanged(account))


def limited(reader: Reader) -> dict[FolderId, tuple[str, str, frozenset[Right]]]:
    """The folders in which not everything may be done -> path, owner, what may be; mostly there is none."""
    found = {}
    for id_, path, owner, letters in reader.all(
        "SELECT id, path, owner, rights FROM folder WHERE rights IS NOT NULL AND gone_at IS NULL"
    ):
        may = written(letters)
        if may != ALL:
            found[FolderId(id_)] = (path, owner, may)
    return found
