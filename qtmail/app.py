"""The composition root of the window process: what is made, in which order, and how it ends.

One window process per profile: a second one hands what it was asked to open to the first and ends.
"""

import contextlib
import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication, QObject, QProcess, Qt, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication, QMessageBox

from qtmail import __version__, accounts, events, log, secrets, settings
from qtmail.background.link import Link
from qtmail.engine import protecting
from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.model import LOCAL
from qtmail.net import contacts
from qtmail.paths import Profile

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow
    from qtmail.ui.storage.window import Wanted
    from qtmail.ui.theme import Theme

logger = logging.getLogger(__name__)

HAND_OVER_MS = 1000


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks of the window."""

    demo: bool = False
    tour: Path | None = None
    """Walk the demo by itself, save pictures here, exit 0 only if every step really happened."""
    open_: tuple[str, ...] = ()
    """Files (.eml) and mailto: addresses to open."""


class SingleInstance(QObject):
    """Makes sure that one window process has a profile, and passes on what others were asked to open."""

    asked = Signal(object)
    """tuple[str, ...]: another start of the program wants these opened; empty: just show the window."""

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
        digest = hashlib.sha256(f"{user}:{profile.root.resolve()}".encode()).hexdigest()[:16]
        self._name = f"qtmail-{digest}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._hear)

    def hand_over(self, what: tuple[str, ...]) -> bool:
        """True when another process has the profile and took `what`; this one should end."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(HAND_OVER_MS):
            return False
        socket.write(msgspec.json.encode(what) + b"\n")
        taken = socket.waitForBytesWritten(HAND_OVER_MS) and socket.waitForReadyRead(HAND_OVER_MS)
        socket.disconnectFromServer()
        return taken

    def listen(self) -> None:
        """From now on this process is the one. A socket left over from a crash is replaced."""
        if not self._server.listen(self._name):
            QLocalServer.removeServer(self._name)
            self._server.listen(self._name)

    def close(self) -> None:
        """Give the place free; the socket's file goes too."""
        self._server.close()

    def _hear(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(socket.deleteLater)

        def read() -> None:
            if not socket.canReadLine():
                return
            try:
                what = msgspec.json.decode(socket.readLine().data(), type=tuple[str, ...])
            except msgspec.MsgspecError:
                socket.abort()
                return
            socket.write(b"ok\n")
            self.asked.emit(what)

        socket.readyRead.connect(read)


def make_application() -> QApplication:
    """The QApplication, with what must be said before it is there."""
    from qtmail.ui.reader.web import prepare_web_engine

    prepare_web_engine()
    QCoreApplication.setApplicationName("qtmail")
    QCoreApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName("qtmail")
    application = QApplication(sys.argv[:1])
    application.setApplicationDisplayName("qtmail")
    return application


def build_window(profile: Profile, application: QApplication) -> "tuple[MainWindow, Link, Mail]":
    """The main window over its store, and the link to an engine that is not started yet. Raises StoreError."""
    from qtmail.ui.main_window import MainWindow
    from qtmail.ui.theme import Theme

    reports: list[str] = []
    chosen = settings.load(profile.settings, reports.append)
    mail = Mail(profile)
    link = Link(profile)
    if (entrusted := secrets.handed_down()) != secrets.NOTHING:
        link.wish(events.Entrust(entrusted))
    link.wish(events.GoOffline(chosen.offline))
    window = MainWindow(mail, link, Theme(application, chosen.scheme, chosen.density), chosen, profile)
    if protecting.protection(profile) is not protecting.Protection.OFF:
        window.reader.pictures.keep_in(None)
    for report in reports:
        window.show_problem(events.Problem(LOCAL, report))
    return window, link, mail


def run(profile: Profile, options: Options) -> int:
    """The window, until it is closed. -> exit code."""
    if options.tour and sys.platform.startswith("linux") and not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_application()
    try:
        return run_in(application, profile, options)
    except (MailError, OSError) as error:
        if not options.tour:  # nobody looks at a tour
            tell_why_it_cannot_start(error)
        raise


def run_in(application: QApplication, profile: Profile, options: Options) -> int:
    """The same in an application that is there already. Raises MailError and OSError where it cannot start."""
    with contextlib.ExitStack() as stack:
        if options.demo or options.tour:
            demo_folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="qtmail-demo-"))
            profile = Profile(Path(demo_folder) / "profile")
        profile.create()
        log.configure(profile)
        contacts.keep_in(profile.network)
        instance = SingleInstance(profile)
        if instance.hand_over(absolute(options.open_)):
            sys.stderr.write("qtmail: it is already running with this profile; its window takes over.\n")
            return 0
        instance.listen()
        stack.callback(instance.close)
        _open_vault(application, profile)
        demo = stack.enter_context(_demo(profile)) if options.demo or options.tour else None
        while True:
            with contextlib.ExitStack() as once:
                code, wanted = _run_window(profile, options, application, instance, demo, once)
            if wanted is None:
                return code
            _between_windows(application, profile, wanted)
            options = Options(options.demo)


def tell_why_it_cannot_start(error: MailError | OSError) -> None:
    """In a window: who starts the program from a menu sees nothing of the standard streams."""
    box = QMessageBox(QMessageBox.Icon.Critical, "qtmail", "qtmail cannot start.")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(error.sentence() if isinstance(error, MailError) else str(error))
    box.exec()


