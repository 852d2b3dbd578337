"""Certificates: looked at, taken at the user's word and no other, and our own shown to the server."""

from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import rsa

from qtmail import accounts
from qtmail.errors import BadInput, CertificateRefused, LoginFailed, TlsFailed, Unreachable
from qtmail.model import Account, AccountKey, Protocol, Security, Server
from qtmail.net import probe
from qtmail.net.certificate import look
from qtmail.net.discover.values import Service
from qtmail.net.imap import ImapSession
from qtmail.net.pop3 import PopSession
from qtmail.net.smtp import SmtpSession
from tests.servers import Authority, Dovecot, Postfix, ScriptedServer
from tests.servers.process import HOST, free_ports
from tests.servers.self_signed import self_signed

CLIENTS = """
ssl_ca = <@ROOT@/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
auth_ssl_username_from_cert = yes
ssl_cert_username_field = commonName
auth_mechanisms = plain external
passdb {
  driver = static
  mechanisms = external
  args = nopassword=y
}
"""


def end(session: ImapSession | PopSession | SmtpSession) -> None:
    for name in ("close", "abandon", "quit"):
        if hasattr(session, name):
            getattr(session, name)()
            return


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_every_server_can_be_looked_at_and_taken(
    dovecot: Dovecot, postfix: Postfix, user: str, security: Security
) -> None:
    """The word holds for login, and nothing else than this certificate gets in by it."""
    servers = [(Service.IMAP, dovecot.server(user, Protocol.IMAP, security), ImapSession)]
    servers.append((Service.POP3, dovecot.server(user, Protocol.POP3, security), PopSession))
    if security is Security.STARTTLS:
        servers.append((Service.SMTP, postfix.server(user), SmtpSession))
    for service, server, session in servers:
        assert look(server, service).trouble == ""
        unknown = replace(server, ca_file="")
        seen = look(unknown, service)
        assert "signed by somebody unknown" in seen.trouble
        assert (seen.names, seen.weak) == (("localhost", HOST), False)
        assert seen.begins < seen.ends
        with pytest.raises(CertificateRefused):
            session.connect(unknown, "secret")
        taken = session.connect(replace(unknown, certificate=seen.fingerprint), "secret")
        taken.abandon() if isinstance(taken, PopSession) else taken.quit() if isinstance(
            taken, SmtpSession
        ) else taken.close()
        other = replace(unknown, certificate="0" * 64)
        assert "not the one you accepted" in look(other, service).trouble
        with pytest.raises(CertificateRefused, match="not the one you accepted"):
            session.connect(other, "secret")


def test_changed_since_it_was_accepted_no_password_leaves(authority: Authority) -> None:
    with ScriptedServer("S: * OK hello\nHOLD", tls=authority.context(), implicit_tls=True) as server:
        there = Server(HOST, server.port, Security.TLS, "alice", certificate="ab" * 32)
        with pytest.raises(CertificateRefused):
            ImapSession.connect(there, "wonderland")
        assert server.received == b""


@pytest.mark.parametrize(
    ("names", "expired", "words"),
    [((HOST,), True, "has expired"), (("other.example",), False, "for another")],
)
def test_what_is_wrong_is_said(authority: Authority, names: tuple[str, ...], expired: bool, words: str) -> None:
    with ScriptedServer("HOLD", tls=authority.context(*names, expired=expired), implicit_tls=True) as server:
        there = Server(HOST, server.port, Security.TLS, ca_file=str(authority.ca_file))
        assert words in look(there, Service.IMAP).trouble


def test_self_signed_and_weak(tmp_path: Path) -> None:

    context = self_signed(tmp_path, HOST, rsa.generate_private_key(65537, 2048))
    with ScriptedServer("HOLD", tls=context, implicit_tls=True) as server:
        seen = look(Server(HOST, server.port, Security.TLS), Service.IMAP)
    assert "self-signed" in seen.trouble
    assert (seen.subject, seen.issuer, seen.key, seen.weak) == (HOST, HOST, "RSA with 2048 bits", False)
    assert len(seen.spelled) == 95
    weak = self_signed(tmp_path, HOST, rsa.generate_private_key(65537, 1024), level=0)
    with ScriptedServer("HOLD", tls=weak, implicit_tls=True) as server:
        there = Server(HOST, server.port, Security.TLS, ca_file=str(tmp_path / "self-signed.pem"))
        with pytest.raises(CertificateRefused, match="has a key that is too short to be safe"):
            ImapSession.connect(there, "wonderland")
        assert look(there, Service.IMAP).weak
        assert server.received == b""


