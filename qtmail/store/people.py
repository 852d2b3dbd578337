"""Whom the user knows: counted as mail is stored, so that completion is one small look-up."""

from collections import Counter
from collections.abc import Iterable

from qtmail.model import Address, FolderId, Role
from qtmail.store.connection import Reader
from qtmail.store.db import Tx
from qtmail.store.values import HeaderFacts


def known(reader: Reader, typed: str, limit: int = 8) -> tuple[Address, ...]:
    """Those whose address, or a word of whose name, begins with this; first whom the user wrote to."""
    typed = typed.strip().strip('"<').lower()
    if not typed:
        return ()
    begins = "".join(f"\\{letter}" if letter in "%_\\" else letter for letter in typed)
    return tuple(
        Address(name, address)
        for name, address in reader.all(
            r"""
            SELECT name, address FROM person
            WHERE address LIKE ?1 || '%' ESCAPE '\' OR name LIKE ?1 || '%' ESCAPE '\'
               OR name LIKE '% ' || ?1 || '%' ESCAPE '\' OR address LIKE '%@' || ?1 || '%' ESCAPE '\'
            ORDER BY wrote > 0 DESC, min(wrote, 20) * 5 + min(heard, 20) DESC, last DESC, address LIMIT ?2
            """,
            begins,
            limit,
        )
    )


def met(reader: Reader, address: str) -> tuple[int, int]:
    """How many mails came from this address, and how many went to it."""
    found = reader.one("SELECT heard, wrote FROM person WHERE address = ?", address)
    return (0, 0) if found is None else (int(found[0]), int(found[1]))


def met_in(tx: Tx, folder: FolderId, mail: Iterable[HeaderFacts], *, now: int) -> None:
    """Count whom the mail new in a folder is from; in Sent, whom it is to (called by what adds messages)."""
    if tx.value("SELECT role FROM folder WHERE id = ?", folder) == Role.SENT:
        wrote_to(tx, [person for facts in mail for person in facts.recipients], now=now)
    else:
        _count(tx, [facts.sender for facts in mail], 1, 0, now)


def wrote_to(tx: Tx, people: Iterable[Address], *, now: int) -> None:
    """Count recipients of mail sent; they come first in completion."""
    _count(tx, people, 0, 1, now)


def _count(tx: Tx, people: Iterable[Address], heard: int, wrote: int, now: int) -> None:
    times = Counter(person for person in people if "@" in person.address)
    tx.many(
        """
        INSERT INTO person (address, name, heard, wrote, last) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (address) DO UPDATE SET heard = heard + excluded.heard, wrote = wrote + excluded.wrote,
          name = coalesce(nullif(excluded.name, ''), name), last = max(last, excluded.last)
        """,
        [(person.address, person.name, heard * count, wrote * count, now) for person, count in times.items()],
    )
