"""SMTP sessions: a real Postfix delivering into Dovecot, and scripted trouble at every step."""

import os

import pytest

from qtmail.errors import (
    BadInput,
    LoginFailed,
    MailError,
    ProtocolError,
    Refused,
    ServerClosed,
    TemporarilyRefused,
    TlsFailed,
    Uncertain,
)
from qtmail.model import Security, Server
from qtmail.net.smtp import Phase, RecipientsDeferred, RecipientsRefused, SmtpSession
from tests.servers import BUSY, NOBODY, PASSWORDS, CuttingProxy, Dovecot, Postfix, ScriptedServer
from tests.servers.process import wait_until

SWEPT = int(os.environ.get("QTMAIL_CUTS", "100"))
"""So many places in each direction; a large number means every octet."""
ALICE, BOB = "alice@example.test", "bob@example.test"
MAIL = (
    b"From: alice@example.test\r\nTo: bob@example.test\r\nSubject: %s\r\nMessage-ID: <m@example.test>\r\n"
    b"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\n.dot\r\n..two\r\n.\r\n" + "Grüße\r\n".encode() + b"x" * 900 + b"\r\n"
)


@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("name", PASSWORDS)
def test_logs_in_with_every_security_and_odd_passwords(postfix: Postfix, name: str, security: Security) -> None:
    session = SmtpSession.connect(postfix.server(name, security), PASSWORDS[name])
    assert session.max_size == 40_000_000
    session.quit()
    session.quit()


def test_wrong_password(postfix: Postfix) -> None:
    with pytest.raises(LoginFailed) as caught:
        SmtpSession.connect(postfix.server("alice"), "wrong")
    assert caught.value.server_words.startswith("535")


def test_delivery_is_byte_identical_and_phases_are_told_first(postfix: Postfix, dovecot: Dovecot) -> None:
    phases: list[Phase] = []
    progress: list[tuple[int, int]] = []
    content = MAIL % b"exact"
    session = SmtpSession.connect(postfix.server("alice"), PASSWORDS["alice"])
    result = session.send(ALICE, [BOB, NOBODY, BUSY], content, phases.append, lambda *now: progress.append(now))
    session.quit()
    assert result.accepted == (BOB,)
    assert [(one.address, one.code) for one in result.refused] == [(NOBODY, 550)]
    assert [(one.address, one.code) for one in result.deferred] == [(BUSY, 450)]
    assert result.final_reply.startswith("250 ")
    assert phases == [Phase.ENVELOPE, Phase.DATA, Phase.FINAL_DOT, Phase.ANSWER]
    assert progress[-1] == (len(content), len(content))

    def arrived() -> list[bytes]:
        return [one for one in dovecot.messages("bob") if b"Subject: exact\n" in one]

    wait_until(lambda: bool(arrived()), lambda: f"delivery; Postfix says\n{postfix.log}")
    stored = arrived()[0].replace(b"\n", b"\r\n")
    assert stored.endswith(content)


def test_several_messages_in_one_session_after_a_refusal(postfix: Postfix) -> None:
    session = SmtpSession.connect(postfix.server("alice"), PASSWORDS["alice"])
    with pytest.raises(RecipientsRefused) as refused:
        session.send(ALICE, [NOBODY, BUSY], MAIL % b"1")
    assert [one.address for one in refused.value.recipients] == [NOBODY, BUSY]
    with pytest.raises(RecipientsDeferred) as deferred:
        session.send(ALICE, [BUSY], MAIL % b"2")
    assert deferred.value.retry
    assert session.send(ALICE, [BOB], MAIL % b"3").refused == ()
    session.quit()


def test_too_big_is_said_before_anything_is_sent(postfix: Postfix) -> None:
    session = SmtpSession.connect(postfix.server("alice"), PASSWORDS["alice"])
    sent = session.bytes_out
    phases: list[Phase] = []
    with pytest.raises(Refused, match=r"41\.0 MB.*40\.0 MB"):
        session.send(ALICE, [BOB], b"x" * 41_000_000, phases.append)
    assert session.bytes_out == sent
    assert phases == []
    session.quit()


def test_addresses_beyond_ascii_where_the_server_can(postfix: Postfix) -> None:
    session = SmtpSession.connect(postfix.server("alice"), PASSWORDS["alice"])
    assert session.send(ALICE, ["jürgen@bücher.example"], MAIL % b"utf8").accepted == ("jürgen@bücher.example",)
    session.quit()


