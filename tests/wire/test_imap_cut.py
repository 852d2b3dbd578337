"""A line that is cut at any byte: one clear error, nothing half believed, nothing twice."""

import contextlib
import time
from array import array
from collections.abc import Iterator

import pytest

from qtmail.errors import ServerClosed, Unreachable
from qtmail.model import Protocol, Security, Server
from qtmail.net import imap
from qtmail.net.connect import Wake
from qtmail.net.imap import ImapSession
from tests.servers import CuttingProxy, DelayingProxy, Dovecot, ScriptedServer
from tests.wire.conftest import message
from tests.wire.imap_scripts import able, selected


def test_cut_at_every_byte_of_a_session(dovecot: Dovecot, user: str) -> None:
    """Login, folders, select, headers, bodies: wherever the line is cut, one ServerClosed and no half message."""
    dovecot.fill(user, [message(1), message(2, 300)])
    contents = {1: message(1), 2: message(2, 300)}
    with CuttingProxy(dovecot.imap) as proxy:
        assert _session_through(proxy, user, contents)
        total = proxy.octets_down
        for limit in range(1, total, 23):
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


def _through(proxy: CuttingProxy | DelayingProxy, user: str, timeout: float = 5) -> ImapSession:
    return ImapSession.connect(Server("127.0.0.1", proxy.port, Security.NONE, user), "secret", timeout=timeout)


def test_cut_at_any_byte_of_a_move_leaves_each_message_in_one_folder(dovecot: Dovecot, user: str) -> None:
    """Whether the answer came or not: the server has it here or there, and what was told is true."""
    numbers = range(1, 31)
    dovecot.fill(user, map(message, numbers))
    with CuttingProxy(dovecot.imap) as proxy:
        session = _through(proxy, user)
        session.select(b"INBOX")
        before = proxy.octets_down
        session.move([1], b"Trash")
        size = proxy.octets_down - before
        session.close()
        for number, limit in enumerate(range(before + 1, before + size, max(1, size // 20)), 2):
            if number > numbers[-1]:
                break
            proxy.after = limit
            with pytest.raises(ServerClosed):
                session = _through(proxy, user)
                session.select(b"INBOX")
                session.move([number], b"Trash")
                session.noop()
    everything = [*dovecot.messages(user), *dovecot.messages(user, "Trash")]
    assert sorted(everything) == sorted(map(message, numbers))
    assert len(dovecot.messages(user, "Trash")) > 1


def test_cut_at_any_byte_of_idle(dovecot: Dovecot, user: str) -> None:
    wake = Wake()
    with CuttingProxy(dovecot.imap) as proxy:
        session = _through(proxy, user)
        session.select(b"INBOX")
        before = proxy.octets_down
        assert not session.idle(wake, 0.05)
        size = proxy.octets_down - before
        session.close()
        for limit in range(before + 1, before + size):
            proxy.after = limit
            with contextlib.closing(_through(proxy, user)) as session, pytest.raises(ServerClosed):
                session.select(b"INBOX")
                session.idle(wake, 0.05)
                session.noop()
    wake.close()


def test_cut_anywhere_in_a_compressed_session(able_to_compress: Dovecot) -> None:
    user = able_to_compress.add_user()
    contents = {number: message(number, 5_000) for number in range(1, 6)}
    able_to_compress.fill(user, contents.values())
    with CuttingProxy(able_to_compress.imap) as proxy:
        session = _through(proxy, user)
        _read_compressed(session, contents)
        total = proxy.octets_down
        for limit in range(300, total - 100, max(1, total // 20)):
            proxy.after = limit
            with pytest.raises(ServerClosed):
                _read_compressed(_through(proxy, user), contents)


def _read_compressed(session: ImapSession, contents: dict[int, bytes]) -> None:
    try:
        assert session.compress()
        session.select(b"INBOX")
        for body in session.fetch_bodies(contents):
            assert body.content == contents[body.uid]
        session.noop()
    finally:
        session._client.wire.close()


@pytest.fixture
def able_to_compress() -> Iterator[Dovecot]:
    with Dovecot(extra="protocol imap {\n  mail_plugins = imap_zlib\n}") as running:
        yield running


def test_bodies_over_a_long_line_come_all_and_in_order(dovecot: Dovecot, user: str) -> None:
    contents = [message(number, 20_000) for number in range(1, 121)]
    dovecot.fill(user, contents)
    with DelayingProxy(dovecot.imap, 0.01) as proxy:
        session = _through(proxy, user)
        session.select(b"INBOX")
        assert [one.content for one in session.fetch_bodies(range(1, 121))] == contents
        assert session.uids(119) == array("I", [119, 120])
        session.close()


def test_a_half_open_connection_is_noticed_by_any_command_and_by_idle(dovecot: Dovecot, user: str) -> None:
    """Nothing comes any more, and nobody says so: a router that forgot us."""
    wake = Wake()
    with DelayingProxy(dovecot.imap, 0) as proxy:
        sessions = [_through(proxy, user, timeout=0.3) for _ in range(3)]
        for session in sessions:
            session.select(b"INBOX")
        proxy.freeze()
        began = time.monotonic()
        with pytest.raises(Unreachable, match="too long"):
            sessions[0].noop()
        with pytest.raises(Unreachable, match="too long"):
            sessions[1].idle(wake, 0.1)
        with pytest.raises(Unreachable, match="too long"):
            list(sessions[2].fetch_headers([1]))
        assert time.monotonic() - began < 10
        for session in sessions:
            session.close()
    wake.close()


@pytest.mark.parametrize("leap", [86_400, 10 * 365 * 86_400, -86_400])
def test_a_clock_that_leaps_ends_idle_and_proves_the_connection(
    dovecot: Dovecot, user: str, leap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wake = Wake()
    session = ImapSession.connect(dovecot.server(user, Protocol.IMAP), "secret", timeout=5)
    session.select(b"INBOX")
    monkeypatch.setattr(imap, "_NAP", 0.05)
    real, calls = time.time, iter([0])
    monkeypatch.setattr(time, "time", lambda: real() + next(calls, leap))
    began = time.monotonic()
    assert not session.idle(wake, 60)
    assert time.monotonic() - began < 30
    session.noop()
    session.close()
    wake.close()


def test_a_move_in_two_steps_that_is_cut_between_them() -> None:
    """COPY is done, STORE never answered: an error, and nothing is said to be gone."""
    script = f"""{able("UIDPLUS")}
        C: $ UID COPY 1 "Trash"
        S: $ OK [COPYUID 5 1 9] copied
        C: $ UID STORE 1 +FLAGS.SILENT (\\Deleted)
        DROP"""
    with ScriptedServer(script) as server:
        session = selected(server)
        with pytest.raises(ServerClosed):
            session.move([1], b"Trash")
        session.close()
