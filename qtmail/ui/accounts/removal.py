"""Forgetting an account and its passwords off the window's thread: the keyring may be slow."""

import threading

from PySide6.QtCore import QObject, Signal

from qtmail import accounts, secrets
from qtmail.errors import MailError
from qtmail.model import AccountKey
from qtmail.paths import Profile


class Remover(QObject):
    """Removes one account; `done` or `failed` follows, on the window's thread."""

    done = Signal()
    failed = Signal(object)
    """MailError; the account may be gone with its password left in a keyring that is locked."""

    def remove(self, profile: Profile, account: AccountKey) -> None:
        threading.Thread(target=self._work, args=(profile, account), name="remove account", daemon=True).start()

    def _work(self, profile: Profile, account: AccountKey) -> None:
        try:
            known = [one for one in accounts.load(profile.accounts) if one.key == account]
            accounts.remove(profile.accounts, account)
            secrets.delete(account)
            for identity in (identity for one in known for identity in one.more_identities if identity.outgoing):
                secrets.delete(secrets.of_identity(account, identity.key))
        except MailError as error:
            self.failed.emit(error)
        self.done.emit()
