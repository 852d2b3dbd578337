"""Where batches of fetched messages are made ready: in a second process while there is much of it, else right here.

expect() --> [process starts] --> prepare() ... prepare() --> the last user leaves, or it was not needed: it ends
                   | cannot start, or dies: what it owes is done here instead
"""

import contextlib
import logging
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

from qtmail.engine import preparing_process as wire
from qtmail.engine import protecting
from qtmail.engine.preparing import Prepared, prepare
from qtmail.errors import StoreError
from qtmail.paths import Profile
from qtmail.store.content import Content

log = logging.getLogger(__name__)

Ticket = Callable[[], Sequence[Prepared]]
"""Waits for a batch, or does the work. Raises StoreError."""

MUCH = 300
"""Messages for which a second process pays: starting it takes as much processor time as some 200 of them."""
_PIPE = 1024 * 1024
_END_S = 5.0


class Workshop:
    """For all accounts of one engine; every method may be called from any thread."""

    def __init__(self, content: Content, *, much: int = MUCH) -> None:
        self._content = content
        self._much = much
        self._lock = threading.Lock()
        self._users = 0
        self._process: _Process | None = None

    def expect(self, messages: int) -> None:
        """So many will come soon: get ready where that is much. It is given up at the end of the next `open`."""
        with self._lock:
            if messages >= self._much and self._process is None:
                self._process = _start(self._content)

    @contextlib.contextmanager
    def open(self, messages: int) -> Iterator[None]:
        """Around work on about so many messages."""
        self.expect(messages)
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                ending = None if self._users else self._process
                self._process = self._process if self._users else None
            if ending is not None:
                ending.close()

    @property
    def ready(self) -> bool:
        """There is a second process: work given to it costs little here."""
        return self._process is not None

    def prepare(self, raws: Sequence[bytes], *, now: int, received: Sequence[int] | None = None) -> Ticket:
        """Begin with a batch; waits while the other process has enough to do. `received`: see `preparing.prepare`."""
        process = self._process

        def here() -> Sequence[Prepared]:
            return prepare(self._content, raws, now=now, received=received)

        if process is None:
            return here
        owed = process.give(raws, now, received)

        def there() -> Sequence[Prepared]:
            answer = owed.result()
            if answer is None or (answer.records is None and not answer.problem):
                return here()
            if answer.records is None:
                raise StoreError(answer.problem, hint=answer.hint, retry=answer.retry)
            return answer.records

        return there

    def close(self) -> None:
        """End the process, if there is one, and wait for it."""
        with self._lock:
            ending, self._process = self._process, None
        if ending is not None:
            ending.close()


def command(content: Content) -> list[str]:
    """The command line of the second process."""
    if getattr(sys, "frozen", False):
        return [sys.executable, wire.ARGUMENT, str(content.path)]
    return [sys.executable, "-m", wire.__name__, str(content.path)]


def _start(content: Content) -> "_Process | None":
    try:
        process = subprocess.Popen(
            command(content),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=_PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        log.warning("no second process for fetched messages: %s", error)
        return None
    return _Process(process, protecting.session_key(Profile(content.path.parent)))


class _Process:
    """The running process and what it owes."""

    def __init__(self, process: "subprocess.Popen[bytes]", key: str) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._lock = threading.Lock()
        """Held while a batch is sent, so that batches and what is owed have the same order."""
        self._owed: deque[Future[wire.Answer | None]] = deque()
        self._gone = False
        _widen(self._stdin.fileno(), self._stdout.fileno())
        with contextlib.suppress(OSError, ValueError):  # it is gone: `_listen` sees that too
            wire.begin(self._stdin, key)
        self._reader = threading.Thread(target=self._listen, name="prepared", daemon=True)
        self._reader.start()

    def give(self, raws: Sequence[bytes], now: int, received: Sequence[int] | None) -> "Future[wire.Answer | None]":
        """Send a batch -> its answer; None where none will come."""
        owed: Future[wire.Answer | None] = Future()
        with self._lock:
            self._owed.append(owed)
            if self._gone:
                self._forgive()
            else:
                with contextlib.suppress(OSError, ValueError):  # it is gone: `_listen` sees that too
                    wire.ask(self._stdin, raws, now=now, received=received)
        return owed

    def close(self) -> None:
        """Close its stdin and wait until it is gone."""
        with self._lock, contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            log.warning("the second process does not end; it is killed")
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._stdout.close()

    def _listen(self) -> None:
        try:
            while (answer := wire.answered(self._stdout)) is not None:
                self._owed.popleft().set_result(answer)
        except (OSError, ValueError) as error:
            log.warning("the second process cannot be understood: %s", error)
            self._process.kill()
        with self._lock:
            self._gone = True
            self._forgive()

    def _forgive(self) -> None:
        """Only where `_listen` is over."""
        if self._owed:
            log.warning("the second process ended early; %d batches are done here", len(self._owed))
        while self._owed:
            self._owed.popleft().set_result(None)


def _widen(*pipes: int) -> None:
    """A pipe holds 64 KiB by default: every other message would wake both sides."""
    if sys.platform == "linux":
        import fcntl

        for pipe in pipes:
            with contextlib.suppress(OSError):  # more than an ordinary user may have
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
