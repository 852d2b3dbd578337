"""The facade's part for backups: make one, merge one, rehearse that, and say how things stand."""

import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qtmail.engine.backing_up import status
from qtmail.engine.backing_up.status import Last
from qtmail.engine.reading import LOCAL_NAME
from qtmail.engine.transfer import Transfer
from qtmail.errors import Cancelled, MailError
from qtmail.model import LOCAL, ContentHash, FolderId, RowId
from qtmail.store import copies, facts

if TYPE_CHECKING:  # few starts need them
    from qtmail.engine.backing_up.backup import BackupReport, Going
    from qtmail.engine.backing_up.rehearsal import RehearsalReport
    from qtmail.engine.backing_up.restore import RestoreReport
    from qtmail.engine.intake import Progress


class BackingUp(Transfer):
    """Slow; off the window's thread."""

    def last_backup(self) -> Last:
        """What is known of the last one."""
        return status.last(self._store)

    def back_up(
        self,
        chosen: Path,
        progress: "Callable[[Going], None]" = lambda _: None,
        stop: threading.Event | None = None,
    ) -> "BackupReport":
        """Bring the backup in a folder up to date, and remember what came of it. Raises BadInput, AlreadyRunning,
        StoreError; Cancelled."""
        from qtmail.engine.backing_up.backup import Backup

        names = {account.key: account.name for account in self.accounts()} | {LOCAL: LOCAL_NAME}
        folders = [(folder, names[folder.account]) for folder in self.folders() if folder.selectable]
        before = status.last(self._store)
        try:
            report = Backup(
                self._store,
                self.profile,
                folders,
                chosen,
                identity=self._identity(),
                now=self._now,
                progress=progress,
                stop=stop,
            ).run()
        except Cancelled:
            raise
        except MailError as error:
            failed = Last(before.at, before.folder, before.messages, before.new, before.missing)
            status.remember(self._store, _with_problem(failed, error, self._now()))
            raise
        done = Last(self._now(), str(chosen), report.messages, report.new, report.missing)
        status.remember(self._store, done)
        return report

    def restore(
        self,
        chosen: Path,
        progress: "Callable[[Progress], None]" = lambda _: None,
        stop: threading.Event | None = None,
        *,
        rehearsal: bool = False,
    ) -> "RestoreReport":
        """Merge a backup. `rehearsal`: this profile goes afterwards, and no server hears of it. Raises BadInput,
        StoreError."""
        from qtmail.engine.backing_up.restore import Restore

        return Restore(
            self,
            self._store,
            chosen,
            now=self._now,
            remote=self._remote(),
            progress=progress,
            stop=stop,
            rehearsal=rehearsal,
        ).run()

    def rehearse(
        self,
        chosen: Path,
        progress: "Callable[[Progress], None]" = lambda _: None,
        stop: threading.Event | None = None,
    ) -> "RehearsalReport":
        """Restore into a profile that is made for it, compare every message, and remove it again. Raises BadInput,
        StoreError."""
        from qtmail.engine.backing_up.rehearsal import rehearse

        return rehearse(chosen, self.profile.root / "rehearsals", BackingUp, progress, stop)

    def with_contents(
        self, folder: FolderId, contents: Sequence[ContentHash]
    ) -> dict[ContentHash, tuple[RowId, frozenset[str]]]:
        """Those of these contents that the folder has, each with its row and flags."""
        return copies.with_contents(self._read(), folder, contents)

    def _identity(self) -> str:
        """Of this profile, made when first asked for: a backup is of one profile."""
        known = facts.get(self._read(), LOCAL, status.IDENTITY)
        if not known:
            known = secrets.token_hex(16)
            with self._store.transaction("profile identity") as tx:
                facts.put(tx, LOCAL, status.IDENTITY, known)
        return known


def _with_problem(known: Last, error: MailError, now: int) -> Last:
    return Last(
        known.at, known.folder, known.messages, known.new, known.missing, problem=error.sentence(), problem_at=now
    )
