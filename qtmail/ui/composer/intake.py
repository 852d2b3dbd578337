"""Attachments on their way into the store: read off the window's thread, one after the other."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, Signal
from PySide6.QtGui import QImage, QImageWriter

from qtmail.engine.mail import BodyMissing, Mail
from qtmail.errors import BadInput, MailError
from qtmail.model import AttachmentRef, RowId
from qtmail.ui.worker import Worker

SAID = 5
"""So many files are named when several cannot be attached."""


class Intake(QObject):
    """From the moment a ref has `arrived`, its bytes cannot vanish any more."""

    arrived = Signal(object)
    """AttachmentRef."""
    failed = Signal(object)
    """MailError: what went wrong with these files so far; nothing of them came in."""
    idle = Signal()
    """All that was asked for is here, or has failed."""

    def __init__(self, mail: Mail, worker: Worker, parent: QObject) -> None:
        super().__init__(parent)
        self._mail = mail
        self._worker = worker
        self.waiting = 0
        """How many are under way."""
        self._failures: list[MailError] = []
        """Of those that were asked for together."""

    def files(self, paths: Sequence[Path]) -> None:
        """Copies of these files, as they are now."""
        for path in paths:
            self._fetch(partial(self._file, path))

    def messages(self, rows: tuple[RowId, ...]) -> None:
        """Messages of the list, as message/rfc822."""
        self._fetch(partial(self._messages, rows))

    def picture(self, image: QImage, *, inline: bool) -> None:
        """A pasted picture as PNG; inline ones have a Content-ID."""
        name = f"picture-{datetime.now():%H%M%S}.png"
        content_id = f"{secrets.token_hex(8)}@qtmail" if inline else ""
        self._fetch(lambda: (self._mail.attach_bytes(name, "image/png", _png(image), content_id=content_id),))

    def _file(self, path: Path) -> tuple[AttachmentRef, ...]:
        return (self._mail.attach(path),)

    def _messages(self, rows: tuple[RowId, ...]) -> tuple[AttachmentRef, ...]:
        try:
            return self._mail.forward(rows, inline=False, html=False).attachments
        except BodyMissing as missing:
            raise BadInput("The message is not downloaded yet.", hint="Open it first, then drag it again.") from missing

    def _fetch(self, work: Callable[[], tuple[AttachmentRef, ...]]) -> None:
        self.waiting += 1
        self._worker.run(work, self._came)

    def _came(self, answer: tuple[AttachmentRef, ...] | MailError) -> None:
        self.waiting -= 1
        if isinstance(answer, MailError):
            self._failures.append(answer)
            self.failed.emit(_together(self._failures))
        else:
            for ref in answer:
                self.arrived.emit(ref)
        if not self.waiting:
            self._failures = []
            self.idle.emit()


def _together(failures: Sequence[MailError]) -> MailError:
    """One for all of them."""
    if len(failures) == 1:
        return failures[0]
    words = " ".join(str(one) for one in failures[:SAID])
    more = len(failures) - SAID
    return BadInput(f"{words} And {more} more." if more > 0 else words)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())
