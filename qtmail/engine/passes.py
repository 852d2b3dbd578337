"""One full pass over some accounts and then the end: what `qtmail sync` runs, without a window or a loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtmail import secrets
from qtmail.engine.context import Passwords
from qtmail.events import Event, Problem
from qtmail.model import Account
from qtmail.paths import Profile


@dataclass(frozen=True, slots=True)
class AccountReport:
    """What one pass did for one account. An account that failed has its reason in `problems`."""

    account: str
    """Its name."""
    folders: int
    new: int
    """Messages that were not known before."""
    bodies: int
    """Messages whose whole content was fetched and stored."""
    bytes: int
    """Octets received from the account's servers."""
    seconds: float
    problems: tuple[Problem, ...]


def sync_once(
    profile: Profile,
    accounts: Sequence[Account],
    emit: Callable[[Event], None] = lambda event: None,
    *,
    passwords: Passwords = secrets.password_for,
) -> tuple[AccountReport, ...]:
    """Replay, folders, headers, bodies and the outbox, each account in a thread of its own; in the order given.

    `emit` is called from those threads. A problem of one account never holds the others. Raises AlreadyRunning when
    another engine has the profile, StoreError when the store cannot be opened; KeyboardInterrupt stops all in order.
    """
    raise NotImplementedError


def flush_outbox(
    profile: Profile,
    accounts: Sequence[Account],
    emit: Callable[[Event], None] = lambda event: None,
    *,
    passwords: Passwords = secrets.password_for,
) -> None:
    """Send what is due in the outbox of these accounts and file the copies, nothing else. Raises as `sync_once`."""
    raise NotImplementedError
