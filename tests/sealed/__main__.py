"""`python -m tests.sealed DO FOLDER` in a network and mount namespace of its own; prints as JSON what was counted.

DO: "use" opens (alone and as one conversation), answers, forwards, prints, saves, searches and tells of every mail of
`vectors`, in both views; "control" makes Python and an unguarded web view ask, which the sink must see.
"""

import ctypes
import json
import os
import socket
import sys
import time
from pathlib import Path

from tests.sealed.sink import Sink, raise_loopback

MS_BIND = 4096
MS_REC_PRIVATE = 0x4000 | 0x40000


def main() -> None:
    do, folder = sys.argv[1], Path(sys.argv[2])
    raise_loopback()
    _mount(folder)
    sink = Sink()
    {"use": _use, "control": _control}[do](folder)
    print(json.dumps({"names": sink.names, "connections": sink.connections}))
    sys.stdout.flush()
    os._exit(0)  # Chromium's own ending is of no interest here


def _mount(folder: Path) -> None:
    """Names are asked of our sink alone: this process's own resolver configuration over the system's."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", b"/", None, MS_REC_PRIVATE, None) != 0:
        raise OSError(ctypes.get_errno(), "the mounts cannot be made private")
    for target, words in (("/etc/resolv.conf", "nameserver 127.0.0.1\n"), ("/etc/nsswitch.conf", "hosts: dns\n")):
        source = folder / Path(target).name
        source.write_text(words)
        real = os.fsencode(Path(target).resolve())
        if libc.mount(os.fsencode(source), real, None, MS_BIND, None) != 0:
            raise OSError(ctypes.get_errno(), f"{target} cannot be replaced")


def _control(_folder: Path) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWebEngineWidgets import QWebEngineView
    from PySide6.QtWidgets import QApplication

    with socket.create_connection(("python.sink.example", 80)) as made:
        made.sendall(b"GET /python HTTP/1.0\r\n\r\n")
        made.recv(100)
    app = QApplication([])
    view = QWebEngineView()
    view.setHtml(
        '<link rel="dns-prefetch" href="//prefetch.sink.example"><img src="http://chromium.sink.example/a.png">'
    )
    QTimer.singleShot(8000, app.quit)
    view.loadFinished.connect(lambda _ok: QTimer.singleShot(500, app.quit))
    app.exec()


def _use(folder: Path) -> None:
    from PySide6.QtWidgets import QApplication

    from qtmail import accounts
    from qtmail.engine.mail import Mail
    from qtmail.model import AccountKey
    from qtmail.paths import Profile
    from qtmail.ui.reader import prepare_web_engine
    from qtmail.ui.theme import Theme
    from tests.qt.fakes import account
    from tests.sealed.vectors import mails

    prepare_web_engine()
    app = QApplication([])
    profile = Profile(folder / "profile").create()
    accounts.put(profile.accounts, account(AccountKey(""), "Work", "alice@example.test"))
    mail = Mail(profile)
    source = folder / "in"
    source.mkdir()
    for number, raw in enumerate(mails()):
        (source / f"{number:03}.eml").write_bytes(raw)
    mail.import_messages(source, mail.folder_named("Work/INBOX").id)
    theme = Theme(app)
    for simple in (True, False):
        _User(app, mail, theme, profile, folder, simple=simple).work()


class _User:
    """Does to every mail all that can be done without sending."""

    def __init__(
        self, app: object, mail: object, theme: object, profile: object, folder: Path, *, simple: bool
    ) -> None:
        from qtmail.settings import Settings
        from qtmail.ui.main_window import MainWindow
        from tests.qt.fakes import FakeLink

        self.app, self.mail, self.folder, self.simple = app, mail, folder, simple
        settings = Settings(low_memory=simple, mark_read_after=-1)
        self.window = MainWindow(mail, FakeLink(), theme, settings, profile)  # type: ignore[arg-type]
        self.window.show()
        self.reader = self.window.reader

    def wait(self, ready: object, seconds: float = 15.0) -> None:
        until = time.monotonic() + seconds
        while not ready():  # type: ignore[operator]
            if time.monotonic() > until:
                raise TimeoutError(f"waited in vain ({ready})")
            self.app.processEvents()  # type: ignore[attr-defined]

    def turn(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > until, seconds + 5)

    def work(self) -> None:
        from PySide6.QtPrintSupport import QPrinter

        from qtmail.model import RowId

        inbox = self.mail.folder_named("Work/INBOX")  # type: ignore[attr-defined]
        shown: list[object] = []
        said: list[str] = []
        self.reader.displayed.connect(shown.append)
        self.reader.status.connect(said.append)
        self.turn(1)  # until the window has opened its first folder by itself
        for number, row in enumerate(RowId(i) for i in self.mail.ids([inbox.id])):  # type: ignore[attr-defined]
            self.reader.show_row(row)
            self.wait(lambda row=row: row in shown)
            self.turn(0.05)
            printer = QPrinter()
            printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
            printer.setOutputFileName(str(self.folder / f"{number}{self.simple}.pdf"))
            said.clear()
            self.reader.print_to(printer)
            self.wait(lambda: "Printed" in said)
            self.window.composing.reply(row, to_all=True)
            self.window.composing.forward([row], inline=True)
            self.turn(0.02)
            for part in self.mail.message(row).parts:  # type: ignore[attr-defined]
                (self.folder / f"{number}-{part.index}").write_bytes(self.mail.part(row, part.index))  # type: ignore[attr-defined]
        self.talk([RowId(i) for i in self.mail.ids([inbox.id])])  # type: ignore[attr-defined]
        self.window.composing.save_all()
        self.mail.search("words")  # type: ignore[attr-defined]
        self.mail.export_folder(inbox.id, self.folder / f"out{self.simple}", "eml")  # type: ignore[attr-defined]
        self.window.new_mail.arrived(inbox.id, 3)
        self.turn(1.5)
        self.window.dispose()

    def talk(self, rows: list[object]) -> None:
        """All of it once more as one conversation, every message open; read through, and folded again."""
        self.mail.thread = lambda _row: tuple(rows)  # type: ignore[attr-defined]
        view = self.reader.threads.view
        self.reader.show_row(rows[0], conversation=True)  # type: ignore[arg-type]
        self.wait(lambda: view.active)
        view.open_all()
        self.wait(lambda: view.all_open, 30)
        for row in rows[:: max(len(rows) // 8, 1)]:
            view.go_to(row)  # type: ignore[arg-type]
            self.turn(0.05)
        view.fold_all()
        self.turn(0.2)


main()
