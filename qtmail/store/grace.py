"""The end of things: what was removed longer ago than the grace time is dropped for good, in the safe order."""

from dataclasses import dataclass

from qtmail.store.db import Store


@dataclass(frozen=True, slots=True)
class Collected:
    """How many of each were dropped."""

    rows: int = 0
    messages: int = 0
    contents: int = 0


def collect(store: Store, *, now: int, days: int = 30) -> Collected:
    """Drop rows in grace for longer than this and not part of an open operation, then messages without rows, then
    content nobody refers to. The journal stays."""
    raise NotImplementedError
