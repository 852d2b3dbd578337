"""What an account's server can do for a worker, whatever protocol it speaks. One contract suite tests every backend."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qtmail.engine.context import Announcer, Control
from qtmail.engine.lines import Line
from qtmail.engine.workshop import Workshop
from qtmail.model import Account, MessageId


@dataclass(slots=True)
class Tally:
    """What one pass has done so far."""

    folders: int = 0
    new: int = 0
    """Messages that were not known before."""
    bodies: int = 0
    """Messages whose whole content was fetched and stored."""
    bytes: int = 0
    """Octets received."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a backend works with: whom it tells, what ends it, and how it gets a password."""

    account: Account
    control: Control
    announcer: Announcer
    password: Callable[..., str]
    """Of the incoming server; see `signing_in.let_in`. Raises NoSecret, SecretsLocked."""
    distrusted: Callable[[], frozenset[str]] = field(default=frozenset)
    """The extensions its server was caught lying about: they are not used."""
    workshop: Workshop | None = None
    """Where many messages are made ready; None: always in this process."""
    line: Line = field(default_factory=Line)
    """Its place among the account's connections."""


Heard = Callable[[Collection[bytes] | None], None]
"""Called with the wire names of the folders there is news in; None: look everywhere."""


class Backend(Protocol):
    """One account's incoming server. Belongs to one thread; `Control` ends it from others.

    Every method connects first where there is no connection, raises MailErrors for what the world does (after
    which `close` has been called), and Stopped when `Control` says so. Whatever was done until then is in the store.
    """

    has_push: bool
    """The server can tell of new mail by itself: `watch` is of use, and so are several connections at a time."""
    tally: Tally
    """Of the pass that runs or was the last, also when it ended with an error."""

    def sync(self) -> Tally:
        """One pass: what the user did goes there, what is new comes here. Idempotent; goes on where the last ended.

        Bodies asked for meanwhile (`Control.fetch`) are served between its batches.
        """

    def replay(self) -> None:
        """Only what the user did: the operations that are due."""

    def fetch(self, messages: Sequence[MessageId]) -> None:
        """Get the bodies of these messages now, as far as they are of this account and missing."""

    def watch(self, changed: Heard) -> bool:
        """Call `changed` whenever the server tells of news, until `Control` ends it. -> False: it cannot, after all."""

    def close(self) -> None:
        """End the connection, if there is one. Never raises; the next call makes a new one."""
