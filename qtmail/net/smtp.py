"""One submission connection (RFC 5321, 6409, 4954, 3207, 1870, 6531), over smtplib: its commands, our wire and login.

connected -> ENVELOPE (MAIL, RCPT...) -> DATA (354, the content) -> FINAL_DOT -> 250
             4xx, 5xx, lost: nothing was sent                        lost: Uncertain
"""

import contextlib
import smtplib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from qtmail.errors import BadInput, LoginFailed, MailError, ProtocolError, Refused, TemporarilyRefused, Unreachable
from qtmail.model import Security, Server
from qtmail.net import sasl, tls
from qtmail.net.connect import open_wire, refuse_clear_text
from qtmail.net.smtp_replies import (
    RecipientsDeferred,
    RecipientsRefused,
    RefusedRecipient,
    meaning,
    megabytes,
    nobody,
    not_smtp,
    text,
    uncertain,
)
from qtmail.net.wire import Wire

__all__ = ["Phase", "RecipientsDeferred", "RecipientsRefused", "RefusedRecipient", "SendResult", "SmtpSession"]

FINAL_PATIENCE = 600.0
"""Seconds to wait for the answer to the final dot (RFC 5321, 4.5.3.2.6): giving up early makes duplicates."""


class Phase(StrEnum):
    """Where a submission is; told BEFORE it begins, so that the outbox can write it down first."""

    ENVELOPE = "envelope"
    DATA = "data"
    FINAL_DOT = "final-dot"
    """The end of the message is about to be sent: from here on a lost connection means "uncertain"."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The server took the message (250 after the dot) for `accepted`; `refused` is for the author to hear."""

    accepted: tuple[str, ...]
    refused: tuple[RefusedRecipient, ...]
    final_reply: str


