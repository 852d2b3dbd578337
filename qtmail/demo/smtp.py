"""The demo's SMTP server: what it accepts for a demo account is in that account's INBOX before the reply is sent.

Mail to the rest of the world goes nowhere; the sender gets a friendly note that says so. Unknown names at the demo's
own domain are refused, so that one can see what a refusal looks like.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SIZE_LIMIT = 50_000_000
Deliver = Callable[[str, bytes], Awaitable[None]]
"""(user, content): put it into that account's INBOX."""

NOTE = """\
Your mail to {recipient} would be on its way now.

The demo has no connection to the rest of the world, so it stays here: only the
two demo accounts can write to each other. A copy of it is in your Sent folder.

The demo's post office
"""


class SmtpServer:
    """Accepts mail from the demo accounts, after a login."""

    def __init__(self, domain: str, knows: Callable[[str], bool], fits: Callable[[str, str], bool], deliver: Deliver):
        self._domain = domain
        self._knows = knows
        self._fits = fits
        self._deliver = deliver

    async def serve(self, host: str) -> asyncio.Server:
        """Listen on a free port of `host`. Closing the returned server ends it."""
        return await asyncio.get_running_loop().create_server(self._connection, host, 0)

    def _connection(self) -> SMTP:
        return SMTP(
            self,
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            hostname=self._domain,
            ident="The qtmail demo",
            auth_required=True,
            auth_require_tls=False,
            authenticator=self._authenticate,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        user, password = data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace")
        return AuthResult(success=self._fits(user, password), handled=False, auth_data=user)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd's hook: one RCPT TO."""
        if address.lower().endswith("@" + self._domain) and not self._knows(address.lower()):
            return f"550 5.1.1 Nobody called {address} lives here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook: the whole message is here."""
        content = envelope.original_content or b""
        now = format_datetime(datetime.now().astimezone())
        for recipient in envelope.rcpt_tos:
            user = recipient.lower()
            if self._knows(user):
                trace = f"Return-Path: <{envelope.mail_from}>\r\nReceived: from loopback by {self._domain}; {now}\r\n"
                await self._deliver(user, trace.encode("utf-8", "replace") + content)
            elif envelope.mail_from and self._knows(envelope.mail_from.lower()):
                await self._deliver(envelope.mail_from.lower(), self._note(envelope.mail_from, recipient, content))
        return "250 2.0.0 Delivered"

    def _note(self, sender: str, recipient: str, content: bytes) -> bytes:
        original = message_from_bytes(content[:100_000], policy=SMTP_POLICY)
        note = EmailMessage(policy=SMTP_POLICY)
        note["From"] = f"The demo's post office <post@{self._domain}>"
        note["To"] = sender
        note["Subject"] = "Not sent into the world: " + str(original.get("Subject", ""))
        note["Date"] = format_datetime(datetime.now().astimezone())
        note["Message-ID"] = make_msgid(domain=self._domain)
        note["Auto-Submitted"] = "auto-replied"
        if original.get("Message-ID"):
            note["In-Reply-To"] = note["References"] = str(original["Message-ID"])
        note.set_content(NOTE.format(recipient=recipient))
        return note.as_bytes()
