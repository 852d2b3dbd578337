"""What every loop of one account shares: whose it is, where it writes, whom it tells, and when it must end."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from qtmail.events import BodiesArrived, Event, FolderChanged, FoldersChanged, Problem
from qtmail.model import AccountKey, FolderId, MessageId
from qtmail.net.connect import Wake
from qtmail.secrets import Service
from qtmail.store.db import Store, Tx

Passwords = Callable[[AccountKey, Service], str]
"""Gives the password of an account's service. Raises NoSecret, SecretsLocked."""
Emit = Callable[[Event], None]
"""Takes an event after COMMIT; called from any thread."""

COALESCE_S = 0.1
REPEAT_S = 3600.0


class Stopped(Exception):
    """The loop was asked to end, or to go offline; nothing went wrong."""


class Abortable(Protocol):
    """A session that another thread can end."""

    def abort(self) -> None:
        """Cut the connection: what waits for it fails at once. Never raises."""


S = TypeVar("S", bound=Abortable)
T = TypeVar("T")


class _Attempt(Generic[S]):
    """One connection being made, in a thread of its own. Its fields are guarded by `changed`."""

    def __init__(self, make: Callable[[], S], discard: Callable[[S], None], changed: threading.Condition) -> None:
        self._make = make
        self._discard = discard
        self._changed = changed
        self._error: BaseException | None = None
        self.session: S | None = None
        self.over = False
        self.unwanted = False

    def run(self) -> None:
        session, error = None, None
        try:
            session = self._make()
        except Exception as failed:  # noqa: BLE001 - raised again by `result`, in the thread that waits for it
            error = failed
        with self._changed:
            self.session, self._error, self.over = session, error, True
            unwanted = self.unwanted
            self._changed.notify_all()
        if unwanted and session is not None:
            self._discard(session)

    def result(self) -> S:
        if self.session is None:
            assert self._error is not None
            raise self._error
        return self.session


