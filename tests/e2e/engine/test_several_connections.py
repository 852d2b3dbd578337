"""What the user opens and does while a long pass runs; and servers that take few connections."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from qtmail import events
from qtmail.engine.crew import Crew
from qtmail.events import BodiesArrived, Problem
from qtmail.model import AccountState, Flag, MessageId
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox
from tests.e2e.engine.test_crew import Heard, PlainThread, Running
from tests.servers import Dovecot
from tests.servers.delaying import DelayingProxy

Run = Callable[..., Running]
COUNT = 1500


@pytest.fixture
def run(desktop: Desktop) -> Iterator[Run]:
    """Start a crew for alice at this port of a server with much mail; returns in the middle of fetching it."""
    crews: list[Crew] = []

    def start(server: Dovecot, port: int, connections: int) -> Running:
        server.fill("alice", mailbox(COUNT, size=20_000), flags="")
        account = server.account("alice")
        desktop.add(
            replace(account, connections=connections, check_minutes=0, incoming=replace(account.incoming, port=port))
        )
        heard = Heard()
        crew = Crew(desktop.profile, heard, PlainThread, passwords=desktop.password)
        crews.append(crew)
        crew.start()
        heard.wait(lambda: _missing(desktop) > 0 and _missing(desktop) < COUNT, "the first bodies")
        return Running(crew, heard, desktop)

    yield start
    for crew in crews:
        crew.stop()


def _missing(desktop: Desktop) -> int:
    found = [folder for folder in desktop.mail.folders() if folder.path == "INBOX" and folder.account == "alice"]
    return found[0].bodies_missing if found and found[0].total == COUNT else 0


def _open_oldest(running: Running) -> MessageId:
    """Open the message whose body would come last."""
    oldest = running.desktop.ids("Alice/INBOX")[-1]
    message = running.desktop.mail.rows([oldest])[oldest].message
    running.crew.handle(events.FetchBody((message,)))
    running.heard.wait(
        lambda: any(isinstance(e, BodiesArrived) and message in e.messages for e in running.heard.events), "the body"
    )
    return message


def _logins(server: Dovecot) -> int:
    return server.log.count("Login: user=<alice>")


def test_a_pass_that_stands_still_holds_nothing_the_user_does(
    desktop: Desktop, server: Dovecot, run: Run, elsewhere: Elsewhere
) -> None:
    with DelayingProxy(server.imap, 0.02, freeze_after=8_000_000) as line:
        running = run(server, line.port, 3)
        _open_oldest(running)
        assert _missing(desktop) > 0, "it did not wait for the others"
        newest = desktop.ids("Alice/INBOX")[:1]
        desktop.mail.set_flag(newest, Flag.FLAGGED, True)
        running.crew.handle(events.Wake())
        running.heard.wait(lambda: desktop.mail.waiting() == 0, "the star to be told")
        with elsewhere("alice") as client:
            client.select_folder("INBOX")
            assert len(client.search("FLAGGED")) == 1
        running.crew.stop()
    assert not any(isinstance(event, Problem) for event in running.heard.events)


def test_with_one_connection_it_comes_between(desktop: Desktop, server: Dovecot, run: Run) -> None:
    running = run(server, server.imap, 1)
    _open_oldest(running)
    running.heard.idle()
    running.crew.stop()
    assert _logins(server) == 1
    assert not any(isinstance(event, Problem) for event in running.heard.events)


@pytest.mark.parametrize("most", [1, 2])
def test_a_server_that_takes_few_connections(desktop: Desktop, run: Run, most: int) -> None:
    with Dovecot(extra=f"mail_max_userip_connections = {most}") as server:
        running = run(server, server.imap, 3)
        for _ in range(2):
            _open_oldest(running)
        running.heard.wait(
            lambda: running.heard.states()[-1] is AccountState.IDLE and _missing(desktop) == 0,
            "the end of the pass, and of another one where there was news meanwhile",
        )
        running.crew.stop()
        assert 1 <= server.log.count("Maximum number of connections") <= 3, "a refusal is remembered"
    assert AccountState.PROBLEM not in running.heard.states()
    assert AccountState.WRONG_PASSWORD not in running.heard.states()
    assert not any(isinstance(event, Problem) for event in running.heard.events)
