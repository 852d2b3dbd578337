"""POP3 sessions: every call on a real Dovecot, every kind of -ERR and cut from a script."""

from collections.abc import Callable, Iterator

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
)
from qtmail.model import Protocol, Security, Server
from qtmail.net.pop3 import PopEntry, PopSession
from tests.servers import PASSWORDS, CuttingProxy, Dovecot, ScriptedServer
from tests.wire.conftest import message

DOTTY = b"Subject: dots\r\n\r\n.one\r\n..two\r\n.\r\n\r\n. three\r\n"
LONG = b"Subject: long\r\n\r\n" + b"x" * 100_000 + b"\r\n"
EMPTY = b"Subject: empty\r\n\r\n"

Join = Callable[[], PopSession]


@pytest.fixture
def join(dovecot: Dovecot, user: str) -> Iterator[Join]:
    """Makes POP3 sessions of the user; abandoned afterwards."""
    opened: list[PopSession] = []

    def make() -> PopSession:
        opened.append(PopSession.connect(dovecot.server(user, Protocol.POP3), "secret", timeout=10))
        return opened[-1]

    yield make
    for session in opened:
        session.abandon()


@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("name", PASSWORDS)
def test_logs_in_with_every_security_and_odd_passwords(dovecot: Dovecot, name: str, security: Security) -> None:
    session = PopSession.connect(dovecot.server(name, Protocol.POP3, security), PASSWORDS[name])
    assert all(entry.size for entry in session.uidls())
    assert session.quit()


def test_wrong_password(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(LoginFailed):
        PopSession.connect(dovecot.server(user, Protocol.POP3), "wrong")


def test_exact_bytes(dovecot: Dovecot, user: str, join: Join) -> None:
    contents = [DOTTY, LONG, EMPTY, message(1), message(2, 1_000_000)]
    dovecot.fill(user, contents)
    session = join()
    entries = session.uidls()
    assert [entry.size for entry in entries] == [len(content) for content in contents]
    assert len({entry.uidl for entry in entries}) == 5
    assert [session.retrieve(entry.number) for entry in entries] == contents
    assert session.bytes_in > sum(map(len, contents))
    assert session.top(4) == message(4 - 3).partition(b"Hello")[0]


def test_many_in_flight_in_order_and_refused_ones_left_out(dovecot: Dovecot, user: str, join: Join) -> None:
    dovecot.fill(user, (message(n, 3_000) for n in range(1, 101)))
    session = join()
    session.uidls()
    fetched = list(session.retrieve_many([*range(1, 51), 999, *range(51, 101)]))
    assert fetched == [(n, message(n, 3_000)) for n in range(1, 101)]


def test_an_iterator_left_early_does_not_harm_the_next_command(dovecot: Dovecot, user: str, join: Join) -> None:
    dovecot.fill(user, (message(n) for n in range(1, 41)))
    session = join()
    for number, _ in session.retrieve_many(range(1, 41)):
        assert number == 1
        break
    assert session.retrieve(40) == message(40)


def test_only_quit_deletes(dovecot: Dovecot, user: str, join: Join) -> None:
    dovecot.fill(user, (message(n) for n in range(1, 4)))
    session = join()
    session.delete(1)
    session.abandon()
    assert len(dovecot.messages(user)) == 3
    session = join()
    uidls = [entry.uidl for entry in session.uidls()]
    session.delete(2)
    assert session.quit()
    assert [entry.uidl for entry in join().uidls()] == [uidls[0], uidls[2]]


def test_no_such_message(dovecot: Dovecot, user: str, join: Join) -> None:
    session = join()
    with pytest.raises(Refused):
        session.retrieve(1)
    with pytest.raises(Refused):
        session.delete(1)
    assert session.quit()


def test_cut_anywhere_is_one_error_and_deletes_nothing(dovecot: Dovecot, user: str) -> None:
    contents = [DOTTY, message(1, 300)]
    dovecot.fill(user, contents)

    def session_through(port: int) -> None:
        session = PopSession.connect(Server("127.0.0.1", port, Security.NONE, user), "secret", timeout=5)
        session.uidls()
        for number, content in session.retrieve_many([1, 2]):
            assert content == contents[number - 1]
        session.delete(1)
        session.abandon()

    with CuttingProxy(dovecot.pop3) as proxy:
        session_through(proxy.port)
        total = proxy.octets_down
        for limit in range(1, total, 23):
            proxy.after = limit
            with pytest.raises(ServerClosed):
                session_through(proxy.port)
    assert len(dovecot.messages(user)) == 2


HELLO = "S: +OK hello\nC: CAPA\nS: -ERR what?"
LOGGED_IN = f"{HELLO}\nC: USER alice\nS: +OK\nC: PASS secret\nS: +OK\nC: CAPA\nS: -ERR what?"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("-ERR [AUTH] no", LoginFailed),
        ("-ERR invalid password", LoginFailed),
        ("-ERR [IN-USE] locked", TemporarilyRefused),
        ("-ERR unable to lock maildrop", TemporarilyRefused),
        ("-ERR [LOGIN-DELAY] wait a minute", TemporarilyRefused),
        ("-ERR [SYS/TEMP] disk", TemporarilyRefused),
        ("what?", ProtocolError),
    ],
)
def test_kinds_of_refusal_at_login(reply: str, kind: type[MailError]) -> None:
    script = f"{HELLO}\nC: USER alice\nS: +OK\nC: PASS secret\nS: {reply}\nHOLD"
    with ScriptedServer(script) as server, pytest.raises(kind) as caught:
        PopSession.connect(server.server(), "secret", timeout=2)
    assert type(caught.value) is kind
    assert caught.value.retry == (kind is TemporarilyRefused or (kind is ProtocolError and caught.value.retry))


