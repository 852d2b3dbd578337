"""One full pass over some accounts and then the end: what `qtmail sync` runs, without a window or a loop."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial

from qtmail.engine import clock, server_details
from qtmail.engine.backend import Desk, Tally
from qtmail.engine.backends import backend_for
from qtmail.engine.context import Announcer, Control, Passwords, Stopped
from qtmail.engine.lock import engine_lock
from qtmail.engine.signing_in import Keys
from qtmail.engine.workshop import Workshop
from qtmail.errors import MailError
from qtmail.events import Event, Problem
from qtmail.model import Account
from qtmail.net import imap_spool
from qtmail.paths import Profile
from qtmail.secrets import Service
from qtmail.store.db import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccountReport:
    """What one pass did for one account. An account that failed has its reason in `problems`."""

    account: str
    """Its name."""
    folders: int
    """Folders of it, whether they had news or not."""
    new: int
    """Messages that were not known before."""
    bodies: int
    """Messages whose whole content was fetched and stored."""
    bytes: int
    """Octets received from the account's servers."""
    seconds: float
    problems: tuple[Problem, ...]


def sync_once(
    profile: Profile,
    accounts: Sequence[Account],
    emit: Callable[[Event], None] = lambda event: None,
    *,
    passwords: Passwords | None = None,
) -> tuple[AccountReport, ...]:
    """Replay, folders, headers, bodies and the outbox, each account in a thread of its own; in the order given.

    `emit` is called from those threads. A problem of one account never holds the others. Raises AlreadyRunning when
    another engine has the profile, StoreError when the store cannot be opened; KeyboardInterrupt stops all in order.
    """
    with _opened(profile) as store, closing(Workshop(store.content)) as workshop:
        keys = Keys.over(profile, passwords)
        passes = [_Pass(store, account, emit, keys, workshop) for account in accounts]
        _run(passes, _Pass.whole)
        return tuple(one.report() for one in passes)


def flush_outbox(
    profile: Profile,
    accounts: Sequence[Account],
    emit: Callable[[Event], None] = lambda event: None,
    *,
    passwords: Passwords | None = None,
) -> None:
    """Send what is due in the outbox of these accounts and file the copies, nothing else. Raises as `sync_once`."""
    with _opened(profile) as store:
        keys = Keys.over(profile, passwords)
        _run([_Pass(store, account, emit, keys) for account in accounts], _Pass.outbox)


@contextmanager
def _opened(profile: Profile) -> Iterator[Store]:
    with engine_lock(profile):
        store = Store.open(profile)
        try:
            imap_spool.sweep(store.content.spool())
            yield store
        finally:
            store.close()


def _run(passes: "Sequence[_Pass]", work: "Callable[[_Pass], None]") -> None:
    """All at once; Ctrl+C, whenever it comes, cuts every connection and waits until what was read is written."""
    ended = threading.Semaphore(0)  # an interrupted Thread.join takes the thread for ended

    def run(one: _Pass) -> None:
        try:
            work(one)
        finally:
            ended.release()

    threads = [threading.Thread(target=run, args=(one,), name=f"account {one.account.key}") for one in passes]
    try:
        for thread in threads:
            thread.start()
        for _ in threads:
            ended.acquire()
    except KeyboardInterrupt:
        for one in passes:
            one.stop()
        raise
    finally:
        for thread in threads:
            if thread.ident is not None:
                thread.join()


@dataclass(slots=True)
class _Pass:
    """One account's pass and what is told of it."""

    store: Store
    account: Account
    emit: Callable[[Event], None]
    keys: Keys
    workshop: Workshop | None = None
    _tally: Tally = field(default_factory=Tally)
    _problems: list[Problem] = field(default_factory=list)
    _seconds: float = 0.0
    _controls: list[Control] = field(default_factory=list)
    _stopped: bool = False

    def whole(self) -> None:
        """The outbox first, so that the copy of what is sent goes along; then the pass. Never raises."""
        began = time.monotonic()
        self.outbox()
        desk = self._desk(Service.INCOMING)
        backend = backend_for(desk, self.store)
        try:
            with self._faults():
                backend.sync()
        finally:
            self._tally = backend.tally
            backend.close()
            desk.announcer.flush()
            desk.control.close()
        self._seconds = time.monotonic() - began

    def outbox(self) -> None:
        """Send what is due. Never raises."""
        if self.account.outgoing is None:
            return
        from qtmail.engine.sending import Sender, identity_password  # SMTP and all that, which fetching does not need

        desk = self._desk(Service.OUTGOING)
        key = self.account.key
        own = partial(identity_password, self.keys, key)
        sender = Sender(self.store, desk, partial(self.keys, key, Service.INCOMING), own)
        try:
            with self._faults():
                sender.flush(hurry=True)
        finally:
            sender.close()
            desk.announcer.flush()
            desk.control.close()

    def stop(self) -> None:
        """From another thread: end it soon."""
        self._stopped = True
        for control in tuple(self._controls):
            control.stop()

    def report(self) -> AccountReport:
        tally = self._tally
        return AccountReport(
            *(self.account.name, tally.folders, tally.new, tally.bodies, tally.bytes),
            *(self._seconds, tuple(dict.fromkeys(self._problems))),
        )

    def _desk(self, service: Service) -> Desk:
        control = Control()
        self._controls.append(control)
        if self._stopped:
            control.stop()
        announcer = Announcer(self._hear)
        return Desk(
            *(self.account, control, announcer, partial(self.keys, self.account.key, service)),
            lambda: server_details.distrusted(self.store.read(), self.account.key, now=clock.now()),
            self.workshop,
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, Problem):
            self._problems.append(event)
        self.emit(event)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """What goes wrong is a line of the report."""
        try:
            yield
        except Stopped:
            log.info("the pass of %s was stopped", self.account.key)
        except MailError as error:
            self._hear(Problem(self.account.key, str(error), error.hint, error.server_words, error.retry))
        except Exception:
            log.exception("a bug in the pass of %s", self.account.key)
            self._hear(Problem(self.account.key, "Something went wrong here.", "The log tells more.", retry=True))
