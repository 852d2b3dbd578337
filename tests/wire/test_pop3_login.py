"""Signing in to a POP3 server: the best proof that is offered, the bare password last and never by chance."""

from dataclasses import replace

import pytest

from qtmail.errors import LoginFailed, MailError, Refused, TlsFailed
from qtmail.net import connect, pop3_login
from qtmail.net.pop3 import PopSession
from tests.servers import ScriptedServer

HELLO = "S: +OK hello\nC: CAPA\nS: +OK"
END = "S: +OK\nC: CAPA\nS: +OK\nS: UIDL\nS: .\nHOLD"
STAMP = "<1896.697170952@dbc.mtview.ca.us>"


@pytest.fixture
def open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this machine were another one, a network between."""
    for module in (pop3_login, connect):
        monkeypatch.setattr(module, "is_loopback", lambda _host: False)


def join(script: str, secret: str = "secret", **changed: object) -> bytes:
    with ScriptedServer(script) as server:
        where = replace(server.server(), **changed)  # type: ignore[arg-type]
        PopSession.connect(where, secret, timeout=3).abandon()
    return bytes(server.received)


@pytest.mark.usefixtures("open_line")
def test_a_proof_goes_before_the_password_on_an_open_line() -> None:
    script = f"{HELLO}\nS: USER\nS: SASL PLAIN CRAM-MD5\nS: .\nC: AUTH CRAM-MD5\nS: + PDFAeD4=\nC: ...\n{END}"
    assert b"secret" not in join(script)


@pytest.mark.usefixtures("open_line")
@pytest.mark.parametrize("offered", ["USER", "SASL PLAIN LOGIN", "USER\nS: SASL PLAIN"])
def test_no_bare_password_on_an_open_line(offered: str) -> None:
    script = f"{HELLO}\nS: {offered}\nS: .\nHOLD"
    with ScriptedServer(script) as server:
        with pytest.raises(TlsFailed, match="unprotected"):
            PopSession.connect(server.server(), "secret", timeout=3)
        assert server.received == b"CAPA\r\n"


@pytest.mark.usefixtures("open_line")
def test_the_user_may_allow_it() -> None:
    script = f"{HELLO}\nS: USER\nS: .\nC: USER alice\nS: +OK\nC: PASS secret\n{END}"
    join(script, clear_text_allowed=True)


APOP = f"{HELLO.replace('hello', f'hello {STAMP}')}\nS: USER\nS: .\nC: APOP alice c4c9334bac560ecc979e58001b3e22fb"


def test_apop_goes_before_user_and_pass_and_these_only_after_a_refusal() -> None:
    join(f"{APOP}\n{END}", "tanstaaf")
    join(f"{APOP}\nS: -ERR no\nC: USER alice\nS: +OK\nC: PASS tanstaaf\n{END}", "tanstaaf")
    with pytest.raises(LoginFailed):
        join(f"{APOP}\nS: -ERR [AUTH] no\nHOLD", "tanstaaf")


@pytest.mark.usefixtures("open_line")
def test_apop_on_an_open_line_and_nothing_after_it() -> None:
    join(f"{APOP}\n{END}", "tanstaaf")
    with pytest.raises(LoginFailed):
        join(f"{APOP}\nS: -ERR no\nHOLD", "tanstaaf")


def test_what_is_too_long_for_a_line_comes_after_the_prompt() -> None:
    secret = "x" * 300
    received = join(f"{HELLO}\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN\nS: +\nC: ...\n{END}", secret)
    assert max(len(line) for line in received.split(b"\r\n")[:2]) < 255


def test_a_token_and_its_refusal() -> None:
    offer = f"{HELLO}\nS: USER\nS: SASL PLAIN XOAUTH2\nS: .\nC: AUTH XOAUTH2 ..."
    join(f"{offer}\n{END}", "token", auth="oauth2")
    with pytest.raises(LoginFailed):
        join(f"{offer}\nS: + eyJzdGF0dXMiOiI0MDEifQ==\nC: \nS: -ERR no\nHOLD", "token", auth="oauth2")
    with pytest.raises(LoginFailed, match="tokens"):
        join(f"{HELLO}\nS: USER\nS: .\nHOLD", "token", auth="oauth2")


def test_utf8_and_language_are_asked_for_where_they_are_known() -> None:
    script = (
        f"{HELLO}\nS: UTF8\nS: USER\nS: .\nC: UTF8\nS: +OK\nC: USER alice\nS: +OK\nC: PASS secret\n"
        "S: +OK\nC: CAPA\nS: +OK\nS: LANG\nS: .\nC: LANG en\nS: -ERR not now\nHOLD"
    )
    join(script)


@pytest.mark.parametrize(("code", "kind"), [("SYS/PERM", Refused), ("AUTH", LoginFailed)])
def test_a_fault_of_the_mailbox_says_nothing_of_the_password(code: str, kind: type[MailError]) -> None:
    script = f"{HELLO}\nS: USER\nS: .\nC: USER alice\nS: +OK\nC: PASS secret\nS: -ERR [{code}] no\nHOLD"
    with pytest.raises(kind) as caught:
        join(script)
    assert type(caught.value) is kind