class Control:
    """The signals of one loop. The loop itself waits and checks; every other method is for any thread."""

    def __init__(self) -> None:
        self.halt = Wake()
        """Set while the loop must not use the network: a wait in net ends when it is."""
        self._changed = threading.Condition()
        self._stopping = False
        self._offline = False
        self._cancelled = False
        self._woken = False
        self._check = False
        self._urgent: list[MessageId] = []
        self._in_sight: tuple[MessageId, ...] = ()
        self._news: set[bytes] = set()
        self._everywhere = True
        self.metered = False
        """This connection is paid for by the octet: bodies only when they are asked for."""
        self._sessions: list[Abortable] = []

    # For any thread

    def stop(self) -> None:
        """End the loop; connections in use are cut."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._cut()

    def set_offline(self, offline: bool) -> None:
        """Cut the connections in use and make none until it is taken back."""
        with self._changed:
            self._check = self._check or (self._offline and not offline)
            self._everywhere = self._everywhere or self._offline
            self._offline = offline
            if not offline and not self._stopping:
                self.halt.clear()
            self._changed.notify_all()
        if offline:
            self._cut()

    def cancel(self) -> None:
        """End what is under way now, if anything is; the loop goes on when something is due again."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()
        self._cut()

    def wake(self, *, check: bool = False) -> None:
        with self._changed:
            self._woken = True
            self._check = self._check or check
            self._everywhere = self._everywhere or check
            self._changed.notify_all()

    def hear(self, folders: Collection[bytes] | None) -> None:
        """The server told of news in these folders (wire names); None: somewhere."""
        with self._changed:
            self._everywhere = self._everywhere or folders is None
            self._news.update(folders or ())
            self._check = True
            self._changed.notify_all()

    def look_at(self, messages: Iterable[MessageId]) -> None:
        """These are on the screen now, and none of those before: their bodies come next where they are to be kept."""
        with self._changed:
            self._in_sight = tuple(messages)
            self._changed.notify_all()

    def fetch(self, messages: Iterable[MessageId]) -> None:
        """Ask for the bodies of these before anything else."""
        with self._changed:
            self._urgent.extend(message for message in messages if message not in self._urgent)
            self._changed.notify_all()

    @property
    def stopping(self) -> bool:
        return self._stopping

    @property
    def offline(self) -> bool:
        return self._offline

    def _cut(self) -> None:
        with self._changed:
            self.halt.set()
            sessions = tuple(self._sessions)
        for session in sessions:
            session.abort()

    # For the loop

    def check(self) -> None:
        """Raise Stopped where the loop must not go on with the network."""
        if self._stopping or self._offline or self._cancelled:
            raise Stopped

    def take_cancelled(self) -> bool:
        """Whether the user ended what was under way, and nothing else did; from now on the network may be used."""
        with self._changed:
            cancelled, self._cancelled = self._cancelled, False
            if cancelled and not (self._offline or self._stopping):
                self.halt.clear()
        return cancelled and not (self._offline or self._stopping)

    def take_urgent(self) -> tuple[MessageId, ...]:
        """The bodies asked for since last time."""
        if not self._urgent:
            return ()
        with self._changed:
            urgent, self._urgent = tuple(self._urgent), []
        return urgent

    def take_in_sight(self, most: int) -> tuple[MessageId, ...]:
        """Some of what is on the screen; the rest next time, unless the screen shows something else by then."""
        if not self._in_sight:
            return ()
        with self._changed:
            taken, self._in_sight = self._in_sight[:most], self._in_sight[most:]
        return taken

    def take_news(self) -> frozenset[bytes] | None:
        """The folders the server told of since last time; None: look at all, because somebody asked or time went by."""
        with self._changed:
            news = None if self._everywhere or not self._news else frozenset(self._news)
            self._everywhere = False
            self._news.clear()
        return news

    def take_woken(self) -> bool:
        """Whether the user did something since last time."""
        with self._changed:
            woken, self._woken = self._woken, False
        return woken

    @property
    def pressed(self) -> bool:
        """Somebody is waiting for something that goes before the work under way."""
        return bool(self._urgent or self._in_sight or self._woken)

    @property
    def check_wanted(self) -> bool:
        """Somebody asks for news of the server: a pass under way had better begin anew."""
        return self._check

    def pause(self, seconds: float | None) -> None:
        """Sleep after a failure: until asked for a check, stopped, set offline, or `seconds` went by. What merely woke
        the loop meanwhile is not lost."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._offline or self._check, seconds)
            self._check = False
            self._everywhere = True
            self._urgent.clear()

    def rest(self, seconds: float) -> None:
        """Sleep whatever is asked meanwhile, until stopped, set offline, or `seconds` went by."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._offline, seconds)

    def wait(self, seconds: float | None) -> bool:
        """Sleep until woken, asked, stopped, set offline, or `seconds` went by. -> True if the server shall be asked
        for news."""
        deadline = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            while not self._asked():
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    self._everywhere = True
                    return True
                self._changed.wait(left)
            check, self._check, self._woken = self._check, False, False
        return check

    def _asked(self) -> bool:
        return bool(self._stopping or self._offline or self._woken or self._check or self._urgent or self._in_sight)

    def wait_online(self) -> None:
        """Sleep while offline and not stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or not self._offline)

    def connect(self, make: Callable[[], S], discard: Callable[[S], None]) -> S:
        """Make a session; from then on `stop` and `set_offline` cut it, until `release`. Raises Stopped at once when
        they come meanwhile: name servers and firewalls keep a connection waiting for long, so it is made in a thread
        that is left to itself then, and discards what it still gets."""
        self.check()
        attempt = _Attempt(make, discard, self._changed)
        threading.Thread(target=attempt.run, name="connect", daemon=True).start()
        with self._changed:
            self._changed.wait_for(lambda: attempt.over or self._stopping or self._offline or self._cancelled)
            if not attempt.over or self._stopping or self._offline or self._cancelled:
                attempt.unwanted = True
            elif attempt.session is not None:
                self._sessions.append(attempt.session)
        if attempt.unwanted:
            if attempt.session is not None:
                attempt.session.abort()
                discard(attempt.session)
            raise Stopped
        return attempt.result()

    def release(self, session: Abortable) -> None:
        """It is about to be closed by the loop itself."""
        with self._changed:
            if session in self._sessions:
                self._sessions.remove(session)

    def close(self) -> None:
        """Give the wake-up socket back; after the loop has ended."""
        self.halt.close()


class Announcer:
    """Emits events after COMMIT, those on the same thing together and at most every tenth of a second."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._folders: dict[FolderId, int] = {}
        self._accounts: set[AccountKey] = set()
        self._bodies: list[MessageId] = []
        self._problems: dict[Problem, float] = {}
        self._last = 0.0

    def say(self, events: Iterable[Event]) -> None:
        """Tell these now or within a tenth of a second of work (see `flush`)."""
        with self._lock:
            for event in events:
                match event:
                    case FolderChanged():
                        self._folders[event.folder] = self._folders.get(event.folder, 0) + event.arrived
                    case FoldersChanged():
                        self._accounts.add(event.account)
                    case BodiesArrived():
                        self._bodies.extend(event.messages)
                    case Problem(retry=True) if self._told_lately(event):
                        continue
                    case _:
                        self._emit(event)
            if time.monotonic() - self._last > COALESCE_S:
                self._flush()

    def flush(self) -> None:
        """Emit what was held back; call it before every wait."""
        with self._lock:
            self._flush()

    def _told_lately(self, problem: Problem) -> bool:
        """What is tried again by itself is told once an hour, however often it fails."""
        now = time.monotonic()
        if now - self._problems.get(problem, -REPEAT_S) < REPEAT_S:
            return True
        self._problems[problem] = now
        return False

    def _flush(self) -> None:
        folders, self._folders = self._folders, {}
        accounts, self._accounts = self._accounts, set()
        bodies, self._bodies = self._bodies, []
        for account in accounts:
            self._emit(FoldersChanged(account))
        for folder, arrived in folders.items():
            self._emit(FolderChanged(folder, arrived))
        if bodies:
            self._emit(BodiesArrived(tuple(dict.fromkeys(bodies))))
        self._last = time.monotonic()


@contextmanager
def committed(store: Store, announcer: Announcer, name: str) -> Iterator[Tx]:
    """A transaction whose events are told once it is committed."""
    with store.transaction(name) as tx:
        yield tx
    announcer.say(tx.events)


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Slices of at most `size`, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
