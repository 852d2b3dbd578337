"""The window's end of the pipe: starts the engine, keeps it running, passes wishes down and events up.

    start() -> starting --EngineReady--> running --process ends--> waiting (back-off) -> starting
    stop() from anywhere -> stopping --process ends--> stopped

Losing an event costs a refresh only, so a restarted engine is announced by `restarted` and the window re-reads.
"""

import logging
import time

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from qtmail import events
from qtmail.events import Event, Wish
from qtmail.model import LOCAL
from qtmail.paths import Profile, program

log = logging.getLogger(__name__)

COALESCE_MS = 50
STOP_MS = 4000
BACK_OFF_S = (0.2, 1, 3, 10, 30, 60)
STABLE_S = 60
"""An engine that lived this long starts the back-off anew."""


class Link(QObject):
    """One engine process, supervised."""

    heard = Signal(object)
    """Every events.Event, coalesced: at most one of a kind and subject in 50 ms, on the window's thread."""
    restarted = Signal()

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._process: QProcess | None = None
        self._rest = b""
        self._waiting: dict[object, Event] = {}
        self._entrusted: events.Entrust | None = None
        self._unlocks: dict[tuple[str, str], events.Unlock] = {}
        self._offline = False
        self._stopping = False
        self._deaths = 0
        self._started_at = 0.0
        self._flush = QTimer(self, interval=COALESCE_MS, singleShot=True)
        self._flush.timeout.connect(self._emit_waiting)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._start_process)

    def start(self) -> None:
        """Start the engine; it is restarted whenever it dies, until `stop`."""
        self._stopping = False
        self._start_process()

    @property
    def pid(self) -> int:
        """The engine's process id; 0 while there is none."""
        return self._process.processId() if self._process else 0

    def wish(self, wish: Wish) -> None:
        """Pass a wish on. Without an engine it is dropped: a starting one looks at everything anyway."""
        match wish:
            case events.Unlock():
                self._unlocks[wish.account, wish.service] = wish
            case events.Entrust():
                self._entrusted = wish
            case events.GoOffline():
                self._offline = wish.offline
        self._write(wish)

    def stop(self) -> None:
        """End the engine in order; kill it if it takes longer than four seconds. Returns when it is gone."""
        self._stopping = True
        self._again.stop()
        self._flush.stop()
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)  # what it still says is of no interest
        if process.state() != QProcess.ProcessState.NotRunning:
            process.write(events.encode(events.Stop()))
            process.closeWriteChannel()
            if not process.waitForFinished(STOP_MS):
                log.info("the engine did not end in time and is killed; the store survives that")
                process.kill()
                process.waitForFinished(STOP_MS)
        process.deleteLater()

    def _start_process(self) -> None:
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._read)
        process.started.connect(self._greet)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        self._process, self._rest = process, b""
        self._started_at = time.monotonic()
        executable, arguments = program(self._profile, "--engine")
        process.start(executable, arguments)

    def _greet(self) -> None:
        """What a fresh engine must know first."""
        if self._entrusted is not None:
            self._write(self._entrusted)
        for unlock in self._unlocks.values():
            self._write(unlock)
        self._write(events.GoOffline(self._offline))

    def _write(self, wish: Wish) -> None:
        if self._process and self._process.state() == QProcess.ProcessState.Running:
            self._process.write(events.encode(wish))

    def _read(self) -> None:
        if self._process is None:
            return
        *lines, self._rest = (self._rest + self._process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            try:
                heard = events.decode(line)
            except ValueError:
                log.warning("the engine said something that is no event: %r", line[:80])
                continue
            self._collect(heard)  # type: ignore[arg-type]

    def _collect(self, event: Event) -> None:
        """Keep the latest of each kind and subject; what is told once (problems) is kept apart."""
        key: object = event
        match event:
            case events.FolderChanged():
                before = self._waiting.get(("folder", event.folder))
                arrived = event.arrived + (before.arrived if isinstance(before, events.FolderChanged) else 0)
                key, event = ("folder", event.folder), events.FolderChanged(event.folder, arrived)
            case events.StateChanged():
                key = ("state", event.account)
        self._waiting[key] = event
        if not self._flush.isActive():
            self._flush.start()

    def _emit_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for event in waiting.values():
            self.heard.emit(event)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finished()

    def _finished(self) -> None:
        process, self._process = self._process, None
        if process is None or self._stopping:
            return
        process.deleteLater()
        lived = time.monotonic() - self._started_at
        self._deaths = 0 if lived > STABLE_S else self._deaths + 1
        pause = BACK_OFF_S[min(self._deaths, len(BACK_OFF_S) - 1)]
        log.info("the engine ended (exit code %s); the next one starts in %s s", process.exitCode(), pause)
        if self._deaths >= len(BACK_OFF_S) - 1:
            hint = f"Everything stays readable; it is tried again in {pause} s. Help > Logs tells more."
            self.heard.emit(events.Problem(LOCAL, "The part that talks to the servers keeps ending.", hint, "", True))
        self.restarted.emit()
        self._again.start(int(pause * 1000))
