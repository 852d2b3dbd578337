"""The biography of one row: everything the store knows happened to it."""

from qtmail.model import RowId, Step
from qtmail.store.db import Reader, Tx


def story(reader: Reader, row: RowId) -> tuple[Step, ...]:
    """Arrival, what the user did, what was seen elsewhere, sending, POP3 ledger: oldest first. Rows in grace too."""
    raise NotImplementedError


def tell(tx: Tx, row: RowId, what: str, *, now: int) -> None:
    """Add a line to a row's biography that no operation tells ("The server filed a copy by itself")."""
    raise NotImplementedError
