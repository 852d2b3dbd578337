"""Messages of a POP3 server over which the line broke: tried after all others, alone, and ever more seldom.

One message that never ends, or that makes the server hang, would otherwise keep all those behind it from coming.
"""

import msgspec

from qtmail.model import AccountKey
from qtmail.store import facts
from qtmail.store.connection import Reader
from qtmail.store.db import Tx

_KEY = "pop_stumbles"
HOUR = 3600
LONGEST_HOURS = 24


class Stumble(msgspec.Struct, frozen=True):
    """How often it failed alone, and when it may be tried again (epoch seconds)."""

    times: int
    again: int


def known(reader: Reader, account: AccountKey) -> dict[str, Stumble]:
    """By UIDL."""
    told = facts.get(reader, account, _KEY)
    return msgspec.json.decode(told, type=dict[str, Stumble]) if told else {}


def set_aside(tx: Tx, account: AccountKey, uidl: str, *, now: int) -> None:
    """The line broke over this one: that may be chance, so it is tried alone as soon as the others are here."""
    every = known(tx, account)
    if uidl not in every:
        _put(tx, account, every | {uidl: Stumble(0, now)})


def failed_alone(tx: Tx, account: AccountKey, uidl: str, *, now: int) -> None:
    """It broke the line again: twice at once, then ever more seldom."""
    every = known(tx, account)
    times = (every[uidl].times if uidl in every else 0) + 1
    wait = min(2 ** (times - 2), LONGEST_HOURS) * HOUR if times > 1 else 0
    _put(tx, account, every | {uidl: Stumble(times, now + wait)})


def over(tx: Tx, account: AccountKey, uidls: set[str]) -> None:
    """These came, or are not on the server any more."""
    every = known(tx, account)
    if every.keys() & uidls:
        _put(tx, account, {uidl: stumble for uidl, stumble in every.items() if uidl not in uidls})


def _put(tx: Tx, account: AccountKey, every: dict[str, Stumble]) -> None:
    facts.put(tx, account, _KEY, msgspec.json.encode(every).decode() if every else "")
