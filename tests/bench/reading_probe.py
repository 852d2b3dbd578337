"""The window over a store of mails to be read; each opened by a key in the list. Argument: a folder for the profile."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from qtmail import accounts, settings
from qtmail.app import build_window, make_application
from qtmail.engine.mail import Mail
from qtmail.model import Account, AccountKey, Protocol, Role, RowId, Security, Server
from qtmail.paths import Profile
from tests.bench import newsletters
from tests.bench.memory import children, megabytes

NOTES, LETTERS, HELD, TALK = 40, 41, 500, 20


def fill(root: Path) -> Profile:
    """Newest first: notes, newsletters, a giant of HTML, one of parts, a thread, then 500 of both kinds."""
    profile = Profile(root / "profile").create()
    server = Server("127.0.0.1", 9, Security.NONE, "alice")
    account = Account(
        AccountKey(""), "Bench", "alice@bench.example", "Alice", Protocol.IMAP, server, None, enabled=False
    )
    accounts.put(profile.accounts, account)
    settings.save(profile.settings, settings.Settings(mark_read_after=-1, notify=False))
    text, html = "text/plain; charset=utf-8", "text/html; charset=utf-8"
    made = [
        newsletters.mail(n, *((html, newsletters.newsletter(n)) if n % 4 == 0 else (text, newsletters.note(n))))
        for n in range(HELD)
    ]
    for n in range(TALK):
        more = f"References: <{HELD}@bench.example>\r\n" if n else ""
        made.append(newsletters.mail(HELD + n, html, newsletters.newsletter(n)[:20_000], more=more, subject="Thread"))
    made.append(newsletters.mail(len(made), *newsletters.many_parts(), subject="Many parts"))
    made.append(newsletters.mail(len(made), html, newsletters.large_html(), subject="Large"))
    made += [newsletters.mail(len(made) + n, html, newsletters.newsletter(n)) for n in range(LETTERS)]
    made += [newsletters.mail(len(made) + n, text, newsletters.note(n)) for n in range(NOTES)]
    source = root / "in"
    source.mkdir()
    for number, raw in enumerate(made):
        (source / f"{number:05}.eml").write_bytes(raw)
    mail = Mail(profile)
    mail.import_messages(source, mail.folder_named("Bench/INBOX").id)
    mail.close()
    return profile


class Stalls:
    """How long the event loop was kept from turning: a timer that wants to run every millisecond."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = 0.0
        self._timer = QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        self.longest, self._last = 0.0, time.perf_counter()
        self._timer.start()

    def stop(self) -> float:
        self._timer.stop()
        return self.longest * 1000

    def _turn(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


profile = fill(Path(sys.argv[1]))
application: QApplication = make_application()
window, link, mail = build_window(profile, application)
window.resize(1280, 800)
window.show()
shown: list[RowId] = []
window.reader.displayed.connect(shown.append)
stalls = Stalls()


def turn_until(ready: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            raise SystemExit("waited in vain")
        application.processEvents()


def opened(row: RowId | None, act: Callable[[], object]) -> float:
    """Milliseconds from the act until the row (None: any) is on screen."""
    shown.clear()
    begin = time.perf_counter()
    act()
    turn_until(lambda: bool(shown) if row is None else row in shown)
    window.reader.repaint()
    return (time.perf_counter() - begin) * 1000


def down() -> None:
    QTest.keyClick(window.list.view, Qt.Key.Key_Down)


def p95(times: list[float]) -> float:
    return sorted(times)[max(int(len(times) * 0.95) - 1, 0)]


inbox = next(folder for folder in mail.folders() if folder.role is Role.INBOX)
ids = [RowId(one) for one in mail.ids([inbox.id])]
turn_until(lambda: window.list.count == len(ids))
opened(ids[0], lambda: window.list.select(ids[0]))
figures = {"text": p95([opened(row, down) for row in ids[1:NOTES]])}
letters = ids[NOTES : NOTES + LETTERS]
figures["first"] = opened(letters[0], down)
figures["next"] = p95([opened(row, down) for row in letters[1:]])
figures["megabytes"] = megabytes() + sum(megabytes(process) for process in children())
for name, row in zip(("html", "parts"), ids[NOTES + LETTERS :], strict=False):
    stalls.start()
    figures[name] = opened(row, down)
    figures[f"{name}_stall"] = stalls.stop()
talk = ids[NOTES + LETTERS + 2]
stalls.start()
figures["talk"] = opened(None, lambda: window.reader.show_row(talk, conversation=True))
figures["talk_stall"] = stalls.stop()
window.list.select(ids[-HELD])
turn_until(lambda: ids[-HELD] in shown)
stalls.start()
for _ in range(HELD - 1):
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, "", True)
    application.sendEvent(window.list.view, event)
    until = time.perf_counter() + 0.033  # as a keyboard repeats
    while time.perf_counter() < until:
        application.processEvents()
begin = time.perf_counter()
turn_until(lambda: ids[-1] in shown)
figures["held"] = (time.perf_counter() - begin) * 1000
figures["held_stall"] = stalls.stop()
window.dispose()
link.stop()
mail.close()
print(json.dumps(figures), flush=True)
os._exit(0)  # Chromium's own ending is of no interest here
