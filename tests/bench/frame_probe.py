"""Frames of the window's thread: a timer of 5 ms that scrolls the list, first with an idle engine, then a syncing one.

Arguments: profile, host, port, user, password, number of messages.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from qtmail import accounts, events
from qtmail.app import build_window, make_application
from qtmail.model import Account, AccountKey, Protocol, Role, Security, Server
from tests.bench.filled import fill

FRAME_MS = 5
IDLE_S = 3
SHOWN = 20_000


class Frames:
    """The time between one turn of the event loop and the next, each with a scroll step and its repaint."""

    def __init__(self, application: QApplication) -> None:
        self._application = application
        self.times: list[float] = []
        self._last = 0.0
        self._timer = QTimer(interval=FRAME_MS)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        self.times = []
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _turn(self) -> None:
        now = time.perf_counter()
        self.times.append((now - self._last) * 1000)
        view = window.list.view
        bar = view.verticalScrollBar()
        bar.setValue(0 if bar.value() >= bar.maximum() else bar.value() + 40)
        view.viewport().repaint()
        self._last = now

    def figures(self, name: str) -> dict[str, float]:
        ordered = sorted(self.times)
        return {f"{name}_longest": ordered[-1], f"{name}_p99": ordered[int(len(ordered) * 0.99)]}


root, host, port, user, password, count = sys.argv[1:]
profile = fill(Path(root), SHOWN)
server = Server(host, int(port), Security.NONE, user)
account = Account(AccountKey(""), "Busy", "alice@example.test", "Alice", Protocol.IMAP, server, None, enabled=False)
account = accounts.put(profile.accounts, account)
application = make_application()
window, link, mail = build_window(profile, application)
link.wish(events.Unlock(account.key, "incoming", password))
window.show()
link.start()
frames = Frames(application)


def turn_until(done: "float | None") -> None:
    """Run the event loop until this moment, or until every body is here."""
    limit = done or time.monotonic() + 200
    while time.monotonic() < limit:
        application.processEvents()
        if done is None and int(time.monotonic() * 4) % 2 == 0:
            inboxes = [
                folder for folder in mail.folders() if folder.role is Role.INBOX and folder.account == account.key
            ]
            if inboxes and inboxes[0].total == int(count) and not inboxes[0].bodies_missing:
                return
    if done is None:
        raise SystemExit("the sync did not end in time")


frames.start()
turn_until(time.monotonic() + IDLE_S)
frames.stop()
figures = frames.figures("idle")
accounts.put(profile.accounts, replace(account, enabled=True))
link.wish(events.Reload())
frames.start()
turn_until(None)
frames.stop()
figures |= frames.figures("syncing")
window.dispose()
link.stop()
mail.close()
print(json.dumps(figures))