@pytest.mark.parametrize("recipients", [[], ["a b@c"], ["a@b>\r\nRCPT TO:<x@y"], ["nobody"]])
def test_envelopes_that_cannot_be(postfix: Postfix, recipients: list[str]) -> None:
    session = SmtpSession.connect(postfix.server("alice"), PASSWORDS["alice"])
    with pytest.raises(BadInput):
        session.send(ALICE, recipients, MAIL % b"x")
    session.quit()


def test_bare_line_ends_are_not_sent(postfix: Postfix) -> None:
    session = SmtpSession.connect(postfix.server("alice"), PASSWORDS["alice"])
    with pytest.raises(BadInput):
        session.send(ALICE, [BOB], b"Subject: x\r\n\r\nsmuggled\n.\r\nMAIL FROM:<x@y>\r\n")
    session.quit()


# ---- scripted ----------------------------------------------------------------------------------------------------

OPEN = """S: 220 hello
C: EHLO [127.0.0.1]
S: 250-hello
S: 250-SIZE 1000
S: 250 8BITMIME"""
SMALL = b"Subject: s\r\n\r\nhi\r\n"
ENVELOPE = f"{OPEN}\nC: MAIL FROM:<{ALICE}> SIZE={len(SMALL)}\nS: 250 ok\nC: RCPT TO:<{BOB}>\nS: 250 ok"
UPLOAD = f"{ENVELOPE}\nC: DATA\nS: 354 go\nC: Subject: s\nC:\nC: hi\nC: ."


def send(script: str, *, content: bytes = SMALL, to: str = BOB) -> None:
    with ScriptedServer(script) as server:
        session = SmtpSession.connect(Server("127.0.0.1", server.port, Security.NONE, auth="none"), "", timeout=2)
        try:
            session.send(ALICE, [to], content)
        finally:
            session._wire.close()


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        (f"{OPEN}\nC: MAIL...\nS: 550 go away\nHOLD", Refused, "550 go away"),
        (f"{OPEN}\nC: MAIL...\nS: 451 later\nHOLD", TemporarilyRefused, "451 later"),
        (f"{OPEN}\nC: MAIL...\nS: 552 too big\nHOLD", Refused, "552 too big"),
        (f"{OPEN}\nC: MAIL...\nS: 421 closing\nDROP", TemporarilyRefused, "421 closing"),
        (f"{OPEN}\nC: MAIL...\nS: nonsense\nHOLD", ProtocolError, "ense"),
        (f"{OPEN}\nC: MAIL...\nDROP", ServerClosed, ""),
        (f"{ENVELOPE}\nC: DATA\nS: 554 no\nHOLD", Refused, "554 no"),
        (f"{ENVELOPE}\nC: DATA\nDROP", ServerClosed, ""),
        (f"{UPLOAD}\nS: 554 this is spam\nHOLD", Refused, "554 this is spam"),
        (f"{UPLOAD}\nS: 452 disk full\nHOLD", TemporarilyRefused, "452 disk full"),
        (f"{UPLOAD}\nDROP", Uncertain, ""),
        (f"{UPLOAD}\nS: what\nHOLD", Uncertain, ""),
        (f"{UPLOAD}\nRAW 25\nDROP", Uncertain, ""),
    ],
)
def test_trouble_at_every_step(script: str, kind: type[MailError], words: str) -> None:
    with pytest.raises(kind) as caught:
        send(script)
    assert type(caught.value) is kind
    assert words in caught.value.server_words


def test_an_error_on_quit_means_nothing() -> None:
    for end in ("S: 500 no", "DROP"):
        with ScriptedServer(f"{UPLOAD}\nS: 250 queued\nC: QUIT\n{end}") as server:
            session = SmtpSession.connect(Server("127.0.0.1", server.port, Security.NONE, auth="none"), "")
            assert session.send(ALICE, [BOB], SMALL).final_reply == "250 queued"
            session.quit()


