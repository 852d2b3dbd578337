"""The secrets of a whole profile, moved between the system's keyring and the vault of the profile."""

from qtmail import accounts, secrets
from qtmail.model import AccountKey
from qtmail.paths import Profile
from qtmail.secrets import Service
from qtmail.store.sealing import named


def into_vault(profile: Profile, passphrase: str) -> int:
    """Make the vault and move everything there. -> how many. Raises BadInput, NoSecret, SecretsLocked."""
    secrets.use_vault(profile.vault)
    return secrets.move_into_vault(passphrase, _entries(profile), _stores(profile))


def into_keyring(profile: Profile) -> int:
    """The way back, from a vault that is open; it is gone then. Raises NoSecret, SecretsLocked, BadInput."""
    return secrets.move_into_keyring(_entries(profile), _stores(profile))


def _entries(profile: Profile) -> list[tuple[AccountKey, Service]]:
    return [one for account in accounts.load(profile.accounts) for one in secrets.of_account(account)]


def _stores(profile: Profile) -> tuple[str, ...]:
    """The name of the store's key, where it is encrypted."""
    name = named(profile)
    return (name,) if name else ()
