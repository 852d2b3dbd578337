"""What an account's server offers, what is used of it, what was proven and what was caught: kept as account facts.

A session counts what it used; the folder visits prove it against the messages themselves. Both come together here at
the end of each pass, so that "Server details" can be shown without a connection.

What is used and verified is remembered until the account gets another server; what was caught stays as well, with how
often and when last: an extension that was caught counts as not verified from then on.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from qtmail.engine import server_limits
from qtmail.engine.server_limits import Limits
from qtmail.model import AccountKey
from qtmail.net import imap_quirks
from qtmail.net.imap_extensions import NOT_TRUSTED, PURPOSES, Extensions
from qtmail.net.imap_quirks import Quirk
from qtmail.store import facts, rights
from qtmail.store.connection import Reader
from qtmail.store.db import Store, Tx

FACT = "server"
DAY = 24 * 3600
MONTH = 30 * DAY
DISTRUSTED = "It is not used on this server any more; what it is for is done in another way."
_SHOWS_ITSELF = frozenset(
    (
        *("ENABLE", "LITERAL+", "LITERAL-", "SASL-IR", "COMPRESS=DEFLATE", "LIST-EXTENDED", "NAMESPACE"),
        *("UNSELECT", "ID", "SPECIAL-USE", "QUOTA", "ACL", "STATUS=SIZE", "APPENDLIMIT"),
    )
)
"""An answer that can be read at all is the proof of these; the others are compared with something else."""
_MOST = 50
"""Entries of honesty kept, the newest."""


@dataclass(frozen=True, slots=True)
class ExtensionState:
    """One line of the table."""

    name: str
    advertised: bool
    used: bool
    verified: bool
    """What it promised was found to be so; see `Evidence`."""
    purpose: str = ""
    """A sentence for people; empty for what this program has no use for."""
    trouble: str = ""
    """Why it is not used, or not believed, though it is advertised; a sentence, or empty."""


@dataclass(frozen=True, slots=True)
class Caught:
    """Something the server said that was not so."""

    name: str
    """The extension or command it was about, e.g. "CONDSTORE", "SEARCH"."""
    what: str
    doing: str
    """What this program does about it."""
    times: int = 1
    at: int = 0
    """When it was last seen; seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class ServerDetails:
    """All that is known of an account's incoming server. Nothing of it before the first pass, and of POP3."""

    server: str = ""
    """host:port."""
    software: str = ""
    """What it calls itself (ID, RFC 2971)."""
    at: int | None = None
    """When it was last looked at, to the day."""
    extensions: tuple[ExtensionState, ...] = ()
    honesty: tuple[Caught, ...] = ()
    limits: Limits = field(default_factory=Limits)
    """How full the mailbox is, and how large a message may be."""

    @property
    def quirks(self) -> tuple[Quirk, ...]:
        """What is known of its provider."""
        known = (*imap_quirks.of_host(self.server.partition(":")[0]), *imap_quirks.of_software({"name": self.software}))
        return tuple(dict.fromkeys(known))

    @property
    def troubled(self) -> bool:
        """Something was caught or set aside, which another try may show to be mended."""
        return bool(self.honesty) or any(one.trouble for one in self.extensions)


@dataclass(slots=True)
class Evidence:
    """What a worker finds out about its server while it works; `remember` keeps it."""

    proven: set[str] = field(default_factory=set)
    caught: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """(name, what) -> (doing, times)."""

    def prove(self, *names: str) -> None:
        """What these extensions promised was compared with something else, and agrees."""
        self.proven.update(names)

    def catch(self, name: str, what: str, doing: str) -> None:
        """The server contradicted itself or what it advertises; both words are whole sentences."""
        times = self.caught.get((name, what), (doing, 0))[1]
        self.caught[name, what] = (doing, times + 1)

    def distrust(self, name: str, what: str) -> None:
        """It was caught lying about this extension, which is not used on this server for a month from now."""
        self.catch(name, what, DISTRUSTED)


def remembered(reader: Reader, account: AccountKey) -> ServerDetails:
    """What was found out so far."""
    text = facts.get(reader, account, FACT)
    limits = server_limits.remembered(reader, account)
    return replace(_read(json.loads(text)) if text else ServerDetails(), limits=limits)


