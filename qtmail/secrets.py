"""Passwords and tokens, in the keyring of the operating system; never in a file of ours (design 6, Secrets)."""

from enum import StrEnum

from qtmail.model import AccountKey


class Service(StrEnum):
    """What a secret opens."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


def get(account: AccountKey, service: Service) -> str:
    """The secret. Raises NoSecret (none stored, or no keyring) or SecretsLocked (the user must unlock it)."""
    raise NotImplementedError


def put(account: AccountKey, service: Service, secret: str) -> None:
    """Store or replace it. Raises NoSecret where no safe keyring works, SecretsLocked."""
    raise NotImplementedError


def delete(account: AccountKey, service: Service | None = None) -> None:
    """Forget it (None: all of this account). That there is none is no error."""
    raise NotImplementedError


def password_for(account: AccountKey, service: Service) -> str:
    """As `get`, but the outgoing server's falls back to the incoming one's: most accounts have only one."""
    raise NotImplementedError


def describe() -> str:
    """The keyring in use, in words for the preferences page and a support report. Never raises."""
    raise NotImplementedError