class _Smtp(smtplib.SMTP):
    """smtplib reading from and writing to our wire."""

    def __init__(self, server: Server, timeout: float, local_hostname: str) -> None:
        self._server = server
        super().__init__(server.host, server.port, local_hostname, timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> Wire:
        self.wire = open_wire(self._server, timeout)
        return self.wire

    def putcmd(self, cmd: str, args: str = "") -> None:
        self.wire.begin()
        super().putcmd(cmd, args)


class SmtpSession:
    """A logged-in connection; may send several messages."""

    def __init__(self, client: _Smtp) -> None:
        """For `connect`; the client is logged in."""
        self._client = client
        self._wire = client.wire
        self._stale = False
        size = client.esmtp_features.get("size", "")
        self.max_size = int(size) if size.isdigit() and int(size) else None
        """Octets the server takes in one message (SIZE); None: it does not say."""

    @classmethod
    def connect(cls, server: Server, password: str, *, timeout: float = 30, local_hostname: str = "") -> "SmtpSession":
        """Connect, protect, log in (not when `server.auth` is "none" or there is no user name).

        EHLO says "[127.0.0.1]" unless `local_hostname` is given: this machine's name is nobody's business.
        Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused, Refused.
        """
        with_login = server.auth != "none" and bool(server.username)
        if with_login:
            refuse_clear_text(server)
        try:
            client = _Smtp(server, timeout, local_hostname or "[127.0.0.1]")
        except smtplib.SMTPConnectError as error:
            raise not_smtp(server, error.smtp_code, text(error.smtp_error)) from error
        try:
            _greet(client)
            if server.security is Security.STARTTLS:
                _protect(client, server)
            if with_login:
                _log_in(client, server, password)
        except MailError:
            client.wire.close()
            raise
        return cls(client)

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
    ) -> SendResult:
        """Submit these exact bytes (CRLF lines). Returns only after 250 to the final dot.

        Raises: Refused (5xx to MAIL, DATA or the dot, too big, no SMTPUTF8), RecipientsRefused, RecipientsDeferred,
        TemporarilyRefused (4xx), Uncertain (lost after the dot was sent), Unreachable (lost before that: nothing was
        sent), BadInput (not CRLF lines, no recipient). `phase` may raise: the connection is then given up unsent.
        """
        wanted = tuple(dict.fromkeys(recipients))
        options = self._options(envelope_from, wanted, content)
        if self._stale:
            self._expect(250, "RSET")
            self._stale = False
        try:
            phase(Phase.ENVELOPE)
            accepted, refused = self._envelope(envelope_from, wanted, options)
            phase(Phase.DATA)
            self._expect(354, "DATA")
            self._upload(content, progress)
            phase(Phase.FINAL_DOT)
        except (Refused, TemporarilyRefused):
            self._stale = True
            raise
        except BaseException:
            self._wire.close()
            raise
        return SendResult(accepted, refused, self._final_dot())

    def abort(self) -> None:
        """Cut the connection at once; may be called from any thread. What waits for it fails with ServerClosed."""
        self._wire.abort()

    def quit(self) -> None:
        """Say QUIT and close. Never raises: after 250 an error here means nothing."""
        self._wire.patience = min(self._wire.patience, 2.0)
        with contextlib.suppress(MailError, smtplib.SMTPException):
            self._client.docmd("QUIT")
        self._wire.close()

    def _options(self, envelope_from: str, recipients: tuple[str, ...], content: bytes) -> str:
        """What MAIL FROM says of the message. Raises for what can be known before anything is sent."""
        if not recipients:
            raise BadInput("The message has no recipient.", hint="Fill in To, Cc or Bcc.")
        for address in (envelope_from, *recipients):
            if any(c in "<> \t" or ord(c) < 32 or ord(c) == 127 for c in address) or (
                "@" not in address and address is not envelope_from
            ):
                raise BadInput(f"“{address}” is not an address.", hint="It looks like name@example.org.")
        if content.count(b"\n") != content.count(b"\r\n") or content.count(b"\r") != content.count(b"\r\n"):
            raise BadInput("The message has bare line ends; it must have CR LF at the end of each line.")
        if self.max_size is not None and len(content) > self.max_size:
            raise Refused(
                f"The message is too big: {megabytes(len(content))}, and {self._wire.where} takes "
                f"{megabytes(self.max_size)} at most.",
                hint="Send fewer or smaller attachments.",
            )
        options = f" SIZE={len(content)}" if "size" in self._client.esmtp_features else ""
        international = not (envelope_from + "".join(recipients)).isascii()
        header = content.partition(b"\r\n\r\n")[0]
        if "8bitmime" in self._client.esmtp_features and not content.isascii():
            options += " BODY=8BITMIME"
        if international or not header.isascii():
            if "smtputf8" in self._client.esmtp_features:
                return options + " SMTPUTF8"
            if international:
                raise Refused(
                    f"{self._wire.where} cannot send to or from an address with letters beyond ASCII.",
                    hint="Use another address, if there is one.",
                )
        return options

    def _envelope(
        self, envelope_from: str, recipients: tuple[str, ...], options: str
    ) -> tuple[tuple[str, ...], tuple[RefusedRecipient, ...]]:
        self._client.command_encoding = "utf-8"
        self._expect(250, "MAIL", f"FROM:<{envelope_from}>{options}")
        accepted: list[str] = []
        refused: list[RefusedRecipient] = []
        for address in recipients:
            code, words = self._client.docmd("RCPT", f"TO:<{address}>")
            if code in (250, 251):
                accepted.append(address)
            elif code == 421 or not 400 <= code < 600:
                raise self._meaning(code, text(words))
            else:
                refused.append(RefusedRecipient(address, code, text(words)))
        if not accepted:
            raise nobody(tuple(refused))
        return tuple(accepted), tuple(refused)

    def _upload(self, content: bytes, progress: Callable[[int, int], None]) -> None:
        """The content, dot-stuffed, and its last line end; not the dot."""
        stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
        if not stuffed.endswith(b"\r\n"):
            stuffed += b"\r\n"
        began = self._wire.bytes_out
        self._wire.on_sent = lambda out: progress(out - began, len(stuffed))
        try:
            self._wire.sendall(stuffed)
        finally:
            self._wire.on_sent = None

    def _final_dot(self) -> str:
        """-> the server's 250. Raises Uncertain if no answer came, Refused or TemporarilyRefused if that was no."""
        usual, self._wire.patience = self._wire.patience, max(self._wire.patience, FINAL_PATIENCE)
        try:
            self._wire.begin()
            self._wire.sendall(b".\r\n")
            code, words = self._client.getreply()
        except (Unreachable, ProtocolError) as error:
            raise uncertain(self._wire.where, str(error)) from error
        finally:
            self._wire.patience = usual
        if 200 <= code < 300:
            return f"{code} {text(words)}"
        if not 400 <= code < 600:
            self._wire.close()
            raise uncertain(self._wire.where, "its answer makes no sense", text(words))
        raise self._meaning(code, text(words))

    def _expect(self, code: int, command: str, arguments: str = "") -> None:
        answer, words = self._client.docmd(command, arguments)
        if answer != code:
            raise self._meaning(answer, text(words))

    def _meaning(self, code: int, words: str) -> MailError:
        if code == 421:
            self._wire.close()
        return meaning(self._wire.where, code, words)


def _greet(client: _Smtp) -> None:
    code, words = client.ehlo()
    if not 200 <= code < 300:
        code, words = client.helo()
    if not 200 <= code < 300:
        raise meaning(client.wire.where, code, text(words))


def _protect(client: _Smtp, server: Server) -> None:
    if not client.has_extn("starttls"):
        raise tls.no_starttls(server)
    code, words = client.docmd("STARTTLS")
    if code != 220:
        raise meaning(client.wire.where, code, text(words))
    client.wire.protect()
    client.esmtp_features.clear()
    _greet(client)


def _log_in(client: _Smtp, server: Server, password: str) -> None:
    """AUTH (RFC 4954). One attempt only."""
    mechanism = sasl.choose(client.esmtp_features.get("auth", "").split(), server.username, password)
    if not mechanism:
        offers_tls = client.has_extn("starttls") and not client.wire.protected
        raise LoginFailed(
            f"{server.host}:{server.port} offers no login that is known here.",
            hint="Choose STARTTLS." if offers_tls else "If the server wants no login, leave the user name empty.",
        )
    first = " " + sasl.encode(mechanism.respond(b"")).decode() if mechanism.client_first else ""
    code, words = client.docmd("AUTH", mechanism.name + first)
    while code == 334:
        code, words = client.docmd(sasl.encode(mechanism.respond(sasl.decode(words))).decode())
    if code in (235, 503):
        return
    if code in (530, 534, 535, 538) or code in (501, 550, 554):
        raise sasl.wrong(client.wire.where, f"{code} {text(words)}")
    raise meaning(client.wire.where, code, text(words))
