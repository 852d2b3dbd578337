"""The composer's journal: saved every few seconds, so that nothing typed is lost by a crash."""

from qtmail.model import Draft, DraftId
from qtmail.store.db import Reader, Tx


def save(tx: Tx, draft: Draft, *, now: int) -> Draft:
    """Keep it -> with its id and time. It counts as open in a composer from now on."""
    raise NotImplementedError


def get(reader: Reader, draft: DraftId) -> Draft | None:
    """None: there is no such journal (any more)."""
    raise NotImplementedError


def open_drafts(reader: Reader) -> tuple[Draft, ...]:
    """Those a composer has, or had when the program died, oldest first."""
    raise NotImplementedError


def discard(tx: Tx, draft: DraftId) -> None:
    """End the journal; nothing happens if it is not there."""
    raise NotImplementedError
