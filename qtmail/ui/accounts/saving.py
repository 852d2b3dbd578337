"""Saving an account and its passwords off the window's thread: a keyring may ask the user something, or hang."""

import threading

from PySide6.QtCore import QObject, Signal

from qtmail import accounts, secrets
from qtmail.errors import MailError
from qtmail.model import Account, AccountKey
from qtmail.paths import Profile
from qtmail.secrets import Service


class Saver(QObject):
    """Saves one account; `saved` or `failed` follows, on the window's thread."""

    saved = Signal(object)
    """The Account, with its key."""
    no_keyring = Signal(object, object)
    """(Account, MailError): the account is saved, its password could not be put into a keyring."""
    failed = Signal(object)
    """MailError: nothing was saved."""

    def save(self, profile: Profile, account: Account, incoming: str, outgoing: str | None) -> None:
        """Start. An empty password leaves the stored one as it is; outgoing None: the same as incoming."""
        work = threading.Thread(target=self._work, args=(profile, account, incoming, outgoing), name="save account")
        work.daemon = True
        work.start()

    def _work(self, profile: Profile, account: Account, incoming: str, outgoing: str | None) -> None:
        # The password goes first: the engine starts with an account as soon as the file names it.
        try:
            account = accounts.prepare(profile.accounts, account)
            refused = _store(account.key, incoming, outgoing)
            account = accounts.put(profile.accounts, account)
        except MailError as error:
            self.failed.emit(error)
            return
        if refused:
            self.no_keyring.emit(account, refused)
        else:
            self.saved.emit(account)


def _store(account: AccountKey, incoming: str, outgoing: str | None) -> MailError | None:
    """Put the passwords into the keyring. -> why it could not be done."""
    try:
        for service, password in ((Service.INCOMING, incoming), (Service.OUTGOING, outgoing)):
            if password is None:
                secrets.delete(account, service)
            elif password:
                secrets.put(account, service, password)
    except MailError as error:
        return error
    return None
