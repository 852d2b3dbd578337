"""What an IMAP session makes of servers and lines that fail: one clear error, nothing wrong believed."""

import time
from array import array
from collections.abc import Iterator

import pytest

from qtmail.errors import (
    FolderGone,
    LoginFailed,
    MailError,
    ProtocolError,
    Refused,
    ServerClosed,
    TemporarilyRefused,
    TlsFailed,
    Unreachable,
)
from qtmail.model import Protocol, Role, Security, Server
from qtmail.net import wire
from qtmail.net.connect import Wake
from qtmail.net.imap import ImapSession
from tests.servers import CuttingProxy, Dovecot, ScriptedServer
from tests.wire.conftest import message

GREETING = "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello"
IN = f"""{GREETING}
C: $ AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
S: $ OK [CAPABILITY IMAP4rev1] in"""
SELECTED = f"""{IN}
C: $ SELECT "INBOX"
S: * 3 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: $ OK [READ-WRITE] selected"""


def connect(server: ScriptedServer, timeout: float = 5) -> ImapSession:
    return ImapSession.connect(server.server(), "secret", timeout=timeout)


def selected(server: ScriptedServer) -> ImapSession:
    session = connect(server)
    session.select(b"INBOX")
    return session


def able(capability: str) -> str:
    """SELECTED, on a server that offers one more thing."""
    return SELECTED.replace("IMAP4rev1] in", f"IMAP4rev1 {capability}] in")


def fetch(*replies: str) -> str:
    return "\n".join((SELECTED, "C: $ UID FETCH 1:3 (UID BODY.PEEK[])", *replies, "HOLD"))


# ---- getting in --------------------------------------------------------------------------------------------------


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


# ---- a line that is cut ------------------------------------------------------------------------------------------


def test_cut_at_every_byte_of_a_session(dovecot: Dovecot, user: str) -> None:
    """Login, folders, select, headers, bodies: wherever the line is cut, one ServerClosed and no half message."""
    dovecot.fill(user, [message(1), message(2, 300)])
    contents = {1: message(1), 2: message(2, 300)}
    with CuttingProxy(dovecot.imap) as proxy:
        assert _session_through(proxy, user, contents)
        total = proxy.octets_down
        for limit in range(1, total, 37):
            proxy.after = limit
            with pytest.raises(ServerClosed):
                _session_through(proxy, user, contents)


def _session_through(proxy: CuttingProxy, user: str, contents: dict[int, bytes]) -> bool:
    session = ImapSession.connect(Server("127.0.0.1", proxy.port, Security.NONE, user), "secret", timeout=5)
    try:
        session.folders()
        session.select(b"INBOX")
        for header in session.fetch_headers(session.uids()):
            assert header.header.endswith(b"\r\n\r\n")
        for body in session.fetch_bodies([1, 2]):
            assert body.content == contents[body.uid]
        session.noop()
    finally:
        session._client.wire.close()
    return True


def test_cut_during_append_leaves_no_half_message(dovecot: Dovecot, user: str) -> None:
    content = message(1, 200_000)
    with CuttingProxy(dovecot.imap) as proxy:
        for limit in (300, 1_000, 100_000, 150_000):
            proxy.after_sent = limit
            session = ImapSession.connect(Server("127.0.0.1", proxy.port, Security.NONE, user), "secret", timeout=5)
            with pytest.raises(ServerClosed):
                session.append(b"INBOX", content)
            session.close()
    assert dovecot.messages(user) == []


# ---- replies that make no sense ----------------------------------------------------------------------------------


def test_server_closes_in_the_middle_of_a_literal() -> None:
    script = fetch(
        "S: * 1 FETCH (UID 1 BODY[] {5}", "RAW hello)\\r\\n", "RAW * 2 FETCH (UID 2 BODY[] {50}\\r\\nhal", "DROP"
    )
    with ScriptedServer(script) as server:
        bodies = selected(server).fetch_bodies([1, 2, 3])
        assert next(bodies).content == b"hello"
        with pytest.raises(ServerClosed):
            next(bodies)


