"""One pass over a POP3 account: UIDL against the ledger, new mail to the inbox, then what the policy lets go.

    connect -> LIST, UIDL -> believe it or ask -> RETR what is new (newest first) -> DELE what may go -> QUIT

Content, message, row and ledger entry are durable before anything is said of deletion; DELE is sent only for a message
whose content was read back and hashed; what QUIT did not confirm is weighed anew next time. A message over which the
line breaks is tried after all others, in a session of its own.
"""

import itertools
import logging
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from qtmail.engine import clock, pop3_doubt, pop3_match, pop3_names, pop3_stumbles
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import committed
from qtmail.engine.facade import STANDARD_PATHS
from qtmail.engine.pop3_arrivals import Arrivals
from qtmail.engine.pop3_doubt import Answer
from qtmail.engine.pop3_removal import Removal
from qtmail.engine.signing_in import let_in
from qtmail.errors import MailError, ProtocolError, ServerClosed, Unreachable
from qtmail.events import Problem, StateChanged
from qtmail.model import LOCAL, LOCAL_INBOX, AccountKey, AccountState, FolderId, MessageId, Role
from qtmail.net.pop3 import PopEntry, PopSession
from qtmail.store import folders, ledger, read
from qtmail.store.db import Store
from qtmail.store.values import LedgerEntry, Proof

log = logging.getLogger(__name__)

MEBIBYTE = 1024 * 1024
STUMBLES = 3
"""So many messages that break the line a pass goes on without."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one session has to do. `listed`: everything on the server, in its order."""

    listed: Sequence[PopEntry]
    known: dict[str, LedgerEntry]
    whole: Sequence[PopEntry]
    beginnings: Sequence[PopEntry]
    rest: dict[int, tuple[PopEntry, LedgerEntry]]

    @property
    def octets(self) -> int:
        return sum(entry.size for entry in self.whole) + sum(entry.size for entry, _ in self.rest.values())


