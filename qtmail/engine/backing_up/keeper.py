"""The engine's loop that makes a backup when it is time for one. Needs no network."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from qtmail import settings
from qtmail.engine import clock
from qtmail.engine.backing_up import status
from qtmail.engine.backups import BackingUp
from qtmail.errors import Cancelled, MailError
from qtmail.events import Event, Problem
from qtmail.model import LOCAL
from qtmail.paths import Profile
from qtmail.store.db import Store

log = logging.getLogger(__name__)

FIRST_S = 60.0
"""Not while everything starts."""
LOOK_S = 600.0


class BackupKeeper:
    """One an engine."""

    name = "backup"

    def __init__(self, profile: Profile, store: Store, emit: Callable[[Event], None]) -> None:
        self._profile = profile
        self._store = store
        self._emit = emit
        self._stop = threading.Event()
        self._told = ""

    def run(self) -> None:
        """Look now and then until `stop`. Never raises."""
        wait = FIRST_S
        while not self._stop.wait(wait):
            wait = LOOK_S
            try:
                self.look()
            except Exception:
                log.exception("a bug in the backup; it is tried again later")

    def look(self) -> bool:
        """Make a backup if it is time -> whether one was made. What goes wrong is told once."""
        chosen = settings.load(self._profile.settings, log.info)
        known = status.last(self._store)
        if not status.is_due(chosen.backup_every, chosen.backup_folder, known, clock.now()):
            return False
        try:
            self._back_up(Path(chosen.backup_folder))
        except Cancelled:
            return False
        except MailError as error:
            if str(error) != self._told:
                self._told = str(error)
                self._emit(Problem(LOCAL, str(error), error.hint, error.server_words, retry=True))
            return False
        self._told = ""
        return True

    def stop(self) -> None:
        """End the loop, and what it is at; from any thread, returns at once."""
        self._stop.set()

    def _back_up(self, folder: Path) -> None:
        mail = BackingUp(self._profile)
        try:
            done = mail.back_up(folder, stop=self._stop)
        finally:
            mail.close()
        log.info("backup: %d messages, %d new, %.1f s", done.messages, done.new, done.seconds)
