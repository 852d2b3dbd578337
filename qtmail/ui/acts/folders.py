"""What the user does to folders: make, rename, delete, subscribe, mark all read; and bringing mail files in."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from qtmail.engine.mail import Done, Mail
from qtmail.engine.permitting import why_not
from qtmail.errors import MailError
from qtmail.model import LOCAL, Account, AccountKey, Folder, FolderId, Keep, Protocol, Right, Role
from qtmail.ui import keeping
from qtmail.ui.acts.doing import Doing
from qtmail.ui.acts.mail import Ask
from qtmail.ui.reading import Reading
from qtmail.ui.sidebar.entries import Entry, Line
from qtmail.ui.sidebar.model import renamable
from qtmail.ui.theme import Theme

OPENED = "Opened files"
"""The local folder for mail files that were opened from outside."""


class FolderActs(QObject):
    """Each act is one gesture with its undo."""

    done = Signal(object)
    """Done."""
    failed = Signal(str)
    said = Signal(str)
    """A word for the toast."""
    check_wanted = Signal(object)
    """AccountKey or None: ask the server for new mail."""
    mark_all_wanted = Signal(object)
    """Ids of folders: mark everything in them read."""
    rename_wanted = Signal(str)
    """The key of a sidebar line: edit it in place."""
    took_in = Signal(object, bool)
    """(FolderId, show it): messages were imported into this folder."""
    import_wanted = Signal(object)
    """Folder: take mail files into it."""
    export_wanted = Signal(object)
    """Folder: write its mail into files."""
    settings_wanted = Signal(object)
    """AccountKey."""
    subscriptions_wanted = Signal(object)
    """AccountKey: choose which of its folders are subscribed."""
    details_wanted = Signal(object)
    """AccountKey: what its server offers."""

    def __init__(self, mail: Mail, doing: Doing, reading: Reading, theme: Theme, window: QWidget, ask: Ask) -> None:
        super().__init__(window)
        self._mail = mail
        self._doing = doing
        self._reading = reading
        self._theme = theme
        self._window = window
        self._ask = ask

    def new(self, account: AccountKey | None, below: str = "") -> None:
        """Ask for a name and make it, at the top or below a folder."""
        chosen = account if account is not None else self._first_account()
        names = {one.key: one.name for one in self._mail.accounts()}
        where = f"below “{below.rpartition('/')[2]}”" if below else "at the top"
        if len(names) > 1 and chosen in names:
            where += f" in {names[chosen]}"
        name, ok = QInputDialog.getText(self._window, "New folder", f"Name of the new folder, {where}:")
        if ok and name.strip():
            self.create(account, f"{below}/{name.strip()}" if below else name.strip())

    def create(self, account: AccountKey | None, path: str) -> None:
        chosen = account if account is not None else self._first_account()
        if chosen is None:
            self.failed.emit("There is no account to make a folder in yet. Add one in File > Accounts.")
            return
        self._try(lambda: self._mail.create_folder(chosen, path))

    def rename(self, folder: Folder, name: str) -> None:
        """Give it another name in the same place."""
        above = folder.path.rpartition("/")[0]
        self._try(lambda: self._mail.rename_folder(folder.id, f"{above}/{name}" if above else name))

    def delete(self, folder: Folder) -> None:
        """After one question; what is in it goes to Trash."""
        inside = f" {folder.total:,} messages in it go to Trash." if folder.total else ""
        if self._ask("Delete folder", f"Delete the folder “{folder.name}”?{inside}", "Delete folder"):
            self._try(lambda: self._mail.delete_folder(folder.id))

    def subscribe(self, wishes: Mapping[FolderId, bool]) -> None:
        """Subscribe to these folders, or not any more."""
        if wishes:
            self._try(lambda: self._mail.subscribe_folders(wishes))

    def menu(self, entry: Entry) -> QMenu:
        """What can be done with a line of the sidebar."""
        menu = QMenu(self._window)
        folder = entry.folder
        account = entry.account
        if entry.line is Line.HEADING and account not in (None, LOCAL):
            self._add(menu, "Check now", "refresh", lambda: self.check_wanted.emit(account))
            self._add(menu, "New folder…", "folder-plus", lambda: self.new(account))
            if self._on_imap(account) is not None:
                self._add(menu, "Folders…", "list", lambda: self.subscriptions_wanted.emit(account))
            menu.addSeparator()
            self._add(menu, "Account settings…", "settings", lambda: self.settings_wanted.emit(account))
            self._add(menu, "Server details…", "server", lambda: self.details_wanted.emit(account))
        elif entry.place is not None or folder is not None:
            folders = entry.place.folders if entry.place else ()
            mark = self._add(menu, "Mark all as read", "mail-opened", lambda: self.mark_all_wanted.emit(folders))
            mark.setEnabled(bool(folders) and (folder is None or folder.may(Right.MARK_READ)))
            self._add(menu, "Check now", "refresh", lambda: self.check_wanted.emit(account))
        if folder is not None and folder.account != LOCAL:
            menu.addSeparator()
            below = folder.path
            make = self._add(menu, "New folder here…", "folder-plus", lambda: self.new(folder.account, below))
            make.setEnabled(folder.may(Right.CREATE_BELOW) and (folder.selectable or not folder.shared))
            if folder.selectable and (of := self._on_imap(folder.account)) is not None:
                self._keep_menu(menu, folder, of)
                if folder.role is Role.NONE:
                    word, icon = ("Unsubscribe", "eye-off") if folder.subscribed else ("Subscribe", "eye")
                    self._add(menu, word, icon, lambda: self.subscribe({folder.id: not folder.subscribed}))
        if folder is not None and folder.selectable and folder.role is not Role.OUTBOX:
            menu.addSeparator()
            take = self._add(menu, "Import…", "file-import", lambda: self.import_wanted.emit(folder))
            take.setEnabled(folder.may(Right.ADD))
            self._add(menu, "Export…", "file-export", lambda: self.export_wanted.emit(folder))
        if folder is not None and folder.role is Role.NONE:
            menu.addSeparator()
            rename = self._add(menu, "Rename", "pencil", lambda: self.rename_wanted.emit(entry.key))
            delete = self._add(menu, "Delete folder…", "trash", lambda: self.delete(folder))
            for action in (rename, delete):
                action.setEnabled(renamable(folder))
                action.setToolTip(why_not(folder, Right.REMOVE_FOLDER))
            menu.setToolTipsVisible(not renamable(folder))
        return menu

    def keep(self, folder: Folder, keep: Keep | None) -> None:
        """Say what is kept on this computer of it."""
        self._try(lambda: self._mail.keep_folder(folder.id, keep))
        self.check_wanted.emit(folder.account)

    def _keep_menu(self, menu: QMenu, folder: Folder, account: Account) -> None:
        """ "Keep offline…", with the present choice marked."""
        sub = menu.addMenu(self._theme.icon("download"), "Keep offline")
        group = QActionGroup(sub)
        says = keeping.words(account.keep)
        offers: dict[Keep | None, str] = {None: f"As the account says ({says[:1].lower()}{says[1:]})"}
        offers |= {choice: keeping.words(choice) for choice in keeping.choices(folder.keep)}
        for choice, text in offers.items():
            action = group.addAction(text)
            action.setCheckable(True)
            action.setChecked(choice == folder.keep)
            action.triggered.connect(lambda _checked=False, choice=choice: self.keep(folder, choice))
            sub.addAction(action)
            if choice is None:
                sub.addSeparator()

    def show_menu(self, entry: Entry, where: QPoint) -> None:
        """Of a saved search: see searching/saved."""
        if entry.search is not None:
            return
        menu = self.menu(entry)
        if not menu.isEmpty():
            menu.exec(where)
        menu.deleteLater()

    # Mail files

    def take_in(self, paths: Sequence[Path], into: Folder | None) -> None:
        """Import on the reading thread. Without a folder: into a local one of their own, which is shown then."""

        def work() -> tuple[FolderId, int, int, tuple[str, ...]]:
            target = into.id if into is not None else self._opened_folder().id
            new = known = 0
            problems: list[str] = []
            for path in paths:
                more, old, troubles = self._mail.import_messages(path, target)
                new, known = new + more, known + old
                problems += troubles
            return target, new, known, tuple(problems)

        def finished(result: tuple[FolderId, int, int, tuple[str, ...]]) -> None:
            folder, new, known, problems = result
            if problems:
                self.failed.emit(problems[0])
            already = f", {known:,} were there already" if known else ""
            self.said.emit(f"{new:,} {'message' if new == 1 else 'messages'} taken in{already}.")
            self.took_in.emit(folder, into is None)

        self._reading.ask(f"import {id(work)}", work, finished, lambda error: self.failed.emit(error.sentence()))

    def _opened_folder(self) -> Folder:
        try:
            return self._mail.folder_named(f"Local/{OPENED}")
        except MailError:
            self._mail.create_folder(LOCAL, OPENED)
            return self._mail.folder_named(f"Local/{OPENED}")

    def _on_imap(self, key: AccountKey | None) -> Account | None:
        """The account, if its server has folders."""
        return next((one for one in self._mail.accounts() if one.key == key and one.protocol is Protocol.IMAP), None)

    def _first_account(self) -> AccountKey | None:
        accounts = self._mail.accounts()
        with_folders = [a for a in accounts if a.protocol is Protocol.IMAP] or list(accounts)
        return with_folders[0].key if with_folders else None

    def _add(self, menu: QMenu, text: str, icon: str, run: Callable[[], object]) -> QAction:
        action = menu.addAction(self._theme.icon(icon), text)
        action.triggered.connect(lambda _checked=False: run())
        return action

    def _try(self, act: Callable[[], Done]) -> None:
        self._doing.do(act, self.done.emit, lambda error: self.failed.emit(error.sentence()))