def has_display() -> bool:
    """Whether a Linux desktop can be reached. A tour needs none."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def absolute(what: tuple[str, ...]) -> tuple[str, ...]:
    """File names made independent of the working directory; mailto: as it is."""
    return tuple(item if item.lower().startswith("mailto:") else str(Path(item).resolve()) for item in what)


def _run_window(
    profile: Profile,
    options: Options,
    application: QApplication,
    instance: SingleInstance,
    demo: "DemoServers | None",
    stack: contextlib.ExitStack,
) -> "tuple[int, Wanted | None]":
    """One window, until it is closed -> (exit code, what shall be done to the store before the next one)."""
    if not _open_store(application, profile):
        return 1, None
    window, link, mail = build_window(profile, application)
    stack.callback(mail.close)
    stack.callback(link.stop)
    stack.callback(window.dispose)
    _report_bugs(window)
    stack.enter_context(_heard(instance, window))
    between: list[Wanted] = []
    window.dialogs.stage_wanted.connect(lambda wanted: _close_for(window, wanted, between))
    window.demo_wanted.connect(_open_demo)
    if demo:
        demo.unlock(link)
    window.show()
    link.start()
    if options.open_:
        QTimer.singleShot(0, lambda: window.open_things(absolute(options.open_)))
    if options.tour:
        from qtmail.ui.tour import Tour

        assert demo is not None
        tour = Tour(window, mail, link, options.tour, lambda: demo.differences(profile))
        tour.ended.connect(application.exit)
        QTimer.singleShot(0, tour.start)
    code = application.exec()
    return code, between[-1] if between else None


@contextlib.contextmanager
def _heard(instance: SingleInstance, window: "MainWindow") -> Iterator[None]:
    """What other starts of the program ask for goes to this window."""
    instance.asked.connect(window.open_things)
    try:
        yield
    finally:
        instance.asked.disconnect(window.open_things)


def _close_for(window: "MainWindow", wanted: "Wanted", between: "list[Wanted]") -> None:
    """Close everything, unless a window objects (a composer that cannot keep its draft)."""
    between.append(wanted)
    QApplication.closeAllWindows()
    if window.isVisible():
        between.clear()


def _theme(application: QApplication, profile: Profile) -> "Theme":
    from qtmail.ui.theme import Theme

    chosen = settings.load(profile.settings, logger.info)
    return Theme(application, chosen.scheme, chosen.density)


def _open_vault(application: QApplication, profile: Profile) -> None:
    if not secrets.use_vault(profile.vault).exists():
        return
    from qtmail.ui.accounts.vault import PassphraseDialog

    application.setQuitOnLastWindowClosed(False)
    try:
        PassphraseDialog(_theme(application, profile), new=False).exec()
    finally:
        application.setQuitOnLastWindowClosed(True)


def _open_store(application: QApplication, profile: Profile) -> bool:
    """Unlock, mend and bring up to date what has to be -> False: the user gave up."""
    if protecting.opens_at_once(profile):
        return True
    from qtmail.ui.storage.before import open_store

    application.setQuitOnLastWindowClosed(False)
    try:
        return open_store(profile, _theme(application, profile), lambda: Mail(profile).close())
    finally:
        application.setQuitOnLastWindowClosed(True)


def _between_windows(application: QApplication, profile: Profile, wanted: "Wanted") -> None:
    """The store is closed: do to it what the user asked for."""
    from qtmail.ui.storage.before import carry_out

    application.setQuitOnLastWindowClosed(False)
    try:
        carry_out(profile, _theme(application, profile), wanted)
    finally:
        application.setQuitOnLastWindowClosed(True)


@contextlib.contextmanager
def _demo(profile: Profile) -> Iterator["DemoServers"]:
    servers = DemoServers()
    try:
        for account in servers.accounts:
            accounts.put(profile.accounts, account)
        yield servers
    finally:
        servers.stop_servers()


class DemoServers:
    """The embedded servers behind --demo, and the passwords of their accounts for this session."""

    def __init__(self) -> None:
        from qtmail.demo.process import DemoProcess

        self._process = DemoProcess.start()
        self.accounts = self._process.accounts

    def unlock(self, link: Link) -> None:
        from qtmail.demo.process import PASSWORD

        for account in self.accounts:
            for service in ("incoming", "outgoing"):
                link.wish(events.Unlock(account.key, service, PASSWORD))

    def differences(self, profile: Profile) -> tuple[str, ...]:
        """What the servers have otherwise than the store, a sentence each. Asks them: slow."""
        from qtmail.demo.process import PASSWORD
        from qtmail.engine.comparing import compare

        found = [compare(profile, account, passwords=lambda key, service: PASSWORD) for account in self.accounts]
        return tuple(words for one in found for words in (*one.problems, *one.remarks))

    def stop_servers(self) -> None:
        self._process.stop()


def _open_demo() -> None:
    """The demo beside this window, in a program and a profile of its own."""
    arguments = ["--demo"] if getattr(sys, "frozen", False) else ["-m", "qtmail", "--demo"]
    QProcess.startDetached(sys.executable, arguments)


def _report_bugs(window: "QObject") -> None:
    """A bug is logged with its traceback and told once in the window; the program goes on."""

    def hook(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        logger.error("a bug: %s", error, exc_info=(kind, error, at))
        words = error.sentence() if isinstance(error, MailError) else f"Something went wrong here ({kind.__name__})."
        hint = "" if isinstance(error, MailError) else "Nothing is lost. Help > Logs holds what a report needs."
        problem = events.Problem(LOCAL, words, hint)
        QTimer.singleShot(0, window, lambda: window.show_problem(problem))  # type: ignore[attr-defined]

    sys.excepthook = hook
