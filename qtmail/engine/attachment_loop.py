"""The loop that reads attachments for the search, behind everything else the engine does."""

import logging
import threading
from collections.abc import Callable

from qtmail.engine.extracting import Extractor, read_some
from qtmail.errors import MailError
from qtmail.events import AttachmentsRead, Event
from qtmail.store import attachments
from qtmail.store.db import Store

log = logging.getLogger(__name__)

AGAIN_S = 600.0
"""Looked at without being woken: what another program imported."""
YIELD_S = 2.0
"""While mail is being fetched it waits, and looks again after so long."""
REST_S = 300.0
"""After trouble."""


class AttachmentLoop:
    """`run` belongs to a thread of its own, the other methods to any."""

    name = "attachments"

    def __init__(self, store: Store, emit: Callable[[Event], None], busy: Callable[[], bool]) -> None:
        """`busy`: whether there is something better to do."""
        self._store = store
        self._emit = emit
        self._busy = busy
        self._woken = threading.Event()
        self._stopping = False
        self._extractor: Extractor | None = None
        self._lock = threading.Lock()

    def wake(self) -> None:
        """Mail came."""
        self._woken.set()

    def stop(self) -> None:
        """End within a second, also in the middle of an attachment; returns at once."""
        with self._lock:
            self._stopping = True
            if self._extractor is not None:
                self._extractor.close()
        self._woken.set()

    def run(self) -> None:
        """Read until `stop()`. Never raises."""
        while not self._stopping:
            self._woken.clear()
            pause = AGAIN_S
            try:
                if attachments.wanted(self._store.read(), 1):
                    pause = YIELD_S if self._busy() else self._work()
            except MailError as error:
                log.warning("attachments cannot be read: %s", error)
                pause = REST_S
            except Exception:
                log.exception("a bug in reading attachments; it goes on later")
                pause = REST_S
            if not self._stopping:
                self._woken.wait(pause)

    def _work(self) -> float:
        """Read until all is read or something better is to be done -> seconds to wait then."""
        with Extractor() as extractor:
            with self._lock:
                self._extractor = extractor
                if self._stopping:
                    extractor.close()
            try:
                while read_some(self._store, extractor):
                    self._emit(AttachmentsRead(attachments.left(self._store.read())))
                    if self._busy():
                        return YIELD_S
            finally:
                with self._lock:
                    self._extractor = None
        return AGAIN_S
