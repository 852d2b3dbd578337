"""What every backend promises (engine/backend.py), each protocol held to it on a real server."""

from collections.abc import Callable, Iterator

import pytest

from qtmail.engine.backend import Backend, Desk
from qtmail.engine.backends import backend_for
from qtmail.engine.context import Announcer, Control, Stopped
from qtmail.errors import LoginFailed, Unreachable
from qtmail.events import Event, FolderChanged
from qtmail.model import Flag, MessageId, Protocol
from qtmail.store.db import Store
from tests.e2e.engine.conftest import Desktop, mailbox, message
from tests.servers import PASSWORDS, Dovecot


class Held:
    """One backend with its signals."""

    def __init__(self, server: Dovecot, store: Store, protocol: Protocol) -> None:
        self.events: list[Event] = []
        self.password = PASSWORDS["alice"]
        self.control = Control()
        account = server.account("alice", protocol)
        self.desk = Desk(account, self.control, Announcer(self.events.append), lambda: self.password)
        self.backend: Backend = backend_for(self.desk, store)

    def close(self) -> None:
        self.backend.close()
        self.control.close()


@pytest.fixture(params=[Protocol.IMAP, Protocol.POP3])
def held(request: pytest.FixtureRequest, server: Dovecot, desktop: Desktop) -> Iterator[Held]:
    store = Store.open(desktop.profile)
    found = Held(server, store, request.param)
    yield found
    found.close()
    store.close()


def test_a_pass_is_idempotent_and_counts_what_it_did(held: Held, server: Dovecot) -> None:
    server.fill("alice", mailbox(12))
    first = held.backend.sync()
    assert (first.new, first.bodies) == (12, 12)
    assert first.folders >= 1
    assert first.bytes > 12 * 200
    second = held.backend.sync()
    assert (second.new, second.bodies) == (0, 0)
    server.fill("alice", [message(40)])
    assert held.backend.sync().new == 1


def test_replay_and_fetch_with_nothing_to_do_are_nothing(held: Held) -> None:
    held.backend.replay()
    held.backend.fetch([MessageId(4711)])
    assert held.events == []


def test_closing_twice_and_going_on(held: Held, server: Dovecot) -> None:
    server.fill("alice", mailbox(2))
    held.backend.close()
    assert held.backend.sync().new == 2
    held.backend.close()
    held.backend.close()
    assert held.backend.sync().new == 0


def test_a_wrong_password_and_then_the_right_one(held: Held, server: Dovecot) -> None:
    server.fill("alice", mailbox(2))
    held.password = "wrong"
    with pytest.raises(LoginFailed):
        held.backend.sync()
    held.password = PASSWORDS["alice"]
    assert held.backend.sync().new == 2


def test_a_server_that_goes_and_comes_back(held: Held, server: Dovecot) -> None:
    server.fill("alice", mailbox(2))
    held.backend.sync()
    server.stop()
    with pytest.raises(Unreachable):
        held.backend.sync()
    server.fill("alice", [message(9)])
    server.start()
    assert held.backend.sync().new == 1


@pytest.mark.parametrize("end", [Control.stop, lambda control: control.set_offline(True)])
def test_it_ends_when_control_says_so(held: Held, server: Dovecot, end: Callable[[Control], None]) -> None:
    server.fill("alice", mailbox(2))
    end(held.control)
    with pytest.raises(Stopped):
        held.backend.sync()


def test_what_was_read_before_the_end_is_kept(held: Held, server: Dovecot) -> None:
    server.fill("alice", mailbox(1000, size=9000))
    heard: list[Event] = []

    def emit(event: Event) -> None:
        heard.append(event)
        if isinstance(event, FolderChanged):
            held.control.stop()

    held.desk.announcer._emit = emit
    with pytest.raises(Stopped):
        held.backend.sync()
    held.close()
    held.control = Control()
    desk = Desk(held.desk.account, held.control, Announcer(heard.append), lambda: held.password)
    held.backend = backend_for(desk, held.backend._store)  # type: ignore[attr-defined]
    again = held.backend.sync()
    assert again.new < 1000
    assert again.bodies > 0  # it was cut before its end, be it among the headers or the bodies
    held.backend.close()
    assert held.backend.sync().bodies == 0


def test_what_another_connection_saw_holds_nothing_up(held: Held, server: Dovecot, desktop: Desktop) -> None:
    """A second connection knows of newer mail than this one did when it opened the folder: nothing went back there."""
    server.fill("alice", mailbox(3), flags="")
    desktop.add(held.desk.account)
    desktop.sync()
    rows = desktop.ids("Alice/INBOX")
    desktop.mail.set_flag(rows[:1], Flag.FLAGGED, True)
    held.backend.replay()
    server.fill("alice", [message(7)])
    desktop.sync()
    desktop.mail.set_flag(rows[1:], Flag.FLAGGED, True)
    held.backend.replay()
    assert desktop.mail.waiting() == 0
