"""Whoever sits between us and a server with STARTTLS: whatever they try, no name and no password leaves in clear.

Stripping, refusing, injecting before the handshake, PREAUTH, referrals, alerts before TLS, weaker mechanisms, a
certificate of their own; over IMAP, POP3 and SMTP.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from qtmail.errors import MailError, TlsFailed
from qtmail.model import Security, Server
from qtmail.net.imap import ImapSession
from qtmail.net.pop3 import PopSession
from qtmail.net.smtp import SmtpSession
from tests.servers import Authority, ScriptedServer

PASSWORD = "wonderland"
USER = "alice-in-chains"


@dataclass(frozen=True)
class Way:
    """One protocol: how it greets, asks for TLS, and what its own answers look like."""

    connect: Callable[..., object]
    greeting: str
    offer: str
    """After it the client asks for TLS."""
    without: str
    """The same without the offer."""
    upgrade: str
    yes: str
    no: str
    more: str
    """A reply of the protocol, slipped in before the handshake."""
    after: str = ""
    """What is said inside TLS, down to the login."""


IMAP = Way(
    ImapSession.connect,
    "S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello",
    "",
    "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello",
    "C: $ STARTTLS",
    "S: $ OK go",
    "S: $ NO not today",
    "* CAPABILITY IMAP4rev1 AUTH=PLAIN LOGIN-REFERRALS\\r\\n",
)
POP3 = Way(
    PopSession.connect,
    "S: +OK hello",
    "C: CAPA\nS: +OK\nS: STLS\nS: USER\nS: .",
    "S: +OK hello\nC: CAPA\nS: +OK\nS: USER\nS: SASL PLAIN\nS: .",
    "C: STLS",
    "S: +OK go",
    "S: -ERR not today",
    "+OK\\r\\nSASL PLAIN\\r\\n.\\r\\n",
)
SMTP = Way(
    SmtpSession.connect,
    "S: 220 hello",
    "C: EHLO...\nS: 250-hello\nS: 250 STARTTLS",
    "S: 220 hello\nC: EHLO...\nS: 250-hello\nS: 250 AUTH PLAIN LOGIN",
    "C: STARTTLS",
    "S: 220 go",
    "S: 454 4.7.0 not today",
    "250 AUTH PLAIN\\r\\n",
)
WAYS = pytest.mark.parametrize("way", [IMAP, POP3, SMTP], ids=["imap", "pop3", "smtp"])


def attacked(way: Way, script: str, **more: object) -> tuple[MailError, str]:
    """-> what it came to, and all that was heard."""
    server = ScriptedServer(script, **more)  # type: ignore[arg-type]
    server.__enter__()
    try:
        there = Server("127.0.0.1", server.port, Security.STARTTLS, USER)
        with pytest.raises(MailError) as caught:
            way.connect(there, PASSWORD, timeout=2)
    finally:
        server.__exit__(None, None, None)
    heard = bytes(server.received).decode("latin-1")
    assert USER not in heard
    assert PASSWORD not in heard
    assert "YWxpY2" not in heard  # base64 of the name's beginning
    assert not any(word in heard.upper() for word in ("LOGIN", "AUTH", "USER ", "PASS "))
    assert caught.value.hint or caught.value.retry
    return caught.value, heard


@WAYS
def test_stripped(way: Way) -> None:
    """The offer is taken away, and a tempting login left."""
    error, _ = attacked(way, f"{way.without}\nHOLD")
    assert isinstance(error, TlsFailed)
    assert "does not offer" in str(error)
    assert "listening in" in error.hint


@WAYS
def test_refused(way: Way) -> None:
    error, _ = attacked(way, f"{way.greeting}\n{way.offer}\n{way.upgrade}\n{way.no}\nHOLD")
    assert "then refused it" in str(error)
    assert "not today" not in error.sentence()


@WAYS
def test_words_slipped_in_before_the_handshake(way: Way) -> None:
    """CVE-2011-0411: what came in clear must not count as said inside TLS."""
    go = way.yes.removeprefix("S: ")
    error, _ = attacked(way, f"{way.greeting}\n{way.offer}\n{way.upgrade}\nRAW {go}\\r\\n{way.more}\nHOLD")
    assert isinstance(error, TlsFailed)
    assert "between STARTTLS and the handshake" in str(error)


@WAYS
def test_no_handshake_after_all(way: Way) -> None:
    attacked(way, f"{way.greeting}\n{way.offer}\n{way.upgrade}\n{way.yes}\nREAD 1\nRAW go on in clear\\r\\n\nHOLD")


@WAYS
def test_a_certificate_of_their_own(way: Way, authority: Authority) -> None:
    script = f"{way.greeting}\n{way.offer}\n{way.upgrade}\n{way.yes}\nSTARTTLS\nHOLD"
    error, _ = attacked(way, script, tls=authority.context())
    assert isinstance(error, TlsFailed)
    assert "not trusted" in str(error)


@WAYS
def test_dropped_at_every_step(way: Way) -> None:
    lines = f"{way.greeting}\n{way.offer}\n{way.upgrade}\n{way.yes}".strip().splitlines()
    for count in range(len(lines) + 1):
        attacked(way, "\n".join([*lines[:count], "DROP"]))


@pytest.mark.parametrize(
    "greeting",
    [
        "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome, alice",
        "S: * PREAUTH welcome",
        "S: * BYE [REFERRAL imap://evil.example/] go there",
        "S: * OK [REFERRAL imap://evil.example/] go there\nC: $ CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: $ OK",
        "S: * OK [ALERT] Your mail was stolen. Call 0900-123456 at once.\nC: $ CAPABILITY\nDROP",
    ],
)
def test_imap_greetings_that_lead_elsewhere(greeting: str) -> None:
    """RFC 2221, 3501: nothing of it is followed, nothing is shown as if the server had said it inside TLS."""
    error, heard = attacked(IMAP, f"{greeting}\nHOLD" if "DROP" not in greeting else greeting)
    assert "0900" not in error.sentence()
    assert "evil" not in heard


def test_an_alert_before_tls_is_not_shown(authority: Authority) -> None:
    script = """S: * OK [ALERT] Your mail was stolen. Call 0900-123456.
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS
        S: $ OK [ALERT] Call 0900-123456.
        C: $ STARTTLS
        S: $ NO [ALERT] Call 0900-123456.
        HOLD"""
    error, _ = attacked(IMAP, script)
    assert isinstance(error, TlsFailed)
    assert "0900" not in error.sentence()


@pytest.mark.parametrize(
    ("way", "inside"),
    [
        (IMAP, "C: $ CAPABILITY\nS: * CAPABILITY IMAP4rev1 LOGINDISABLED\nS: $ OK"),
        (POP3, "C: CAPA\nS: +OK\nS: SASL KERBEROS_V4\nS: ."),
        (SMTP, "C: EHLO...\nS: 250-hello\nS: 250 AUTH NTLM"),
    ],
    ids=["imap", "pop3", "smtp"],
)
def test_only_what_is_unknown_is_offered(way: Way, inside: str, authority: Authority) -> None:
    """No mechanism of ours: it ends, and nothing older is tried in its place."""
    script = f"{way.greeting}\n{way.offer}\n{way.upgrade}\n{way.yes}\nSTARTTLS\n{inside}\nHOLD"
    with ScriptedServer(script, tls=authority.context()) as server:
        there = Server("127.0.0.1", server.port, Security.STARTTLS, USER, ca_file=str(authority.ca_file))
        with pytest.raises(MailError):
            way.connect(there, PASSWORD, timeout=2)
    assert PASSWORD.encode() not in server.received


@WAYS
def test_over_a_clear_line_the_password_is_never_shown(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """No protection was chosen, and the server is not this machine: refused before a word is said, or with a challenge
    that shows nothing."""
    for module in ("connect", "pop3_login"):
        monkeypatch.setattr(f"qtmail.net.{module}.is_loopback", lambda _host: False)
    with ScriptedServer(f"{way.without}\nHOLD") as server:
        with pytest.raises(MailError):
            way.connect(Server("127.0.0.1", server.port, Security.NONE, USER), PASSWORD, timeout=2)
        server.faults.clear()
    assert PASSWORD.encode() not in server.received
    assert b"YWxpY2" not in server.received
