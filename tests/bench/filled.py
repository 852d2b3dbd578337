"""A profile that holds a folder of many messages, written as the engine writes it."""

import random
from pathlib import Path

from qtmail import accounts
from qtmail.model import Account, AccountKey, Address, Flag, FolderId, Protocol, Role, Security, Server
from qtmail.paths import Profile
from qtmail.store import folders, sync
from qtmail.store.db import Store
from qtmail.store.values import HeaderFacts, NewHeader

_NEWEST = 1_793_500_000
_PEOPLE = tuple(Address(f"Person {n:03d}", f"p{n}@bench.example") for n in range(300))
_SUBJECTS = tuple(f"{what} about the {thing}" for what in ("Question", "News", "Plan") for thing in
                  ("garden", "budget", "journey", "concert", "winter", "library", "harbour"))  # fmt: skip


def fill(root: Path, count: int) -> Profile:
    """An account with `count` messages in its inbox, headers only."""
    profile = Profile(root).create()
    server = Server("127.0.0.1", 9, Security.NONE, "alice")
    account = accounts.put(
        profile.accounts,
        Account(AccountKey(""), "Bench", "alice@bench.example", "Alice", Protocol.IMAP, server, None, enabled=False),
    )
    store = Store.open(profile)
    dice = random.Random(1)
    with store.transaction("bench folder") as tx:
        inbox = folders.ensure_folder(tx, account.key, "INBOX", Role.INBOX)
        folders.set_state(tx, inbox, uidnext=count + 1)
        tx.run("UPDATE folder SET uidvalidity = 1, wire_name = CAST('INBOX' AS BLOB) WHERE id = ?", inbox)
    for numbers in batched_ranges(count):
        items = [_header(dice, number, count) for number in numbers]
        with store.transaction("bench rows") as tx:
            sync.add_headers(tx, FolderId(inbox), 1, items, now=_NEWEST)
    store.close()
    return profile


def batched_ranges(count: int, size: int = 200) -> list[range]:
    """0..count in pieces of one transaction."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def _header(dice: random.Random, number: int, count: int) -> NewHeader:
    date = _NEWEST - (count - number) * 300
    facts = HeaderFacts(
        date=date,
        message_id=f"<{number}@bench.example>",
        subject=f"{dice.choice(_SUBJECTS)} {number}",
        sender=dice.choice(_PEOPLE),
        recipients=(Address("Alice", "alice@bench.example"),),
    )
    flags = frozenset[str]() if dice.random() < 0.1 else frozenset({str(Flag.SEEN)})
    return NewHeader(number + 1, flags, dice.randrange(2_000, 90_000), date, b"", facts)
