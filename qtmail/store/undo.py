"""Taking gestures back: what no server was told is cancelled, the rest is done the other way round."""

from collections.abc import Container
from dataclasses import dataclass

from qtmail.model import AccountKey, GestureId
from qtmail.store.db import Reader, Store
from qtmail.store.values import Performed


@dataclass(frozen=True, slots=True)
class Gesture:
    """One act of the user's."""

    id: GestureId
    at: int
    label: str


def last(reader: Reader) -> Gesture | None:
    """What undo would take back: the latest gesture that is not quiet, not an undo and not taken back."""
    raise NotImplementedError


def undo(store: Store, gesture: GestureId | None = None, *, now: int, remote: Container[AccountKey]) -> Performed:
    """Take back this gesture, or `last`. Rows that went or were changed again meanwhile stay as they are.

    Raises NotUndoable, with nothing changed: there is nothing, it was taken back, it left the machine, or nothing of
    it is as it was. Killed in between, undoing it again takes back the rest.
    """
    raise NotImplementedError
