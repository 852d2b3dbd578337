"""What the parts of the facade stand on: the open store, the accounts, the standard folders, the clock."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from qtmail import accounts, settings
from qtmail.engine import clock, server_details
from qtmail.errors import BadInput
from qtmail.events import Event
from qtmail.model import (
    LOCAL,
    Account,
    AccountKey,
    Folder,
    FolderId,
    GestureId,
    Protocol,
    Role,
    RowId,
)
from qtmail.paths import Profile
from qtmail.store import folders as store_folders
from qtmail.store import read
from qtmail.store.db import Reader, Store, Tx
from qtmail.store.values import Performed, Place

logger = logging.getLogger(__name__)

STANDARD_PATHS: dict[Role, str] = {
    Role.INBOX: "INBOX",
    Role.DRAFTS: "Drafts",
    Role.SENT: "Sent",
    Role.ARCHIVE: "Archive",
    Role.JUNK: "Junk",
    Role.TRASH: "Trash",
}
"""What every account has from the start. An IMAP server's own folder of that role takes the place of ours."""

OUTBOX_PATH = "Outbox"
LOCAL_PATHS: dict[Role, str] = {Role.OUTBOX: OUTBOX_PATH, Role.ARCHIVE: "Archive"}
"""What there can be on this computer alone; its archive is made when the first message goes into it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one act did: its gesture (None when nothing had to change), words for the toast, what to refresh."""

    gesture: GestureId | None
    label: str
    events: tuple[Event, ...]


class BodyMissing(Exception):
    """Only the header of this message is here yet; ask the engine with events.FetchBody."""


class Facade:
    """The ground under `Mail`: opens the store, knows the accounts, and makes their folders."""

    def __init__(self, profile: Profile, *, now: Callable[[], int] = clock.now) -> None:
        """Open the store, making or migrating it. Raises StoreError."""
        self.profile = profile
        self._now = now
        self._store = Store.open(profile)
        self._accounts_lock = threading.Lock()
        self._accounts_seen: tuple[int, int, int] | None = None
        self._accounts: tuple[Account, ...] = ()

    def close(self) -> None:
        """Close every connection; the object is of no use afterwards."""
        self._store.close()

    def hurry(self, seconds: float) -> None:
        """From now on every act of this thread raises StoreBusy rather than wait longer for another program that
        writes: for threads that must not stand still."""
        self._store.hurry(seconds)

    def accounts(self) -> tuple[Account, ...]:
        """All accounts, disabled ones too, in the user's order. Raises BadInput where accounts.toml is
        damaged from the start; one that is damaged later is left alone, and what was known stays in force."""
        with self._accounts_lock:
            seen = self._accounts_stamp()
            if seen != self._accounts_seen:
                self._load_accounts()
                self._accounts_seen = seen
            return self._accounts

    def account(self, key: AccountKey) -> Account:
        """Raises BadInput when there is no such account (any more)."""
        for account in self.accounts():
            if account.key == key:
                return account
        raise BadInput("This account is not there any more.", hint="Choose another one.")

    def folder(self, folder: FolderId) -> Folder:
        """Raises BadInput when it is gone."""
        found = read.folder(self._read(), folder)
        if found is None:
            raise BadInput("This folder is not there any more.")
        return found

    def folder_of_role(self, account: AccountKey, role: Role) -> Folder:
        """The account's Trash, Sent, ...: the server's where it has one, else ours, made on the server when the first
        message goes into it."""
        if role is Role.OUTBOX:
            account = LOCAL
        elif account != LOCAL:
            self.account(account)
        found = read.folder_of_role(self._read(), account, role)
        if found is None:
            path = (LOCAL_PATHS if account == LOCAL else STANDARD_PATHS).get(role, "")
            if not path and account == LOCAL:
                raise BadInput("That is for the mail of an account.", hint="Archive it, or move it to a folder.")
            if not path:
                raise BadInput(f"This account has no {role.value} folder.")
            with self._store.transaction("standard folder") as tx:
                found = _ensure(tx, account, path, role)
        return self.folder(found)

    def forget_findings(self, account: AccountKey) -> None:
        """What was found out about its incoming server (`server_details`): all is tried anew at the next one."""
        with self._store.transaction("forget findings") as tx:
            server_details.forget(tx, account)

    # For the parts of the facade

    def _read(self) -> Reader:
        return self._store.read()

    def _settings(self) -> settings.Settings:
        return settings.load(self.profile.settings, lambda _: None)

    def _remote(self) -> frozenset[AccountKey]:
        """The accounts whose folders a server keeps."""
        return frozenset(account.key for account in self.accounts() if account.protocol is Protocol.IMAP)

    def _places(self, rows: "tuple[RowId, ...] | list[RowId]") -> dict[RowId, Place]:
        return read.places(self._read(), rows)

    def _done(self, performed: Performed, events: tuple[Event, ...] = ()) -> Done:
        return Done(performed.gesture, performed.label, (*performed.events, *events))

    def _load_accounts(self) -> None:
        try:
            found = accounts.load(self.profile.accounts)
        except BadInput as error:
            if self._accounts_seen is None:
                raise
            logger.warning("%s", error.sentence())
            return
        self._make_standard_folders(found)
        self._accounts = found

    def _accounts_stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.profile.accounts.stat()
        except FileNotFoundError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _make_standard_folders(self, every: tuple[Account, ...]) -> None:
        reader = self._read()
        wanted = [(LOCAL, Role.OUTBOX, OUTBOX_PATH)]
        wanted += [(account.key, role, path) for account in every for role, path in STANDARD_PATHS.items()]
        missing = [entry for entry in wanted if read.folder_of_role(reader, entry[0], entry[1]) is None]
        if missing:
            with self._store.transaction("standard folders") as tx:
                for account, role, path in missing:
                    _ensure(tx, account, path, role)


def _ensure(tx: Tx, account: AccountKey, path: str, role: Role) -> FolderId:
    """The folder of this role; one of the same path and without a role becomes it."""
    found = read.folder_of_role(tx, account, role)
    if found is None:
        found = store_folders.ensure_folder(tx, account, path, role)
        store_folders.set_role(tx, found, role)
    return found
