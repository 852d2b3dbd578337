"""Starting and stopping the server processes: by own pid, in an own directory, gone when the test process is gone."""

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds a server may take to start or stop before the test fails."""


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, below those that systems give to clients: no connection takes one before its server
    is there. All are held until all are chosen, so they differ."""
    with contextlib.ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            port = random.randrange(10_240, 32_768)
            with contextlib.suppress(OSError):
                held.enter_context(socket.create_server((HOST, port)))
                found.append(port)
        return found


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """A port that never answers: its queue of connections is full."""
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind((HOST, 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((HOST, port))
        time.sleep(0.05)
        yield port


def wait_until(condition: Callable[[], bool], what: str | Callable[[], str], patience: float = PATIENCE) -> None:
    """Poll until true; the deadline turns a hang into a failure that says what was waited for (made then)."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience:g} s for {what if isinstance(what, str) else what()}")
        time.sleep(0.01)


def listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def server_user() -> tuple[str, int, int]:
    """(name, uid, gid) the servers run as: ourselves, or "nobody" where we are root (Dovecot will not serve root)."""
    entry = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    return entry.pw_name, entry.pw_uid, entry.pw_gid


class Directory:
    """A temporary directory the servers can read, removed with everything in it."""

    def __init__(self, name: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"qtmail-{name}-"))
        self.path.chmod(0o755)
        _, self._uid, self._gid = server_user()
        self.own(self.path)

    def own(self, path: Path) -> Path:
        """Give it to the user the servers run as. -> the path."""
        if os.getuid() == 0:
            os.chown(path, self._uid, self._gid)
        return path

    def make(self, name: str) -> Path:
        """A subdirectory (and those above it), owned by the servers' user."""
        path = self.path
        for step in Path(name).parts:
            path = path / step
            if not path.is_dir():
                path.mkdir(exist_ok=True)  # a server may have made it meanwhile
                self.own(path)
        return path

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.write_text(text)
        return self.own(path)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


class Process:
    """One child, ended by TERM when we stop it and also when we die (setpriv --pdeathsig)."""

    def __init__(self, command: list[str], *, as_user: bool = False, **popen: object) -> None:
        wrapped = ["setpriv", "--pdeathsig", "TERM"]
        name, _, gid = server_user()
        if as_user and os.getuid() == 0:
            wrapped += [f"--reuid={name}", f"--regid={gid}", "--clear-groups"]
        self._child = subprocess.Popen(  # type: ignore[call-overload]
            [*wrapped, *command], **{"stdin": subprocess.DEVNULL, "start_new_session": True, **popen}
        )

    @property
    def pid(self) -> int:
        pid: int = self._child.pid
        return pid

    def alive(self) -> bool:
        return self._child.poll() is None

    def stop(self, grace: float = 0.3) -> None:
        """TERM; after `grace` seconds KILL for it and all in its session. Returns when they are gone."""
        if self.alive():
            self._child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(grace)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._child.wait(PATIENCE)
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            if stream:
                stream.close()