def distrusted(reader: Reader, account: AccountKey, *, now: int) -> frozenset[str]:
    """The extensions not to be used: caught within a month. A server that was mended gets another chance then."""
    honesty = remembered(reader, account).honesty
    return frozenset(one.name for one in honesty if one.doing == DISTRUSTED and abs(now - one.at) < MONTH)


def remember(
    store: Store, account: AccountKey, server: str, software: str, told: Extensions, evidence: Evidence, *, now: int
) -> None:
    """Add what a pass found out; the evidence is used up. Writes only what changed, and the date once a day."""
    before = remembered(store.read(), account)
    if before.server != server:
        before = ServerDetails(server)
    honesty = _honesty(before.honesty, told, evidence, now)
    after = ServerDetails(
        server, software or before.software, now, _extensions(before, told, evidence, honesty, now), honesty
    )
    evidence.proven.clear()
    evidence.caught.clear()
    same = (before.software, before.extensions, before.honesty) == (after.software, after.extensions, after.honesty)
    if same and before.at is not None and abs(now - before.at) < DAY:
        return
    with store.transaction("server details") as tx:
        facts.put(tx, account, FACT, _written(after))


def forget(tx: Tx, account: AccountKey) -> None:
    """What was caught, set aside and proven is forgotten: the next pass finds out anew. Room and rights are asked for
    again."""
    facts.put(tx, account, FACT, "")
    rights.forget(tx, account)
    server_limits.ask_again(tx, account)


def value(details: ServerDetails) -> dict[str, Any]:
    """As JSON has it: {"extensions": [{name, advertised, used, verified, trouble}], "honesty": [{name, what, doing,
    times, at}], "quirks": [{provider, extension, what, doing}], "quota", "holds", "largest_message"}."""
    quirks = [
        {"provider": one.provider, "extension": one.extension, "what": one.what, "doing": one.doing}
        for one in details.quirks
    ]
    return {**_kept(details), "quirks": quirks, **server_limits.value(details.limits)}


def _kept(details: ServerDetails) -> dict[str, Any]:
    extensions = [
        {name: getattr(one, name) for name in ("name", "advertised", "used", "verified", "trouble")}
        for one in details.extensions
    ]
    honesty = [
        {name: getattr(one, name) for name in ("name", "what", "doing", "times", "at")} for one in details.honesty
    ]
    return {"extensions": extensions, "honesty": honesty}


def _extensions(
    before: ServerDetails, told: Extensions, evidence: Evidence, honesty: Iterable[Caught], now: int
) -> tuple[ExtensionState, ...]:
    known = {one.name: one for one in before.extensions}
    liars = {one.name: one.doing for one in honesty if one.doing != DISTRUSTED or abs(now - one.at) < MONTH}
    made = []
    for row in told.rows:
        old = known.get(row.name, ExtensionState(row.name, False, False, False))
        used = row.advertised and not row.trouble and (row.used or old.used)
        proven = row.name in _SHOWS_ITSELF or row.name in evidence.proven or old.verified
        trouble = row.trouble or (liars.get(row.name, "") if row.advertised else "")
        verified = used and proven and row.name not in liars
        made.append(ExtensionState(row.name, row.advertised, used, verified, PURPOSES.get(row.name, ""), trouble))
    return tuple(made)


def _honesty(before: Iterable[Caught], told: Extensions, evidence: Evidence, now: int) -> tuple[Caught, ...]:
    """What was caught before and now, newest first; what a session gave up counts once."""
    every = {(one.name, one.what): one for one in before}
    for (name, what), (doing, times) in evidence.caught.items():
        old = every.get((name, what))
        every[name, what] = Caught(name, what, doing, times + (old.times if old else 0), now)
    for row in told.rows:
        if row.trouble and row.trouble != NOT_TRUSTED and (row.name, row.trouble) not in every:
            every[row.name, row.trouble] = Caught(row.name, row.trouble, "It is not used.", 1, now)
    return tuple(sorted(every.values(), key=lambda one: -one.at)[:_MOST])


def _written(details: ServerDetails) -> str:
    return json.dumps({"server": details.server, "software": details.software, "at": details.at, **_kept(details)})


def _read(told: dict[str, Any]) -> ServerDetails:
    return ServerDetails(
        told["server"],
        told["software"],
        told["at"],
        tuple(ExtensionState(purpose=PURPOSES.get(one["name"], ""), **one) for one in told["extensions"]),
        tuple(Caught(**one) for one in told["honesty"]),
    )
