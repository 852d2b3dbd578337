"""Long work of the window in a process of its own: a command of this program, its progress and its result.

The command is started with --watched: it says JSON lines, and ends in order when its stdin is closed; it never outlives
the window. Killed, nothing is lost: each of them goes on from what is there when it is started again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Signal, SignalInstance

from qtmail import secrets
from qtmail.paths import Profile, program

STOP_MS = 3000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended. `code`: commands.table.Exit; `result`: its JSON value, None where there was none."""

    code: int
    result: dict[str, Any] | None
    words: str
    """What it said for people: problems, a sentence each."""


class Job(Protocol):
    """One run, already started."""

    @property
    def progressed(self) -> SignalInstance:
        """Signal(object): the fields of a progress line."""

    @property
    def ended(self) -> SignalInstance:
        """Signal(object): the Outcome, once."""

    def cancel(self) -> None:
        """Ask it to end in order; `ended` follows."""


Start = Callable[[Sequence[str], QObject], Job]
"""(the command's words, whose it is) -> the job."""


def starter(profile: Profile) -> Start:
    """Starts commands on this profile."""
    return lambda words, _owner: ProcessJob(profile, words)


_under_way: "set[ProcessJob]" = set()
"""Kept alive until they end."""


class ProcessJob(QObject):
    """A command in a process; see `Job`."""

    progressed = Signal(object)
    ended = Signal(object)

    def __init__(self, profile: Profile, words: Sequence[str]) -> None:
        """It goes on when whoever started it is gone, and ends in order with the program."""
        super().__init__()
        _under_way.add(self)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.wait)
        self._rest = b""
        self._result: dict[str, Any] | None = None
        self._over = False
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._process.start(*program(profile, *words))
        self._process.write(secrets.handed_down().encode() + b"\n")
        self.destroyed.connect(self._process.kill)

    def cancel(self) -> None:
        """See `Job`."""
        self._process.closeWriteChannel()

    def wait(self) -> None:
        """The program ends: end it in order, or at once where that takes too long."""
        if self._over:
            return
        self._over = True
        _under_way.discard(self)
        self.cancel()
        if not self._process.waitForFinished(STOP_MS):
            self._process.kill()
            self._process.waitForFinished(STOP_MS)

    def _read(self) -> None:
        *lines, self._rest = (self._rest + self._process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict) and value.pop("is", "") == "progress":
                self.progressed.emit(value)
            elif isinstance(value, dict):
                self._result = value

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finished()

    def _finished(self) -> None:
        if self._over:
            return
        self._over = True
        _under_way.discard(self)
        self._read()
        said = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        problems = [line.removeprefix("qtmail: ") for line in said.splitlines() if line.startswith("qtmail: ")]
        crashed = self._process.exitStatus() != QProcess.ExitStatus.NormalExit
        code = (
            -1 if crashed or self._process.error() == QProcess.ProcessError.FailedToStart else self._process.exitCode()
        )
        self.ended.emit(Outcome(code, self._result, "\n".join(problems)))