def test_smtp_cut_at_any_byte_of_every_phase(postfix: Postfix, dovecot: Dovecot) -> None:
    """The line is cut at every octet in either direction, by turns: it is uncertain only once the end is on its way,
    and then never sent again; what is plainly lost was not delivered, what was accepted is there once."""
    sent, uncertain = 0, 0
    with CuttingProxy(postfix.smtp) as proxy:
        server = Server("127.0.0.1", proxy.port, Security.NONE, "alice")

        def attempt(subject: bytes, up: int | None, down: int | None) -> str:
            proxy.after_sent, proxy.after = up, down
            reached: list[Phase] = []
            try:
                session = SmtpSession.connect(server, PASSWORDS["alice"])
                session.send(ALICE, [BOB], b"Subject: %s\r\n\r\n0123456789\r\n" % subject, reached.append)
                session.quit()
            except Uncertain:
                assert Phase.FINAL_DOT in reached
                return "uncertain"
            except (ServerClosed, ProtocolError):
                assert Phase.FINAL_DOT not in reached
                return "lost"
            return "sent"

        assert attempt(b"cut whole", None, None) == "sent"
        up, down = proxy.octets_up, proxy.octets_down
        step = max(1, up // SWEPT)
        for limit in range(1, up, step):
            outcome = attempt(b"cut up %d" % limit, limit, None)
            sent, uncertain = sent + (outcome == "sent"), uncertain + (outcome == "uncertain")
        for limit in range(1, down, max(1, down // SWEPT)):
            outcome = attempt(b"cut down %d" % limit, None, limit)
            sent, uncertain = sent + (outcome == "sent"), uncertain + (outcome == "uncertain")
    assert uncertain

    def arrived() -> list[bytes]:
        return [
            line for raw in dovecot.messages("bob") for line in raw.split(b"\n") if line.startswith(b"Subject: cut ")
        ]

    wait_until(lambda: len(arrived()) >= sent + 1, "delivery")
    found = arrived()
    assert len(found) == len(set(found)), "delivered twice"
    assert sent + 1 <= len(found) <= sent + 1 + uncertain


def test_a_phase_that_cannot_be_written_down_stops_the_sending() -> None:
    def full(phase: Phase) -> None:
        if phase is Phase.FINAL_DOT:
            raise OSError("disk full")

    with ScriptedServer(f"{ENVELOPE}\nC: DATA\nS: 354 go\nC: Subject: s\nC:\nC: hi\nHOLD") as server:
        session = SmtpSession.connect(Server("127.0.0.1", server.port, Security.NONE, auth="none"), "")
        with pytest.raises(OSError, match="disk full"):
            session.send(ALICE, [BOB], SMALL, full)
    assert not server.received.endswith(b".\r\n")


def test_starttls_taken_away_means_no_credential_on_the_wire() -> None:
    script = "S: 220 hello\nC: EHLO...\nS: 250-hello\nS: 250 AUTH PLAIN LOGIN\nHOLD"
    with ScriptedServer(script) as server, pytest.raises(TlsFailed, match="does not offer STARTTLS"):
        SmtpSession.connect(server.server(security=Security.STARTTLS), "secret", timeout=2)
    assert server.received == b"EHLO [127.0.0.1]\r\n"


@pytest.mark.parametrize(
    ("mechanism", "exchange"),
    [
        ("PLAIN", "C: AUTH PLAIN AGFsaWNlAHNlY3JldA=="),
        ("LOGIN", "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0"),
        (
            "CRAM-MD5",
            "C: AUTH CRAM-MD5\nS: 334 PDFAeD4=\nC: YWxpY2UgNDQ1M2MzZDBmZDE2ODc5MmQ1NjVjNzI4YjRkZjY3Mzk=",
        ),
    ],
)
def test_ways_to_log_in(mechanism: str, exchange: str) -> None:
    script = f"S: 220 hello\nC: EHLO...\nS: 250-hello\nS: 250 AUTH {mechanism}\n{exchange}\nS: 235 in\nHOLD"
    with ScriptedServer(script) as server:
        SmtpSession.connect(server.server(), "secret", timeout=2)._wire.close()


@pytest.mark.parametrize(
    ("greeting", "kind"),
    [("554 go away", Refused), ("421 busy", TemporarilyRefused), ("+OK pop3", ProtocolError)],
)
def test_trouble_at_the_door(greeting: str, kind: type[MailError]) -> None:
    with ScriptedServer(f"S: {greeting}\nHOLD") as server, pytest.raises(kind):
        SmtpSession.connect(server.server(), "secret", timeout=2)


def test_addresses_beyond_ascii_where_the_server_cannot() -> None:
    with pytest.raises(Refused, match="beyond ASCII"):
        send(f"{OPEN}\nHOLD", to="jürgen@example.test")