@pytest.mark.parametrize("session", [ImapSession, PopSession])
def test_a_network_that_wants_a_sign_in_is_not_the_accounts_fault(
    authority: Authority, session: type[ImapSession] | type[PopSession]
) -> None:
    """A web page in the place of a greeting: told in words, no password sent, tried again by itself."""
    page = "S: HTTP/1.1 302 Found\nS: Location: https://portal.example/\nS:\nHOLD"
    for security, context in ((Security.STARTTLS, None), (Security.TLS, authority.context(HOST))):
        with ScriptedServer(page, tls=context, implicit_tls=context is not None) as server:
            there = Server(HOST, server.port, security, "alice", ca_file=str(authority.ca_file))
            with pytest.raises(Unreachable, match="answered with a web page") as caught:
                session.connect(there, "wonderland")
            assert (caught.value.retry, server.received) == (True, b"")
            assert "sign in to the network first" in caught.value.hint
    with ScriptedServer(page) as server, pytest.raises(TlsFailed, match="does not speak TLS") as refused:
        session.connect(Server(HOST, server.port, Security.TLS, "alice"), "wonderland")
    assert "sign in to the network first" in refused.value.hint
    assert b"wonderland" not in server.received


def test_where_there_is_nothing_to_look_at(dovecot: Dovecot, user: str) -> None:
    (closed,) = free_ports(1)
    with pytest.raises(Unreachable):
        look(Server(HOST, closed), Service.IMAP)
    with pytest.raises(TlsFailed, match="does not speak TLS"):
        look(Server(HOST, dovecot.imap, Security.TLS), Service.IMAP)
    with (
        ScriptedServer("S: * OK hello\nSKIP\nS: a NO not here\nHOLD") as server,
        pytest.raises(TlsFailed, match="offer"),
    ):
        look(server.server(security=Security.STARTTLS), Service.IMAP)


def test_the_account_test_points_at_the_certificate(dovecot: Dovecot, postfix: Postfix, user: str) -> None:
    incoming = replace(dovecot.server(user, Protocol.IMAP, Security.TLS), ca_file="")
    outgoing = postfix.server(user)
    account = Account(AccountKey("k"), "n", "a@example.test", "", Protocol.IMAP, incoming, outgoing)
    result = probe.test(account, "secret")
    assert (result.incoming.certificate, result.outgoing.certificate) == (True, False)
    assert not probe.test(account, "wrong").outgoing.certificate


# Our own


def test_a_certificate_of_ones_own_opens_the_door(tmp_path: Path) -> None:
    dovecot = Dovecot(extra=CLIENTS)
    ours, strange = tmp_path / "alice.pem", tmp_path / "mallory.pem"
    for authority, file in ((dovecot.authority._ca, ours), (trustme.CA(), strange)):
        made = authority.issue_cert("alice@example.test", common_name="alice")
        made.private_key_and_cert_chain_pem.write_to_path(str(file))
    with dovecot:
        for protocol, session in ((Protocol.IMAP, ImapSession), (Protocol.POP3, PopSession)):
            server = replace(dovecot.server("alice", protocol, Security.TLS), auth="certificate")
            end(session.connect(replace(server, client_certificate=str(ours)), ""))
            with pytest.raises((LoginFailed, Unreachable, TlsFailed)):
                session.connect(replace(server, client_certificate=str(strange)), "")
            with pytest.raises(LoginFailed):
                session.connect(server, "")
        assert "method=EXTERNAL" in dovecot.log


@pytest.mark.parametrize("content", [b"", b"no certificate"])
def test_a_file_that_is_none(tmp_path: Path, content: bytes, dovecot: Dovecot) -> None:
    file = tmp_path / "mine.pem"
    file.write_bytes(content)
    server = replace(dovecot.server("alice", Protocol.IMAP, Security.TLS), client_certificate=str(file))
    with pytest.raises(TlsFailed, match="cannot be used"):
        ImapSession.connect(server, "wonderland")


def test_a_locked_key_says_how_to_open_it(tmp_path: Path, dovecot: Dovecot) -> None:
    made = trustme.CA().issue_cert("x@example.test")
    key = s.load_pem_private_key(made.private_key_pem.bytes(), None)
    locked = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"sesame"))
    file = tmp_path / "mine.pem"
    file.write_bytes(locked + made.cert_chain_pems[0].bytes())
    server = replace(dovecot.server("alice", Protocol.IMAP, Security.TLS), client_certificate=str(file))
    with pytest.raises(TlsFailed, match="locked with a passphrase"):
        ImapSession.connect(server, "wonderland")


def test_in_an_account_file(tmp_path: Path) -> None:
    pem = tmp_path / "mine.pem"
    pem.write_text("x")
    digits = ":".join(["AB"] * 32)
    text = (
        'name = "W"\naddress = "a@example.org"\n[incoming]\nprotocol = "imap"\nhost = "h"\nauth = "certificate"\n'
        f'client_certificate = "mine.pem"\nproxy = "socks5://127.0.0.1:1080"\ncertificate = "SHA256:{digits}"\n'
    )
    account = accounts.parse(text, base=tmp_path)
    assert account.incoming.certificate == "ab" * 32
    assert accounts.parse(accounts.as_file(account)) == account
    for old, new in (("AB:AB", "xy"), ("mine.pem", "none.pem"), ("socks5", "ftp"), ("client_cert", "ca_file#")):
        with pytest.raises(BadInput):
            accounts.parse(text.replace(old, new), base=tmp_path)
