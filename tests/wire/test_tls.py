"""Protected connections that fail, each for a reason a person can understand; and the account test that says it."""

import dataclasses

import pytest

from qtmail.errors import MailError, ServerClosed, TlsFailed, Unreachable
from qtmail.model import Account, Protocol, Security, Server
from qtmail.net import probe
from qtmail.net.connect import Wake, open_wire, refuse_clear_text
from qtmail.net.contacts import Why
from qtmail.net.imap import ImapSession
from tests.servers import PASSWORDS, Authority, Dovecot, Postfix, ScriptedServer
from tests.servers.process import black_hole, free_ports

HELLO = "S: * OK hello\nHOLD"


def through(server: ScriptedServer, ca_file: str) -> None:
    open_wire(Server("127.0.0.1", server.port, Security.TLS, "alice", ca_file=ca_file), 3, Why.IMAP).close()


def test_trusted_by_the_extra_root_only(authority: Authority) -> None:
    with ScriptedServer(HELLO, tls=authority.context(), implicit_tls=True) as server:
        through(server, str(authority.ca_file))
        with pytest.raises(TlsFailed, match="not trusted: it was signed by somebody unknown"):
            through(server, "")


def test_expired(authority: Authority) -> None:
    with (
        ScriptedServer(HELLO, tls=authority.context(expired=True), implicit_tls=True) as server,
        pytest.raises(TlsFailed, match="has expired"),
    ):
        through(server, str(authority.ca_file))


@pytest.mark.parametrize("name", ["other.example", "127.0.0.2"])
def test_for_another_name(authority: Authority, name: str) -> None:
    with (
        ScriptedServer(HELLO, tls=authority.context(name), implicit_tls=True) as server,
        pytest.raises(TlsFailed, match="is for another"),
    ):
        through(server, str(authority.ca_file))


def test_tls_against_a_plain_port(dovecot: Dovecot) -> None:
    server = dataclasses.replace(dovecot.server("alice", Protocol.IMAP, Security.TLS), port=dovecot.imap)
    with pytest.raises(TlsFailed, match="does not speak TLS") as caught:
        open_wire(server, 3, Why.IMAP)
    assert "STARTTLS" in caught.value.hint


def test_a_plain_connection_to_a_tls_port(dovecot: Dovecot) -> None:
    server = dataclasses.replace(dovecot.server("alice", Protocol.IMAP, Security.STARTTLS), port=dovecot.imaps)
    with pytest.raises(Unreachable, match="takes too long") as caught:
        ImapSession.connect(server, PASSWORDS["alice"], timeout=0.3)
    assert "choose TLS" in caught.value.hint


def test_a_handshake_that_ends_early(authority: Authority) -> None:
    with ScriptedServer("DROP") as server, pytest.raises(ServerClosed, match="during the TLS handshake"):
        through(server, "")


def test_a_root_file_that_is_none(tmp_path: object) -> None:
    with ScriptedServer("HOLD") as server, pytest.raises(TlsFailed, match="cannot be used"):
        through(server, "/nowhere/ca.pem")


def test_connections_that_cannot_be_made() -> None:
    (closed,) = free_ports(1)
    with pytest.raises(Unreachable, match="refused"):
        open_wire(Server("127.0.0.1", closed), 3, Why.IMAP)
    with pytest.raises(Unreachable, match="cannot be found"):
        open_wire(Server("no-such-host.invalid", 993), 3, Why.IMAP)
    with pytest.raises(Unreachable, match="cannot be found"):
        open_wire(Server("a" * 70 + ".example", 993), 3, Why.IMAP)


def test_a_host_that_does_not_answer() -> None:
    with black_hole() as port, pytest.raises(Unreachable, match="does not answer"):
        open_wire(Server("127.0.0.1", port), 0.2, Why.IMAP)


