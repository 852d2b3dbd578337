"""Clearing a POP3 server of what may go: proof first, then DELE, and only QUIT's +OK closes an entry.

    due (pop3_policy) -> content read back and hashed -> asked, committed -> DELE -> QUIT +OK -> deleted, committed

Where the server's bytes are not certain to be ours (known by header only, or it announced more than it gave), the
message is read again and compared first.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from qtmail.engine import clock, pop3_policy
from qtmail.engine.backend import Desk
from qtmail.engine.context import committed
from qtmail.engine.pop3_arrivals import Arrivals, Came
from qtmail.engine.pop3_policy import OnServer
from qtmail.errors import StoreError
from qtmail.events import Problem
from qtmail.net.imap_values import Spooled
from qtmail.net.pop3 import PopEntry, PopSession
from qtmail.store import ledger
from qtmail.store.db import Store
from qtmail.store.values import LedgerEntry, Proof

log = logging.getLogger(__name__)


class Removal:
    """One session's: `ask` marks on the server what may go, `confirmed` writes down that it went."""

    def __init__(self, desk: Desk, store: Store, session: PopSession, arrivals: Arrivals, spool: Path | None) -> None:
        self._desk = desk
        self._store = store
        self._session = session
        self._arrivals = arrivals
        self._spool = spool
        self._asked: list[str] = []

    def ask(self, listed: Sequence[PopEntry]) -> None:
        """DELE what the policy lets go and is proven stored. listed: everything on the server, in its order."""
        account = self._desk.account
        known = ledger.known(self._store.read(), account.key)
        entries = [known.get(entry.uidl) for entry in listed]
        listing = [OnServer(ours, there.size) for ours, there in zip(entries, listed, strict=True)]
        due = pop3_policy.due(account.pop, listing, now=clock.now())
        self._explain([entry for entry in entries if entry is not None and entry.uidl not in due])
        there = _once(listed)
        proven = self._proven({uidl: known[uidl] for uidl in due if uidl in there}, there)
        for part in _parts(proven):
            self._desk.control.check()
            self._mark({uidl: due[uidl] for uidl in part}, there)

    def confirmed(self) -> None:
        """QUIT was answered +OK."""
        for part in _parts(self._asked):
            with committed(self._store, self._desk.announcer, "deleted on the server") as tx:
                ledger.deleted(tx, self._desk.account.key, part, now=clock.now())

    @property
    def asked(self) -> int:
        """How many the server marked."""
        return len(self._asked)

    def _explain(self, staying: Iterable[LedgerEntry]) -> None:
        """Why the others stay, where that is not what is written down already."""
        words = {
            entry.uidl: pop3_policy.staying(entry)
            for entry in staying
            if entry.state == "asked" or pop3_policy.staying(entry) != entry.decided
        }
        for part in _parts(list(words)):
            with committed(self._store, self._desk.announcer, "decided") as tx:
                ledger.decide(tx, self._desk.account.key, {uidl: words[uidl] for uidl in part})

    def _proven(self, due: Mapping[str, LedgerEntry], there: Mapping[str, PopEntry]) -> list[str]:
        """Those whose content is stored here, read back, and known to be what the server has."""
        proven, doubtful = [], {}
        for uidl, entry in due.items():
            self._desk.control.check()
            try:
                self._store.content.get(entry.content)
            except StoreError as error:
                self._problem(f"A message stays on the server, as its copy here cannot be read: {error}")
                continue
            if entry.proof is Proof.MATCHED or there[uidl].size > (entry.stored or 0):
                doubtful[there[uidl].number] = entry
            else:
                proven.append(uidl)
        return proven + self._compared(doubtful, there)

    def _compared(self, doubtful: Mapping[int, LedgerEntry], there: Mapping[str, PopEntry]) -> list[str]:
        """Read these again; those that differ become messages of their own, and stay for now."""
        same: list[str] = []
        for number, content in self._session.retrieve_many(doubtful, self._spool):
            entry = doubtful[number]
            if _digest(content) == entry.content:
                same.append(entry.uidl)
                if isinstance(content, Spooled):
                    content.discard()
            else:
                log.info("message %d is not the one that is stored: kept as another one", number)
                self._arrivals.keep([Came(there[entry.uidl], content)])
        for part in _parts(same):
            with committed(self._store, self._desk.announcer, "proven") as tx:
                ledger.proven(tx, self._desk.account.key, part)
        return same

    def _mark(self, due: Mapping[str, str], there: Mapping[str, PopEntry]) -> None:
        with committed(self._store, self._desk.announcer, "asked to delete") as tx:
            ledger.asked(tx, self._desk.account.key, due, now=clock.now())
        by_number = {there[uidl].number: uidl for uidl in due}
        self._asked += [by_number[number] for number in self._session.delete_many(by_number)]
        for number in by_number.keys() & self._session.refused.keys():
            log.info("DELE %d was refused: %s", number, self._session.refused[number])

    def _problem(self, what: str) -> None:
        hint = "All others are not affected; it is tried again at the next check."
        self._desk.announcer.say([Problem(self._desk.account.key, what, hint, retry=True)])


def _once(listed: Sequence[PopEntry]) -> dict[str, PopEntry]:
    """By name; without those that share one: which of them is ours is not certain."""
    found: dict[str, PopEntry] = {}
    twice = set()
    for entry in listed:
        if entry.uidl in found:
            twice.add(entry.uidl)
        found[entry.uidl] = entry
    return {uidl: entry for uidl, entry in found.items() if uidl not in twice}


def _digest(content: bytes | Spooled) -> bytes:
    return content.sha256 if isinstance(content, Spooled) else hashlib.sha256(content).digest()


def _parts(uidls: Sequence[str]) -> Iterable[Sequence[str]]:
    """As many as fit in a transaction."""
    return (uidls[start : start + ledger.BATCH] for start in range(0, len(uidls), ledger.BATCH))
