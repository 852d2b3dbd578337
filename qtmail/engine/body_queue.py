"""In which order bodies are fetched: newest first over all folders, in runs of one folder so that few are selected.

The order is read once; what arrives meanwhile is the next pass's. Records are read a chunk at a time, and within a
chunk each folder has one run: the first chunks are small, so that what is new everywhere comes before what is old.
"""

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from qtmail.model import FolderId, MessageId
from qtmail.store.values import Wanted

FIRST_CHUNK = 500
LARGEST_CHUNK = 16_000


class BodyQueue:
    """Rows whose bodies are wanted."""

    def __init__(self, rows: "array[int]", look_up: Callable[[Sequence[int]], Iterable[Wanted]]) -> None:
        """`rows` in order; `look_up`: those of some rows that can be fetched, in order."""
        self._rows = rows
        self._look_up = look_up
        self._at = 0
        self._chunk = FIRST_CHUNK
        self._coming: deque[Wanted] = deque()
        self._left_out: set[FolderId] = set()
        self._met: tuple[set[MessageId], set[MessageId]] = (set(), set())
        """Messages of the chunk before and of this one: what stands for the same one in another folder (a label, a
        copy) comes soon after it, and is not fetched as well."""

    def folder(self) -> FolderId | None:
        """The folder of the next run; None when nothing is left."""
        while not self._coming and self._at < len(self._rows):
            self._read()
        return self._coming[0].folder if self._coming else None

    def run(self, folder: FolderId) -> Iterator[Wanted]:
        """Take the next ones, as long as they are of this folder; may be left early, and begun anew."""
        while self.folder() == folder:
            yield self._coming.popleft()

    def leave_out(self, folder: FolderId) -> None:
        """Forget what is of this folder."""
        self._left_out.add(folder)
        self._coming = deque(entry for entry in self._coming if entry.folder not in self._left_out)

    def _read(self) -> None:
        part = self._rows[self._at : self._at + self._chunk]
        self._at += len(part)
        self._chunk = min(2 * self._chunk, LARGEST_CHUNK)
        by_folder: dict[FolderId, list[Wanted]] = {}
        self._met = (self._met[1], set())
        for entry in self._look_up(part):
            if entry.folder not in self._left_out and not any(entry.message in met for met in self._met):
                self._met[1].add(entry.message)
                by_folder.setdefault(entry.folder, []).append(entry)
        self._coming.extend(entry for run in by_folder.values() for entry in run)
