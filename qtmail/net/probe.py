"""The account test: does each server answer, protect, and let us in; if not, what is wrong in plain words."""

import contextlib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from qtmail.accounts import STANDARD_PORTS
from qtmail.errors import CertificateRefused, MailError, Unreachable
from qtmail.model import Account, Protocol, Security, Server
from qtmail.net.contacts import Why, noted
from qtmail.net.imap import ImapSession
from qtmail.net.pop3 import PopSession
from qtmail.net.reach import reach
from qtmail.net.smtp import SmtpSession


@dataclass(frozen=True, slots=True)
class Outcome:
    """One server's result. `words`: what happened; `hint`: what to do; `server_words`: its own reply, if any."""

    ok: bool
    words: str
    hint: str = ""
    server_words: str = ""
    certificate: bool = False
    """It is about the server's certificate."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """Both servers of an account. An account without an outgoing server is fine, and `outgoing` says so."""

    __test__ = False

    incoming: Outcome
    outgoing: Outcome

    @property
    def ok(self) -> bool:
        """True if mail can come in, and go out where that was set up."""
        return self.incoming.ok and self.outgoing.ok


def test(
    account: Account,
    password: str,
    outgoing_password: str | None = None,  # noqa: PT028 - not a pytest test
    *,
    timeout: float = 15,  # noqa: PT028
) -> TestResult:
    """Try both servers at once; never raises for anything a server does. Takes at most about `timeout` seconds.

    `outgoing_password`: None means the same as the incoming one.
    """
    with ThreadPoolExecutor(2, thread_name_prefix="account-test") as pool:
        incoming = pool.submit(_incoming, account, password, timeout / 2)
        outgoing = pool.submit(
            _outgoing, account, password if outgoing_password is None else outgoing_password, timeout / 2
        )
        return TestResult(incoming.result(), outgoing.result())


def _incoming(account: Account, password: str, timeout: float) -> Outcome:
    server = account.incoming

    def imap() -> str:
        session = ImapSession.connect(server, password, timeout=timeout)
        try:
            folders = len(session.folders())
        finally:
            session.close()
        return "1 folder" if folders == 1 else f"{folders:,} folders"

    def pop() -> str:
        session = PopSession.connect(server, password, timeout=timeout)
        try:
            messages = len(session.uidls())
        finally:
            session.abandon()
        return "1 message" if messages == 1 else f"{messages:,} messages"

    return _attempt(server, account.protocol.value, imap if account.protocol is Protocol.IMAP else pop, timeout)


def _outgoing(account: Account, password: str, timeout: float) -> Outcome:
    server = account.outgoing
    if server is None:
        return Outcome(True, "No server for sending is set up.", hint="Mail from this account cannot be sent.")

    def smtp() -> str:
        session = SmtpSession.connect(server, password, timeout=timeout)
        size = session.max_size
        session.quit()
        return f"messages of up to {size / 1_000_000:,.0f} MB" if size else "messages of any size"

    return _attempt(server, "smtp", smtp, timeout)


def _attempt(server: Server, service: str, action: Callable[[], str], timeout: float) -> Outcome:
    try:
        found = action()
    except MailError as error:
        hint = error.hint
        if isinstance(error, Unreachable) and server.security is not Security.TLS and _speaks_tls(server, timeout):
            return Outcome(
                False, f"{server.host}:{server.port} speaks only TLS.", hint="Choose TLS as the security for this port."
            )
        standard = STANDARD_PORTS[service, server.security]
        if isinstance(error, Unreachable) and server.port != standard:
            hint = f"{hint} The usual port is {standard}.".strip()
        return Outcome(False, str(error), hint, error.server_words, isinstance(error, CertificateRefused))
    how = {Security.TLS: "over TLS", Security.STARTTLS: "over STARTTLS", Security.NONE: "without protection"}
    return Outcome(True, f"{server.host} works, {how[server.security]}: {found}.")


def _speaks_tls(server: Server, timeout: float) -> bool:
    """True if a TLS handshake begins on this port. Nothing is sent over it, so nobody's certificate matters."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        contextlib.suppress(OSError, ValueError),
        noted(Why.SERVERS, server.host, server.port),
        reach(server.host, server.port, timeout, server.proxy) as sock,
        context.wrap_socket(sock, server_hostname=server.host),
    ):
        return True
    return False
