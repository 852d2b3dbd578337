"""What the main window opens over itself: preferences, accounts, palette, folder finder, shortcuts, about."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from qtmail import __version__, events, settings
from qtmail.errors import MailError
from qtmail.model import Account, AccountKey, Address, Folder, FolderId
from qtmail.settings import Settings
from qtmail.ui.accounts import add_account, edit_account
from qtmail.ui.accounts.server_details import ServerDetailsDialog
from qtmail.ui.accounts.subscriptions import SubscriptionsDialog
from qtmail.ui.backing_up.page import BackupPage
from qtmail.ui.importing.opening import FileDialogs
from qtmail.ui.jobs import starter
from qtmail.ui.keyboard import palette
from qtmail.ui.keyboard.finder import Choice, Finder
from qtmail.ui.keyboard.sheet import ShortcutsSheet
from qtmail.ui.network import NetworkWindow
from qtmail.ui.outbox import OutboxWindow
from qtmail.ui.preferences.window import Preferences
from qtmail.ui.storage import StorageWindow

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow

SHOWN_ACCOUNTS = "Accounts"
SHOWN_BACKUP = "Backup"


class Dialogs(QObject):
    """One window's dialogs; preferences are opened once and brought to the front after that."""

    stage_wanted = Signal(object)
    """ui.storage.window.Wanted: what shall be done to the store when no window is open."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._preferences: Preferences | None = None
        self.finder: Finder | None = None
        window.panel.edit.connect(self.edit_account)
        window.first_run.add_account.connect(self.add_account)
        self.files = FileDialogs(window.mail, starter(window.profile), window.theme, window)
        self.files.took_in.connect(lambda folder: window.folder_acts.took_in.emit(folder, False))
        self.files.failed.connect(window.complain)
        window.sidebar.files_dropped.connect(lambda paths, folder: self.files.take_in(folder, paths))
        window.folder_acts.import_wanted.connect(self.files.take_in)
        window.folder_acts.export_wanted.connect(lambda folder: self.files.export(folder, ()))
        window.first_run.open_file.connect(lambda: self.files.take_in(None))
        window.first_run.open_demo.connect(window.demo_wanted)
        window.folder_acts.settings_wanted.connect(self.edit_account)
        window.folder_acts.details_wanted.connect(self.server_details)
        window.folder_acts.subscriptions_wanted.connect(self.subscriptions)
        window.composing.remember.connect(self.keep)

    def keep(self, field: str, value: object) -> None:
        """One setting is another now: saved and in force."""
        window = self._window
        changed = replace(window.settings, **{field: value})  # type: ignore[arg-type]
        if changed == window.settings:
            return
        try:
            settings.save(window.profile.settings, changed)
        except OSError as error:
            window.complain(f"The setting could not be saved: {error.strerror}. It holds until qtmail ends.")
        window.use_settings(changed)

    def preferences(self, page: str = "") -> Preferences:
        """Show them, at this page."""
        window = self._window
        if self._preferences is None:
            keys = window.arrangement.keys
            self._preferences = Preferences(
                window.profile, window.link, window.theme, window.settings, window, keys=keys, backup=self._backup_page
            )
            self._preferences.accounts.follow(lambda: window.pulse.health, window.pulse.changed)
            self._preferences.shortcuts.changed.connect(window.arrangement.use_keys)
            self._preferences.changed.connect(self._use)
            self._preferences.accounts_changed.connect(window.accounts_changed)
            self._preferences.finished.connect(self._preferences_closed)
        if page:
            self._preferences.show_page(page)
        self._preferences.show()
        self._preferences.raise_()
        return self._preferences

    def _backup_page(self, chosen: Settings, parent: QWidget) -> BackupPage:
        window = self._window
        page = BackupPage(chosen, window.mail.last_backup, starter(window.profile), window.theme, parent)
        page.restored.connect(window.accounts_changed)
        return page

    def accounts(self) -> None:
        """The accounts page; straight to the form while there is none."""
        if self._window.accounts:
            self.preferences(SHOWN_ACCOUNTS)
        else:
            self.add_account()

    def add_account(self) -> None:
        """The short set-up; the whole form is behind it."""
        window = self._window
        add_account(window.profile, window.link, window.theme, window, self._account_kept)

    def edit_account(self, key: AccountKey) -> None:
        found = next((account for account in self._window.accounts if account.key == key), None)
        if found is not None:
            window = self._window
            edit_account(window.profile, window.link, window.theme, found, window, self._account_kept)

    def server_details(self, key: AccountKey) -> ServerDetailsDialog | None:
        """What the account's server offers and how honest it is; None for an account that is gone."""
        window = self._window
        found = next((account for account in window.accounts if account.key == key), None)
        if found is None:
            return None
        try:
            details = window.mail.server_details(key)
        except MailError as error:
            window.complain(error.sentence())
            return None
        dialog = ServerDetailsDialog(found, details, window.theme, window)
        dialog.again.connect(lambda: self._try_again(key))
        dialog.show()
        return dialog

    def subscriptions(self, key: AccountKey) -> SubscriptionsDialog | None:
        """Which of the account's folders are subscribed; None for an account that is gone."""
        window = self._window
        found = next((account for account in window.accounts if account.key == key), None)
        if found is None:
            return None

        def take(wishes: dict[FolderId, bool], only: bool) -> None:
            window.sidebar.show_only_subscribed(key, only)
            window.folder_acts.subscribe(wishes)

        own = [folder for folder in window.mail.folders() if folder.account == key]
        dialog = SubscriptionsDialog(found.name, own, key in window.sidebar.only_subscribed, window.theme, window)
        dialog.chosen.connect(take)
        dialog.show()
        return dialog

    def _try_again(self, key: AccountKey) -> None:
        """Forget what its server was caught at; the engine makes a new connection and finds out anew."""
        window = self._window
        try:
            window.mail.forget_findings(key)
        except MailError as error:
            window.complain(error.sentence())
            return
        window.link.wish(events.Reload((key,)))
        window.toast.say("All that the server offers is tried again.")

    def outbox(self) -> OutboxWindow:
        """What waits to be sent."""
        window = self._window
        dialog = OutboxWindow(window.mail, window.link, window.theme, window)
        dialog.edit_wanted.connect(window.composing.edit)
        dialog.delete_wanted.connect(lambda row: window.acts.delete([row]))
        dialog.acted.connect(window.outbox.refresh)
        dialog.show()
        return dialog

    def move(self) -> None:
        """V: type to find the folder."""
        rows = self._window.pages.rows()
        if rows:
            self._folders("Move to folder", lambda folder: self._window.acts.move(rows, folder.id))

    def copy(self) -> None:
        rows = self._window.pages.rows()
        if rows:
            self._folders("Copy to folder", lambda folder: self._window.acts.copy(rows, folder.id))

    def palette(self) -> None:
        """Ctrl+Shift+P."""
        window = self._window
        finder = self._finder("Actions, folders, people, settings")
        choices: list[Choice] = [
            *palette.action_choices(window.actions_),
            *palette.place_choices(window.folders, window.accounts, window.open_place),
            *palette.setting_choices(self.preferences),
        ]
        finder.offer(choices, palette.people_choices(window.mail, self._search_person))
        finder.open_over(window)

    def shortcuts(self) -> ShortcutsSheet:
        sheet = ShortcutsSheet(self._window.actions_, self._window.theme, self._window)
        sheet.show()
        return sheet

    def storage(self) -> StorageWindow:
        """Room, checking, encryption."""
        window = self._window
        dialog = StorageWindow(window.mail, window.link, window.profile, window.theme, window)
        dialog.stage_wanted.connect(self.stage_wanted)
        dialog.acted.connect(window.refresh_folders)
        dialog.show()
        return dialog

    def network(self) -> NetworkWindow:
        """Whom we talked to."""
        dialog = NetworkWindow(self._window.profile, self._window.theme, self._window)
        dialog.show()
        return dialog

    def _stored_otherwise(self, told: "tuple[events.Event, ...]") -> None:
        for event in told:
            self._window.hear(event)
        self._window.refresh_folders()

    def about(self) -> None:
        QMessageBox.about(
            self._window,
            "About qtmail",
            f"qtmail {__version__}\n\nMail you can trust with twenty years of it.\n\n"
            "Free software under the GNU General Public License 3. Icons: Tabler (MIT).",
        )

    def logs(self) -> None:
        """The folder a report about a problem is made from."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._window.profile.logs)))

    def new_folder(self) -> None:
        """In the account that is open."""
        place = self._window.list.place
        self._window.folder_acts.new(place.account if place else None)

    def _use(self, chosen: Settings) -> None:
        self._window.use_settings(chosen)

    def _preferences_closed(self) -> None:
        if self._preferences is not None:
            self._preferences.deleteLater()
            self._preferences = None

    def _account_kept(self, _account: Account) -> None:
        self._window.accounts_changed()

    def _folders(self, title: str, take: Callable[[Folder], object]) -> None:
        finder = self._finder(title)
        finder.offer(palette.folder_choices(self._movable(), self._window.accounts, take))
        finder.open_over(self._window)

    def _movable(self) -> list[Folder]:
        """The accounts of what is selected first: a move is mostly within one."""
        window = self._window
        try:
            here = set(window.mail.account_of(window.list.selected()[:50]))
        except MailError:
            here = set()
        return sorted(window.folders, key=lambda folder: folder.account not in here)

    def _finder(self, placeholder: str) -> Finder:
        self.finder = Finder(self._window.theme, self._window, placeholder)
        self.finder.destroyed.connect(self._finder_gone)
        return self.finder

    def _finder_gone(self) -> None:
        self.finder = None

    def _search_person(self, person: Address) -> None:
        self._window.search.setText(f"from:{person.address}")
