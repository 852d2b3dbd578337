"""One submission connection (RFC 5321, 6409, 4954, 3207, 1870, 6531)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from qtmail.model import Server


class Phase(StrEnum):
    """Where a submission is; told BEFORE it begins, so that the outbox can write it down first."""

    ENVELOPE = "envelope"
    DATA = "data"
    FINAL_DOT = "final-dot"
    """The end of the message is about to be sent: from here on a lost connection means "uncertain"."""


class RefusedRecipient(NamedTuple):
    address: str
    code: int
    words: str


@dataclass(frozen=True, slots=True)
class SendResult:
    """The server took the message (250 after the dot) for `accepted`; `refused` is for the author to hear."""

    accepted: tuple[str, ...]
    refused: tuple[RefusedRecipient, ...]
    final_reply: str


class SmtpSession:
    """A logged-in connection; may send several messages."""

    max_size: int | None
    """Octets the server takes in one message (SIZE); None: it does not say."""
    bytes_in: int
    bytes_out: int

    @classmethod
    def connect(cls, server: Server, password: str, *, timeout: float = 30, local_hostname: str = "") -> "SmtpSession":
        """Connect, protect, log in (not when `server.auth` is "none" or there is no user name).

        EHLO says "[127.0.0.1]" unless `local_hostname` is given: this machine's name is nobody's business.
        Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused, Refused.
        """
        raise NotImplementedError

    def send(
        self,
        envelope_from: str,
        recipients: Iterable[str],
        content: bytes,
        phase: Callable[[Phase], None] = lambda _: None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> SendResult:
        """Submit these exact bytes (CRLF lines). Returns only after 250 to the final dot.

        Raises: Refused (5xx to MAIL, DATA or the dot, every recipient refused for good, too big, no SMTPUTF8; its
        `recipients` names each refused one), TemporarilyRefused (4xx), Uncertain (lost after the dot was sent),
        Unreachable (lost before that: nothing was sent).
        """
        raise NotImplementedError

    def quit(self) -> None:
        """Say QUIT and close. Never raises: after 250 an error here means nothing."""
        raise NotImplementedError
