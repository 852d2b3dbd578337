"""Finds the conversations of mail that was here before there were any: once, in the background, in small steps."""

import logging
import threading
from collections.abc import Callable

from qtmail.errors import StoreError
from qtmail.events import Event
from qtmail.store import threads
from qtmail.store.db import Store

log = logging.getLogger(__name__)

PAUSE_S = 0.02
"""Between two steps: others want to write too."""


class ConversationLoop:
    """Newest mail first; what was found stays found, however it ends."""

    name = "conversations"

    def __init__(self, store: Store, emit: Callable[[Event], None]) -> None:
        self._store = store
        self._emit = emit
        self._stop = threading.Event()

    @staticmethod
    def needed(store: Store) -> bool:
        """Whether there is such mail."""
        return threads.behind(store.read())

    def run(self) -> None:
        """Until all is found, or `stop`."""
        try:
            while not self._stop.is_set() and self._step():
                self._stop.wait(PAUSE_S)
        except StoreError as error:  # it goes on at the next start
            log.warning("conversations: %s", error)

    def stop(self) -> None:
        """From any thread."""
        self._stop.set()

    def _step(self) -> bool:
        with self._store.transaction("conversations") as tx:
            more = threads.catch_up(tx) > 0
        for event in tx.events:
            self._emit(event)
        return more
