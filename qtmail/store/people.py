"""Whom the user knows: counted as mail is stored, so that completion is one small look-up."""

from collections.abc import Iterable

from qtmail.model import Address
from qtmail.store.db import Reader, Tx


def known(reader: Reader, typed: str, limit: int = 8) -> tuple[Address, ...]:
    """Those whose address, or a word of whose name, begins with this; first whom the user wrote to."""
    raise NotImplementedError


def heard_from(tx: Tx, people: Iterable[Address], *, now: int) -> None:
    """Count senders of mail received (called by what adds messages)."""
    raise NotImplementedError


def wrote_to(tx: Tx, people: Iterable[Address], *, now: int) -> None:
    """Count recipients of mail sent; they come first in completion."""
    raise NotImplementedError
