"""The engine process (`qtmail --engine`): a QCoreApplication around the crew, wishes in on stdin, events out on stdout.

It ends when its stdin closes, so it never outlives its window. A change made by another process (a command on the same
profile) is noticed by the store's write-ahead log growing: no polling, no wake-up while nothing happens.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QFileSystemWatcher, QObject, QSocketNotifier, Qt, QThread, QTimer, Signal

from qtmail import events, log, secrets
from qtmail.background.metered import Meter
from qtmail.background.visits import Visits
from qtmail.engine import signing_in
from qtmail.engine.crew import Crew
from qtmail.errors import AlreadyRunning, MailError
from qtmail.events import Event, Wish
from qtmail.model import LOCAL, AccountState
from qtmail.net import contacts, probe
from qtmail.paths import Profile
from qtmail.secrets import Service

logger = logging.getLogger(__name__)

SETTLE_MS = 200
LOCK_RETRY_MS = 1000
TEST_SECONDS = 1
GREETING_MS = 1000
"""A window says at once what its engine must know first (passwords of this session, offline or not); started by hand,
there is nobody to say it."""


class Shell(QThread):
    """A QThread that only runs something Qt-free. A bug in it is logged; Qt would emit `finished` all the same."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._work = work

    def join(self, timeout: float) -> bool:
        """Wait at most so many seconds. -> True when it has ended."""
        return self.wait(int(timeout * 1000))

    def run(self) -> None:
        threading.current_thread().name = self.objectName()
        try:
            self._work()
        except Exception:
            logger.exception("the thread %s ended by a bug", self.objectName())


def start_shell(name: str, work: Callable[[], None]) -> Shell:
    """A started thread, for the crew."""
    shell = Shell(name, work)
    shell.start()
    return shell


