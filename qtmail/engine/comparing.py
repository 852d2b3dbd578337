"""The store against a server: which messages each has, folder by folder. Asks, changes nothing on either side.

A difference that time explains (mail that came or went since the last sync) is a remark; a message that should be here
and is not, is a problem.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice

from qtmail.engine.context import Passwords
from qtmail.engine.signing_in import Keys, let_in
from qtmail.engine.uid_sets import without
from qtmail.errors import MailError
from qtmail.model import Account, Flag, Protocol
from qtmail.net.imap import ImapSession
from qtmail.net.pop3 import PopSession
from qtmail.paths import Profile
from qtmail.secrets import Service
from qtmail.store import ledger, read, sync
from qtmail.store.db import Reader, Store
from qtmail.store.values import FolderState

FLAGS = 1000
"""So many messages' flags are compared at a time."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sentences. `remarks` include why a server could not be asked."""

    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def compare(profile: Profile, account: Account, *, passwords: Passwords | None = None) -> Comparison:
    """Compare one account with its incoming server. Raises StoreError; a server's faults are remarks."""
    store = Store.open(profile)
    try:
        keys = partial(Keys.over(profile, passwords), account.key, Service.INCOMING)
        compare_with = _compare_imap if account.protocol is Protocol.IMAP else _compare_pop3
        return compare_with(store.read(), account, keys if account.incoming.auth != "none" else str)
    except MailError as error:
        return Comparison(remarks=(f"{account.name} could not be compared with its server: {error.sentence()}",))
    finally:
        store.close()


def _compare_imap(reader: Reader, account: Account, secret: Callable[..., str]) -> Comparison:
    problems: list[str] = []
    remarks: list[str] = []
    session = let_in(account.incoming, secret, partial(ImapSession.connect, account.incoming))
    try:
        for folder in read.folder_states(reader, account.key):
            if folder.selectable and folder.wire_name and folder.uidvalidity:
                _compare_folder(reader, session, account, folder, problems.append, remarks.append)
    finally:
        session.close()
    return Comparison(tuple(problems), tuple(remarks))


def _compare_folder(
    reader: Reader,
    session: ImapSession,
    account: Account,
    folder: FolderState,
    problem: Callable[[str], None],
    remark: Callable[[str], None],
) -> None:
    name = f"{account.name}/{folder.path}"
    here = sync.known_uids(reader, folder.id)
    try:
        selected = session.select(folder.wire_name, readonly=True)
        there = session.uids()
        unknown = without(there, here)
        unknown = without(unknown, _left_marked(session, unknown))
        if selected.uidvalidity != folder.uidvalidity:
            remark(f"{name} was renumbered by its server; the next sync finds every message again.")
            return
        other = _other_flags(reader, session, folder)
    except MailError as error:
        remark(f"{name} could not be compared: {error.sentence()}")
        return
    lost = [uid for uid in unknown if uid < folder.uidnext]
    new = len(unknown) - len(lost)
    gone = len(without(here, there))
    if lost:
        words = "1 message of the server is" if len(lost) == 1 else f"{len(lost):,} messages of the server are"
        problem(f"{name}: {words} missing here (UID {_some(lost)}).")
    if new:
        remark(f"{name}: {new:,} new on the server since the last sync.")
    if gone:
        remark(f"{name}: {gone:,} not on the server any more since the last sync.")
    if other:
        remark(f"{name}: {other:,} read, starred or marked otherwise on the server since the last sync.")


def _other_flags(reader: Reader, session: ImapSession, folder: FolderState) -> int:
    """How many messages have other flags there than the server last told."""
    other = 0
    coming = session.fetch_flags(1)
    while told := {one.uid: one.flags for one in islice(coming, FLAGS)}:
        other += sync.differing_flags(reader, folder.id, told)
    session.take_quarantined()
    return other


def _left_marked(session: ImapSession, uids: "array[int]") -> "array[int]":
    """Those of `uids` that are only still there because the server cannot expunge them alone: they count as gone."""
    if not uids or session.supports("UIDPLUS"):
        return array("q")
    marked = {one.uid for one in session.fetch_flags(uids[0], uids[-1]) if Flag.DELETED in one.flags}
    return array("q", [uid for uid in uids if uid in marked])


def _compare_pop3(reader: Reader, account: Account, secret: Callable[..., str]) -> Comparison:
    session = let_in(account.incoming, secret, partial(PopSession.connect, account.incoming))
    try:
        listed = {entry.uidl for entry in session.uidls()}
    finally:
        session.abandon()
    new = len(listed - set(ledger.known(reader, account.key)))
    return Comparison(remarks=(f"{account.name}: {new:,} new on the server since the last sync.",) if new else ())


def _some(uids: list[int]) -> str:
    first = ", ".join(str(uid) for uid in sorted(uids)[:10])
    return f"{first}, ..." if len(uids) > 10 else first
