"""How full an account's mailbox is and how large a message its servers take, as they said last: account facts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from qtmail.model import AccountKey, Server
from qtmail.net.imap_values import Quota
from qtmail.store import facts
from qtmail.store.connection import Reader
from qtmail.store.db import Tx

FACT = "limits"
NEARLY_FULL = 0.95
STORAGE = "STORAGE"


@dataclass(frozen=True, slots=True)
class Limits:
    """All of it, or nothing where the server does not tell."""

    at: int = 0
    """When it was asked, seconds since the epoch; 0: it is to be asked."""
    quotas: tuple[Quota, ...] = ()
    holds: int | None = None
    """The octets of all its folders, where it has no quota but can count."""
    largest: int | None = None
    """The octets a message may have."""
    warned: bool = False
    """The user was told that it is nearly full."""

    @property
    def storage(self) -> Quota | None:
        """The quota on octets that is the nearest to its end."""
        told = [quota for quota in self.quotas if quota.resource == STORAGE and quota.limit > 0]
        return max(told, key=lambda quota: quota.used / quota.limit, default=None)

    @property
    def nearly_full(self) -> bool:
        return self.storage is not None and self.storage.used > self.storage.limit * NEARLY_FULL

    @property
    def words(self) -> str:
        """For people: "3.1 of 15 GB used"; empty where nothing is known."""
        if self.storage is not None:
            return f"{_two(self.storage.used, self.storage.limit)} used"
        return f"{octets(self.holds)} used" if self.holds is not None else ""


def remembered(reader: Reader, account: AccountKey) -> Limits:
    """What the server said last."""
    text = facts.get(reader, account, FACT)
    if not text:
        return Limits()
    told: dict[str, Any] = json.loads(text)
    return Limits(**told | {"quotas": tuple(Quota(**one) for one in told["quotas"])})


def remember(tx: Tx, account: AccountKey, limits: Limits) -> None:
    """What it says now."""
    quotas = [{"root": q.root, "resource": q.resource, "used": q.used, "limit": q.limit} for q in limits.quotas]
    told = {"at": limits.at, "quotas": quotas, "holds": limits.holds, "largest": limits.largest}
    facts.put(tx, account, FACT, json.dumps({**told, "warned": limits.warned}))


def remember_sending(tx: Tx, account: AccountKey, server: Server, largest: int | None) -> None:
    """The octets a mail may have there (SIZE, RFC 1870); None: it does not say."""
    facts.put(tx, account, _sending(server), str(largest or ""))


def sending(reader: Reader, account: AccountKey, server: Server) -> int | None:
    """See `remember_sending`; None also before anything was sent there."""
    told = facts.get(reader, account, _sending(server))
    return int(told) if told else None


def _sending(server: Server) -> str:
    return f"sends:{server.host}:{server.port}"


def ask_again(tx: Tx, account: AccountKey) -> None:
    """The server said that the mailbox is full, or it shall be looked at anew: the next pass asks."""
    known = remembered(tx, account)
    if known.at:
        remember(tx, account, replace(known, at=0))


def value(limits: Limits) -> dict[str, Any]:
    """As JSON has it: {"quota": [{resource, used, limit}], "holds", "largest_message"}; octets, or null."""
    return {
        "quota": [{"resource": one.resource, "used": one.used, "limit": one.limit} for one in limits.quotas],
        "holds": limits.holds,
        "largest_message": limits.largest,
    }


def octets(number: int) -> str:
    """ "3.1 GB", as people count: 1,000 bytes are a kB."""
    amount, unit = _scaled(number)
    return f"{_short(amount)} {unit}"


def _two(used: int, limit: int) -> str:
    amount, unit = _scaled(limit)
    small, small_unit = _scaled(used)
    if small_unit == unit:
        return f"{_short(small)} of {_short(amount)} {unit}"
    return f"{_short(small)} {small_unit} of {_short(amount)} {unit}"


def _scaled(number: int) -> tuple[float, str]:
    amount = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 999.5:
            return amount, unit
        amount /= 1000
    return amount, "TB"


def _short(amount: float) -> str:
    return f"{amount:.1f}".removesuffix(".0") if amount < 99.95 else f"{amount:.0f}"


def total(sizes: Iterable[int | None]) -> int | None:
    """Of all folders; None where one is not told."""
    known = list(sizes)
    return sum(size for size in known if size is not None) if known and None not in known else None