class Ears(QObject):
    """Reads wishes from stdin, line by line, until it closes."""

    heard = Signal(object)

    def listen(self) -> None:
        """Start. A daemon thread on the bare descriptor: a blocking read cannot be interrupted at the end."""
        threading.Thread(target=self._read, name="ears", daemon=True).start()

    def _read(self) -> None:
        rest = b""
        while chunk := os.read(sys.stdin.fileno(), 65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._take(line)
        self.heard.emit(events.Stop())

    def _take(self, line: bytes) -> None:
        try:
            self.heard.emit(events.decode(line))
        except ValueError:
            logger.warning("something on stdin is not a wish (%d octets)", len(line))


class Mouth:
    """Writes events to stdout, whole lines from any thread. A window that is gone is no error: stdin tells."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, event: Event) -> None:
        line = events.encode(event)
        with self._lock:
            try:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
            except (BrokenPipeError, ValueError):
                logger.info("the window does not listen any more")


class EngineProcess(QObject):
    """The crew, started as soon as the profile's lock is free, and its ends of the pipe."""

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._profile = profile
        self._mouth = Mouth()
        self._crew = self._make_crew()
        self._running = False
        self._early: list[Wish] = []
        self._told_busy = False
        self._tests: list[Shell] = []
        self._visits = Visits(profile, self._mouth.say, start_shell)
        self._retry = QTimer(self, interval=LOCK_RETRY_MS, singleShot=True)
        self._retry.timeout.connect(self.start)
        self._greeting = QTimer(self, interval=GREETING_MS, singleShot=True)
        self._greeting.timeout.connect(self.start)
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._look)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._store_changed)
        self._meter = Meter(self)
        self._meter.changed.connect(self.hear)

    def _make_crew(self) -> Crew:
        return Crew(self._profile, self._mouth.say, start_shell)

    def begin(self) -> None:
        """Start as soon as the window's greeting is complete: GoOffline is its last word."""
        self._greeting.start()

    def start(self) -> None:
        """Start the crew; while another engine (a command in the foreground) has the profile, wait for it to end."""
        self._greeting.stop()
        unlocks = [wish for wish in self._early if isinstance(wish, events.Unlock)]
        for unlock in unlocks:
            self._crew.handle(unlock)
        try:
            self._crew.start()
        except AlreadyRunning as busy:
            if not self._told_busy:
                self._told_busy = True
                self._mouth.say(events.StateChanged(LOCAL, AccountState.OFFLINE, str(busy)))
            self._crew = self._make_crew()
            self._retry.start()
            return
        except MailError as error:
            self._tell(error)
            QCoreApplication.exit(1)
            return
        self._running = True
        self._watch()
        self._meter.begin()
        early, self._early = self._early, []
        for wish in early:
            if wish not in unlocks:
                self._pass_on(wish)

    def hear(self, wish: Wish) -> None:
        """A wish of the window."""
        if isinstance(wish, events.Stop):
            self.stop()
            QCoreApplication.quit()
        elif isinstance(wish, events.Entrust):
            self._take_over(wish)
        elif isinstance(wish, events.TestAccount):
            self._test(wish)
        elif isinstance(wish, events.FindServers):
            self._find(wish)
        elif isinstance(wish, events.LookAtCertificate):
            self._look_at_certificate(wish)
        elif isinstance(wish, events.SignIn):
            self._visits.begin(wish)
        elif isinstance(wish, events.CancelSignIn):
            self._visits.cancel(wish.number)
        elif self._running:
            self._pass_on(wish)
        else:
            self._early.append(wish)
            if isinstance(wish, events.GoOffline) and self._greeting.isActive():
                self.start()

    def _take_over(self, wish: events.Entrust) -> None:
        try:
            secrets.take_over(wish.secrets)
        except MailError as error:
            self._tell(error)
        if self._running:
            self._pass_on(events.Wake(check=True))

    def stop(self) -> None:
        """End the crew; may be called twice."""
        for timer in (self._greeting, self._retry, self._settle):
            timer.stop()
        self._visits.stop()
        for shell in self._tests:
            shell.join(TEST_SECONDS)
        if self._running:
            self._running = False
            self._crew.stop()

    def _pass_on(self, wish: Wish) -> None:
        try:
            self._crew.handle(wish)
        except MailError as error:  # accounts.toml was damaged while we ran
            self._tell(error)

    def _tell(self, error: MailError) -> None:
        self._mouth.say(events.Problem(LOCAL, str(error), error.hint, error.server_words, error.retry))

    def _test(self, wish: events.TestAccount) -> None:
        """In a thread of its own, also while another engine has the profile: it touches nothing but the network.

        A password that was not typed is the stored one.
        """

        def stored(service: Service) -> str:
            try:
                return self._crew.keys(wish.account.key, service)
            except MailError:
                return ""

        def work() -> None:
            opened = self._crew.keys.opened
            incoming = opened(wish.incoming_password) or stored(Service.INCOMING)
            outgoing = opened(wish.outgoing_password) or stored(Service.OUTGOING) or incoming
            result = probe.test(wish.account, incoming, outgoing)
            tried = (
                events.Tried(one.ok, one.words, one.hint, one.server_words, one.certificate)
                for one in (result.incoming, result.outgoing)
            )
            self._mouth.say(events.AccountTested(wish.number, *tried))

        self._tests = [shell for shell in self._tests if shell.isRunning()]
        self._tests.append(start_shell("account test", work))

    def _look_at_certificate(self, wish: events.LookAtCertificate) -> None:
        """As `_test`: in a thread of its own, nothing but the network."""
        from qtmail.net.certificate import look  # few starts need it
        from qtmail.net.discover.values import Service as Kind

        def work() -> None:
            try:
                seen = look(wish.server, Kind(wish.service))
            except MailError as error:
                self._mouth.say(events.CertificateSeen(wish.number, error.sentence()))
                return
            times = (int(seen.begins.timestamp()), int(seen.ends.timestamp()))
            self._mouth.say(
                events.CertificateSeen(
                    *(wish.number, seen.trouble, seen.fingerprint, seen.subject, seen.issuer, seen.names),
                    *(*times, seen.key, seen.weak),
                )
            )

        self._tests = [shell for shell in self._tests if shell.isRunning()]
        self._tests.append(start_shell("certificate", work))

    def _find(self, wish: events.FindServers) -> None:
        """As `_test`: in a thread of its own, nothing but the network."""
        from qtmail.net import discover  # few starts need it

        def heard(attempt: discover.Attempt) -> None:
            told = events.AskedForServers(wish.number, attempt.what, attempt.outcome, attempt.found)
            self._mouth.say(told)

        def work() -> None:
            try:
                found = discover.discover(wish.address, heard)
            except MailError:
                found = None
            if found is None:
                self._mouth.say(events.ServersFound(wish.number))
                return
            offers = (
                events.ServerOffer(one.service.value, signing_in.as_server(self._profile, one)) for one in found.offers
            )
            advice = (events.Advice(note.words, note.url) for note in found.notes)
            self._mouth.say(events.ServersFound(wish.number, found.provider, tuple(offers), tuple(advice)))

        self._tests = [shell for shell in self._tests if shell.isRunning()]
        self._tests.append(start_shell("find servers", work))

    def _watch(self) -> None:
        for path in (self._profile.facts.with_name(self._profile.facts.name + "-wal"), self._profile.accounts):
            if path.exists() and str(path) not in self._watcher.files():
                self._watcher.addPath(str(path))

    def _store_changed(self, path: str) -> None:
        if path == str(self._profile.accounts):
            QTimer.singleShot(0, self, lambda: self.hear(events.Reload()))
        elif not self._settle.isActive():
            self._settle.start()
        QTimer.singleShot(SETTLE_MS, self, self._watch)  # a file that was replaced is not watched any more

    def _look(self) -> None:
        self.hear(events.Wake())


def run(profile: Profile) -> int:
    """The engine until stdin closes or SIGTERM comes. -> exit code."""
    application = QCoreApplication(sys.argv[:1])
    log.configure(profile)
    contacts.keep_in(profile.network)
    secrets.use_vault(profile.vault)
    engine = EngineProcess(profile)
    ears = Ears()
    ears.heard.connect(engine.hear, Qt.ConnectionType.QueuedConnection)
    notifier = _on_terminate(lambda: engine.hear(events.Stop()))
    QTimer.singleShot(0, engine, engine.begin)
    ears.listen()
    code = application.exec()
    engine.stop()
    del notifier
    return code


def _on_terminate(stop: Callable[[], None]) -> QSocketNotifier | None:
    """Call `stop` in the event loop when SIGTERM comes (Python's own handler would wait for Qt to return)."""
    if sys.platform == "win32":
        return None
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl+C reaches the window too, which ends us in order
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    notifier = QSocketNotifier(read_end, QSocketNotifier.Type.Read)
    notifier.activated.connect(stop)
    return notifier
