"""HTML mail in QWebEngineView, behind walls that leave it no network at all.

The walls, each of which would do for nearly everything: the HTML is sanitised (mime.html); a content security policy
inside the document and once more beside it; JavaScript off, and nothing of the profile on disk; an interceptor that
lets only our own schemes pass; and, for what none of these sees (`<link rel=preconnect>`), a resolver rule by which
Chromium finds no host whatsoever. Navigation is refused: a link goes to the system's browser.

Qt WebEngine is imported with the first HTML mail (0.1 s, some 100 MB), not before.
"""

import os
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from qtmail.errors import MailError

if TYPE_CHECKING:
    from qtmail.ui.reader.webview import WebBody

FLAGS = (
    '--host-resolver-rules="MAP * ~NOTFOUND"',
    "--disable-background-networking",
    "--no-pings",
    "--renderer-process-limit=1",
    # For webscript.SWEEP. No script of a mail can call it: none runs.
    "--js-flags=--expose-gc",
)
_WANTED = "QTWEBENGINE_CHROMIUM_FLAGS"


class NoWebEngine(MailError):
    """Qt WebEngine is not there (Windows on ARM), or was not prepared: the simple viewer serves."""


def prepare_web_engine() -> None:
    """Call once before QApplication exists: sets Chromium's flags and shared GL contexts. Costs nothing yet: the
    engine itself is loaded with the first HTML mail."""
    flags = [*FLAGS, os.environ.get(_WANTED, "")]
    if sys.platform != "win32" and os.geteuid() == 0:
        # Chromium's sandbox refuses to start for root.
        flags.append("--no-sandbox")
    os.environ[_WANTED] = " ".join(flag for flag in flags if flag)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


def is_prepared() -> bool:
    """Whether the engine may be started: never without the resolver rule."""
    return FLAGS[0] in os.environ.get(_WANTED, "") and QApplication.testAttribute(
        Qt.ApplicationAttribute.AA_ShareOpenGLContexts
    )


def web_body_class() -> "type[WebBody]":
    """Load Qt WebEngine. Raises NoWebEngine."""
    if not is_prepared():
        raise NoWebEngine("Qt WebEngine was not prepared when the program started.")
    try:
        from qtmail.ui.reader.webview import WebBody
    except ImportError as error:
        raise NoWebEngine(f"Qt WebEngine cannot be loaded: {error}.") from error
    return WebBody
