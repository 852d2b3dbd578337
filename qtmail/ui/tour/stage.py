"""What the steps of the tour act on and look at: the window as its user has it, and the store behind it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from qtmail.engine.mail import Mail
from qtmail.model import Account, AccountState, Folder, FolderId, Role, Row, RowId
from qtmail.ui.actions import Act
from qtmail.ui.link import Link

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow


class Missing(Exception):
    """What a step needs is not there: what."""


class Stage:
    """One window, its store, and what steps tell those after them."""

    def __init__(
        self,
        window: "MainWindow",
        mail: Mail,
        link: Link,
        folder: Path,
        differences: Callable[[], Sequence[str]],
    ) -> None:
        """`differences`: ask the servers what they have otherwise than the store, a sentence each (slow)."""
        self.window, self.mail, self.link, self.folder = window, mail, link, folder
        self._differences = differences
        self.displayed: RowId | None = None
        """The message whose body was put on screen last."""
        self.page_before = QImage()
        """How the reader's page looked before the last `read`: once it looks otherwise, the message is drawn."""
        self.kept: dict[str, RowId] = {}
        """Messages that later steps come back to."""
        self.agreement: Sequence[str] | None = None
        """What `compare` found; None: no answer yet."""
        self.dialog: QWidget | None = None
        """What a step opened and the next one closes."""
        self.provoked = "\0"
        """Words of the one complaint that a step brought about on purpose."""
        self._once: set[str] = set()
        window.reader.displayed.connect(self._see)

    def _see(self, row: RowId) -> None:
        self.displayed = row

    # Finding

    def account(self, name: str) -> Account:
        for account in self.mail.accounts():
            if account.name == name:
                return account
        raise Missing(f"an account “{name}”")

    def place(self, account: str, path: str | Role) -> Folder:
        """A folder of an account by its path or by what it is for."""
        key = self.account(account).key
        for folder in self.mail.folders():
            if folder.account == key and path in ((folder.role,) if isinstance(path, Role) else (folder.path,)):
                return folder
        raise Missing(f"a folder “{path}” in {account}")

    def rows(self, folder: FolderId) -> list[Row]:
        """Newest first."""
        ids = [RowId(i) for i in self.mail.ids([folder])]
        found = self.mail.rows(ids)
        return [found[row] for row in ids if row in found]

    def find(self, account: str, path: str | Role, subject: str) -> Row:
        """The newest message there whose subject begins so."""
        for row in self.rows(self.place(account, path).id):
            if row.subject.startswith(subject):
                return row
        raise Missing(f"“{subject}” in {account}/{path}")

    def row(self, row: RowId) -> Row:
        """As the store has it now."""
        found = self.mail.rows([row]).get(row)
        if found is None:
            raise Missing(f"message {row}, which was here before")
        return found

    # Doing

    def do(self, act: Act) -> None:
        """What a menu entry, a button or a key does."""
        action = self.window.actions_[act]
        if not action.isEnabled():
            raise Missing(f"the action “{action.text()}”, which is greyed out")
        action.trigger()

    def open_folder(self, account: str, path: str | Role) -> None:
        self.window.open_folder(self.place(account, path).id)

    def read(self, account: str, path: str | Role, subject: str) -> None:
        """Open the folder and select the message; the reader follows."""
        row = self.find(account, path, subject)
        self.kept["read"] = row.id
        reader = self.window.reader
        if reader.row != row.id:
            self.displayed = None
            self.page_before = reader.bodies.grab().toImage()
        if self.window.list.place is None or row.folder not in self.window.list.place.folders:
            self.window.open_folder(row.folder)
        self.window.list.select(row.id)

    def compare(self) -> None:
        """Ask the servers whether they agree with the store; the answer comes into `agreement`."""
        self.agreement = None

        def keep(found: Sequence[str]) -> None:
            self.agreement = found

        self.window.reading.ask("tour", self._differences, keep, lambda error: keep([error.sentence()]))

    def once(self, name: str, act: Callable[[], object]) -> None:
        """Do it the first time this is asked for under this name: what a check has to wait with."""
        if name not in self._once:
            self._once.add(name)
            act()

    def own_windows(self) -> list[QWidget]:
        """Windows open beside the main one, popups left out."""
        seen = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not self.window]
        return [w for w in seen if w.windowType() in (Qt.WindowType.Window, Qt.WindowType.Dialog)]

    def close_dialog(self) -> None:
        """Whatever the step before opened."""
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.close()

    # Looking

    def trouble(self) -> str:
        """What the program complains about; in the demo nothing may go wrong but what was provoked."""
        problems = [f"{one.what} {one.hint} {one.server_words}".strip() for one in self.window.panel.problems()]
        said = [words for words in (self.window.banner.text(), *problems) if words and self.provoked not in words]
        return f"a tour without this trouble: {said[0]}" if said else ""

    def state(self, account: str) -> AccountState | None:
        """How the engine says the account is doing; None: nothing heard yet."""
        health = self.window.pulse.health.get(self.account(account).key)
        return health.state if health else None

    def listed(self) -> set[RowId]:
        """What the list shows, in sight or not."""
        return {RowId(i) for i in self.window.list.ids()}
