"""SMTP extensions, each in a transcript: what is offered is used, what is not is done without or said."""

import socket
import time

import pytest

from qtmail.errors import LoginFailed, MailError, ProtocolError, Refused, TemporarilyRefused, TlsFailed, Unreachable
from qtmail.mime.address import wire_address
from qtmail.model import Delivery, Security, Server
from qtmail.net.smtp import Phase, SendResult, SmtpSession
from qtmail.net.smtp_dialog import MOST_LINES
from tests.servers import Authority, ScriptedServer

ALICE, BOB, CAROL = "alice@example.test", "bob@example.test", "carol@example.test"
PLAIN = Delivery()
SMALL = b"Subject: s\r\n\r\n.hi\r\n"


def hello(*offered: str) -> str:
    lines = ["hello", *offered]
    marks = ["-"] * (len(lines) - 1) + [" "]
    return "S: 220 hello\nC: EHLO [127.0.0.1]\n" + "\n".join(
        f"S: 250{mark}{line}" for mark, line in zip(marks, lines, strict=True)
    )


def send(script: str, *to: str, content: bytes = SMALL, delivery: Delivery = PLAIN, **more: object) -> SendResult:
    with ScriptedServer(script) as server:
        session = SmtpSession.connect(Server("127.0.0.1", server.port, Security.NONE, auth="none"), "", timeout=2)
        try:
            return session.send(ALICE, to or [BOB], content, delivery=delivery, **more)  # type: ignore[arg-type]
        finally:
            session._wire.close()


def test_smtp_pipelining_sends_the_envelope_in_one_go_and_never_the_content_before_somebody_is_accepted() -> None:
    script = (
        f"{hello('PIPELINING')}\nC: MAIL FROM:<{ALICE}>\nC: RCPT TO:<{BOB}>\nC: RCPT TO:<{CAROL}>\n"
        "S: 250 ok\nS: 550 5.1.1 no\nS: 450 4.2.0 greylisted\nHOLD"
    )
    with pytest.raises(MailError) as caught:
        send(script, BOB, CAROL)
    assert "550 5.1.1 no" in caught.value.server_words


def test_smtp_a_refused_sender_ahead_of_many_recipients_leaves_the_session_in_step() -> None:
    many = [f"r{i}@example.test" for i in range(250)]
    rcpt = [f"C: RCPT TO:<{one}>" for one in many]
    first = [f"C: MAIL FROM:<{ALICE}>", *rcpt[:99], "S: 550 not you", *["S: 503 no sender"] * 99]
    rest: list[str] = []
    for start in (99, 199):
        part = rcpt[start : start + 100]
        rest += [*part, *["S: 503 no sender"] * len(part)]
    tail = f"C: RSET\nS: 250 ok\nC: MAIL FROM:<{ALICE}>\nC: RCPT TO:<{BOB}>\nS: 250 ok\nS: 250 ok\nC: DATA\nS: 354 go"
    end = "C: Subject: s\nC:\nC: ..hi\nC: .\nS: 250 queued"
    with ScriptedServer("\n".join([hello("PIPELINING"), *first, *rest, tail, end])) as server:
        session = SmtpSession.connect(Server("127.0.0.1", server.port, Security.NONE, auth="none"), "", timeout=2)
        with pytest.raises(Refused, match="refused"):
            session.send(ALICE, many, SMALL)
        assert session.send(ALICE, [BOB], SMALL).final_reply == "250 queued"
        session._wire.close()


ENVELOPE = f"C: MAIL FROM:<{ALICE}>\nS: 250 ok\nC: RCPT TO:<{BOB}>\nS: 250 ok"


def test_smtp_chunking_needs_no_dots_and_keeps_the_end_apart() -> None:
    phases: list[Phase] = []
    script = (
        f"{hello('CHUNKING')}\n{ENVELOPE}\nC: BDAT {len(SMALL)}\nREAD {len(SMALL)}\nS: 250 so far\n"
        "C: BDAT 0 LAST\nS: 250 2.0.0 queued"
    )
    assert send(script, phase=phases.append).final_reply == "250 2.0.0 queued"
    assert phases == [Phase.ENVELOPE, Phase.DATA, Phase.FINAL_DOT, Phase.ANSWER]