@pytest.mark.parametrize(
    "odd",
    [
        "* 2 FETCH (UID 2 BODY[] {3}\\r\\nabc FLAGS (\\\\Seen)",
        "* 2 FETCH (UID 2 BODY[] {3}\\r\\nabc))",
        "* 2 FETCH (UID 2 BODY[] (nonsense",
        "* 2 FETCH UID 2 BODY[] {3}\\r\\nabc",
        "* 2 FETCH (UID 2 BODY[] NIL)",
        "* 2 FETCH (UID two BODY[] {3}\\r\\nabc)",
    ],
)
def test_one_malformed_reply_is_quarantined_and_the_rest_arrive(odd: str) -> None:
    script = fetch(
        "RAW * 1 FETCH (UID 1 BODY[] {1}\\r\\na)\\r\\n",
        f"RAW {odd}\\r\\n",
        "RAW * 3 FETCH (UID 3 BODY[] {1}\\r\\nc)\\r\\n",
        "S: $ OK done",
    )
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [one.uid for one in session.fetch_bodies([1, 2, 3])] == [1, 3]
        (put_aside,) = session.take_quarantined()
        assert put_aside.uid in (2, None)
        assert put_aside.why
        assert session.take_quarantined() == ()
        session._client.wire.close()


@pytest.mark.parametrize(
    "usual",
    [
        "* 1 FETCH (UID 1 BODY[] {3}\\r\\nabc)",
        "* 1 FETCH (BODY[] {3}\\r\\nabc UID 1)",
        "* 1 FETCH (FLAGS (\\\\Seen) UID 1 BODY[] {3}\\r\\nabc MODSEQ (5))",
        '* 1 FETCH (UID 1 BODY[] "abc")',
        "* 1 fetch (uid 1 body[] {3}\\r\\nabc)",
        "* 1 FETCH (UID 1 X-GM-LABELS (\\\\Inbox {2}\\r\\nhi) BODY[] {3}\\r\\nabc)",
        "* 1 FETCH (UID 1  BODY[] abc)",
    ],
)
def test_every_legal_form_of_a_reply_is_understood(usual: str) -> None:
    script = fetch(f"RAW {usual}\\r\\n", "S: $ OK done")
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [(one.uid, one.content) for one in session.fetch_bodies([1, 2, 3])] == [(1, b"abc")]
        assert session.take_quarantined() == ()
        session._client.wire.close()


def test_a_literal_of_another_size_than_announced_ends_the_session() -> None:
    """What follows cannot be believed: the rest of a message could look like replies."""
    script = fetch("RAW * 1 FETCH (UID 1 BODY[] {3}\\r\\nabcdef)\\r\\n", "RAW ghi\\r\\n", "S: $ OK done")
    with ScriptedServer(script) as server:
        session = selected(server)
        with pytest.raises(ProtocolError):
            list(session.fetch_bodies([1, 2, 3]))
        assert session.take_quarantined()[0].uid == 1
        session.close()


def test_a_literal_far_larger_than_announced_is_read_past() -> None:
    script = fetch(
        "S: * 1 FETCH (UID 1 BODY[] {3000000}",
        "RAW {{b'x' * 3000000}})\\r\\n",
        "RAW * 2 FETCH (UID 2 BODY[] {1}\\r\\nb)\\r\\n",
        "S: $ OK done",
    )
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [one.uid for one in session.fetch_bodies([1, 2, 3], size_hint={1: 100, 2: 1})] == [2]
        assert session.take_quarantined()[0].uid == 1
        session._client.wire.close()


def test_a_literal_of_absurd_size_outside_fetch_ends_the_session() -> None:
    script = f"{IN}\nC: $ NOOP\nS: * LIST () NIL {{99999999999}}\nHOLD"
    with ScriptedServer(script) as server:
        session = connect(server)
        with pytest.raises(ProtocolError):
            session.noop()
        session.close()


def test_an_endless_line_ends_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LINE_LIMIT", 100_000)
    with ScriptedServer(f"{IN}\nC: $ NOOP\nRAW {{{{b'* OK ' + b'x' * 900000}}}}\nHOLD") as server:
        session = connect(server)
        with pytest.raises(ProtocolError, match="endless line"):
            session.noop()
        session.close()


def test_a_server_that_drips_hits_the_deadline_of_the_command() -> None:
    """Each octet comes in time, the reply never ends: the limit is on the whole command."""
    with ScriptedServer(f"{IN}\nC: $ NOOP\nDRIP 1000000 x") as server:
        session = connect(server)
        session._client.wire.patience = 0.3
        session._client.wire._sock = _Slow(session._client.wire._sock)
        began = time.monotonic()
        with pytest.raises(Unreachable, match="too long"):
            session.noop()
        assert time.monotonic() - began < 5
        session.close()


