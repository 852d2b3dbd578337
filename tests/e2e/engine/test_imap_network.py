"""The engine at work while the network comes and goes: it goes on by itself; in the end both sides have the same."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtmail.engine import loop
from qtmail.engine.crew import Crew
from qtmail.events import Problem, Wake
from qtmail.model import Flag
from tests.e2e.engine.conftest import mailbox, message
from tests.e2e.engine.lab import Case, case
from tests.e2e.engine.test_crew import Heard, PlainThread
from tests.servers import Dovecot


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture
def one(server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """Forty mails; what failed is tried again after a tenth of a second (seconds, in life)."""
    monkeypatch.setattr(loop, "FIRST_S", 0.1)
    monkeypatch.setattr(loop, "LONGEST_S", 0.2)
    with case(server, tmp_path) as found:
        found.fill(mailbox(40))
        found.server.folder(found.user, "Work")
        found.sync()
        yield found


@pytest.fixture
def running(one: Case) -> Iterator[tuple[Crew, Heard]]:
    heard = Heard()
    crew = Crew(one.desktop.profile, heard, PlainThread, passwords=one.desktop.password)
    crew.start()
    yield crew, heard
    crew.stop()


def at_work(one: Case, crew: Crew, number: int) -> None:
    """Mail comes, and people do things."""
    one.fill([message(100 + number)])
    one.mail.set_flag(one.rows(f"Mail {number}"), Flag.FLAGGED, True)
    one.mail.move(one.rows(f"Mail {number + 20}"), one.folder("Work"))
    crew.handle(Wake())


def all_is_well(one: Case, count: int) -> Callable[[], bool]:
    """Everything was told, and everything is here."""
    wanted = {f"Mail {100 + number}" for number in range(count)}

    def well() -> bool:
        return one.mail.waiting() == 0 and wanted <= set(one.subjects()) and len(one.subjects("Work")) == count

    return well


def only_troubles_that_pass(heard: Heard) -> None:
    for event in heard.events:
        if isinstance(event, Problem):
            assert event.retry, event


def test_imap_network_up_and_down_every_few_seconds(one: Case, running: tuple[Crew, Heard]) -> None:
    crew, heard = running
    heard.wait(lambda: bool(one.line.asked("IDLE")), "IDLE")
    rounds = 8
    for number in range(rounds):
        one.line.command = lambda _line: None
        at_work(one, crew, number)
        threading.Event().wait(0.1)
        one.line.honest()
        threading.Event().wait(0.15)
    heard.wait(all_is_well(one, rounds), "everything to be told")
    crew.stop()
    one.settled()
    only_troubles_that_pass(heard)


def test_imap_idle_dropped_again_and_again(one: Case, running: tuple[Crew, Heard]) -> None:
    """Its connection ends as soon as it listens: new mail comes all the same, and the account's own one is not hurt."""
    crew, heard = running
    one.line.answer = lambda command, line: None if re.match(b"IDLE", command) else line
    for number in range(3):
        dropped = one.line.asked("IDLE")
        at_work(one, crew, number)
        heard.wait(lambda before=dropped: one.line.asked("IDLE") > before, "IDLE to be tried again")  # type: ignore[misc]
    crew.handle(Wake(check=True))
    heard.wait(all_is_well(one, 3), "everything to be told and to come")
    crew.stop()
    one.settled()
    only_troubles_that_pass(heard)