def test_smtp_chunking_offered_and_not_known_falls_back_to_data() -> None:
    script = (
        f"{hello('CHUNKING')}\n{ENVELOPE}\nC: BDAT {len(SMALL)}\nREAD {len(SMALL)}\nS: 502 5.5.1 what\n"
        f"C: RSET\nS: 250 ok\n{ENVELOPE}\nC: DATA\nS: 354 go\nC: Subject: s\nC:\nC: ..hi\nC: .\nS: 250 queued"
    )
    assert send(script).final_reply == "250 queued"


def test_smtp_a_chunk_refused_is_refused_and_an_end_that_contradicts_it_is_uncertain() -> None:
    def script(last: str) -> str:
        return (
            f"{hello('CHUNKING', 'PIPELINING')}\nC: MAIL FROM:<{ALICE}>\nC: RCPT TO:<{BOB}>\nS: 250 ok\nS: 250 ok\n"
            f"C: BDAT {len(SMALL)}\nREAD {len(SMALL)}\nC: BDAT 0 LAST\nS: 552 5.3.4 too big\nS: {last}\nHOLD"
        )

    with pytest.raises(Refused, match="too big for the server"):
        send(script("503 no"))
    with pytest.raises(MailError) as caught:
        send(script("250 queued"))
    assert type(caught.value).__name__ == "Uncertain"


def test_smtp_reports_and_warnings_are_asked_for_where_they_are_offered() -> None:
    wanted = Delivery(("failure", "success"), whole=True, within=3600)
    script = (
        f"{hello('DSN', 'DELIVERBY 60')}\nC: MAIL FROM:<{ALICE}> RET=FULL BY=3600;N\nS: 250 ok\n"
        f"C: RCPT TO:<{BOB}> NOTIFY=SUCCESS,FAILURE\nS: 250 ok\nC: DATA\nS: 354 go\nSKIP\nSKIP\nSKIP\nSKIP\nS: 250 ok"
    )
    assert send(script, delivery=wanted).missing == ()
    plain = f"{hello()}\n{ENVELOPE}\nC: DATA\nS: 354 go\nSKIP\nSKIP\nSKIP\nSKIP\nS: 250 ok"
    assert send(plain, delivery=wanted).missing == ("DSN", "DELIVERBY")


