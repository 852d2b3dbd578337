"""Replies that make no sense, or do harm: one clear error, nothing wrong believed."""

import time

import pytest

from qtmail.errors import (
    ProtocolError,
    ServerClosed,
    Unreachable,
)
from qtmail.net import wire
from qtmail.net.connect import Wake
from tests.servers import ScriptedServer
from tests.wire.imap_scripts import IN, SELECTED, able, connect, fetch, selected


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
        "* 2 FETCH (BODY[] {3}\\r\\nabc)",
        '* 2 FETCH (UID 2 ENVELOPE ("x" "y (((" BODY[] {3}\\r\\nabc)',
        '* 2 FETCH (UID 2 BODYSTRUCTURE ((("TEXT" BODY[] {3}\\r\\nabc)',
        "* 2 FETCH (UID 2 FLAGS (\\\\Seen BODY[] {3}\\r\\nabc)",
        "* 2 FETCH (UID 4294967296 BODY[] {3}\\r\\nabc)",
        "* 2 FETCH (UID 99999999999999 BODY[] {3}\\r\\nabc)",
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
        session._client.wire._sock = _Slow(session._client.wire._sock)  # type: ignore[assignment]
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
        assert [(one.uid, one.flags) for one in changes.flags] == [(2, frozenset({"\\Seen", "$X"}))]
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


def test_a_reply_without_flags_never_means_that_there_are_none() -> None:
    """Only a MODSEQ: the echo of a STORE."""
    script = f"""{SELECTED}
        C: $ UID FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\\Seen))
        S: * 2 FETCH (UID 2 MODSEQ (9))
        S: * 3 FETCH (UID 3 FLAGS ())
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [(one.uid, one.flags) for one in session.fetch_flags(1)] == [
            (1, frozenset({"\\Seen"})),
            (3, frozenset()),
        ]
        session._client.wire.close()