class _Slow:
    """A socket that gives one octet at a time, each after a while."""

    def __init__(self, sock: object) -> None:
        self._sock = sock

    def recv(self, size: int) -> bytes:
        time.sleep(0.02)
        return self._sock.recv(1)  # type: ignore[attr-defined, no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self._sock, name)


def test_deep_nesting_is_quarantined() -> None:
    script = fetch(
        "RAW * 1 FETCH (UID 1 X {{b'(' * 100000 + b')' * 100000}})\\r\\n",
        "RAW * 2 FETCH (UID 2 BODY[] {1}\\r\\nb)\\r\\n",
        "S: $ OK done",
    )
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [one.uid for one in session.fetch_bodies([1, 2, 3])] == [2]
        assert len(session.take_quarantined()) == 1
        session._client.wire.close()


def test_a_batch_the_server_refuses_is_asked_again_in_halves() -> None:
    script = f"""{SELECTED}
        C: $ UID FETCH 1:3 (UID BODY.PEEK[])
        RAW * 1 FETCH (UID 1 BODY[] {{1}}\\r\\na)\\r\\n
        S: $ NO [SERVERFAULT] cannot read one of them
        C: $ UID FETCH 2 (UID BODY.PEEK[])
        C: $ UID FETCH 3 (UID BODY.PEEK[])
        S: $2 NO cannot read this one
        RAW * 3 FETCH (UID 3 BODY[] {{1}}\\r\\nc)\\r\\n
        S: $1 OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [one.uid for one in session.fetch_bodies([1, 2, 3])] == [1, 3]
        (put_aside,) = session.take_quarantined()
        assert (put_aside.uid, put_aside.why) == (2, "The server refused: cannot read this one")
        session._client.wire.close()


def test_news_in_the_middle_of_a_fetch_is_kept() -> None:
    script = fetch(
        "S: * 4 EXISTS",
        "RAW * 1 FETCH (UID 1 BODY[] {1}\\r\\na)\\r\\n",
        "S: * 2 FETCH (UID 2 FLAGS (\\Seen \\Recent $X))",
        "S: * 3 FETCH (FLAGS (\\Seen))",
        "S: * 4 EXPUNGE",
        "S: * VANISHED 5:7",
        "S: * OK [ALERT] beware",
        "S: $ OK done",
    )
    with ScriptedServer(script) as server:
        session = selected(server)
        assert len(list(session.fetch_bodies([1, 2, 3]))) == 1
        changes = session.take_changes()
        assert (changes.exists, changes.expunged, changes.vanished, changes.unnamed) == (4, 1, (5, 6, 7), 1)
        assert [(one.uid, one.flags) for one in changes.flags] == [(2, {"\\Seen", "$X"})]
        assert not session.take_changes()
        session._client.wire.close()


@pytest.mark.parametrize("reply", ["1:4294967295", "1:99999999999", "x", "0", "1,,2"])
def test_a_search_result_that_makes_no_sense(reply: str) -> None:
    script = f"{able('ESEARCH')}\nC: $ UID SEARCH...\nS: * ESEARCH UID ALL {reply}\nS: $ OK\nHOLD"
    with ScriptedServer(script) as server:
        session = selected(server)
        with pytest.raises(ProtocolError):
            session.uids()
        session._client.wire.close()


def test_a_bye_in_the_middle() -> None:
    with ScriptedServer(f"{IN}\nC: $ NOOP\nS: * BYE Autologout\nDROP") as server:
        session = connect(server)
        with pytest.raises(ServerClosed) as caught:
            session.noop()
        assert caught.value.server_words == "Autologout"
        session.close()


def test_idle_on_a_connection_that_the_server_closes() -> None:
    script = f"{able('IDLE')}\nC: $ IDLE\nS: + idling\nS: * OK still here\nDROP"
    wake = Wake()
    with ScriptedServer(script) as server:
        session = selected(server)
        with pytest.raises(ServerClosed):
            session.idle(wake, 30)
        session.close()
    wake.close()


def test_idle_with_a_reply_split_in_the_middle_of_a_line() -> None:
    script = f"""{able("IDLE")}
        C: $ IDLE
        RAW + idling\\r\\n* 4 EXI
        RAW STS\\r\\n
        C: DONE
        S: $ OK done
        HOLD"""
    wake = Wake()
    with ScriptedServer(script) as server:
        session = selected(server)
        assert session.idle(wake, 30)
        assert session.take_changes().exists == 4
        session._client.wire.close()
    wake.close()


# ---- servers that can do less ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain() -> Iterator[Dovecot]:
    """Says it knows nothing but IMAP4rev1; "." between levels, everything below "INBOX."."""
    with Dovecot(capability="IMAP4rev1 NAMESPACE", separator=".", prefix="INBOX.") as running:
        yield running


def test_everything_works_without_extensions(plain: Dovecot) -> None:
    user = plain.add_user()
    plain.fill(user, (message(n) for n in range(1, 6)))
    session = ImapSession.connect(plain.server(user, Protocol.IMAP), "secret")
    folders = {folder.path: folder for folder in session.folders()}
    assert folders["Sent"].wire_name == b"INBOX.Sent"
    assert folders["Sent"].role is Role.SENT
    assert folders["INBOX"].status is None
    assert folders["Trash"].subscribed
    assert session.wire_name("Neu/Ä") == b"INBOX.Neu.&AMQ-"
    session.create(session.wire_name("Neu/Ä"))
    assert "Neu/Ä" in {folder.path for folder in session.folders()}
    with pytest.raises(Refused):
        session.wire_name("a.b")
    assert session.select(b"INBOX").highestmodseq is None
    assert session.uids(4) == array("I", [4, 5])
    assert [one.modseq for one in session.fetch_headers([1])] == [None]
    moved = session.move([1, 99], b"INBOX.Sent")
    assert moved.uids == {1: 1}
    session.expunge([2])
    assert {one.uid: "\\Deleted" in one.flags for one in session.fetch_flags(1)} == {
        1: True,
        2: True,
        3: False,
        4: False,
        5: False,
    }
    with pytest.raises(FolderGone):
        session.move([3], b"INBOX.Nowhere")
    assert session.append(b"INBOX.Sent", message(9)) is not None
    wake = Wake()
    session.take_changes()
    assert not session.idle(wake, 0.1)
    wake.close()
    session.close()


def test_moves_without_copyuid_name_what_was_there() -> None:
    script = f"""{able("MOVE")}
        C: $ UID MOVE 1:2 "Trash"
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: $ OK moved
        C: $ UID MOVE 9 "Trash"
        S: $ OK nothing to move
        C: $ UID COPY 3:4 "Trash"
        S: $ OK copied
        C: $ UID SEARCH UID 3:4
        S: * SEARCH 3
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert session.move([1, 2], b"Trash").uids == {1: None, 2: None}
        assert session.move([9], b"Trash").uids == {}
        assert session.copy([3, 4], b"Trash").uids == {3: None}
        session._client.wire.close()


