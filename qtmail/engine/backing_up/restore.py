"""A backup merged into a profile: nothing is doubled, overwritten or removed; flags are joined.

Mail of an account goes into that account's folders. Of an IMAP account only where all of its mail is here: else what
the server has already, and was not fetched yet, would be given to it a second time.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qtmail import accounts
from qtmail.engine import mailfiles
from qtmail.engine.backing_up import layout
from qtmail.engine.backing_up.layout import About, KeptFolder, Name
from qtmail.engine.intake import ImportReport, Intake, Progress
from qtmail.engine.mailfiles import Box, Found, Kind, Remarks, Source, maildir
from qtmail.errors import BadInput, MailError
from qtmail.model import LOCAL, Account, AccountKey, Folder, Protocol, Role
from qtmail.store import folders as store_folders
from qtmail.store import read
from qtmail.store.content import hash_of
from qtmail.store.db import Store

if TYPE_CHECKING:
    from qtmail.engine.transfer import Transfer

RESTORED = "Restored"
"""The local folder for mail of accounts that are not fully here."""


@dataclass(slots=True)
class RestoreReport:
    """What a restore did."""

    taken: ImportReport
    accounts: list[str] = field(default_factory=list)
    """Names of accounts that came back, switched off: their passwords are in no backup."""

    @property
    def merged(self) -> int:
        return sum(folder.merged for folder in self.taken.folders)


def about_of(chosen: Path) -> tuple[Path, About]:
    """Where the backup in a chosen folder is, and what it says of itself. Raises BadInput where there is none."""
    root = layout.root_of(chosen) if chosen.is_dir() else chosen
    about = layout.read_about(root)
    if about is None:
        raise BadInput(f"There is no backup in {chosen}.", hint=f"A backup has a file {layout.ABOUT}.")
    return root, about


class Restore:
    """One run."""

    def __init__(
        self,
        mail: "Transfer",
        store: Store,
        chosen: Path,
        *,
        now: Callable[[], int],
        remote: frozenset[AccountKey],
        progress: Callable[[Progress], None] = lambda _: None,
        stop: threading.Event | None = None,
        rehearsal: bool = False,
    ) -> None:
        """`remote`: the accounts whose servers are told. rehearsal: into a profile that no server will ever hear of.
        Raises BadInput where there is no backup."""
        self._mail = mail
        self._store = store
        self._now = now
        self._remote = frozenset[AccountKey]() if rehearsal else remote
        self._root, self.about = about_of(chosen)
        self._progress = progress
        self._stop = stop or threading.Event()
        self._rehearsal = rehearsal
        self._targets: dict[AccountKey, Account | None] = {}

    def run(self) -> RestoreReport:
        """Raises BadInput, StoreError; what was restored until then stays, and the same again brings the rest."""
        report = RestoreReport(ImportReport(self._root, "A backup"))
        self._bring_back_accounts(report)
        boxes = tuple(self._boxes(self._left_out(report)))
        where = {box.path: folder for box, folder in boxes}
        intake = Intake(
            self._store,
            place=lambda path: self._place(where[path]),
            remote=self._remote,
            now=self._now,
            progress=self._progress,
            stop=self._stop,
            read=_proven,
            merge_flags=True,
            why="Restored from a backup",
        )
        intake.take_in(Source(Kind.MAILDIR, self._root, tuple(box for box, _folder in boxes)), report.taken)
        return report

    def _boxes(self, left_out: set[AccountKey]) -> Iterator[tuple[Box, KeptFolder]]:
        for folder in self.about.folders:
            place = self._root / layout.MAIL / folder.directory
            if AccountKey(folder.account) not in left_out and maildir.files(place):
                yield Box(Kind.MAILDIR, place, folder.directory, maildir.octets(place)), folder

    def _left_out(self, report: RestoreReport) -> set[AccountKey]:
        """Accounts in the backup whose mail cannot be merged yet, each told once."""
        found: set[AccountKey] = set()
        for key, account in self._targets.items():
            if account is None or account.protocol is not Protocol.IMAP or self._rehearsal:
                continue
            kept = any(folder.messages for folder in self.about.folders if folder.account == key)
            if kept and not self._is_all_here(account):
                found.add(key)
                report.taken.troubles.append(
                    f"The mail of “{account.name}” was left out: not all that its server has is on this computer yet. "
                    "Let it finish (or “qtmail sync”), then restore again; or import the folders of the backup."
                )
        return found

    def _bring_back_accounts(self, report: RestoreReport) -> None:
        """Those of the backup that this profile has not, switched off."""
        here = self._mail.accounts()
        for account in accounts.load(self._root / "accounts.toml"):
            same = [one for one in here if one.key == account.key] or [
                one for one in here if (one.address, one.protocol) == (account.address, account.protocol)
            ]
            if not same:
                name = account.name
                while any(one.name.casefold() == name.casefold() for one in here):
                    name = f"{name} (backup)"
                accounts.put(self._mail.profile.accounts, replace(account, name=name, enabled=False))
                report.accounts.append(name)
                here = self._mail.accounts()
                same = [one for one in here if one.key == account.key]
            self._targets[account.key] = same[0] if same else None

    def _place(self, kept: KeptFolder) -> tuple[Folder, str]:
        """Where its mail goes."""
        account = self._targets.get(AccountKey(kept.account)) if kept.account else None
        if kept.account and account is None:
            return self._folder(LOCAL, f"{RESTORED}/{kept.account_name}/{kept.path}", "Local")
        if account is None:
            return self._folder(LOCAL, kept.path, "Local", Role(kept.role))
        return self._folder(account.key, kept.path, account.name, Role(kept.role))

    def _is_all_here(self, account: Account) -> bool:
        """Whether every message that its server had at the last look is here, whole."""
        states = read.folder_states(self._store.read(), account.key)
        counts = {folder.id: folder for folder in self._mail.folders() if folder.account == account.key}
        remote = [state for state in states if state.wire_name and state.selectable]
        return bool(remote) and all(
            state.verified_at is not None and not counts[state.id].bodies_missing and not counts[state.id].left_out
            for state in remote
            if state.id in counts
        )

    def _folder(self, account: AccountKey, path: str, owner: str, role: Role = Role.NONE) -> tuple[Folder, str]:
        """The folder of this role or path, made where it is not there."""
        reader = self._store.read()
        found = read.folder_of_role(reader, account, role) if role is not Role.NONE else None
        found = found or read.folder_at(reader, account, path)
        if found is None and self._rehearsal:
            with self._store.transaction("restore folder") as tx:
                found = store_folders.ensure_folder(tx, account, path, role)
        elif found is None:
            self._mail.create_folder(account, path)
            found = read.folder_at(reader, account, path)
        if found is None:
            raise MailError(f"The folder {owner}/{path} could not be made.")
        return self._mail.folder(found), f"{owner}/{self._mail.folder(found).path}"


def _proven(box: Box, remarks: Remarks) -> Iterator[Found]:
    """The messages of a backup's directory whose bytes are those that were put there."""
    for found in mailfiles.read(box, remarks):
        name = Name.of(found.where)
        if name is not None and hash_of(found.raw) != name.content:
            remarks.cannot(f"{box.path}/{found.where}", "is damaged in the backup and was left out.")
        else:
            yield found._replace(received=name.received) if name is not None else found
