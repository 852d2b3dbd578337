"""A POP3 account in the running engine: checked when it shall be, with progress in messages and octets, cancelled."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qtmail import events
from qtmail.engine.crew import Crew
from qtmail.events import StateChanged
from qtmail.model import AccountState, Protocol
from tests.e2e.engine.conftest import Desktop, mailbox, message
from tests.e2e.engine.test_crew import Heard, PlainThread
from tests.servers import Dovecot

COUNT = 1500


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def crew(desktop: Desktop, heard: Heard) -> Iterator[Crew]:
    made = Crew(desktop.profile, heard, PlainThread, passwords=desktop.password)
    yield made
    made.stop()


def progress(heard: Heard) -> list[StateChanged]:
    return [e for e in heard.events if isinstance(e, StateChanged) and e.octets_total]


def test_checked_when_asked_shown_and_cancelled(desktop: Desktop, server: Dovecot, crew: Crew, heard: Heard) -> None:
    sent = mailbox(COUNT, size=12_000)
    server.fill("alice", sent)
    desktop.add(replace(server.account("alice", Protocol.POP3), check_at_start=False))
    crew.start()
    heard.idle()
    assert desktop.ids("Alice/INBOX") == []
    crew.handle(events.Wake(check=True))
    heard.wait(lambda: bool(progress(heard)), "progress")
    crew.handle(events.Cancel())
    heard.wait(lambda: heard.states()[-1] is AccountState.IDLE, "the end of what was cancelled")
    told = progress(heard)[0]
    assert 0 < told.done <= told.total == COUNT
    assert 0 < told.octets <= told.octets_total == sum(map(len, sent))
    assert 0 < len(desktop.ids("Alice/INBOX")) < COUNT
    assert not [e for e in heard.events if isinstance(e, events.Problem)]
    crew.handle(events.Wake(check=True))
    heard.wait(lambda: len(desktop.ids("Alice/INBOX")) == COUNT, "the rest")


def test_the_rest_of_a_large_message_comes_at_once(desktop: Desktop, server: Dovecot, crew: Crew, heard: Heard) -> None:
    large = message(1, size=1_500_000)
    server.fill("alice", [large])
    desktop.add(replace(server.account("alice", Protocol.POP3), largest_mb=1))
    crew.start()
    heard.idle()
    (row,) = desktop.rows("Alice/INBOX")
    desktop.mail.download_rest([row.id])
    crew.handle(events.FetchBody((row.message,)))
    heard.wait(lambda: desktop.mail.raw(row.id) == large, "the rest")
    assert any(isinstance(e, events.BodiesArrived) and row.message in e.messages for e in heard.events)
