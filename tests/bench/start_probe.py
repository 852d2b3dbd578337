"""The window's start, from the process's first moment to a painted list; and what it then holds in memory."""

import json
import sys
import time
from pathlib import Path

from qtmail.app import build_window, make_application
from qtmail.paths import Profile
from tests.bench.memory import megabytes, since_start

application = make_application()
window, link, mail = build_window(Profile(Path(sys.argv[1])), application)
listed: list[int] = []
window.list.listed.connect(listed.append)
window.show()
deadline = time.monotonic() + 60
while not listed and time.monotonic() < deadline:
    application.processEvents()
window.list.view.viewport().repaint()
seconds = since_start()
assert listed
assert listed[-1] > 1000
print(json.dumps({"seconds": seconds, "processor": time.process_time(), "megabytes": megabytes()}))
sys.stdout.flush()
window.dispose()
link.stop()
mail.close()
