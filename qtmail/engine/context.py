"""What every loop of one account shares: whose it is, where it writes, whom it tells, and when it must end."""

from collections.abc import Callable

from qtmail.events import Event
from qtmail.model import AccountKey
from qtmail.secrets import Service

Passwords = Callable[[AccountKey, Service], str]
"""Gives the password of an account's service. Raises NoSecret, SecretsLocked."""
Emit = Callable[[Event], None]
"""Takes an event after COMMIT; called from any thread."""


class Stopped(Exception):
    """The loop was asked to end; nothing went wrong."""
