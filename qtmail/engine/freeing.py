"""Making room: content of old mail is dropped here after its server was asked, now, whether it has every copy of it.

    droppable here --UID and size equal there--> [facts: comes when it is opened] --commit--> content dropped

Nothing of POP3 accounts, of this computer alone, unsent, waiting to be told, or in drafts. The rows, what search finds
and the conversation stay; the text comes back when it is opened, or when the folder is told to keep more.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from qtmail.engine import clock
from qtmail.engine.signing_in import Keys, let_in
from qtmail.errors import MailError, StoreError
from qtmail.events import Event, RoomMade
from qtmail.model import Account, FolderId, MessageId, Protocol
from qtmail.net.imap import ImapSession
from qtmail.paths import Profile
from qtmail.secrets import Service
from qtmail.store import grace, read, space
from qtmail.store.db import Store
from qtmail.store.space import Droppable

log = logging.getLogger(__name__)

DAY = 24 * 3600
Progress = Callable[[int, int], None]
HEADER_MOST = 65_536
"""Octets of a header that are kept."""
FRESH_S = 2 * 3600
"""Content put in this time may be put again by another thread at this moment, and is left to the daily collection."""


@dataclass(frozen=True, slots=True)
class Freed:
    """What came of it."""

    messages: int = 0
    octets: int = 0
    """Of the mail itself: compressed, it took less."""
    unproven: int = 0
    """Messages that stay because the server could not show each of their copies."""
    remarks: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()


def could_free(store: Store, accounts: Iterable[Account], before: int, progress: Progress) -> Freed:
    """How much could be dropped, before any server is asked."""
    found = [one for account in _imap(accounts) for one in _candidates(store, account, before, progress)]
    return Freed(len(found), sum(one.size for one in found))


def free(
    store: Store,
    accounts: Iterable[Account],
    before: int,
    keys: Keys,
    progress: Progress = lambda done, total: None,
    *,
    opened: Callable[[ImapSession], None] = lambda session: None,
) -> Freed:
    """Drop the content of mail dated before that time that its server has. A server that cannot be asked is a remark.

    What `progress` raises ends it; what was dropped by then is told to nobody but can be fetched as always. `opened`:
    every session as it is made, for whoever has to abort it.
    """
    total = Freed()
    for account in _imap(accounts):
        candidates = _candidates(store, account, before, lambda done, of: None)
        if not candidates:
            continue
        try:
            secret = partial(keys, account.key, Service.INCOMING) if account.incoming.auth != "none" else str
            session = let_in(account.incoming, secret, partial(ImapSession.connect, account.incoming))
            opened(session)
        except StoreError:
            raise
        except MailError as error:
            words = f"{account.name}: nothing was dropped, because its server could not be asked. {error.sentence()}"
            total = _plus(total, Freed(remarks=(words,)))
            continue
        try:
            total = _plus(total, _free_account(store, account, session, candidates, progress))
        except StoreError:
            raise
        except MailError as error:
            words = f"{account.name}: it ended early. {error.sentence()}"
            total = _plus(total, Freed(remarks=(words,)))
        finally:
            session.close()
    return total


def free_in(profile: Profile, accounts: Iterable[Account], days: int) -> Freed:
    """The same in a profile whose store is opened for it. Raises StoreError."""
    store = Store.open(profile)
    try:
        return free(store, accounts, clock.now() - days * DAY, Keys.over(profile, None))
    finally:
        store.close()


class Ended(Exception):
    """It was told to end."""


class RoomMaker:
    """One MakeRoom of the window, in a thread of the engine. `stop` is for any thread."""

    name = "make room"

    def __init__(
        self, store: Store, accounts: Iterable[Account], days: int, keys: Keys, emit: Callable[[Event], None]
    ) -> None:
        self._store, self._accounts, self._days = store, tuple(accounts), days
        self._keys, self._emit = keys, emit
        self._stopped = threading.Event()
        self._session: ImapSession | None = None

    def run(self) -> None:
        """Drop what can be; RoomMade tells how it went, however it ended."""
        found = Freed(remarks=("Stopped. What was dropped so far comes back when it is opened.",))
        try:
            before = clock.now() - self._days * DAY
            found = free(self._store, self._accounts, before, self._keys, self._go_on, opened=self._opened)
        except MailError as error:
            found = Freed(remarks=(error.sentence(),))
        except Ended:
            log.info("making room was stopped")
        for event in found.events:
            self._emit(event)
        self._emit(RoomMade(found.messages, found.octets, found.unproven, found.remarks))

    def stop(self) -> None:
        """End it at the next step, and what it waits for at once."""
        self._stopped.set()
        if self._session is not None:
            self._session.abort()

    def _opened(self, session: ImapSession) -> None:
        self._session = session

    def _go_on(self, done: int, total: int) -> None:
        if self._stopped.is_set():
            raise Ended


def _free_account(
    store: Store, account: Account, session: ImapSession, candidates: list[Droppable], progress: Progress
) -> Freed:
    result = Freed()
    done = 0
    progress(done, len(candidates))
    for folder, group in groupby(candidates, key=lambda one: one.folder):
        for batch in _batches(list(group)):
            proven = _proven(store, session, FolderId(folder), batch)
            result = _plus(result, _drop(store, account, proven))
            result = _plus(result, Freed(unproven=len(batch) - len(proven)))
            done += len(batch)
            progress(done, len(candidates))
    return result


def _proven(store: Store, session: ImapSession, folder: FolderId, batch: list[Droppable]) -> list[Droppable]:
    """Those of which the server has every copy, under the UID known here and as large as the content here."""
    messages = {one.message: one for one in batch}
    unproven: set[MessageId] = set()
    for place, places in _by_folder(space.placed(store.read(), list(messages)), folder):
        state = read.folder_state(store.read(), place)
        there: dict[int, int] = {}
        if session.select(state.wire_name, readonly=True).uidvalidity == state.uidvalidity:
            there = session.sizes([uid for _message, uid in places])
        unproven.update(message for message, uid in places if there.get(uid) != messages[message].size)
    return [one for one in batch if one.message not in unproven]


def _drop(store: Store, account: Account, proven: list[Droppable]) -> Freed:
    """Facts first: content without a fact is harmless, a fact without its content is not."""
    sizes = {one.content: one.size for one in proven}
    headers = []
    for one in proven:
        try:
            headers.append((one.message, _header(store.content.get(one.content))))
        except StoreError:
            continue  # damaged: repairing fetches it again
    now = clock.now()
    with store.transaction("make room") as tx:
        dropped = space.drop(tx, account.key, headers, now=now)
    kept = grace.drafted(store.read())
    store.content.drop([content for content in dropped if content not in kept], before=now - FRESH_S)
    return Freed(len(dropped), sum(sizes[content] for content in dropped), events=tx.events)


def _header(raw: bytes) -> bytes:
    ends = [at + 4 for at in (raw.find(b"\r\n\r\n"),) if at >= 0] + [at + 2 for at in (raw.find(b"\n\n"),) if at >= 0]
    return raw[: min([*ends, HEADER_MOST])]


def _candidates(store: Store, account: Account, before: int, progress: Progress) -> list[Droppable]:
    return space.droppable(store, account.key, before, progress)


def _by_folder(
    placed: list[tuple[MessageId, FolderId, int]], first: FolderId
) -> Iterator[tuple[FolderId, list[tuple[MessageId, int]]]]:
    """(folder, [(message, UID)]), beginning with the folder that is selected already."""
    ordered = sorted(placed, key=lambda one: (one[1] != first, one[1]))
    for folder, group in groupby(ordered, key=lambda one: one[1]):
        yield folder, [(message, uid) for message, _folder, uid in group]


def _batches(items: list[Droppable]) -> Iterator[list[Droppable]]:
    for start in range(0, len(items), space.BATCH):
        yield items[start : start + space.BATCH]


def _imap(accounts: Iterable[Account]) -> list[Account]:
    return [account for account in accounts if account.protocol is Protocol.IMAP and account.enabled]


def _plus(one: Freed, other: Freed) -> Freed:
    return Freed(
        one.messages + other.messages,
        one.octets + other.octets,
        one.unproven + other.unproven,
        one.remarks + other.remarks,
        tuple(dict.fromkeys(one.events + other.events)),
    )
