"""Reading from the network and writing to the store at the same time: one thread each, little in between."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Overlap(Generic[T]):
    """Hands batches to a writer thread, in order; at most `ahead` wait, so memory stays bounded.

    As a context manager it ends with everything that was handed in written, also when the reader failed: what has
    been read is never thrown away. A failure of the writer is raised in the reader's thread.
    """

    def __init__(self, write: Callable[[T], None], name: str, ahead: int = 2) -> None:
        self._write = write
        self._ahead = ahead
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> "Overlap[T]":
        return self

    def put(self, batch: T) -> None:
        """Hand in a batch; waits while too many are under way."""
        while len(self._waiting) >= self._ahead:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._write, batch))

    def drain(self) -> None:
        """Wait until everything is written."""
        while self._waiting:
            self._waiting.popleft().result()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.drain()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=False)
