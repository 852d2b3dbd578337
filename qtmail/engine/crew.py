"""All loops of one engine process, and the window's wishes handed to the right ones."""

import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from qtmail import accounts, settings
from qtmail.engine import clock, housekeeping, server_details
from qtmail.engine.attachment_loop import AttachmentLoop
from qtmail.engine.backend import Desk
from qtmail.engine.backends import backend_for
from qtmail.engine.backing_up.keeper import BackupKeeper
from qtmail.engine.context import Announcer, Control, Passwords
from qtmail.engine.conversation_loop import ConversationLoop
from qtmail.engine.freeing import RoomMaker
from qtmail.engine.lines import Lines, Rank
from qtmail.engine.lock import engine_lock
from qtmail.engine.loop import Loop
from qtmail.engine.on_call import OnCall
from qtmail.engine.outbox_worker import OutboxWorker
from qtmail.engine.reading import searchable
from qtmail.engine.sending import Sender, identity_password
from qtmail.engine.server_search import OFFLINE, ServerSearches
from qtmail.engine.signing_in import Keys
from qtmail.engine.worker import AccountWorker, PushWatcher
from qtmail.engine.workshop import Workshop
from qtmail.events import (
    BodiesArrived,
    Cancel,
    CancelSending,
    EngineReady,
    Event,
    FetchBody,
    FolderChanged,
    GoOffline,
    LookAt,
    MakeRoom,
    Metered,
    Reload,
    RoomMade,
    SearchServers,
    ServersSearched,
    StateChanged,
    Stop,
    Unlock,
    Wake,
    Wish,
)
from qtmail.model import Account, AccountKey, AccountState
from qtmail.model import Protocol as Incoming
from qtmail.net import imap_spool
from qtmail.paths import Profile
from qtmail.secrets import Service
from qtmail.store.db import Store

log = logging.getLogger(__name__)

STOP_S = 3.0
"""So long a loop may take to end: it is cut from the network at once, and may have a batch to write."""


class Thread(Protocol):
    """Something that runs and can be waited for."""

    def join(self, timeout: float) -> bool:
        """Wait at most so many seconds. -> True when it has ended."""


StartThread = Callable[[str, Callable[[], None]], Thread]
"""(name, run) -> a started thread."""


@dataclass(frozen=True, slots=True)
class Running:
    """One account's loops and their threads."""

    account: Account
    loops: tuple[Loop, ...]
    threads: tuple[Thread, ...]


