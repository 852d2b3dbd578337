"""One submission connection (RFC 5321, 6409, 2920, 3030): what it may be told, in the order in which it is safe.

connected -> ENVELOPE (MAIL, RCPT...) -> DATA (354 and the content; or BDAT) -> FINAL_DOT -> 250
             4xx, 5xx, lost: nothing was sent                                   lost: Uncertain

The content goes by BDAT where the server offers CHUNKING, the end of it ("BDAT 0 LAST") apart, as the dot is by DATA.
"""

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from qtmail.errors import MailError, ProtocolError, Refused, TemporarilyRefused, Unreachable
from qtmail.model import Delivery, Server
from qtmail.net.connect import open_wire, refuse_clear_text
from qtmail.net.contacts import Why
from qtmail.net.smtp_dialog import Dialog, Reply
from qtmail.net.smtp_envelope import Envelope, envelope
from qtmail.net.smtp_hello import Extensions, begin
from qtmail.net.smtp_replies import (
    RecipientsDeferred,
    RecipientsRefused,
    RefusedRecipient,
    meaning,
    nobody,
    uncertain,
)

__all__ = ["Phase", "RecipientsDeferred", "RecipientsRefused", "RefusedRecipient", "SendResult", "SmtpSession"]

FINAL_PATIENCE = 600.0
"""Seconds to wait for the answer to the final dot (RFC 5321, 4.5.3.2.6): giving up early makes duplicates."""
CHUNK = 2 * 1024 * 1024
"""Octets in one BDAT."""


class Phase(StrEnum):
    """Where a submission is; told BEFORE it begins, so that the outbox can write it down first."""

    ENVELOPE = "envelope"
    DATA = "data"
    FINAL_DOT = "final-dot"
    """The end of the message is about to be sent: from here on a lost connection means "uncertain"."""
    ANSWER = "answer"
    """Told after the end has left: the server's answer is waited for."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The server took the message (250 after the end) for `accepted`; `refused` is for the author to hear, `deferred`
    may be asked for again later."""

    accepted: tuple[str, ...]
    refused: tuple[RefusedRecipient, ...]
    deferred: tuple[RefusedRecipient, ...]
    final_reply: str
    missing: tuple[str, ...] = ()
    """Extensions the author's wishes would have needed, and this server does not offer."""


class _NoChunking(Exception):
    """CHUNKING was offered, and BDAT is not known: firewalls take commands away without telling."""


