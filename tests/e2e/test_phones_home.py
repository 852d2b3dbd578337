"""Nothing phones home: opening, previewing, answering, forwarding, printing, saving, searching and telling of hostile
mail makes no look-up and no connection. Counted in a network namespace where every name and port ends in our sink.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.sealed.vectors import pieces

CHECKOUT = Path(__file__).parents[2]


def sealed(do: str, folder: Path) -> Any:
    """Run tests.sealed where it is alone -> what the sink counted."""
    folder.mkdir()
    apart = ["unshare", "--mount", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount", "--net"]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}
    environment.pop("QTWEBENGINE_CHROMIUM_FLAGS", None)  # as the tests of the reader leave it behind
    done = subprocess.run(
        [*apart, sys.executable, "-m", "tests.sealed", do, str(folder)],
        cwd=CHECKOUT, env=environment, capture_output=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_the_sink_sees_whoever_asks(tmp_path: Path) -> None:
    """The control: without our walls the same web view is seen, name and connection."""
    counted = sealed("control", tmp_path / "control")
    assert {"python.sink.example", "chromium.sink.example"} <= set(counted["names"])
    assert [80, "GET /a.png HTTP/1.1"] in counted["connections"]


def test_hostile_mail_asks_nobody_for_anything(tmp_path: Path) -> None:
    assert len(pieces()) > 150
    counted = sealed("use", tmp_path / "use")
    assert counted == {"names": [], "connections": []}
