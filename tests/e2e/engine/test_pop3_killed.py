"""Killed at any moment of fetching and deleting: every message is stored exactly once, and none is lost on the server.

QTMAIL_KILLS says how often (24; up to 200), QTMAIL_DICE with which dice: what fails is found again by its number.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qtmail.model import PopPolicy, Protocol
from tests.e2e.engine.conftest import Desktop, message
from tests.servers import Dovecot

SCRIPT = Path(__file__).with_name("popping.py")
KILLS = min(int(os.environ.get("QTMAIL_KILLS", "24")), 200)
DICE = int(os.environ.get("QTMAIL_DICE", "5"))
FIRST = 2000
LONGEST_S = 0.35


def killed_after(desktop: Desktop, server: Dovecot, seconds: float) -> bool:
    """Start a pass in another process and kill it that long after it began. -> whether it was still at work."""
    command = [sys.executable, str(SCRIPT), str(desktop.profile.root), str(server.pop3)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        threading.Event().wait(seconds)
        process.send_signal(signal.SIGKILL)
        return process.wait(10) == -signal.SIGKILL


@pytest.mark.serial
def test_each_message_is_stored_once_and_nothing_is_deleted_that_is_not(desktop: Desktop, server: Dovecot) -> None:
    sent = {number: message(number, size=4_000) for number in range(FIRST)}
    server.fill("alice", sent.values())
    desktop.add(server.account("alice", Protocol.POP3, pop=PopPolicy(keep_on_server=False)))
    dice = random.Random(DICE)
    at_work = 0
    for kill in range(KILLS):
        at_work += killed_after(desktop, server, dice.uniform(0.02, LONGEST_S))
        nothing_is_lost(desktop, server, set(sent.values()), every=kill % 8 == 0)
        if not server.messages("alice"):  # all done: new mail, so that there is something to be killed at
            more = {number: message(number, size=4_000) for number in range(len(sent), len(sent) + 400)}
            server.fill("alice", more.values())
            sent |= more
    assert at_work >= KILLS // 3
    for _ in range(2):
        desktop.sync()
    assert server.messages("alice") == []
    rows = desktop.ids("Alice/INBOX")
    assert len(rows) == len(sent)
    assert {desktop.mail.raw(row) for row in rows} == set(sent.values())
    desktop.verified()


def nothing_is_lost(desktop: Desktop, server: Dovecot, sent: set[bytes], *, every: bool) -> None:
    """What the server does not have any more is stored here."""
    there = set(server.messages("alice"))
    missing = sent - there
    if missing and every:
        here = {desktop.mail.raw(row) for row in desktop.ids("Alice/INBOX")}
        assert missing <= here
    else:
        assert len(desktop.ids("Alice/INBOX")) >= len(missing)