@pytest.mark.parametrize(
    ("host", "security", "allowed", "fine"),
    [
        ("mail.example.org", Security.NONE, False, False),
        ("mail.example.org", Security.NONE, True, True),
        ("mail.example.org", Security.TLS, False, True),
        ("mail.example.org", Security.STARTTLS, False, True),
        ("localhost", Security.NONE, False, True),
        ("127.1.2.3", Security.NONE, False, True),
        ("[::1]", Security.NONE, False, True),
        ("localhost.example.org", Security.NONE, False, False),
    ],
)
def test_no_password_in_clear_over_a_network(host: str, security: Security, allowed: bool, fine: bool) -> None:
    server = Server(host, 143, security, "alice", clear_text_allowed=allowed)
    if fine:
        refuse_clear_text(server)
    else:
        with pytest.raises(TlsFailed, match="unprotected"):
            refuse_clear_text(server)
        with pytest.raises(TlsFailed, match="unprotected"):
            ImapSession.connect(server, "secret")


def test_wake_is_an_event_that_can_be_selected() -> None:
    wake = Wake()
    for _ in range(3):
        wake.set()
    assert wake.is_set()
    wake.clear()
    assert not wake.is_set()
    wake.close()


# ---- the account test --------------------------------------------------------------------------------------------


@pytest.fixture
def account(dovecot: Dovecot, postfix: Postfix) -> Account:
    return dovecot.account("alice", outgoing=postfix)


def test_an_account_that_works(account: Account) -> None:
    result = probe.test(account, PASSWORDS["alice"])
    assert result.ok
    assert result.incoming.words == "127.0.0.1 works, without protection: 6 folders."
    assert "over STARTTLS: messages of up to 40 MB" in result.outgoing.words
    assert probe.test(dataclasses.replace(account, outgoing=None), PASSWORDS["alice"]).ok


def test_pop3_account(dovecot: Dovecot) -> None:
    assert "message" in probe.test(dovecot.account("bob", Protocol.POP3), PASSWORDS["bob"]).incoming.words


def test_wrong_password_on_both_sides(account: Account) -> None:
    result = probe.test(account, "wrong")
    assert not result.ok
    for outcome in (result.incoming, result.outgoing):
        assert "does not accept the user name or the password" in outcome.words
        assert outcome.server_words
        assert outcome.hint


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"port": 1}, "refused the connection"),
        ({"host": "no-such-host.invalid", "security": Security.TLS}, "cannot be found"),
        ({"security": Security.TLS}, "does not speak TLS"),
        ({"security": Security.STARTTLS, "ca_file": ""}, "is not trusted"),
        ({"host": "mail.example.org"}, "would travel unprotected"),
    ],
)
def test_what_is_wrong_in_words(account: Account, change: dict[str, object], words: str) -> None:
    broken = dataclasses.replace(account, incoming=dataclasses.replace(account.incoming, **change))  # type: ignore[arg-type]
    outcome = probe.test(broken, PASSWORDS["alice"]).incoming
    assert not outcome.ok
    assert words in outcome.words
    assert outcome.hint


def test_plain_against_a_tls_port(account: Account, dovecot: Dovecot) -> None:
    broken = dataclasses.replace(account, incoming=dataclasses.replace(account.incoming, port=dovecot.imaps))
    outcome = probe.test(broken, PASSWORDS["alice"], timeout=2).incoming
    assert outcome.words == f"127.0.0.1:{dovecot.imaps} speaks only TLS."


def test_another_service_on_the_port(account: Account, dovecot: Dovecot) -> None:
    broken = dataclasses.replace(account, incoming=dataclasses.replace(account.incoming, port=dovecot.pop3))
    outcome = probe.test(broken, PASSWORDS["alice"]).incoming
    assert "does not speak IMAP" in outcome.words
    assert outcome.server_words.startswith("+OK")


def test_errors_have_sentences(account: Account) -> None:
    with pytest.raises(MailError) as caught:
        ImapSession.connect(dataclasses.replace(account.incoming, port=1), "x")
    assert caught.value.sentence().count(".") >= 2