def test_smtp_the_server_keeps_it_until_a_time_or_says_that_it_cannot() -> None:
    later = Delivery(hold_until=int(time.time()) + 7200)
    script = (
        f"{hello('FUTURERELEASE 86400 2030-01-01T00:00:00Z')}\nC: MAIL FROM:<{ALICE}> HOLDFOR=7...\nS: 250 ok\n"
        f"C: RCPT TO:<{BOB}>\nS: 250 ok\nC: DATA\nS: 354 go\nSKIP\nSKIP\nSKIP\nSKIP\nS: 250 ok"
    )
    send(script, delivery=later)
    with pytest.raises(Refused, match="cannot keep a message"):
        send(f"{hello()}\nHOLD", delivery=later)
    with pytest.raises(Refused, match="1 days at most"):
        send(f"{hello('FUTURERELEASE 86400')}\nHOLD", delivery=Delivery(hold_until=int(time.time()) + 10**6))


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("550 5.1.1 unknown", Refused, "no such mailbox"),
        ("452 4.2.2 over quota", TemporarilyRefused, "mailbox is full"),
        ("552 5.3.4 30 MB", Refused, "too big for the server"),
        ("451 4.7.1 Greylisted, come back", TemporarilyRefused, "second try"),
        ("554 5.7.1 denied", Refused, "does not let this be sent"),
        ("421 4.3.2 shutting down", TemporarilyRefused, "cannot take it now"),
    ],
)
def test_smtp_enhanced_status_codes_become_plain_words(answer: str, kind: type[MailError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        send(f"{hello('ENHANCEDSTATUSCODES')}\nC: MAIL...\nS: {answer}\nHOLD")
    assert caught.value.server_words == answer


def test_smtp_replies_broken_over_segments_and_lines_are_one_reply() -> None:
    script = (
        "RAW 220-he\nRAW llo\\r\\n22\nRAW 0 again\\r\\n\nC: EHLO...\nRAW 250-a\\r\nRAW \\n250-PIPE\n"
        f"RAW LINING\\r\\n250 SIZE 99\\r\\n\nC: MAIL FROM:<{ALICE}> SIZE={len(SMALL)}\nC: RCPT...\n"
        "RAW 250 ok\\r\\n550-5.1.1 no\\r\\n550 5.1\nRAW .1 such user\\r\\n\nHOLD"
    )
    with pytest.raises(Refused) as caught:
        send(script)
    assert "550 5.1.1 no such user" in caught.value.server_words


def test_smtp_endless_replies_are_given_up() -> None:
    with pytest.raises(ProtocolError, match="come to an end"):
        send("S: 220 hello\nC: EHLO...\n" + "S: 250-more\n" * (MOST_LINES + 1) + "HOLD")
    with pytest.raises(ProtocolError, match="endless line"):
        send("S: 220 hello\nC: EHLO...\nDRIP 70000 250-x\nHOLD")


def test_smtp_slow_loris_does_not_hold_us() -> None:
    """An octet now and then is not an answer: time counts over the whole reply."""
    with ScriptedServer("RAW 220-h\nHOLD") as server:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="too long"):
            SmtpSession.connect(server.server(), "", timeout=0.5)
        assert time.monotonic() - began < 10


def test_smtp_starttls_refused_stripped_or_followed_by_injected_words(authority: Authority) -> None:
    for script, words in (
        (f"{hello('STARTTLS')}\nC: STARTTLS\nS: 454 4.7.0 not now\nHOLD", "then refused it"),
        (f"{hello('STARTTLS')}\nC: STARTTLS\nS: 500 what\nHOLD", "then refused it"),
        (f"{hello('SIZE')}\nHOLD", "does not offer STARTTLS"),
        (f"{hello('STARTTLS')}\nC: STARTTLS\nRAW 220 go\\r\\n250 AUTH PLAIN\\r\\n\nHOLD", "between STARTTLS"),
    ):
        with ScriptedServer(script) as server, pytest.raises((TlsFailed, MailError), match=words):
            SmtpSession.connect(server.server(security=Security.STARTTLS), "secret", timeout=2)
        assert b"AUTH" not in server.received


def test_smtp_auth_refused_is_not_auth_out_of_order() -> None:
    for answer, kind in (
        ("535 5.7.8 bad", LoginFailed),
        ("454 4.7.0 try later", TemporarilyRefused),
        ("534 5.7.9 application password required", LoginFailed),
    ):
        script = f"{hello('AUTH PLAIN')}\nC: AUTH PLAIN...\nS: {answer}\nHOLD"
        with ScriptedServer(script) as server, pytest.raises(kind) as caught:
            SmtpSession.connect(server.server(), "secret", timeout=2)
        assert caught.value.server_words == answer


def test_smtp_domains_are_ascii_where_letters_beyond_it_are_not_needed() -> None:
    script = f"{hello('SIZE')}\nC: MAIL...\nS: 250 ok\nC: RCPT TO:<bob@xn--bcher-kva.example>\nS: 550 no\nHOLD"
    with pytest.raises(Refused):
        send(script, wire_address("bob@bücher.example"))


def test_smtp_a_server_from_before_ehlo_is_spoken_to_plainly() -> None:
    script = f"S: 220 old\nC: EHLO...\nS: 500 what\nC: HELO [127.0.0.1]\nS: 250 old\n{ENVELOPE}\nC: DATA\nS: 354 go\n"
    assert send(f"{script}C: Subject: s\nC:\nC: ..hi\nC: .\nS: 250 taken").final_reply == "250 taken"


def test_smtp_our_machine_is_not_named() -> None:
    with ScriptedServer(f"{hello('SIZE')}\nC: MAIL...\nS: 550 no\nHOLD") as server:
        session = SmtpSession.connect(Server("127.0.0.1", server.port, Security.NONE, auth="none"), "", timeout=2)
        with pytest.raises(Refused):
            session.send(ALICE, [BOB], SMALL)
        session._wire.close()
    assert socket.gethostname().encode() not in server.received
