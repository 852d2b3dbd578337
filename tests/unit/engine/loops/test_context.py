"""The signals of a loop, and the events it tells."""

import threading
import time

import pytest

from qtmail.engine.context import Announcer, Control, Stopped
from qtmail.errors import Unreachable
from qtmail.events import BodiesArrived, Event, FolderChanged, Problem
from qtmail.model import AccountKey, FolderId, MessageId


class Session:
    """Something that can be cut."""

    def __init__(self) -> None:
        self.aborted = threading.Event()

    def abort(self) -> None:
        self.aborted.set()


@pytest.fixture
def control():  # type: ignore[no-untyped-def]
    found = Control()
    yield found
    found.close()


def test_stop_cuts_the_session_and_ends_every_wait(control: Control) -> None:
    session = control.connect(Session, Session.abort)
    threading.Timer(0.05, control.stop).start()
    control.wait(None)
    assert session.aborted.wait(2)
    with pytest.raises(Stopped):
        control.check()
    with pytest.raises(Stopped):
        control.connect(Session, Session.abort)


def test_stop_does_not_wait_for_a_connection_being_made(control: Control) -> None:
    go_on = threading.Event()
    discarded = threading.Event()

    def slow() -> Session:
        go_on.wait(10)
        return Session()

    threading.Timer(0.05, control.stop).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        control.connect(slow, lambda _session: discarded.set())
    assert time.monotonic() - began < 5
    go_on.set()
    assert discarded.wait(5), "the connection that came late is closed"


def test_a_failed_connection_is_raised_where_it_was_wanted(control: Control) -> None:
    def refused() -> Session:
        raise Unreachable("nobody there")

    with pytest.raises(Unreachable):
        control.connect(refused, Session.abort)


def test_waking_means_work_and_checking_means_news(control: Control) -> None:
    control.wake()
    assert control.wait(5) is False
    control.wake(check=True)
    assert control.wait(5) is True
    assert control.wait(0.01) is True, "time went by: look for news"


def test_what_merely_wakes_does_not_end_a_pause(control: Control) -> None:
    control.wake()
    control.fetch([MessageId(1)])
    began = time.monotonic()
    control.pause(0.05)
    assert time.monotonic() - began >= 0.05
    control.wake(check=True)
    control.pause(60)


def test_offline_cuts_and_comes_back(control: Control) -> None:
    session = control.connect(Session, Session.abort)
    control.set_offline(True)
    assert session.aborted.is_set()
    assert control.halt.is_set()
    with pytest.raises(Stopped):
        control.check()
    control.set_offline(False)
    control.check()
    assert not control.halt.is_set()
    assert control.wait(0) is True


def test_urgent_wishes_are_taken_once_each(control: Control) -> None:
    control.fetch([MessageId(2), MessageId(1), MessageId(2)])
    assert control.take_urgent() == (2, 1)
    assert control.take_urgent() == ()


def test_what_is_in_sight_is_taken_in_parts_and_only_as_it_was_said_last(control: Control) -> None:
    control.look_at(MessageId(number) for number in range(5))
    assert control.pressed
    assert control.take_in_sight(2) == (0, 1)
    control.look_at([MessageId(9)])
    assert control.take_in_sight(2) == (9,)
    assert control.take_in_sight(2) == ()
    assert not control.pressed
    control.look_at([MessageId(9)])
    assert control.wait(5) is False, "it is no reason to ask for news"


def test_news_of_some_folders_until_somebody_asks_for_all(control: Control) -> None:
    assert control.take_news() is None, "at first nothing is known"
    control.hear((b"Work",))
    control.hear((b"INBOX", b"Work"))
    assert control.wait(5) is True
    assert control.take_news() == {b"INBOX", b"Work"}
    assert control.take_news() is None, "asked without news"
    for asks in (
        lambda: control.wake(check=True),
        lambda: control.hear(None),
        lambda: control.wait(0),
        lambda: control.pause(0),
        lambda: (control.set_offline(True), control.set_offline(False)),
    ):
        control.take_news()
        control.wait(0)
        control.take_news()
        control.hear((b"Work",))
        control.wait(5)
        asks()
        assert control.take_news() is None


def test_a_rest_is_ended_by_nothing_but_the_end(control: Control) -> None:
    control.wake(check=True)
    began = time.monotonic()
    control.rest(0.05)
    assert time.monotonic() - began >= 0.05
    control.stop()
    control.rest(60)


def test_events_on_the_same_folder_are_told_together() -> None:
    told: list[Event] = []
    announcer = Announcer(told.append)
    announcer.say([FolderChanged(FolderId(1))])
    told.clear()
    for number in range(3):
        announcer.say([FolderChanged(FolderId(1), arrived=1), BodiesArrived((MessageId(number),))])
    problem = Problem(AccountKey("a"), "trouble")
    announcer.say([problem])
    assert told == [problem]
    announcer.flush()
    assert told == [problem, FolderChanged(FolderId(1), arrived=3), BodiesArrived((0, 1, 2))]  # type: ignore[arg-type]
