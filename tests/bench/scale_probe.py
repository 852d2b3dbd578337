"""The message list of a real window over a large folder, in milliseconds; each with the processor time of its thread.

Argument: the profile. A timer of 5 ms tells how long the window's thread was kept from anything else.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from qtmail import events
from qtmail.app import build_window, make_application
from qtmail.model import Role, SortKey
from qtmail.paths import Profile
from qtmail.store import add
from qtmail.store.db import Store
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage
from qtmail.ui.message_list.quick import Filter

TICK_MS = 5
SETTLED_S = 0.6
SCROLLS = 400


class Watch:
    """The longest pauses of the event loop since `reset`."""

    def __init__(self) -> None:
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.reset()
        self._timer.start()

    def reset(self) -> None:
        self.longest = self.longest_cpu = 0.0
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()

    def _tick(self) -> None:
        now, processor = time.perf_counter(), time.thread_time()
        self.longest = max(self.longest, (now - self._last) * 1000 - TICK_MS)
        self.longest_cpu = max(self.longest_cpu, (processor - self._last_cpu) * 1000)
        self._last, self._last_cpu = now, processor


profile = Profile(Path(sys.argv[1]))
application = make_application()
window, link, mail = build_window(profile, application)
window.show()
watch = Watch()
figures: dict[str, float] = {}
folders = {folder.role: folder for folder in mail.folders() if folder.account}
inbox = folders[Role.INBOX]
messages = window.list


def turn_until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Run the event loop until then."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit(f"not in time; so far {figures}")
        application.processEvents()
        time.sleep(0.0005)


def settle() -> None:
    """Until everything that follows is done too."""
    until = time.monotonic() + SETTLED_S
    turn_until(lambda: time.monotonic() > until and not messages.busy)


def measured(name: str, act: Callable[[], object], done: Callable[[], bool]) -> float:
    """Act, wait -> milliseconds until `done`; `name` and `name_cpu` are the longest block on the way."""
    watch.reset()
    began = time.perf_counter()
    act()
    turn_until(done)
    took = (time.perf_counter() - began) * 1000
    settle()
    figures[name], figures[f"{name}_cpu"] = watch.longest, watch.longest_cpu
    return took


def shown() -> bool:
    """The first screen of the inbox is there, rows and all."""
    listing = messages.listing
    return listing.query.folders == (inbox.id,) and len(listing.ids) > 0 and messages.model.row(1) is not None


def opened() -> None:
    window.open_folder(inbox.id)


turn_until(lambda: messages.place is not None)
window.open_folder(folders[Role.DRAFTS].id)
settle()
before, began = time.process_time(), time.perf_counter()
watch.reset()
opened()
turn_until(shown)
messages.view.viewport().repaint()
figures["first"] = (time.perf_counter() - began) * 1000
figures["first_cpu"] = (time.process_time() - before) * 1000
turn_until(lambda: not messages.busy)
figures["whole"] = (time.perf_counter() - began) * 1000
settle()
figures["blocked"], figures["blocked_cpu"] = watch.longest, watch.longest_cpu

bar = messages.view.verticalScrollBar()
frames, frames_cpu = [], []
for number in range(SCROLLS):
    began, processor = time.perf_counter(), time.thread_time()
    step = 90 if number % 4 else bar.maximum() // 97  # with the wheel, and by the handle
    bar.setValue((bar.value() + step) % bar.maximum())
    messages.view.viewport().repaint()
    frames.append((time.perf_counter() - began) * 1000)
    frames_cpu.append((time.thread_time() - processor) * 1000)
figures["scroll"] = sorted(frames)[int(SCROLLS * 0.99)]
figures["scroll_cpu"] = sorted(frames_cpu)[int(SCROLLS * 0.99)]

bar.setValue(bar.maximum() // 2)
store = Store.open(profile)


def arrive() -> None:
    now = int(time.time())
    digest = store.content.put(b"Subject: new\r\n\r\n%d" % now, now=now)
    with store.transaction("bench") as tx:
        new = NewMessage(digest, 20, now, HeaderFacts(now, subject="new"), BodyFacts())
        add.add_messages(tx, inbox.id, [new], now=now)
    window.hear(events.FolderChanged(inbox.id))


count = messages.count
measured("arrive", arrive, lambda: messages.count == count + 1)
store.close()
figures["sorted"] = measured(
    "sort",
    lambda: messages.set_sort(SortKey.CORRESPONDENT, False),
    lambda: messages.listing.query.sort is SortKey.CORRESPONDENT and not messages.busy,
)
messages.set_sort(SortKey.DATE, True)
turn_until(lambda: messages.listing.query.sort is SortKey.DATE and not messages.busy)
messages.turn_quick_filter()


def narrowed(wanted: Filter) -> float:
    """Milliseconds from the wish to the first rows; "filter" is the longest block on the way."""
    messages.quick.use(wanted)
    return measured("filter", messages.quick.changed.emit, lambda: messages.listing.query.narrow == wanted.said)


figures["unread"] = narrowed(Filter({"unread": True}))
figures["words"] = narrowed(Filter({"attachment": False}, text="berg"))
messages.quick.shut()
settle()
print(json.dumps(figures))
sys.stdout.flush()
window.dispose()
link.stop()
mail.close()