class SmtpSession:
    """A logged-in connection; may send several messages."""

    def __init__(self, dialog: Dialog, extensions: Extensions) -> None:
        """For `connect`."""
        self._dialog = dialog
        self._wire = dialog.wire
        self._stale = False
        self._chunks = "CHUNKING" in extensions
        self.extensions = extensions
        self.max_size = extensions.max_size

    @classmethod
    def connect(cls, server: Server, password: str, *, timeout: float = 30) -> "SmtpSession":
        """Connect, protect, log in (not when `server.auth` is "none" or there is no user name).

        Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused, Refused, ProtocolError.
        """
        log_in = server.auth != "none" and bool(server.username)
        if log_in:
            refuse_clear_text(server)
        dialog = Dialog(open_wire(server, timeout, Why.SMTP))
        try:
            return cls(dialog, begin(dialog, server, password, log_in=log_in))
        except BaseException:
            dialog.wire.close()
            raise

    @property
    def bytes_in(self) -> int:
        """Octets received so far (inside TLS)."""
        return self._wire.bytes_in

    @property
    def bytes_out(self) -> int:
        return self._wire.bytes_out

    def send(
        self,
        envelope_from: str,
        recipients: Iterable[str],
        content: bytes,
        phase: Callable[[Phase], None] = lambda _: None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        *,
        delivery: Delivery = Delivery(),  # noqa: B008 - frozen
    ) -> SendResult:
        """Submit these exact bytes (CRLF lines). Returns only after 250 to the end of it.

        Raises: Refused (5xx to MAIL, DATA or the end, too big, no SMTPUTF8), RecipientsRefused, RecipientsDeferred,
        TemporarilyRefused (4xx), Uncertain (lost after the end was sent), Unreachable (lost before that: nothing was
        sent), BadInput (not CRLF lines, no recipient). `phase` and `progress` may raise: the connection is then given
        up unsent.
        """
        wanted = tuple(dict.fromkeys(recipients))
        what = envelope(self._wire.where, self.extensions, envelope_from, wanted, content, delivery)
        if not self._chunks:
            return self._transact(what, wanted, content, phase, progress)
        try:
            return self._transact(what, wanted, content, phase, progress)
        except _NoChunking:
            self._chunks, self._stale = False, True
            return self._transact(what, wanted, content, phase, progress)

    def abort(self) -> None:
        """Cut the connection at once; may be called from any thread. What waits for it fails with ServerClosed."""
        self._wire.abort()

    def quit(self) -> None:
        """Say QUIT and close. Never raises: after 250 an error here means nothing."""
        self._wire.patience = min(self._wire.patience, 2.0)
        with contextlib.suppress(MailError):
            self._dialog.ask("QUIT")
        self._wire.close()

    # One message

    def _transact(
        self,
        what: Envelope,
        wanted: tuple[str, ...],
        content: bytes,
        phase: Callable[[Phase], None],
        progress: Callable[[int, int], None],
    ) -> SendResult:
        if self._stale:
            self._expect(250, self._dialog.ask("RSET"))
            self._stale = False
        began = self._wire.bytes_out
        try:
            phase(Phase.ENVELOPE)
            accepted, refused = self._envelope(what, wanted)
            phase(Phase.DATA)
            began = self._wire.bytes_out
            self._wire.on_sent = lambda out: progress(min(out - began, len(content)), len(content))
            final = self._by_chunks(content, phase) if self._chunks else self._by_dot(content, phase)
        except (Refused, TemporarilyRefused, _NoChunking):
            self._stale = True
            raise
        except BaseException:
            self._wire.close()
            raise
        finally:
            self._wire.on_sent = None
        for_now = tuple(one for one in refused if one.for_now)
        for_good = tuple(one for one in refused if not one.for_now)
        return SendResult(accepted, for_good, for_now, str(final), what.missing)

    def _envelope(
        self, what: Envelope, wanted: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[RefusedRecipient, ...]]:
        """MAIL and every RCPT, all sent ahead where the server lets us. Raises unless somebody was accepted."""
        ahead = "PIPELINING" in self.extensions
        replies = self._dialog.ask_all(what.lines, ahead=ahead)
        answer = next(replies)
        if answer.code != 250:
            if ahead and answer.code != 421:
                with contextlib.suppress(Unreachable, ProtocolError):  # the others, sent ahead, are answered too
                    self._stale = bool(list(replies))
            raise self._meaning(answer)
        accepted: list[str] = []
        refused: list[RefusedRecipient] = []
        for address, reply in zip(wanted, replies, strict=True):
            if reply.code in (250, 251, 252):
                accepted.append(address)
            elif reply.code == 421 or not 400 <= reply.code < 600:
                self._wire.close()
                raise self._meaning(reply)
            else:
                words = f"{reply.status} {reply.words}".strip()
                refused.append(RefusedRecipient(address, reply.code, words))
        if not accepted:
            raise nobody(tuple(refused))
        return tuple(accepted), tuple(refused)

    def _by_dot(self, content: bytes, phase: Callable[[Phase], None]) -> Reply:
        self._expect(354, self._dialog.ask("DATA"))
        stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
        self._wire.sendall(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
        phase(Phase.FINAL_DOT)
        return self._end(b".\r\n", phase, ahead=0)

    def _by_chunks(self, content: bytes, phase: Callable[[Phase], None]) -> Reply:
        """All but the last answer is taken before the end goes out: what is refused is not uncertain."""
        for start in range(0, len(content), CHUNK):
            if start:
                self._chunk_taken(self._dialog.reply())
            chunk = content[start : start + CHUNK]
            self._wire.sendall(b"BDAT %d\r\n" % len(chunk) + chunk)
        ahead = "PIPELINING" in self.extensions
        if not ahead:
            self._chunk_taken(self._dialog.reply())
        phase(Phase.FINAL_DOT)
        return self._end(b"BDAT 0 LAST\r\n", phase, ahead=int(ahead))

    def _chunk_taken(self, reply: Reply) -> None:
        if reply.code in (500, 502, 503):
            raise _NoChunking
        self._expect(250, reply)

    def _end(self, words: bytes, phase: Callable[[Phase], None], *, ahead: int) -> Reply:
        """-> the server's 250. Raises Uncertain if no answer came, Refused or TemporarilyRefused if that was no.

        ahead: how many answers to what was sent before are still to come.
        """
        usual, self._wire.patience = self._wire.patience, max(self._wire.patience, FINAL_PATIENCE)
        self._wire.on_sent = None
        try:
            self._wire.sendall(words)
            phase(Phase.ANSWER)
            replies = [self._dialog.reply() for _ in range(ahead + 1)]
        except (Unreachable, ProtocolError) as error:
            self._wire.close()
            raise uncertain(self._wire.where, str(error), error.server_words) from error
        finally:
            self._wire.patience = usual
        first = next((reply for reply in replies if not 200 <= reply.code < 300), None)
        if first is None:
            return replies[-1]
        contradicted = 200 <= replies[-1].code < 300
        if ahead and first.code in (500, 502, 503) and not contradicted:
            raise _NoChunking
        if contradicted or not 400 <= first.code < 600:
            self._wire.close()
            raise uncertain(self._wire.where, "its answer makes no sense", str(first))
        raise self._meaning(first)

    def _expect(self, code: int, reply: Reply) -> None:
        if reply.code != code:
            raise self._meaning(reply)

    def _meaning(self, reply: Reply) -> MailError:
        if reply.code == 421:
            self._wire.close()
        return meaning(self._wire.where, reply)
