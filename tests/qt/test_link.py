"""The link: starts an engine, passes lines both ways, coalesces, restarts what dies, ends it in order."""

import os
import signal
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail import events
from qtmail.background import link as link_module
from qtmail.background.link import Link
from qtmail.model import AccountKey, AccountState, FolderId
from qtmail.paths import Profile, program

PARROT = """
import sys
from qtmail import events
from qtmail.model import AccountKey, FolderId
def say(event):
    sys.stdout.buffer.write(events.encode(event)); sys.stdout.buffer.flush()
say(events.EngineReady())
for line in sys.stdin.buffer:
    match events.decode(line):
        case events.Wake(accounts=accounts):
            for _ in range(500):
                say(events.FolderChanged(FolderId(1), arrived=1))
            sys.stdout.buffer.write(b"nonsense that is no event\\n")
            say(events.FolderChanged(FolderId(2)))
            for number in range(100):
                say(events.StateChanged(AccountKey("a"), "syncing", "", number, 100))
        case events.Unlock(password=password):
            say(events.Problem(AccountKey("a"), password.upper()))
        case events.Stop():
            break
"""
"""An engine that answers: real process, real pipe, no mail."""


@pytest.fixture
def link(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Link:
    monkeypatch.setattr(link_module, "program", lambda *_: (sys.executable, ["-c", PARROT]))
    return Link(Profile(tmp_path))


def test_the_engine_is_this_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable, arguments = program(Profile(tmp_path), "--engine")
    assert executable == sys.executable
    assert arguments == ["-m", "qtmail", "--profile", str(tmp_path), "--engine"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program(Profile(tmp_path), "--engine")[1][0] == "--profile"


@pytest.mark.expects_log
def test_a_burst_of_events_is_told_once_each(qtbot: QtBot, link: Link) -> None:
    heard: list[events.Event] = []
    link.heard.connect(heard.append)
    link.start()
    try:
        qtbot.waitUntil(lambda: events.EngineReady() in heard, timeout=10_000)
        heard.clear()
        link.wish(events.Wake())
        last = events.StateChanged(AccountKey("a"), AccountState.SYNCING, "", 99, 100)
        qtbot.waitUntil(lambda: last in heard, timeout=10_000)
        ones = [event for event in heard if isinstance(event, events.FolderChanged) and event.folder == 1]
        assert sum(event.arrived for event in ones) == 500
        assert len(ones) < 50
        assert events.FolderChanged(FolderId(2)) in heard
    finally:
        link.stop()
    assert link.pid == 0


def test_an_engine_that_is_killed_comes_back_and_is_told_the_passwords_again(qtbot: QtBot, link: Link) -> None:
    heard: list[events.Event] = []
    link.heard.connect(heard.append)
    link.start()
    try:
        qtbot.waitUntil(lambda: events.EngineReady() in heard, timeout=10_000)
        link.wish(events.Unlock(AccountKey("a"), "incoming", "open"))
        qtbot.waitUntil(lambda: events.Problem(AccountKey("a"), "OPEN") in heard, timeout=10_000)
        heard.clear()
        first = link.pid
        with qtbot.waitSignal(link.restarted, timeout=10_000):
            os.kill(first, signal.SIGKILL)
        qtbot.waitUntil(lambda: events.Problem(AccountKey("a"), "OPEN") in heard, timeout=10_000)
        assert link.pid not in (0, first)
    finally:
        link.stop()


def test_a_wish_without_an_engine_is_no_error(link: Link) -> None:
    link.wish(events.Wake())
    link.stop()
    assert link.pid == 0