def test_odd_list_replies() -> None:
    script = f"""{IN}
        C: $ LIST "" "*"
        S: * LIST (\\HasNoChildren) NIL INBOX
        S: * LIST () "." "Gesendete Objekte"
        RAW * LIST (\\\\Noselect) "/" {{7}}\\r\\n[Gmail]\\r\\n
        S: * LIST (\\HasNoChildren \\Trash) "/" "[Gmail]/Papierkorb" ("CHILDINFO" ("SUBSCRIBED"))
        S: * LIST () "/" "bad &utf7"
        S: * LIST () "/" 123
        S: * LIST () "." "a/b.c"
        S: * LIST nonsense
        S: * LIST () "/" NIL
        S: $ OK done
        C: $ LSUB "" "*"
        S: * LSUB () "/" INBOX
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        folders = {folder.path: folder for folder in session.folders()}
        assert set(folders) == {
            "INBOX",
            "Gesendete Objekte",
            "[Gmail]",
            "[Gmail]/Papierkorb",
            "bad &utf7",
            "123",
            "a∕b/c",
            "NIL",
        }
        assert folders["Gesendete Objekte"].role is Role.SENT
        assert folders["[Gmail]/Papierkorb"].role is Role.TRASH
        assert not folders["[Gmail]"].selectable
        assert folders["INBOX"].subscribed
        assert not folders["123"].subscribed
        assert folders["INBOX"].delimiter == ""
        session._client.wire.close()
