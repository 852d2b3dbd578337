"""A folder that SELECT says is READ-ONLY, on a server that does not tell rights: said once, refused at once after."""

from dataclasses import replace

import pytest

from qtmail.errors import BadInput
from qtmail.events import Problem
from qtmail.model import Flag
from tests.e2e.engine.conftest import Desktop, mailbox
from tests.servers import Dovecot, MeddlingProxy


def test_what_a_read_only_folder_refuses_is_taken_back_and_not_offered_again(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(2), "Board", flags="")
    account = server.account("alice")
    with MeddlingProxy(server.imap) as proxy:
        proxy.command = lambda line: line.replace(b'SELECT "Board"', b'EXAMINE "Board"')
        desktop.add(replace(account, incoming=replace(account.incoming, port=proxy.port)))
        desktop.sync()
        row = desktop.ids("Alice/Board")[0]
        desktop.mail.set_flag([row], Flag.FLAGGED, True)
        desktop.sync(good=False)
    told = [event.what for event in desktop.events if isinstance(event, Problem)]
    assert len(told) == 1
    assert "can only be read" in told[0]
    assert not desktop.mail.rows([row])[row].starred
    assert desktop.mail.folder_named("Alice/Board").read_only
    with pytest.raises(BadInput, match="You may only read in “Board”"):
        desktop.mail.set_flag([row], Flag.FLAGGED, True)
