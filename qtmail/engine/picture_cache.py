"""Pictures that were fetched once, kept in a folder of the profile, so that showing a mail again asks nobody."""

import hashlib
import os
import threading
from pathlib import Path

MOST_OCTETS = 100_000_000
_AFTER = 0.8
"""When there is too much, the longest unused go until this part of it is left."""


class PictureCache:
    """A file for each address, its MIME type on the first line. Losing one costs a fetch, never more."""

    def __init__(self, folder: Path, most: int = MOST_OCTETS) -> None:
        self._folder = folder
        self._most = most
        self._lock = threading.Lock()
        self._size: int | None = None

    def get(self, url: str) -> tuple[str, bytes] | None:
        """(MIME type, bytes); None: not here, or not readable any more."""
        path = self._path(url)
        try:
            kind, _, data = path.read_bytes().partition(b"\n")
            os.utime(path)
        except OSError:
            return None
        return kind.decode("ascii", "replace"), data

    def put(self, url: str, kind: str, data: bytes) -> None:
        """Keep it; where there is no room on the disk, it is not kept."""
        path = self._path(url)
        part = path.with_suffix(f".{threading.get_ident()}")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            part.write_bytes(kind.encode("ascii", "replace") + b"\n" + data)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            return
        with self._lock:
            self._size = self._measured() if self._size is None else self._size + len(data)
            if self._size > self._most:
                self._size = self._shrink()

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            for path in self._files():
                path.unlink(missing_ok=True)
            self._size = 0

    def _path(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()

    def _files(self) -> list[Path]:
        return [path for path in self._folder.glob("*") if path.is_file()]

    def _measured(self) -> int:
        return sum(path.stat().st_size for path in self._files())

    def _shrink(self) -> int:
        found = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._files())
        left = sum(size for _, size, _ in found)
        for _, size, path in found:
            if left <= self._most * _AFTER:
                break
            path.unlink(missing_ok=True)
            left -= size
        return left