class Pop3Backend:
    """`Backend` for POP3. Folders are local; a session lasts one pass, as the server locks the mailbox meanwhile."""

    has_push = False

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk = desk
        self._store = store
        self._session: PopSession | None = None
        self._bytes = 0
        self._names: dict[int, str] = {}
        self.tally = Tally()

    def sync(self) -> Tally:
        """See `Backend`."""
        self.tally, self._bytes = Tally(), 0
        with self._pass():
            self._round()
            self._stubborn()
        return self.tally

    def replay(self) -> None:
        """Nothing: what the user does is done here; deletions on the server are part of the next pass."""

    def fetch(self, messages: Sequence[MessageId]) -> None:
        """The rest of those of which only the beginning is here, where it was asked for."""
        asked = {entry.row for entry in ledger.wanted(self._store.read(), self._desk.account.key).values()}
        if asked & set(ledger.rows_of_messages(self._store.read(), self._desk.account.key, messages)):
            with self._pass():
                self._round(rest_only=True)

    def watch(self, changed: Callable[..., None]) -> NoReturn:
        """POP3 has no push."""
        raise AssertionError("POP3 has no push")

    def close(self) -> None:
        """Abandon the session: nothing is deleted."""
        session, self._session = self._session, None
        if session is not None:
            self._bytes += session.bytes_in
            self.tally.bytes = self._bytes
            self._desk.control.release(session)
            session.abandon()

    @property
    def _key(self) -> AccountKey:
        return self._desk.account.key

    @contextmanager
    def _pass(self) -> Iterator[None]:
        """Whatever happens: the session is closed, the files of large messages are gone, what changed is told."""
        try:
            yield
        except (Unreachable, ProtocolError):
            self._desk.control.check()
            raise
        finally:
            self.close()
            shutil.rmtree(self._spool_folder, ignore_errors=True)
            self._desk.announcer.flush()

    @property
    def _spool_folder(self) -> Path:
        return self._store.path.parent / f"fetching-{self._key}"

    @property
    def _spool(self) -> Path | None:
        """Made if it is not there; None where the store is encrypted: large messages stay in memory then."""
        if self._store.content.spool_for_text() is None:
            return None
        self._spool_folder.mkdir(exist_ok=True)
        return self._spool_folder

    def _round(self, *, rest_only: bool = False) -> None:
        """Sessions until one reaches its end: a message that breaks the line is set aside."""
        for left in reversed(range(STUMBLES)):
            try:
                self._work(rest_only=rest_only)
                return
            except (ProtocolError, Unreachable) as error:
                stumbled = self._stumbled()
                self.close()
                if stumbled:
                    with self._store.transaction("stumbled") as tx:
                        pop3_stumbles.set_aside(tx, self._key, stumbled, now=clock.now())
                self._desk.control.check()
                if not stumbled or not left or isinstance(error, ServerClosed):
                    raise
                log.info("a message of %s is set aside: %s", self._key, error)

    def _work(self, *, rest_only: bool) -> None:
        """One session, to its end."""
        session = self._connect()
        listed = pop3_names.named(session, session.uidls(), ledger.known(self._store.read(), self._key))
        self.tally.folders = 1
        self._believe(session, listed)
        work = self._planned(session, listed)
        self._names = {entry.number: entry.uidl for entry in listed}
        missing = {entry.content: entry for entry in self._missing(work.known, listed) if entry.proof is not Proof.PART}
        arrivals = Arrivals(self._desk, self._store, self._inbox(), self.tally, missing)
        arrivals.news = bool(work.known)
        arrivals.progress.total = len(work.whole) + len(work.beginnings) + len(work.rest)
        arrivals.progress.octets_total = work.octets
        arrivals.rest(session, work.rest, self._spool)
        if rest_only:
            session.quit()
            return
        arrivals.beginnings(session, work.beginnings)
        arrivals.whole(session, work.whole, self._spool)
        self._note_refused(session, work)
        self._settle(work.known, listed)
        self._clear(session, arrivals, listed)
        self._acted()

    def _connect(self) -> PopSession:
        self._desk.control.check()
        server, control = self._desk.account.incoming, self._desk.control
        session = let_in(
            server,
            self._desk.password,
            lambda secret: control.connect(lambda: PopSession.connect(server, secret), PopSession.abandon),
        )
        self._session = session
        self._names = {}
        return session

    def _stumbled(self) -> str:
        """The name of the message that was being fetched when the line broke; empty: it broke elsewhere."""
        name = self._names.get(self._session.asked_for, "") if self._session else ""
        entry = ledger.known(self._store.read(), self._key).get(name)
        return name if entry is None or entry.wanted else ""

    # What the list means

    def _believe(self, session: PopSession, listed: Sequence[PopEntry]) -> None:
        """Stop and ask where the list cannot be what it should be; else know again what has a new name."""
        known = ledger.known(self._store.read(), self._key)
        given = pop3_doubt.given(self._store.read(), self._key)
        question = pop3_doubt.doubt(listed, known)
        if question is not None and given not in pop3_doubt.ANSWERS[question.doubt]:
            with self._store.transaction("asked") as tx:
                pop3_doubt.remember(tx, self._key, None)
                pop3_doubt.remember(tx, self._key, question)
            session.abandon()
            name = shlex.quote(self._desk.account.name)
            raise pop3_doubt.ask(question, f"On the command line: qtmail sync --account {name}")
        if given is Answer.MATCH:
            self._match(session, listed, known)

    def _match(self, session: PopSession, listed: Sequence[PopEntry], known: dict[str, LedgerEntry]) -> None:
        new = [entry for entry in listed if entry.uidl not in known]
        missing = list(self._missing(known, listed))
        words = "Comparing what is on the server with what is here"
        self._desk.announcer.say([StateChanged(self._key, AccountState.SYNCING, words, 0, len(new))])
        found = list(pop3_match.matches(session, new, missing, self._store.content).items())
        for start in range(0, len(found), ledger.BATCH):
            self._desk.control.check()
            with committed(self._store, self._desk.announcer, "known again") as tx:
                for there, ours in found[start : start + ledger.BATCH]:
                    proof = Proof.PART if ours.proof is Proof.PART else Proof.MATCHED
                    ledger.rename(tx, self._key, ours.uidl, there.uidl, there.size, proof)

    def _missing(self, known: dict[str, LedgerEntry], listed: Sequence[PopEntry]) -> Iterator[LedgerEntry]:
        """What we have of this account and is not listed any more."""
        here = {entry.uidl for entry in listed}
        return (entry for uidl, entry in known.items() if uidl not in here and entry.stored is not None)

    def _planned(self, session: PopSession, listed: Sequence[PopEntry]) -> Work:
        """What is to be fetched, newest first, and how."""
        known = ledger.known(self._store.read(), self._key)
        again = self._listed_again(known, listed)
        stumbles = pop3_stumbles.known(self._store.read(), self._key)
        new = {e.uidl: e for e in listed if e.uidl not in stumbles and (e.uidl not in known or e.uidl in again)}
        largest = self._desk.account.largest_mb * MEBIBYTE
        large = {e.uidl for e in new.values() if largest and e.size > largest and "TOP" in session.capabilities}
        wanted = ledger.wanted(self._store.read(), self._key)
        return Work(
            listed,
            known,
            [entry for entry in reversed(new.values()) if entry.uidl not in large],
            [entry for entry in reversed(new.values()) if entry.uidl in large],
            {e.number: (e, wanted[e.uidl]) for e in listed if e.uidl in wanted and e.uidl not in stumbles},
        )

    def _listed_again(self, known: dict[str, LedgerEntry], listed: Sequence[PopEntry]) -> set[str]:
        """Names that were closed and are used again: the old message, if it has its size, else another one."""
        closed = [entry for entry in listed if entry.uidl in known and not known[entry.uidl].open]
        old = {e.uidl for e in closed if e.size and e.size in (known[e.uidl].size, known[e.uidl].stored)}
        if old:
            with committed(self._store, self._desk.announcer, "listed again") as tx:
                ledger.back(tx, self._key, old)
        return {entry.uidl for entry in closed} - old

    # Afterwards

    def _note_refused(self, session: PopSession, work: Work) -> None:
        """Gone since the list was made, or not to be had: one problem, the others are here."""
        entries = [entry for entry in (*work.whole, *work.beginnings) if entry.number in session.refused]
        if entries:
            count = "1 message" if len(entries) == 1 else f"{len(entries):,} messages"
            what = f"The server would not give {count} (the first is number {entries[0].number})."
            self._problem(what, session.refused[entries[0].number])

    def _settle(self, known: dict[str, LedgerEntry], listed: Sequence[PopEntry]) -> None:
        """Write off what is not listed any more; remember the order of the rest."""
        here = {entry.uidl for entry in listed}
        gone = [uidl for uidl, entry in known.items() if entry.open and uidl not in here]
        now = ledger.known(self._store.read(), self._key)
        moved, first = _out_of_order({entry.uidl: now[entry.uidl].place for entry in listed if entry.uidl in now})
        for start in range(0, max(len(moved), len(gone)), ledger.BATCH):
            with committed(self._store, self._desk.announcer, "order on the server") as tx:
                ledger.put_in_order(tx, self._key, moved[start : start + ledger.BATCH], first + start)
                ledger.gone(tx, self._key, gone[start : start + ledger.BATCH], now=clock.now())

    def _clear(self, session: PopSession, arrivals: Arrivals, listed: Sequence[PopEntry]) -> None:
        removal = Removal(self._desk, self._store, session, arrivals, self._spool)
        removal.ask(listed)
        if session.quit():
            removal.confirmed()
        elif removal.asked:
            self._problem("The server did not confirm what was to be deleted there, so it may still be there.", "")
        self.close()

    def _acted(self) -> None:
        """The pass reached its end: no question is open any more."""
        reader = self._store.read()
        if pop3_doubt.asked(reader, self._key) or pop3_doubt.given(reader, self._key):
            with self._store.transaction("answered") as tx:
                pop3_doubt.remember(tx, self._key, None)

    def _stubborn(self) -> None:
        """Those over which the line broke before: each in a session of its own, as far as it is time."""
        now = clock.now()
        every = pop3_stumbles.known(self._store.read(), self._key)
        for uidl, stumble in list(every.items())[:STUMBLES]:
            if stumble.again > now:
                continue
            try:
                self._alone(uidl)
            except MailError as error:
                self._desk.control.check()
                self.close()
                with self._store.transaction("stumbled") as tx:
                    pop3_stumbles.failed_alone(tx, self._key, uidl, now=now)
                self._problem(f"A message on the server cannot be fetched: {error}", error.server_words)
                continue
            with self._store.transaction("came at last") as tx:
                pop3_stumbles.over(tx, self._key, {uidl})

    def _alone(self, uidl: str) -> None:
        session = self._connect()
        listed = pop3_names.named(session, session.uidls(), ledger.known(self._store.read(), self._key))
        arrivals = Arrivals(self._desk, self._store, self._inbox(), self.tally, {})
        arrivals.whole(session, [entry for entry in listed if entry.uidl == uidl], self._spool)
        session.quit()
        self.close()

    def _problem(self, what: str, words: str) -> None:
        hint = "All others are not affected; it is tried again at the next checks."
        self._desk.announcer.say([Problem(self._key, what, hint, words, retry=True)])

    # Folders

    def _inbox(self) -> FolderId:
        """Where new mail goes. The account's standard folders are there afterwards."""
        own = self._standard_folders(self._key, STANDARD_PATHS)
        to = self._desk.account.pop.deliver_to
        if not to:
            return own
        if to == LOCAL_INBOX:
            return self._standard_folders(LOCAL, {Role.INBOX: "Inbox", Role.TRASH: "Trash"})
        return read.folder_of_role(self._store.read(), AccountKey(to), Role.INBOX) or own

    def _standard_folders(self, account: AccountKey, wanted: dict[Role, str]) -> FolderId:
        """-> the inbox among them."""
        missing = [role for role in wanted if read.folder_of_role(self._store.read(), account, role) is None]
        if missing:
            with committed(self._store, self._desk.announcer, "standard folders") as tx:
                for role in missing:
                    folders.set_role(tx, folders.ensure_folder(tx, account, wanted[role], role), role)
        inbox = read.folder_of_role(self._store.read(), account, Role.INBOX)
        assert inbox is not None
        return inbox


def _out_of_order(places: Mapping[str, int]) -> tuple[Sequence[str], int]:
    """places: name -> place, 0 for none yet, in the server's order. -> those to be given new places, and the first."""
    uidls, values = list(places), list(places.values())
    placed = values.index(0) if 0 in values else len(values)
    rising = all(a < b for a, b in itertools.pairwise(values[:placed]))
    if rising and not any(values[placed:]):
        return uidls[placed:], values[placed - 1] + 1 if placed else 1
    return uidls, 1
