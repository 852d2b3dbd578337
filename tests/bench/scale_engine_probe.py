"""What the engine process holds in memory once it is ready over this store. Argument: the profile."""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from qtmail import events
from qtmail.background.link import Link
from qtmail.paths import Profile
from tests.bench.memory import children, megabytes

QUIET_S = 5.0

application = QCoreApplication(sys.argv)
link = Link(Profile(Path(sys.argv[1])))
heard: list[events.Event] = []
link.heard.connect(heard.append)
link.start()
deadline = time.monotonic() + 60
while not any(isinstance(event, events.EngineReady) for event in heard):
    if time.monotonic() > deadline:
        raise SystemExit("the engine did not get ready")
    application.processEvents()
    time.sleep(0.01)
until = time.monotonic() + QUIET_S
while time.monotonic() < until:
    application.processEvents()
    time.sleep(0.01)
print(json.dumps({"megabytes": sum(megabytes(child) for child in children())}))
sys.stdout.flush()
link.stop()
