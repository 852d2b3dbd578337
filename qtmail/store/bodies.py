"""Bodies: which are still wanted, and storing them. Their bytes are in the content database before this is called."""

from collections.abc import Sequence

from qtmail.model import AccountKey, FolderId, MessageId, RowId
from qtmail.store.db import Reader, Tx
from qtmail.store.values import NewBody, Wanted

MAX_ATTEMPTS = 5
"""Failures after which a body is only fetched when the user asks for it."""


def next_bodies(reader: Reader, folder: FolderId, limit: int = 100) -> list[Wanted]:
    """Rows of a folder still without content, newest first."""
    raise NotImplementedError


def wanted(reader: Reader, messages: Sequence[MessageId]) -> list[Wanted]:
    """One fetchable row for each of these messages that is without content: what events.FetchBody asks."""
    raise NotImplementedError


def missing(reader: Reader, account: AccountKey) -> dict[FolderId, int]:
    """How many bodies are still to come, by folder."""
    raise NotImplementedError


def store_bodies(tx: Tx, bodies: Sequence[NewBody], *, now: int) -> tuple[MessageId, ...]:
    """These rows' messages have content now, and are indexed whole -> those messages. If a message with the same
    bytes is here already, the row points to that one and its provisional message goes. Notes BodiesArrived."""
    raise NotImplementedError


def failed(tx: Tx, row: RowId, why: str) -> None:
    """This body could not be fetched or stored this time."""
    raise NotImplementedError