def test_not_pop3_at_all() -> None:
    with ScriptedServer("S: * OK imap here\nHOLD") as server, pytest.raises(ProtocolError, match="does not speak POP3"):
        PopSession.connect(server.server(), "secret", timeout=2)


def test_starttls_taken_away_means_no_credential_on_the_wire() -> None:
    script = "S: +OK hello\nC: CAPA\nS: +OK\nS: USER\nS: SASL PLAIN\nS: .\nHOLD"
    with ScriptedServer(script) as server, pytest.raises(TlsFailed, match="STLS"):
        PopSession.connect(server.server(security=Security.STARTTLS), "secret", timeout=2)
    assert server.received == b"CAPA\r\n"


def test_apop_where_nothing_else_is_offered() -> None:
    script = """S: +OK hello <1896.697170952@dbc.mtview.ca.us>
        C: CAPA
        S: +OK
        S: TOP
        S: .
        C: APOP alice c4c9334bac560ecc979e58001b3e22fb
        S: +OK
        C: CAPA
        S: -ERR
        HOLD"""
    with ScriptedServer(script) as server:
        PopSession.connect(server.server(), "tanstaaf", timeout=2).abandon()


def test_odd_capabilities() -> None:
    script = f"S: +OK hello\nC: CAPA\nS: +OK\nRAW \\xff\\r\\n\\r\\n.\\r\\n\n{LOGGED_IN.split(chr(10), 3)[3]}\nHOLD"
    with ScriptedServer(script) as server:
        PopSession.connect(server.server(), "secret", timeout=2).abandon()


def test_a_server_without_uidl_lists_messages_without_names() -> None:
    script = f"{LOGGED_IN}\nC: LIST\nS: +OK\nS: 1 100\nS: .\nC: UIDL\nS: -ERR unknown\nHOLD"
    with ScriptedServer(script) as server:
        session = PopSession.connect(server.server(), "secret")
        assert session.uidls() == (PopEntry(1, "", 100),)
        session.abandon()


def test_quit_that_is_not_confirmed() -> None:
    for answer in ("S: -ERR some deleted messages not removed", "DROP"):
        with ScriptedServer(f"{LOGGED_IN}\nC: DELE 1\nS: +OK\nC: QUIT\n{answer}") as server:
            session = PopSession.connect(server.server(), "secret")
            session.delete(1)
            assert not session.quit()


def test_a_message_that_never_ends_is_given_up() -> None:
    script = (
        f"{LOGGED_IN}\nC: LIST\nS: +OK\nS: 1 100\nS: .\nC: UIDL\nS: +OK\nS: 1 a\nS: .\nC: RETR 1\nS: +OK\n"
        "RAW {{b'0123456789abcd' * 1000000}}\nHOLD"
    )
    with ScriptedServer(script) as server:
        session = PopSession.connect(server.server(), "secret")
        session.uidls()
        with pytest.raises(ProtocolError):
            session.retrieve(1)
        session.abandon()


def test_a_terminator_split_between_packets() -> None:
    script = f"{LOGGED_IN}\nC: RETR 1\nS: +OK\nRAW a\\r\\n..b\\r\\n.\nRAW \\r\nRAW \\nX\nHOLD"
    with ScriptedServer(script) as server:
        session = PopSession.connect(server.server(), "secret")
        assert session.retrieve(1) == b"a\r\n.b\r\n"
        session.abandon()


def test_a_password_that_would_break_the_command() -> None:
    with pytest.raises(BadInput):
        PopSession.connect(Server("127.0.0.1", 1, Security.NONE, "alice"), "a\r\nDELE 1")
