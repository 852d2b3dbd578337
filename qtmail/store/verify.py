"""The store against itself: every content hashed, every reference followed, every count counted."""

from collections.abc import Callable

from qtmail.store.db import Store
from qtmail.store.values import Checked


def verify(
    store: Store, *, contents: bool = True, progress: Callable[[int, int], None] = lambda done, total: None
) -> Checked:
    """Look at everything, change nothing. contents: read and hash them all. progress(done, total) now and then."""
    raise NotImplementedError


def repair_counts(store: Store) -> int:
    """Count again what folders count -> how many were wrong."""
    raise NotImplementedError
