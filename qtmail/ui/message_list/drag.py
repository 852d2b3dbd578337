"""Messages under way: out of the list as our own row ids and, made only when asked for, as .eml files."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from qtmail.engine.mail import BodyMissing, Mail
from qtmail.errors import MailError
from qtmail.model import RowId

ROWS_MIME = "application/x-qtmail-rows"
"""A JSON list of row ids, UTF-8."""
_FILES_MIME = "text/uri-list"
MOST_FILES = 50
"""A drag of more messages than this offers no files."""


def rows_in(data: QMimeData) -> tuple[RowId, ...]:
    """The rows a drag carries; none when it is something else."""
    if not data.hasFormat(ROWS_MIME):
        return ()
    try:
        found = json.loads(bytes(data.data(ROWS_MIME).data()))
    except ValueError:
        return ()
    return tuple(RowId(entry) for entry in found if isinstance(entry, int)) if isinstance(found, list) else ()


def files_in(data: QMimeData) -> list[Path]:
    """The files and directories of a drag from a file manager; none when it is something else."""
    if data.hasFormat(ROWS_MIME) or not data.hasUrls():
        return []
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class RowsMime(QMimeData):
    """`folder` is asked for a temporary directory when a file manager wants the messages as files."""

    def __init__(self, mail: Mail, rows: Sequence[RowId], folder: Callable[[], Path]) -> None:
        super().__init__()
        self._mail = mail
        self._rows = tuple(rows)
        self._folder = folder
        self._files: list[QUrl] | None = None
        self.setData(ROWS_MIME, json.dumps(list(self._rows)).encode("utf-8"))

    def formats(self) -> list[str]:
        return [ROWS_MIME, _FILES_MIME] if len(self._rows) <= MOST_FILES else [ROWS_MIME]

    def hasFormat(self, mimetype: str) -> bool:
        return mimetype in self.formats()

    def retrieveData(self, mimetype: str, preferred: object) -> object:
        if mimetype != _FILES_MIME:
            return super().retrieveData(mimetype, preferred)  # type: ignore[arg-type]
        if self._files is None:
            self._files = [QUrl.fromLocalFile(str(path)) for path in self._write()]
        return self._files

    def _write(self) -> list[Path]:
        """Messages whose body is not here yet are left out."""
        folder = self._folder()
        subjects = {row.id: row.subject for row in self._mail.rows(self._rows).values()}
        made: list[Path] = []
        for row in self._rows:
            path = folder / f"{file_name(subjects.get(row, ''))}-{row}.eml"
            try:
                path.write_bytes(self._mail.raw(row))
            except (BodyMissing, MailError):
                continue
            made.append(path)
        return made


def file_name(subject: str) -> str:
    """A subject as a file name that every system takes: no path, no control characters, at most 60 long."""
    kept = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', " ", subject)
    return " ".join(kept.split())[:60].strip(" .") or "message"
