"""What the server does not let the user do in a folder, said before it is tried (RFC 4314)."""

from collections.abc import Iterable

from qtmail.errors import BadInput
from qtmail.model import Flag, Folder, FolderId, Right, RowId
from qtmail.operations import Copy, DeleteFolder, Expunge, Move, Operation, RenameFolder, SetFlag
from qtmail.store import read, rights
from qtmail.store.connection import Reader

_WORDS = {
    Right.ADD: "You may not put mail into “{}”.",
    Right.MARK_READ: "You may not mark mail in “{}” as read or unread.",
    Right.FLAG: "You may not star or mark mail in “{}”.",
    Right.REMOVE: "You may not remove mail from “{}”.",
    Right.CREATE_BELOW: "You may not make a folder in “{}”.",
    Right.REMOVE_FOLDER: "You may not rename or delete “{}”.",
}
READ_ONLY = "You may only read in “{}”."


def why_not(folder: Folder, right: Right) -> str:
    """A sentence; empty where it may be done, or where nobody knows."""
    return "" if folder.may(right) else _sentence(folder.path, folder.rights or frozenset(), right)


def forbidden(folder: Folder | None) -> dict[Right, str]:
    """All that may not be done in it, each with a sentence."""
    return {} if folder is None else {right: words for right in Right if (words := why_not(folder, right))}


def refuse(folder: Folder, right: Right) -> None:
    """Raises BadInput where the server would."""
    if words := why_not(folder, right):
        raise BadInput(words, hint=hint(folder.owner))


def hint(owner: str) -> str:
    """What to do about it."""
    return f"Ask {owner} to allow it." if owner else "Ask whoever looks after the server to allow it."


def refuse_forbidden(reader: Reader, operations: Iterable[Operation]) -> None:
    """Raises BadInput for the first that the server would refuse."""
    limited = rights.limited(reader)
    if not limited:
        return
    for operation in operations:
        for folder, right in _needed(reader, operation):
            path, owner, may = limited.get(folder, ("", "", rights.ALL))
            if right not in may:
                raise BadInput(_sentence(path, may, right), hint=hint(owner))


def permitted(reader: Reader, rows: Iterable[RowId], right: Right) -> tuple[RowId, ...]:
    """Those of these with which it may be done."""
    every = tuple(rows)
    limited = {folder for folder, (_, _, may) in rights.limited(reader).items() if right not in may}
    if not limited:
        return every
    places = read.places(reader, every)
    return tuple(row for row in every if row not in places or places[row].folder not in limited)


def for_flag(flag: str) -> Right:
    """The right it takes to set it."""
    return Right.MARK_READ if flag == Flag.SEEN else Right.FLAG


def _needed(reader: Reader, operation: Operation) -> list[tuple[FolderId, Right]]:
    match operation:
        case SetFlag():
            return [(folder, for_flag(operation.flag)) for folder in _sources(reader, operation.rows)]
        case Move():
            sources = [folder for folder in _sources(reader, operation.rows) if folder != operation.to]
            return [(operation.to, Right.ADD), *((folder, Right.REMOVE) for folder in sources)]
        case Copy():
            return [(operation.to, Right.ADD)]
        case Expunge():
            return [(folder, Right.REMOVE) for folder in _sources(reader, operation.rows)]
        case RenameFolder() | DeleteFolder():
            return [(operation.folder, Right.REMOVE_FOLDER)]
        case _:
            return []


def _sources(reader: Reader, rows: tuple[RowId, ...]) -> set[FolderId]:
    return {place.folder for place in read.places(reader, rows).values()}


def _sentence(path: str, may: frozenset[Right], right: Right) -> str:
    words = _WORDS[right] if may else READ_ONLY
    return words.format(path.rpartition("/")[2])
