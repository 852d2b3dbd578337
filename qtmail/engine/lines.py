"""How many connections one account's loops may have at a time, and which of them touches the server's folders.

    rank 1: passes      rank 2: news      rank 3: what the user waits for while a pass is busy

Where the server refuses one, it and those of higher rank are left alone for a while; that is no trouble of the account.
Where it refuses the first, the others make room.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

from qtmail.errors import LoginFailed, MailError, ServerClosed, TemporarilyRefused

log = logging.getLogger(__name__)

REFUSED_S = 900.0
"""So long a refusal is remembered."""
_TOO_MANY = re.compile(r"\[LIMIT\]|too many|connection|session", re.IGNORECASE)


class Rank(IntEnum):
    """What a connection is for; the lower ones are needed more."""

    PASSES = 1
    NEWS = 2
    AT_ONCE = 3


class Lines:
    """One account's; every method may be called from any thread."""

    def __init__(self, most: int = 1, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`most`: what the user allows."""
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._allowed = most
        self._until = 0.0
        self._let_in: set[Rank] = set()
        self._cuts: dict[Rank, Callable[[], None]] = {}
        self._made_room = False
        self._acting = threading.RLock()

    def line(self, rank: Rank, cut: Callable[[], None] = lambda: None) -> "Line":
        """The line of one loop; `cut` ends its connection, from any thread."""
        self._cuts[rank] = cut
        return Line(self, rank)

    def closed_for(self, rank: Rank) -> float:
        """Seconds until a connection of this rank may be tried; 0: now; infinite: the user does not want it."""
        if rank > self._most:
            return float("inf")
        with self._lock:
            return max(0.0, self._until - self._clock()) if rank > self._allowed else 0.0

    def let_in(self, rank: Rank) -> None:
        """The server took a connection."""
        with self._lock:
            self._let_in.add(rank)

    def ended(self, rank: Rank) -> None:
        """It is closed."""
        with self._lock:
            self._let_in.discard(rank)

    def refused(self, rank: Rank, error: MailError) -> bool:
        """-> whether this error of a login means that there are too many connections. Some servers say that the
        password is wrong: not while another connection was let in with it."""
        with self._lock:
            others = sorted(self._let_in - {rank})
            mere = isinstance(error, LoginFailed) and Rank.PASSES in others
            full = isinstance(error, ServerClosed) and rank is Rank.AT_ONCE
            many = isinstance(error, TemporarilyRefused) and (
                rank is not Rank.PASSES or bool(_TOO_MANY.search(error.server_words))
            )
            if not (many or mere or full) or not others:
                return False
            self._allowed = max(1, rank - 1)
            self._until = self._clock() + REFUSED_S
            self._made_room = rank is Rank.PASSES
            cuts = [self._cuts[other] for other in others if other > rank]
        log.info("the server refuses connection %d: %s", rank, error.server_words)
        for cut in cuts:
            cut()
        return True

    def take_made_room(self) -> bool:
        """Whether others were cut for the first one since last time: it can be tried again soon."""
        with self._lock:
            made, self._made_room = self._made_room, False
        return made

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Around comparing folders, and telling what the user did: one loop at a time, so that neither sees half of
        what the other does."""
        with self._acting:
            yield

    @contextmanager
    def acting_now(self) -> Iterator[bool]:
        """The same, but for whoever cannot wait. -> whether it is free."""
        free = self._acting.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._acting.release()

    @contextmanager
    def idle_hands(self) -> Iterator[None]:
        """Within `acting`: meanwhile another one may act."""
        self._acting.release()
        try:
            yield
        finally:
            self._acting.acquire()


class Line:
    """One loop's place among its account's connections."""

    def __init__(self, lines: Lines | None = None, rank: Rank = Rank.PASSES) -> None:
        self.every = lines or Lines()
        self._rank = rank

    @property
    def closed_for(self) -> float:
        """See `Lines.closed_for`."""
        return self.every.closed_for(self._rank)

    def let_in(self) -> None:
        """The server took the connection."""
        self.every.let_in(self._rank)

    def ended(self) -> None:
        """It is closed."""
        self.every.ended(self._rank)

    def refused(self, error: MailError) -> bool:
        """See `Lines.refused`."""
        return self.every.refused(self._rank, error)
