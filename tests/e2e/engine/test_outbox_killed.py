"""kill -9 at every point of sending, on a real Postfix: each mail is sent exactly once, or the user is asked."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from qtmail.engine.sending import Point
from qtmail.model import Address, OutboxItem, SendState
from tests.e2e.engine.conftest import Desktop
from tests.servers import DOMAIN, Dovecot, Postfix
from tests.servers.process import wait_until

TIMES = int(os.environ.get("QTMAIL_SEND_KILLS", "1"))
"""How often at each point; 10 is the exhaustive run."""
WAYS = ("chunking", "dot") if TIMES > 1 else ("chunking",)
NOBODY_KNOWS = frozenset({Point.DATA, Point.END_LEFT, Point.ANSWERED})
"""Killed here, the mail may be with the server, and nothing written down says so: one question each."""


@pytest.fixture(params=WAYS)
def postfix(server: Dovecot, request: pytest.FixtureRequest) -> Iterator[Postfix]:
    extra = "" if request.param == "chunking" else "smtpd_discard_ehlo_keywords = chunking, pipelining"
    with Postfix(server, extra=extra) as running:
        yield running


def killed_at(desktop: Desktop, point: str) -> int:
    """-> how the process ended."""
    command = [sys.executable, "-m", "tests.e2e.engine.sending_child", str(desktop.profile.root), point]
    return subprocess.run(command, timeout=60, check=False).returncode


def test_outbox_killed_at_every_point(
    desktop: Desktop, server: Dovecot, postfix: Postfix, capsys: pytest.CaptureFixture[str]
) -> None:
    account = desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    written: list[tuple[Point, OutboxItem]] = []
    for point in Point:
        for number in range(TIMES):
            draft = replace(
                desktop.mail.new_draft(account.key),
                to=(Address("", f"bob@{DOMAIN}"),),
                subject=f"{point} {number}",
                text="Greetings\n" * 2000,
            )
            item, _ = desktop.mail.send(draft)
            written.append((point, desktop.mail.outbox_state(item)))
            assert killed_at(desktop, point) == -signal.SIGKILL, point
    assert killed_at(desktop, "never") == 0

    states = {item.id: desktop.mail.outbox_state(item.id).state for _, item in written}
    surely = sum(state is SendState.ACCEPTED for state in states.values())

    def arrivals() -> Counter[str]:
        found = Counter[str]()
        for raw in server.messages("bob"):
            found[
                next(line[12:].strip().decode() for line in raw.split(b"\n") if line.startswith(b"Message-ID: "))
            ] += 1
        return found

    wait_until(lambda: len(arrivals()) >= surely, "delivery")
    delivered = arrivals()
    good = 0
    for point, item in written:
        times, state = delivered[item.message_id], states[item.id]
        assert state in (SendState.ACCEPTED, SendState.UNCERTAIN), point
        assert times == 1 if state is SendState.ACCEPTED else times <= 1, (point, state, times)
        good += 1
    # What was killed earlier is queued again, and may be the one that the next kill meets: only the sum is certain.
    assert len(written) - surely == TIMES * len(NOBODY_KNOWS)
    with capsys.disabled():
        print(f"\nsent exactly once or asked: {good} of {len(written)} ({surely} sent, {len(written) - surely} asked)")
    for item in desktop.mail.outbox():
        desktop.mail.settle_as_sent(item.id)
    desktop.sync()
    assert len(desktop.ids("Alice/Sent")) == len(written)
    assert len(server.messages("alice", "Sent")) == len(written)
