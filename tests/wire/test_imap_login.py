"""Getting in: greetings, STARTTLS and logins as servers should not do them."""

import pytest

from qtmail.errors import (
    LoginFailed,
    MailError,
    ProtocolError,
    ServerClosed,
    TemporarilyRefused,
    TlsFailed,
    Unreachable,
)
from qtmail.model import Security
from qtmail.net.imap import ImapSession
from tests.servers import Authority, ScriptedServer
from tests.wire.imap_scripts import GREETING, connect


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("DROP", ServerClosed, "ended the connection"),
        ("HOLD", Unreachable, "too long"),
        ("S: +OK pop here\nHOLD", ProtocolError, "does not speak IMAP"),
        ("S: SSH-2.0-OpenSSH_9\nHOLD", ProtocolError, "does not speak IMAP"),
        ("S: * BYE [UNAVAILABLE] too many connections\nDROP", TemporarilyRefused, "not taking connections"),
        (f"{GREETING}\nC: $ AUTH...\nS: $ NO [AUTHENTICATIONFAILED] no\nHOLD", LoginFailed, "user name or the pass"),
        (f"{GREETING}\nC: $ AUTH...\nS: $ NO you are not known\nHOLD", LoginFailed, "user name or the password"),
        (f"{GREETING}\nC: $ AUTH...\nS: $ NO [UNAVAILABLE] later\nHOLD", TemporarilyRefused, "now"),
        (f"{GREETING}\nC: $ AUTH...\nS: $ NO [LIMIT] 15 already\nHOLD", TemporarilyRefused, "now"),
        (f"{GREETING}\nC: $ AUTH...\nS: * BYE bye\nDROP", ServerClosed, "ended the session"),
        (f"{GREETING}\nC: $ AUTH...\nDROP", ServerClosed, "ended the connection"),
        (f"{GREETING}\nC: $ AUTH...\nS: what?\nHOLD", ProtocolError, "not IMAP"),
    ],
)
def test_trouble_at_the_door(script: str, kind: type[MailError], words: str) -> None:
    with ScriptedServer(script) as server, pytest.raises(kind) as caught:
        connect(server, timeout=0.5)
    assert type(caught.value) is kind
    assert words in str(caught.value)


def test_login_command_where_there_is_no_sasl() -> None:
    script = """S: * OK hello
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: $ OK done
        C: $ LOGIN "alice" "se\\"cr\\\\et"
        S: $ OK in
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 MOVE
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = ImapSession.connect(server.server(), 'se"cr\\et')
        assert session.capabilities == {"IMAP4REV1", "MOVE"}
        session._client.wire.close()


def test_capabilities_that_are_not_ascii_or_missing() -> None:
    with (
        ScriptedServer(
            "RAW * OK [CAPABILITY IMAP4rev1 \\xe4 AUTH=PLAIN] hi\\r\\n\nC: $ AUTH...\nS: $ NO no\nHOLD"
        ) as server,
        pytest.raises(LoginFailed),
    ):
        connect(server)
    with ScriptedServer("S: * OK hi\nC: $ CAPABILITY\nS: $ BAD what\nHOLD") as server, pytest.raises(ProtocolError):
        connect(server)


def test_login_disabled_is_respected() -> None:
    script = "S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello\nHOLD"
    with ScriptedServer(script) as server, pytest.raises(TlsFailed):
        connect(server)
    assert not server.received


def test_sasl_without_initial_response() -> None:
    script = """S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello
        C: $ AUTHENTICATE PLAIN
        S: +
        C: AGFsaWNlAHNlY3JldA==
        S: * CAPABILITY IMAP4rev1 IDLE
        S: $ OK in
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        assert session.supports("idle")
        session._client.wire.close()


@pytest.mark.parametrize("offer", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_starttls_taken_away_means_no_credential_on_the_wire(offer: str) -> None:
    with (
        ScriptedServer(f"S: * OK [CAPABILITY {offer}] hello\nHOLD") as server,
        pytest.raises(TlsFailed, match="does not offer STARTTLS"),
    ):
        ImapSession.connect(server.server(security=Security.STARTTLS), "secret", timeout=2)
    assert b"secret" not in server.received
    assert b"AGFsaWNl" not in server.received


def test_preauth_in_place_of_starttls_is_refused() -> None:
    script = """S: * PREAUTH welcome
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server, pytest.raises(TlsFailed):
        ImapSession.connect(server.server(security=Security.STARTTLS), "secret", timeout=2)


def test_words_slipped_in_before_the_handshake_are_refused() -> None:
    script = """S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hello
        C: $ STARTTLS
        RAW $ OK go\\r\\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\\r\\n
        HOLD"""
    with ScriptedServer(script) as server, pytest.raises(TlsFailed, match="between STARTTLS"):
        ImapSession.connect(server.server(security=Security.STARTTLS), "secret", timeout=2)


def test_starttls_offered_then_refused() -> None:
    script = "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hello\nC: $ STARTTLS\nS: $ NO broken\nHOLD"
    with ScriptedServer(script) as server, pytest.raises(TlsFailed, match="then refused"):
        ImapSession.connect(server.server(security=Security.STARTTLS), "secret", timeout=2)


def test_capabilities_after_starttls_and_after_login_count_and_those_before_do_not(authority: Authority) -> None:
    script = """S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=CRAM-MD5 SASL-IR IDLE MOVE] hello
        C: $ STARTTLS
        S: $ OK go
        STARTTLS
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE
        S: $ OK done
        C: $ AUTHENTICATE PLAIN
        S: +
        C: AGFsaWNlAHNlY3JldA==
        S: $ OK [CAPABILITY IMAP4rev1 UIDPLUS] in
        HOLD"""
    with ScriptedServer(script, tls=authority.context()) as server:
        there = server.server(security=Security.STARTTLS, ca_file=str(authority.ca_file))
        session = ImapSession.connect(there, "secret", timeout=5)
        assert session.capabilities == frozenset({"IMAP4REV1", "UIDPLUS"})
        assert not session.supports("IDLE")
        assert not session.extensions()["SASL-IR"].used
        session._client.wire.close()
