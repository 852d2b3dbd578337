"""The second process of a bulk fetch on a real server: it comes, and goes with the engine, however that ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qtmail.engine import workshop
from qtmail.store.content import Content
from tests.e2e.engine.conftest import Desktop, mailbox, message
from tests.servers import Dovecot
from tests.servers.process import wait_until

STARTS_ONE = """
import sys
from pathlib import Path
from qtmail.engine.workshop import Workshop
from qtmail.store.content import Content
shop = Workshop(Content(Path(sys.argv[1])), much=1)
shop.expect(1000)
shop.prepare([b"Subject: x\\r\\n\\r\\nbody"] * 50, now=1)()
print(shop._process._process.pid, flush=True)
sys.stdin.read()
"""


def test_it_does_not_outlive_an_engine_that_is_killed(tmp_path: Path) -> None:
    engine = subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE, str(tmp_path / "content.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert engine.stdout
    assert engine.stdin
    second = int(engine.stdout.readline())
    assert Path(f"/proc/{second}").exists()
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait()
    engine.stdout.close()
    engine.stdin.close()

    def ended() -> bool:
        try:
            return Path(f"/proc/{second}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    wait_until(ended, "the second process to end")


def test_many_and_large_messages_come_whole_newest_first(desktop: Desktop, server: Dovecot) -> None:
    large = [message(9000 + number, size=3_000_000) for number in range(2)]
    sent = mailbox(workshop.MUCH + 20) + large
    server.fill("alice", sent)
    server.fill("alice", mailbox(40, size=2000), "Work/Plans")
    desktop.add(server.account("alice"))
    report = desktop.sync()
    assert report.bodies == len(sent) + 40
    assert {desktop.mail.raw(row) for row in desktop.ids("Alice/INBOX")} == set(sent)
    assert len(desktop.mail.search("number")) == len(sent) + 40
    assert list((desktop.profile.root / "fetched").iterdir()) == []
    desktop.verified()


def test_a_bundle_starts_it_by_an_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    content = Content(tmp_path / "content.db")
    program, *arguments = workshop.command(content)
    content.close()
    done = subprocess.run(
        [program, "-m", "qtmail", *arguments], input=b"", capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
