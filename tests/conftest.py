"""What holds for every test: nothing is left behind, nothing leaves this machine, nothing is logged unexpectedly.

A test that leaves a thread, a QThread, a running QTimer or a child process fails itself, and is told which. A record of
level WARNING or above fails the test unless it carries the marker `expects_log`. Connections go to loopback only.
"""

import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_LOGGING_RULES", "*.debug=false")
if hasattr(os, "geteuid") and os.geteuid() == 0:
    os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")  # Chromium refuses to start its sandbox as root

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job: Ctrl+C is what some tests are about
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest

PATIENCE = 3.0
"""Seconds that threads and processes which are just ending may take."""
QT_NAMES = ("QThread", "QTimer", "QProcess")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "expects_log: this test provokes warnings or errors in the log")


# ---- no network but loopback -------------------------------------------------------------------------------------


class LeftTheMachine(AssertionError):
    """A test tried to reach something that is not on loopback."""


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = address[0]
    return host in ("", "localhost", "::1") or str(host).startswith("127.")


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise LeftTheMachine(f"a test connects to {address}")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(address):
            raise LeftTheMachine(f"a test connects to {address}")
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_local((name,)):
            # What a machine without a network says; a test that wants it expects it.
            raise socket.gaierror(socket.EAI_NONAME, f"no look-ups in tests: {name}")
        return getaddrinfo(host, *rest, **more)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    patch.undo()


# ---- nothing in the log that nobody expects ----------------------------------------------------------------------


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    collector = _Collector()
    logging.getLogger().addHandler(collector)
    yield
    logging.getLogger().removeHandler(collector)
    if collector.records and request.node.get_closest_marker("expects_log") is None:
        lines = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in collector.records]
        pytest.fail("unexpected log records:\n" + "\n".join(lines), pytrace=False)


# ---- nothing left behind -----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    threads = set(threading.enumerate())
    children = _children()
    look_at_qt = "unit" not in request.node.path.parts  # no Qt there, and the look takes some milliseconds
    objects = {id(thing) for thing in _running_qt_objects()} if look_at_qt else set()
    yield
    left = _wait_for_none(lambda: [t for t in threading.enumerate() if t not in threads and _counts(t)])
    words = [f"thread {thread.name}\n{_where(thread)}" for thread in left]
    left_children = _wait_for_none(lambda: sorted(_children() - children))
    words += [f"process {pid}: {_command_line(pid)}" for pid in left_children]
    if look_at_qt:
        words += [f"{type(thing).__name__} {thing!r}" for thing in _left_qt_objects(objects)]
    if words:
        pytest.fail("this test left behind:\n" + "\n".join(words), pytrace=False)


def _wait_for_none(left: Callable[[], list[Any]]) -> list[Any]:
    end = time.monotonic() + PATIENCE
    while (found := left()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


def _counts(thread: threading.Thread) -> bool:
    """Pool threads of the interpreter's own helpers stay for reuse; a _DummyThread is Qt's, counted as such."""
    return not isinstance(thread, threading._DummyThread) and not thread.name.startswith(("asyncio_", "execnet"))


def _where(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    return "".join(traceback.format_stack(frame)[-4:]) if frame else "(ending)"


def _children() -> set[int]:
    """Pids of our children, without Chromium's helpers, which live as long as the application, and without zombies."""
    tasks = Path("/proc/self/task")
    if not tasks.is_dir():
        return set()
    found: set[int] = set()
    for task in tasks.iterdir():
        try:
            found.update(int(pid) for pid in (task / "children").read_text().split())
        except OSError:
            continue  # the thread ended meanwhile
    return {pid for pid in found if not _excused(pid)}


def _excused(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z" or "QtWebEngineProcess" in _command_line(pid)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return "(gone)"


def _running_qt_objects() -> list[Any]:
    """QThreads and QTimers that are running and QProcesses that are not finished, among Python's own objects."""
    core = sys.modules.get("PySide6.QtCore")
    if core is None:
        return []
    from shiboken6 import isValid

    kinds = tuple(getattr(core, name) for name in QT_NAMES)
    return [thing for thing in gc.get_objects() if isinstance(thing, kinds) and isValid(thing) and _running(thing)]


def _running(thing: Any) -> bool:
    if hasattr(thing, "isRunning"):
        return bool(thing.isRunning())
    if hasattr(thing, "isActive"):
        return bool(thing.isActive())
    return bool(thing.state() != type(thing).ProcessState.NotRunning)


def _left_qt_objects(before: set[int]) -> list[Any]:
    def left() -> list[Any]:
        return [thing for thing in _running_qt_objects() if id(thing) not in before]

    if not left():
        return []
    gc.collect()  # a widget that only waits for the collector takes its timers with it
    if core := sys.modules.get("PySide6.QtCore"):
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    return _wait_for_none(left)
