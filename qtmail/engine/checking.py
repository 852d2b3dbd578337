"""The facade's last part: the store against itself, and saying goodbye to an account."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from qtmail import accounts, secrets
from qtmail.engine import repairing
from qtmail.engine.backups import BackingUp
from qtmail.errors import NoSecret, SecretsLocked
from qtmail.model import Account, AccountKey
from qtmail.store import folders, space, verify
from qtmail.store.space import Space
from qtmail.store.values import Checked

if TYPE_CHECKING:
    from qtmail.engine.freeing import Freed


class Checking(BackingUp):
    """Slow; off the window's thread."""

    def verify(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Checked:
        """Hash every content, follow every reference, count every count; change nothing."""
        return verify.verify(self._store, progress=progress)

    def repair(self, progress: Callable[[int, int], None] = lambda done, total: None) -> tuple[str, ...]:
        """Put right what `verify` finds and can be put right -> what was done, in sentences. What `progress` raises
        ends it; what was done holds. Raises StoreError where only rescuing helps."""
        return repairing.repair(self._store, now=self._now(), progress=progress)

    def space(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Space:
        """How much room the mail takes, folder by folder; some seconds for a million messages."""
        return space.measure(self._store, progress)

    def could_free(
        self, accounts: Iterable[Account], days: int, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> "Freed":
        """What engine/freeing would drop if the servers have it all: asks nobody, changes nothing."""
        from qtmail.engine import freeing  # with the network's modules: not at the window's start

        return freeing.could_free(self._store, accounts, self._now() - days * freeing.DAY, progress)

    def bring_back(self, accounts: Iterable[Account]) -> None:
        """What was dropped of these to make room is fetched again at the next check."""
        with self._store.transaction("bring back") as tx:
            for account in accounts:
                space.bring_back(tx, account.key, now=self._now())

    def forget_account(self, account: AccountKey, *, with_mail: bool = False) -> None:
        """Remove it from this profile, and its passwords from the keyring. Nothing happens on its servers.

        Its mail stays in the store, out of sight, and is there again when the same account is added again; `with_mail`:
        it goes to the grace area and is dropped after the grace days. Raises SecretsLocked, with all else done, where
        the keyring keeps the password locked in.
        """
        accounts.remove(self.profile.accounts, account)
        if with_mail:
            folders.forget_account(self._store, account, now=self._now())
        try:
            secrets.delete(account)
        except SecretsLocked:
            raise
        except NoSecret:
            # No keyring here, so nothing of this account is in one.
            return