class Crew:
    """The engine of one profile. `start`, `handle` and `stop` belong to one thread (the process's main one)."""

    def __init__(
        self,
        profile: Profile,
        emit: Callable[[Event], None],
        start_thread: StartThread,
        *,
        passwords: Passwords | None = None,
    ) -> None:
        """`emit` is called from every thread of the crew, with events in the order each of them wrote. `passwords`:
        in the place of the keyring."""
        self._profile = profile
        self._tell_window = emit
        self._emit = self._tell
        self._start_thread = start_thread
        self.keys = Keys.over(profile, passwords)
        self._held = contextlib.ExitStack()
        self._store: Store | None = None
        self._workshop: Workshop | None = None
        self._running: dict[AccountKey, Running] = {}
        self._searches: ServerSearches | None = None
        self._attachments: tuple[AttachmentLoop, Thread] | None = None
        self._conversations: tuple[ConversationLoop, Thread] | None = None
        self._backups: tuple[BackupKeeper, Thread] | None = None
        self._room: tuple[RoomMaker, Thread] | None = None
        self._offline = False
        self._metered = False

    def start(self) -> None:
        """Take the profile's lock, open the store, start a loop for each enabled account, its push connection and
        its outbox, and emit EngineReady. Raises AlreadyRunning, StoreError, BadInput (accounts.toml is damaged)."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(engine_lock(self._profile))
            every = accounts.load(self._profile.accounts)
            self._store = Store.open(self._profile)
            stack.callback(self._store.close)
            imap_spool.sweep(self._store.content.spool())
            self._workshop = Workshop(self._store.content)
            stack.callback(self._workshop.close)
            self._offline = settings.load(self._profile.settings, log.info).offline
            self._held = stack.pop_all()
        for account in every:
            self._begin(account, check=account.check_at_start)
        reader = AttachmentLoop(self._store, self._emit, self._busy)
        self._attachments = (reader, self._start_thread(reader.name, reader.run))
        if ConversationLoop.needed(self._store):
            finder = ConversationLoop(self._store, self._emit)
            self._conversations = (finder, self._start_thread(finder.name, finder.run))
        keeper = BackupKeeper(self._profile, self._store, self._emit)
        self._backups = (keeper, self._start_thread(keeper.name, keeper.run))
        self._emit(EngineReady(tuple(self._running)))

    def handle(self, wish: Wish) -> None:
        """Wake, FetchBody, LookAt, Metered, Reload, Unlock, GoOffline; Stop does what `stop` does."""
        match wish:
            case Wake():
                for loop in self._loops(wish.accounts):
                    loop.wake(check=wish.check)
                if self._attachments is not None:
                    self._attachments[0].wake()
            case Cancel():
                for key in wish.accounts or tuple(self._running):
                    if key in self._running:
                        self._running[key].loops[0].cancel_pass()
            case FetchBody():
                for running in self._running.values():
                    running.loops[0].fetch(wish.messages)
            case LookAt():
                for running in self._running.values():
                    running.loops[0].look_at(wish.messages)
            case Metered():
                self._metered = wish.metered
                self._say_metered()
            case Reload():
                self._reload(wish.accounts)
                self._say_metered()
            case CancelSending():
                for loop in self._loops(()):
                    if isinstance(loop, OutboxWorker):
                        loop.cancel(wish.item)
            case MakeRoom():
                self._make_room(wish)
            case Unlock():
                self.keys.unlock(wish.account, Service(wish.service), wish.password)
                for loop in self._loops((wish.account,)):
                    loop.wake(check=True)
            case SearchServers():
                self._search(wish)
            case GoOffline():
                self._offline = wish.offline
                if self._searches is not None and wish.offline:
                    self._searches.stop()
                for loop in self._loops(()):
                    loop.set_offline(wish.offline)
            case Stop():
                self.stop()
            case _:
                log.warning("the crew does not know the wish %s", type(wish).__name__)

    def stop(self) -> None:
        """End every loop within about a second, close the store, give the lock back. May be called twice."""
        every = (self._attachments, self._conversations, self._backups, self._room)
        aside = [one for one in every if one is not None]
        self._attachments = self._conversations = self._backups = self._room = None
        for loop, _thread in aside:
            loop.stop()
        if self._searches is not None:
            self._searches.stop()
        self._searches = None
        self._end(tuple(self._running))
        for loop, thread in aside:
            if not thread.join(STOP_S):
                log.error("the loop %s does not end", loop.name)
        self._store = None
        self._held.close()

    def _make_room(self, wish: MakeRoom) -> None:
        """One at a time: while one is under way, another wish only stops it."""
        if self._room is not None and self._room[1].join(0):
            self._room = None
        if wish.stop or self._room is not None:
            if self._room is not None:
                self._room[0].stop()
        elif self._store is None or self._offline:
            self._emit(RoomMade(remarks=("qtmail works offline now, and no server can be asked.",)))
        else:
            every = accounts.load(self._profile.accounts)
            maker = RoomMaker(self._store, every, wish.days, self.keys, self._emit)
            self._room = (maker, self._start_thread(maker.name, maker.run))

    def _search(self, wish: SearchServers) -> None:
        store = self._store
        if store is None or self._offline:
            self._emit(ServersSearched(wish.number, (), OFFLINE))
            return
        self._searches = self._searches or ServerSearches(store, self._emit)
        every = accounts.load(self._profile.accounts)
        asked = [one for one in every if one.enabled and one.protocol is Incoming.IMAP]
        self._searches.begin(wish, [self._desk(one, store) for one in asked], searchable(every))

    def _busy(self) -> bool:
        """Whether mail is being fetched or sent: from any thread."""
        workers = [loop for running in tuple(self._running.values()) for loop in running.loops]
        return any(isinstance(loop, AccountWorker) and loop.busy for loop in workers)

    def _tell(self, event: Event) -> None:
        """From any thread."""
        if isinstance(event, BodiesArrived | FolderChanged) and (reading := self._attachments) is not None:
            reading[0].wake()
        self._tell_window(event)

    def _loops(self, keys: Iterable[AccountKey]) -> list[Loop]:
        wanted = tuple(keys) or tuple(self._running)
        return [loop for key in wanted if key in self._running for loop in self._running[key].loops]

    def _begin(self, account: Account, *, check: bool = True) -> None:
        if not account.enabled or self._store is None:
            self._emit(StateChanged(account.key, AccountState.DISABLED))
            return
        loops = self._make_loops(account, self._store, check=check)
        for loop in loops:
            loop.set_offline(self._offline)
        threads = tuple(self._start_thread(loop.name, loop.run) for loop in loops)
        self._running[account.key] = Running(account, loops, threads)

    def _make_loops(self, account: Account, store: Store, *, check: bool) -> tuple[Loop, ...]:
        """The account's own loop first."""
        lines = Lines(account.connections)

        def desk(rank: Rank | None = None, service: Service = Service.INCOMING) -> Desk:
            made = self._desk(account, store, service)
            return made if rank is None else replace(made, line=lines.line(rank, made.control.cancel))

        own = desk(Rank.PASSES)
        backend = backend_for(own, store)
        more: list[Loop] = []
        on_call = None
        if backend.has_push and account.connections >= Rank.NEWS:
            watching = desk(Rank.NEWS)
            more.append(PushWatcher(watching, backend_for(watching, store), own.control.hear))
        if backend.has_push and account.connections >= Rank.AT_ONCE:
            spare = desk(Rank.AT_ONCE)
            on_call = OnCall(spare, store, backend_for(spare, store))
            more.append(on_call)
        worker = AccountWorker(own, store, backend, self._daily, check=check, on_call=on_call)
        loops: list[Loop] = [worker, *more]
        if account.outgoing is not None:
            sending = desk(service=Service.OUTGOING)
            sender = Sender(store, sending, own.password, partial(identity_password, self.keys, account.key))
            loops.append(OutboxWorker(sending, store, sender, worker.wake))
        return tuple(loops)

    def _desk(self, account: Account, store: Store, service: Service = Service.INCOMING) -> Desk:
        """For a connection of its own."""
        return Desk(
            *(account, Control(), Announcer(self._emit), partial(self.keys, account.key, service)),
            lambda: server_details.distrusted(store.read(), account.key, now=clock.now()),
            self._workshop,
        )

    def _say_metered(self) -> None:
        """The user may want everything at any price."""
        metered = self._metered and settings.load(self._profile.settings, log.info).metered_headers_only
        for running in self._running.values():
            running.loops[0].set_metered(metered)

    def _daily(self) -> None:
        if self._store is not None:
            housekeeping.daily(self._store, settings.load(self._profile.settings, log.info).grace_days)

    def _reload(self, named: Iterable[AccountKey]) -> None:
        """Start, stop and restart so that what runs is what accounts.toml says; `named` ones in any case."""
        every = {account.key: account for account in accounts.load(self._profile.accounts)}
        again = set(named)
        changed = [
            key
            for key, running in self._running.items()
            if key in again or key not in every or every[key] != running.account
        ]
        self._end(changed)
        for key, account in every.items():
            if key not in self._running:
                self._begin(account)

    def _end(self, keys: Iterable[AccountKey]) -> None:
        """Signal all first, then wait for each."""
        ending = [self._running.pop(key) for key in tuple(keys)]
        for running in ending:
            for loop in running.loops:
                loop.stop()
        for running in ending:
            for loop, thread in zip(running.loops, running.threads, strict=True):
                if not thread.join(STOP_S):
                    log.error("the loop %s does not end", loop.name)
