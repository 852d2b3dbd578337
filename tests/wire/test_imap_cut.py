"""A line that is cut at any byte: one clear error, nothing half believed, nothing twice."""

import pytest

from qtmail.errors import (
    ServerClosed,
)
from qtmail.model import Security, Server
from qtmail.net.imap import ImapSession
from tests.servers import CuttingProxy, Dovecot
from tests.wire.conftest import message


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
