"""kill -9 at any moment: afterwards one pass makes everything whole, and nothing is there twice."""

import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.model import Flag, Protocol
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox
from tests.servers import CuttingProxy, Dovecot

SCRIPT = Path(__file__).with_name("syncing.py")
KILLS = 20


def killed_after(desktop: Desktop, server: Dovecot, seconds: float) -> bool:
    """Start a pass in another process and kill it that long after it began. -> whether it was still at work."""
    command = [sys.executable, str(SCRIPT), str(desktop.profile.root), str(server.imap)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        threading.Event().wait(seconds)
        process.send_signal(signal.SIGKILL)
        return process.wait(10) == -signal.SIGKILL


def test_a_first_sync_killed_twenty_times(desktop: Desktop, server: Dovecot) -> None:
    sent = mailbox(1500, size=12_000)
    server.fill("alice", sent, flags="")
    server.fill("alice", mailbox(40), "Work")
    desktop.add(server.account("alice"))
    dice = random.Random(7)
    at_work = sum(killed_after(desktop, server, dice.uniform(0.01, 0.12)) for _ in range(KILLS))
    assert at_work >= KILLS // 2
    desktop.sync()
    rows = desktop.rows("Alice/INBOX")
    assert len(rows) == len({row.message_id for row in rows}) == 1500
    assert all(row.has_body for row in rows)
    assert {desktop.mail.raw(row.id) for row in rows} == set(sent)
    assert len(desktop.ids("Alice/Work")) == 40
    desktop.verified()
    again = desktop.sync()
    assert (again.new, again.bodies) == (0, 0)


def test_replay_killed_again_and_again(desktop: Desktop, server: Dovecot, elsewhere: Elsewhere) -> None:
    server.fill("alice", mailbox(60), flags="")
    desktop.add(server.account("alice"))
    desktop.sync()
    mail = desktop.mail
    archive = desktop.folder("Alice/Archive")
    dice = random.Random(3)
    rows = desktop.ids("Alice/INBOX")
    for round_ in range(8):
        part = rows[round_ * 4 : round_ * 4 + 4]
        mail.set_flag(part, Flag.FLAGGED, True)
        mail.move(part[:2], archive)
        mail.copy(part[2:3], archive)
        mail.delete(part[3:4])
        killed_after(desktop, server, dice.uniform(0.0, 0.1))
    for _ in range(2):
        desktop.sync()
    assert mail.waiting() == 0
    assert len(desktop.ids("Alice/INBOX")) == 60 - 8 * 3
    assert len(desktop.ids("Alice/Archive")) == 8 * 3
    assert len(desktop.ids("Alice/Trash")) == 8
    with elsewhere("alice") as client:
        for folder, count in (("INBOX", 36), ("Archive", 24), ("Trash", 8)):
            assert client.select_folder(folder)[b"EXISTS"] == count
        ids = [row.message_id for row in desktop.rows("Alice/Archive")]
        assert len(ids) == len(set(ids))
    desktop.verified()


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
def test_a_pass_that_was_cut_tells_what_it_had_done(desktop: Desktop, server: Dovecot, protocol: Protocol) -> None:
    server.fill("alice", mailbox(400, size=12_000), flags="")
    account = server.account("alice", protocol)
    with CuttingProxy(account.incoming.port, after=2_000_000) as proxy:
        desktop.add(replace(account, incoming=replace(account.incoming, port=proxy.port)))
        cut = desktop.sync(good=False)
    assert cut.problems
    assert cut.new == len(desktop.ids("Alice/INBOX")) > 0
    assert cut.bodies == sum(row.has_body for row in desktop.rows("Alice/INBOX")) > 0
    assert cut.bytes > 1_000_000
