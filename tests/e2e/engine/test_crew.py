"""The engine as it runs beside the window: loops, push, wishes, and a prompt end."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from qtmail import events
from qtmail.engine.crew import Crew
from qtmail.errors import AlreadyRunning
from qtmail.events import BodiesArrived, Event, Problem, StateChanged
from qtmail.model import AccountKey, AccountState, Address, Flag, Keep, SendState
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox, message
from tests.servers import DOMAIN, Dovecot, Postfix
from tests.servers.proxy import CuttingProxy

SECONDS = 15


class PlainThread:
    """What a QThread is in the engine process."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=run, name=name)
        self._thread.start()

    def join(self, timeout: float) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()


@dataclass
class Heard:
    """Every event of a crew; `wait` for one."""

    events: list[Event] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: Event) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Until it holds; looked at after every event, and now and then."""
        end = time.monotonic() + SECONDS
        with self.changed:
            while not condition():
                assert time.monotonic() < end, f"waited for {what} in vain: {self.events[-8:]}"
                self.changed.wait(0.1)

    def states(self, account: str = "alice") -> list[AccountState]:
        return [e.state for e in self.events if isinstance(e, StateChanged) and e.account == account]

    def idle(self) -> None:
        self.wait(lambda: AccountState.IDLE in self.states(), "a first pass")


@dataclass
class Running:
    crew: Crew
    heard: Heard
    desktop: Desktop


@pytest.fixture
def run(desktop: Desktop) -> Iterator[Callable[[], Running]]:
    crews: list[Crew] = []

    def start() -> Running:
        heard = Heard()
        crew = Crew(desktop.profile, heard, PlainThread, passwords=desktop.password)
        crews.append(crew)
        crew.start()
        return Running(crew, heard, desktop)

    yield start
    for crew in crews:
        crew.stop()


Run = Callable[[], Running]


def test_new_mail_is_pushed(desktop: Desktop, server: Dovecot, run: Run, elsewhere: Elsewhere) -> None:
    server.fill("alice", mailbox(3))
    desktop.add(server.account("alice"))
    running = run()
    running.heard.idle()
    assert len(desktop.ids("Alice/INBOX")) == 3
    with elsewhere("alice") as client:
        running.heard.wait(lambda: _idling(server) > 0, "IDLE")
        client.append("INBOX", message(9))
    running.heard.wait(lambda: len(desktop.ids("Alice/INBOX")) == 4, "the new mail")
    arrived = [e.arrived for e in running.heard.events if isinstance(e, events.FolderChanged) and e.arrived]
    assert sum(arrived) == 1


def _idling(server: Dovecot) -> int:
    return server.log.count("Login: user=<alice>") - 2


def test_what_the_user_does_goes_out_at_once(desktop: Desktop, server: Dovecot, run: Run, elsewhere: Elsewhere) -> None:
    server.fill("alice", mailbox(3), flags="")
    desktop.add(server.account("alice"))
    running = run()
    running.heard.idle()
    desktop.mail.set_flag(desktop.ids("Alice/INBOX"), Flag.SEEN, True)
    running.crew.handle(events.Wake())
    running.heard.wait(lambda: desktop.mail.waiting() == 0, "the replay")
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        assert client.search("UNSEEN") == []


def test_mail_is_sent_when_woken(desktop: Desktop, server: Dovecot, run: Run, elsewhere: Elsewhere) -> None:
    with Postfix(server) as postfix:
        account = desktop.add(server.account("alice", outgoing=postfix))
        running = run()
        running.heard.idle()
        draft = replace(desktop.mail.new_draft(account.key), to=(Address("", f"bob@{DOMAIN}"),), subject="S", text="T")
        item, _ = desktop.mail.send(draft)
        running.crew.handle(events.Wake())
        running.heard.wait(
            lambda: desktop.mail.outbox_state(item).state is SendState.ACCEPTED and not desktop.mail.waiting(),
            "the mail to be sent and filed",
        )
        with elsewhere("alice") as client:
            assert client.select_folder("Sent")[b"EXISTS"] == 1
        running.crew.stop()


def test_bodies_the_user_looks_at_come_first(desktop: Desktop, server: Dovecot, run: Run) -> None:
    server.fill("alice", mailbox(3000, size=20_000))
    desktop.add(server.account("alice"))
    running = run()
    running.heard.wait(lambda: desktop.mail.folder_named("Alice/INBOX").total == 3000, "the headers")
    oldest = desktop.ids("Alice/INBOX")[-1]
    row = desktop.mail.rows([oldest])[oldest]
    wanted = row.message
    assert desktop.mail.folder_named("Alice/INBOX").bodies_missing > 500
    running.crew.handle(events.FetchBody((wanted,)))
    running.heard.wait(
        lambda: any(isinstance(e, BodiesArrived) and wanted in e.messages for e in running.heard.events), "the body"
    )
    assert desktop.mail.folder_named("Alice/INBOX").bodies_missing > 0
    assert f"Subject: {row.subject}\r\n".encode() in desktop.mail.raw(oldest)


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.2, 0.5])
def test_it_ends_within_a_second_at_any_moment(desktop: Desktop, server: Dovecot, run: Run, moment: float) -> None:
    server.fill("alice", mailbox(2000, size=20_000))
    desktop.add(server.account("alice"))
    running = run()
    threading.Event().wait(moment)
    began = time.monotonic()
    running.crew.stop()
    assert time.monotonic() - began < 1.5
    assert not any(isinstance(event, Problem) for event in running.heard.events)


def test_it_ends_at_once_while_nobody_answers(desktop: Desktop, server: Dovecot, run: Run) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = server.account("alice")
        desktop.add(replace(account, incoming=replace(account.incoming, port=silent.getsockname()[1])))
        running = run()
        running.heard.wait(lambda: AccountState.SYNCING in running.heard.states(), "the attempt")
        began = time.monotonic()
        running.crew.stop()
        assert time.monotonic() - began < 1


def test_offline_and_back(desktop: Desktop, server: Dovecot, run: Run) -> None:
    server.fill("alice", mailbox(3))
    desktop.add(server.account("alice"))
    running = run()
    running.heard.idle()
    running.crew.handle(events.GoOffline(True))
    running.heard.wait(lambda: running.heard.states()[-1] is AccountState.OFFLINE, "offline")
    server.fill("alice", [message(8)])
    desktop.mail.set_flag(desktop.ids("Alice/INBOX")[:1], Flag.FLAGGED, True)
    running.crew.handle(events.Wake(check=True))
    running.crew.handle(events.GoOffline(False))
    running.heard.wait(lambda: len(desktop.ids("Alice/INBOX")) == 4 and not desktop.mail.waiting(), "the new mail")
    assert not any(isinstance(event, Problem) for event in running.heard.events)


def test_a_line_that_is_cut_is_made_again(desktop: Desktop, server: Dovecot, run: Run) -> None:
    server.fill("alice", mailbox(3))
    with CuttingProxy(server.imap) as proxy:
        account = server.account("alice")
        desktop.add(replace(account, incoming=replace(account.incoming, port=proxy.port)))
        running = run()
        running.heard.idle()
        proxy.cut()
        server.fill("alice", [message(8)])
        running.crew.handle(events.Wake(check=True))
        running.heard.wait(lambda: len(desktop.ids("Alice/INBOX")) == 4, "the new mail")
        running.crew.stop()


def test_a_wrong_password_waits_for_the_user(desktop: Desktop, server: Dovecot, run: Run) -> None:
    server.fill("alice", mailbox(3))
    server.fill("bob", mailbox(2))
    desktop.add(server.account("alice"))
    desktop.add(server.account("bob"))
    desktop.passwords[AccountKey("alice")] = "wrong"
    running = run()
    running.heard.wait(lambda: AccountState.WRONG_PASSWORD in running.heard.states(), "the refusal")
    running.heard.wait(lambda: AccountState.IDLE in running.heard.states("bob"), "the other account")
    for _ in range(5):
        running.crew.handle(events.Wake())
    running.crew.handle(events.Unlock(AccountKey("alice"), "incoming", "wonderland"))
    running.heard.wait(lambda: AccountState.IDLE in running.heard.states(), "the login")
    assert len(desktop.ids("Alice/INBOX")) == 3
    problems = [event for event in running.heard.events if isinstance(event, Problem)]
    assert [problem.account for problem in problems] == ["alice"]


def test_accounts_are_started_and_ended_while_it_runs(desktop: Desktop, server: Dovecot, run: Run) -> None:
    server.fill("bob", mailbox(2))
    desktop.add(server.account("alice"))
    running = run()
    running.heard.idle()
    bob = desktop.add(server.account("bob"))
    running.crew.handle(events.Reload())
    running.heard.wait(lambda: AccountState.IDLE in running.heard.states("bob"), "the new account")
    desktop.add(replace(bob, enabled=False))
    running.crew.handle(events.Reload())
    assert running.heard.states("bob")[-1] is AccountState.DISABLED


def test_one_engine_a_profile(desktop: Desktop, server: Dovecot, run: Run) -> None:
    desktop.add(server.account("alice"))
    running = run()
    with pytest.raises(AlreadyRunning):
        run()
    with pytest.raises(AlreadyRunning):
        desktop.sync()
    running.crew.stop()
    desktop.sync()


def test_news_in_any_folder_is_pushed_and_then_it_is_quiet(
    desktop: Desktop, server: Dovecot, run: Run, elsewhere: Elsewhere
) -> None:
    """One connection hears of all folders (NOTIFY); nothing is asked while nothing happens."""
    with elsewhere("alice") as client:
        client.create_folder("Work")
    desktop.add(replace(server.account("alice"), check_minutes=0))
    running = run()
    running.heard.idle()
    running.heard.wait(lambda: _idling(server) > 0, "the connection for news")
    turns = _turns(running)
    with elsewhere("alice") as client:
        client.append("Work", message(1))
        running.heard.wait(lambda: len(desktop.ids("Alice/Work")) == 1, "the new mail")
    running.heard.wait(lambda: desktop.mail.folder_named("Alice/Work").bodies_missing == 0, "its body")
    running.heard.wait(lambda: running.heard.states()[-1] is AccountState.IDLE, "the end of the pass")
    for _ in range(10):  # what the new mail set off may still echo, on a slow machine
        turns.clear()
        told = len(running.heard.events)
        threading.Event().wait(1.5)
        if not turns and len(running.heard.events) == told:
            return
    raise AssertionError(f"it never gets quiet: {turns}, {running.heard.events[-3:]}")


def _turns(running: Running) -> list[str]:
    """The name of each loop that comes to the end of a wait from now on."""
    turns: list[str] = []
    for one in running.crew._running.values():
        for loop in one.loops:
            turn = loop.turn  # type: ignore[attr-defined]

            def counted(turn: Callable[[], None] = turn, name: str = loop.name) -> None:
                turns.append(name)
                turn()

            loop.turn = counted  # type: ignore[attr-defined]
    return turns


def test_what_is_kept_follows_the_word_and_the_line(desktop: Desktop, server: Dovecot, run: Run) -> None:
    server.fill("alice", mailbox(20))
    account = desktop.add(replace(server.account("alice"), keep=Keep(0)))
    running = run()
    running.heard.idle()
    inbox = desktop.mail.folder_named("Alice/INBOX")
    assert (inbox.total, inbox.bodies_missing, inbox.left_out) == (20, 0, 20)
    rows = desktop.rows("Alice/INBOX")
    running.crew.handle(events.LookAt(tuple(row.message for row in rows[:5])))
    running.crew.handle(events.FetchBody((rows[7].message,)))
    running.heard.wait(lambda: desktop.mail.folder_named("Alice/INBOX").left_out == 19, "the body that was opened")
    running.crew.handle(events.Metered(True))
    desktop.mail.keep_folder(inbox.id, Keep())
    running.crew.handle(events.Wake((account.key,), check=True))
    running.heard.wait(lambda: desktop.mail.folder_named("Alice/INBOX").bodies_missing == 19, "the new rule")
    running.crew.handle(events.FetchBody((rows[8].message,)))
    running.heard.wait(lambda: desktop.mail.folder_named("Alice/INBOX").bodies_missing == 18, "one more opened")
    running.crew.handle(events.Metered(False))
    running.heard.wait(lambda: desktop.mail.folder_named("Alice/INBOX").bodies_missing == 0, "all others")
    desktop.verified()


def test_a_search_goes_on_at_the_server(desktop: Desktop, server: Dovecot, run: Run) -> None:
    words = [b"zebra und Okapi", "Straße, 東京".encode(), b"zebra alone", b"nothing of it"]
    mails = [message(number).replace(b"\r\n\r\n", b"\r\n\r\n" + text + b" ", 1) for number, text in enumerate(words)]
    mails = [one.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", 1) for one in mails]
    server.fill("alice", mails)
    desktop.add(replace(server.account("alice"), keep=Keep(0)))
    running = run()
    running.heard.idle()
    ids = dict(enumerate(reversed(desktop.ids("Alice/INBOX"))))
    asked = iter(range(1, 100))

    def found(query: str) -> tuple[set[int], str]:
        number = next(asked)
        running.crew.handle(events.SearchServers(number, query))

        def answers() -> list[events.ServersSearched]:
            return [e for e in running.heard.events if isinstance(e, events.ServersSearched) and e.number == number]

        running.heard.wait(lambda: bool(answers()), f"the answer to {query}")
        (answer,) = answers()
        return {place for place, row in ids.items() if row in answer.rows}, answer.words

    assert desktop.mail.search("zebra").tolist() == []
    assert found("zebra") == ({0, 2}, "The server found 2 more.")
    assert found("zebra okapi ") == ({0}, "The server found 1 more.")
    assert found('"zebra alone" OR 東京')[0] == {1, 2}
    assert found("Straße")[0] == {1}
    assert found("(zebra OR 東京) -subject:nothing is:unread")[0] == set()
    assert found("body:zebra in:inbox")[0] == {0, 2}
    assert found("is:unread") == (set(), "There are no words in it that a server could look for.")
    assert "no day" in found("zebra before:nonsense")[1]
    running.crew.handle(events.FetchBody(tuple(row.message for row in desktop.rows("Alice/INBOX"))))
    running.heard.wait(lambda: len(desktop.mail.search("zebra")) == 2, "the texts")
    assert found("zebra") == (set(), "The server found nothing more.")
    running.crew.handle(events.GoOffline(True))
    assert "offline" in found("zebra")[1]
