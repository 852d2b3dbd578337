"""The main window: puts the parts together and joins their signals; what the parts do is in their own modules."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from qtmail import events
from qtmail.engine.mail import Done, Mail
from qtmail.engine.permitting import forbidden
from qtmail.errors import StoreBusy
from qtmail.events import Event
from qtmail.model import LOCAL, Account, AccountKey, Folder, FolderId, Role, RowId
from qtmail.paths import Profile
from qtmail.settings import Settings
from qtmail.ui.actions import LIST_MENU, Act, Actions, Context
from qtmail.ui.acts.composing import Composing
from qtmail.ui.acts.doing import AT_THE_END_S, PATIENCE_S, Doing
from qtmail.ui.acts.folders import FolderActs
from qtmail.ui.acts.mail import MailActs, ask_user
from qtmail.ui.acts.pop import PopActs
from qtmail.ui.link import Link
from qtmail.ui.message_list.pane import MessageList
from qtmail.ui.message_list.sight import InSight
from qtmail.ui.outbox import OutboxBanner
from qtmail.ui.pages.pages import Pages
from qtmail.ui.parts.banner import Banner, Button, Kind
from qtmail.ui.parts.frames import column, splitter
from qtmail.ui.places import Place, folder_label
from qtmail.ui.reader import ReaderPane
from qtmail.ui.reading import Reading
from qtmail.ui.searching.join import Searching
from qtmail.ui.searching.scope_bar import ScopeBar
from qtmail.ui.sidebar.tree import Sidebar
from qtmail.ui.theme import Size, Space, Theme, mark
from qtmail.ui.window.arrangement import Arrangement
from qtmail.ui.window.dialogs import Dialogs
from qtmail.ui.window.elsewhere import AccountsElsewhere
from qtmail.ui.window.first_run import FirstRun
from qtmail.ui.window.going import Going
from qtmail.ui.window.new_mail import NewMail, program_icon
from qtmail.ui.window.pulse import Pulse
from qtmail.ui.window.status import ActivityPanel, StatusLine
from qtmail.ui.window.toast import Toast
from qtmail.ui.window.toolbar import MainToolBar
from qtmail.ui.window.wiring import connect_actions, show_checks

SMALLEST = (720, 480)


class MainWindow(QMainWindow):
    """The public parts (`sidebar`, `list`, `reader`, `search`, `acts`, `composing`) are what the tour drives."""

    settings_changed = Signal(object)
    """Settings: something in the window changed them; they are saved already."""
    demo_wanted = Signal()
    """From the first-run page."""

    def __init__(
        self, mail: Mail, link: Link, theme: Theme, settings: Settings, profile: Profile, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.mail, self.link, self.theme, self.settings, self.profile = mail, link, theme, settings, profile
        self.accounts: tuple[Account, ...] = ()
        self.folders: tuple[Folder, ...] = ()
        self._disposed = False
        self.setWindowTitle("qtmail")
        self.reading = Reading(self, stopper=mail.stopper)
        self.doing = Doing(mail, self)
        self.pulse = Pulse(self)
        self.actions_ = Actions(self, theme)
        self._make_widgets()
        self._lay_out()
        self.acts: MailActs = MailActs(mail, self.doing, self.list, self.toast, ask_user(self))
        self.pop_acts = PopActs(mail, link, self)
        self.folder_acts: FolderActs = FolderActs(mail, self.doing, self.reading, theme, self, ask_user(self))
        self.composing: Composing = Composing(mail, link, theme, settings, self)
        icon = program_icon(theme)
        QApplication.setWindowIcon(icon)  # composers and dialogs have it too
        self.new_mail = NewMail(mail, self.reading, self, icon)
        self._refresh_soon = QTimer(self, interval=150, singleShot=True)
        self._refresh_soon.timeout.connect(self.refresh_folders)
        self.going = Going(self)
        self._elsewhere = AccountsElsewhere(profile.accounts, self)
        self._join()
        self.searching = Searching(self)
        self.dialogs = Dialogs(self)
        connect_actions(self)
        self.actions_.fill_menu_bar(self.menuBar())
        self.actions_.menus["&View"].insertMenu(self.actions_[Act.ACTIVITY], self.list.header.sort_menu(self))
        self.arrangement = Arrangement(self)
        self.arrangement.restore()
        self.reading.start()
        self.pulse.set_offline(settings.offline)
        self.refresh_folders()
        self.going.open_first()
        self.list.setFocus()
        self.composing.reopen()
        self.outbox.refresh()

    # Making

    def _make_widgets(self) -> None:
        theme = self.theme
        self.bar = MainToolBar(self.actions_, theme, self)
        self.search = self.bar.search
        self.search.complete_from(self.mail)
        self.sidebar = Sidebar(theme)
        self.status = StatusLine(theme)
        self.list = MessageList(self.mail, self.reading, theme)
        self.list.folder_names = self._folder_name
        self.scope = ScopeBar(theme)
        self.reader = ReaderPane(self.mail, self.link, theme, self.settings)
        self.reader.setMinimumSize(Size.SIDEBAR + Space.XXL * 2, Size.SIDEBAR // 2)
        self.banner = Banner(theme)
        self.outbox = OutboxBanner(self.mail, self.link, theme)
        self.first_run = FirstRun(theme)
        self.panel = ActivityPanel(theme, self)

    def _lay_out(self) -> None:
        self.side = side = column(self.sidebar, self.status, filling=self.sidebar)
        side.setContentsMargins(0, Space.S, 0, 0)
        mark(side, surface="sidebar")
        side.setMinimumWidth(Size.SIDEBAR - Space.XXL)
        middle = column(self.scope, self.list, filling=self.list)
        mark(middle, surface="surface")
        self.mail_panes = splitter(Qt.Orientation.Horizontal, middle, self.reader)
        self.panes = splitter(Qt.Orientation.Horizontal, side, self.mail_panes)
        self.panes.setStretchFactor(1, 1)
        self.mail_panes.setStretchFactor(0, 2)
        self.mail_panes.setStretchFactor(1, 3)
        banner_place = QWidget()
        row = QVBoxLayout(banner_place)
        row.setContentsMargins(Space.S, Space.XS, Space.S, Space.XS)
        row.addWidget(self.banner)
        self._banner_place = banner_place
        banner_place.hide()
        self.page = column(self.outbox, banner_place, self.panes, filling=self.panes)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.page)
        self.stack.addWidget(self.first_run)
        self.addToolBar(self.bar)
        self.pages = Pages(self, self.stack)
        self.setCentralWidget(self.pages.tabs)
        self.toast = Toast(self.theme, self)
        self.setMinimumSize(*SMALLEST)

    def _join(self) -> None:
        self.link.heard.connect(self.hear)
        restarted = getattr(self.link, "restarted", None)
        if restarted is not None:
            restarted.connect(self._engine_restarted)
        self.sidebar.place_chosen.connect(self.going.show)
        self.sidebar.dropped.connect(self._dropped)
        self.sidebar.renamed.connect(self.folder_acts.rename)
        self.sidebar.delete_wanted.connect(self.folder_acts.delete)
        self.sidebar.menu_wanted.connect(self.folder_acts.show_menu)
        self.status.clicked.connect(lambda: self.panel.open_above(self.status))
        self.panel.retry.connect(self.check)
        self.panel.cancel.connect(lambda account: self.link.wish(events.Cancel((account,))))
        self.pop_acts.done.connect(self.apply)
        self.pop_acts.said.connect(self.toast.say)
        self.pop_acts.failed.connect(self.complain)
        self.panel.stop.connect(lambda: self.set_offline(not self.settings.offline))
        InSight(self.list.view, self.list.model, self.link)
        self.list.selection_changed.connect(self._selection_changed)
        self.list.act_wanted.connect(self.acts.hover)
        self.list.opened.connect(self._opened)
        self.list.menu_wanted.connect(self._list_menu)
        self.list.listed.connect(self.update_actions)
        self.list.empty_pressed.connect(self._empty_pressed)
        self.pulse.changed.connect(self._draw_pulse)
        self.pulse.recovered.connect(self.panel.forget_problems)
        for done in (self.acts.done, self.folder_acts.done, self.composing.done):
            done.connect(self.apply)
        for done in (self.composing.told, self.folder_acts.done):
            done.connect(self.acts.tell)
        for failed in (self.acts.failed, self.folder_acts.failed, self.composing.failed):
            failed.connect(self.complain)
        self.doing.delayed.connect(self._say_delayed)
        self.outbox.edit_wanted.connect(self.composing.edit)
        self.outbox.draft_wanted.connect(self.composing.show)
        self.outbox.list_wanted.connect(lambda: self.dialogs.outbox())
        self.outbox.failed.connect(self.complain)
        self.outbox.acted.connect(self._refresh_folders_soon)
        self.outbox.standing.connect(self.panel.keep_items)
        self.new_mail.opened.connect(self.going.open_new)
        self.folder_acts.took_in.connect(self._took_in)
        self.folder_acts.said.connect(self.toast.say)
        self.folder_acts.check_wanted.connect(self.check)
        self.folder_acts.mark_all_wanted.connect(self.mark_all_read)
        self.folder_acts.rename_wanted.connect(self.sidebar.edit_line)
        self._elsewhere.changed.connect(self.accounts_changed)
        self.banner.pressed.connect(self._banner_pressed)
        self.banner.closed.connect(self._banner_place.hide)
        self.pages.join(self.reader)
        for number in range(1, 10):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(partial(self.going.open_nth, number - 1))

    # What the engine says

    def hear(self, event: Event) -> None:
        """Events say what changed; everything is read again from the store."""
        self.outbox.hear(event)
        match event:
            case events.FoldersChanged() | events.OutboxChanged():
                self._refresh_folders_soon()
            case events.FolderChanged(folder=folder, arrived=arrived):
                self.list.refresh(folder)
                if arrived and self.settings.notify:
                    self.new_mail.arrived(folder, arrived)
                self._refresh_folders_soon()
            case events.BodiesArrived(messages=messages):
                self.list.refresh_messages(messages)
            case events.StateChanged():
                self.pulse.hear(event)
            case events.Problem():
                self.show_problem(event)
            case events.EngineReady():
                self._refresh_folders_soon()

    def apply(self, done: Done) -> None:
        """Something was done here: refresh what it touched, and let the engine pass it on."""
        self.going.notice_own_act()
        for event in done.events:
            self.hear(event)
            self.pages.hear(event)
        self.update_actions()
        self.link.wish(events.Wake())

    def _refresh_folders_soon(self) -> None:
        if not self._refresh_soon.isActive():
            self._refresh_soon.start()

    def refresh_folders(self) -> None:
        """Read accounts, folders and counts anew (one small query each)."""
        if self._disposed:
            return
        try:
            self.accounts = self.mail.accounts()
        except StoreBusy:  # folders of a new account could not be made yet
            self._refresh_folders_soon()
        self.folders = self.mail.folders()
        self.pulse.set_accounts(self.accounts)
        self.pulse.set_waiting(self.mail.waiting())
        room = {account.key: self.mail.room(account.key) for account in self.accounts}
        self.sidebar.show_state(self.accounts, self.folders, self.pulse.health, room)
        something = bool(self.accounts) or any(folder.account == LOCAL and folder.total for folder in self.folders)
        self.stack.setCurrentWidget(self.page if something else self.first_run)
        self.going.follow()
        self.update_actions()

    def _say_delayed(self) -> None:
        self.toast.say("Another program is using the mail store. This is done as soon as it is free.")

    def show_problem(self, problem: events.Problem) -> None:
        """In the activity panel, and once as a banner with what to do."""
        self.panel.add_problem(problem)
        if problem.item is not None:
            return  # the banner of the Outbox says it, for as long as it holds
        if problem.account not in (LOCAL, *(account.key for account in self.accounts)):
            self.refresh_folders()  # the engine knows a new account already
        names = {account.key: account.name for account in self.accounts}
        name = names.get(problem.account, "")
        if asked := self.pop_acts.question(problem.account):
            self._say(f"{name}: {asked[0]}", Kind.WARNING, asked[1])
            return
        words = f"{name}: {problem.what}" if name else problem.what
        buttons = [Button("panel", "More")]
        if name and not problem.retry:
            buttons.insert(0, Button(f"account:{problem.account}", "Account settings"))
        self._say(f"{words} {problem.hint}".strip(), Kind.WARNING if problem.retry else Kind.DANGER, buttons)

    def complain(self, sentence: str) -> None:
        """Something the user asked for cannot be: why, and what to do."""
        self._say(sentence, Kind.WARNING, [])

    def _say(self, words: str, kind: Kind, buttons: Sequence[Button]) -> None:
        self._banner_place.show()
        self.banner.say(words, kind, buttons)

    def _banner_pressed(self, button: str) -> None:
        self.banner.clear()
        self._banner_place.hide()
        if button == "panel":
            self.panel.open_above(self.status)
        elif self.pop_acts.pressed(button):
            return
        else:
            self.dialogs.edit_account(AccountKey(button.partition(":")[2]))

    def _engine_restarted(self) -> None:
        self.pulse.engine_gone()
        self.list.refresh()
        self._refresh_folders_soon()

    def _draw_pulse(self) -> None:
        self.status.tell(self.pulse.situation)
        self.panel.tell(self.pulse.situation)
        self.sidebar.show_state(self.accounts, self.folders, self.pulse.health)

    # Places and search

    def open_place(self, place: Place) -> None:
        """Show this folder; its line in the sidebar is chosen where it is in sight."""
        self.going.open(place)

    def open_folder(self, folder: FolderId) -> None:
        """Show the folder of this id, if it is (still) there."""
        self.going.open_folder(folder)

    def _empty_pressed(self) -> None:
        if not self.list.search_text:
            self.check(self.list.place.account if self.list.place else None)
        elif self.list.everywhere:
            self.search.leave()
        else:
            self.scope.everywhere.setChecked(True)

    # Messages

    def _selection_changed(self) -> None:
        count = self.list.selected_count()
        if count == 1:
            (row,) = self.list.selected()
            self.reader.show_row(row, conversation=self.list.conversing.stands_for_all(row))
        elif count:
            self.reader.show_selection(count)
        else:
            self.reader.show_row(None)
        self.outbox.leave_to_reader(row if count == 1 else None)
        self.update_actions()

    def _opened(self, row: RowId) -> None:
        """Enter: a draft goes on being written, another message is opened where the settings say."""
        if self.current_is_draft():
            self.composing.edit(row)
        else:
            self.pages.open(row)

    def _list_menu(self, where: QPoint) -> None:
        menu = self.actions_.menu(LIST_MENU, self)
        menu.addSeparator()
        self.pop_acts.add_to(menu, self.list.selected())
        menu.addMenu(self.list.header.sort_menu(menu))
        menu.exec(where)
        menu.deleteLater()

    def current_is_draft(self) -> bool:
        """The one selected message is in Drafts or in the Outbox."""
        row = self.list.row(self.list.selected()[0]) if self.list.selected_count() == 1 else None
        roles = {folder.id: folder.role for folder in self.folders}
        return row is not None and roles.get(row.folder) in (Role.DRAFTS, Role.OUTBOX)

    def open_folder_entry(self) -> Folder | None:
        """The folder the list shows; None for a search or several folders."""
        place = self.list.place
        if place is None or self.list.search_text or len(place.folders) != 1:
            return None
        return next((folder for folder in self.folders if folder.id == place.folders[0]), None)

    def _dropped(self, rows: Sequence[RowId], folder: Folder, copy: bool) -> None:
        if copy:
            self.acts.copy(rows, folder.id)
        else:
            self.acts.move(rows, folder.id)

    def mark_all_read(self, folders: Sequence[FolderId]) -> None:
        """Everything in these folders, read on the reading thread (it may be much)."""
        self.reading.ask("mark all", lambda: self.mail.ids(folders), self._mark_these_read)

    def _mark_these_read(self, ids: Sequence[int]) -> None:
        self.acts.mark_read([RowId(i) for i in ids])

    def _folder_name(self, folder: FolderId) -> str:
        """Where a row is, as far as the list does not say it already: the account in a unified folder."""
        for known in self.folders:
            if known.id == folder:
                label = folder_label(known, self.accounts)
                return label.replace(" / ", " › ") if self.list.names_folder(folder) else label.partition(" / ")[0]
        return ""

    # Engine and settings

    def check(self, account: AccountKey | None = None) -> None:
        """Ask the servers for new mail."""
        self.link.wish(events.Wake((account,) if account else (), check=True))

    def set_offline(self, offline: bool) -> None:
        """Work offline, or go back; remembered."""
        self.change_setting("offline", offline)
        self.link.wish(events.GoOffline(offline))

    def change_setting(self, field: str, value: object) -> None:
        """One field of the settings, from anywhere in the window: kept and in force at once."""
        self.dialogs.keep(field, value)

    def use_settings(self, settings: Settings) -> None:
        """These are in force now (and saved)."""
        before, self.settings = self.settings, settings
        if (settings.scheme, settings.density) != (before.scheme, before.density):
            self.theme.set(settings.scheme, settings.density)
        if settings.layout is not before.layout:
            self.arrangement.apply_layout()
        if settings.offline != before.offline:
            self.pulse.set_offline(settings.offline)
        if settings.metered_headers_only != before.metered_headers_only:
            self.link.wish(events.Reload())
        self.pages.apply_settings(settings)
        self.composing.settings = settings
        self.update_actions()
        self.settings_changed.emit(settings)

    def accounts_changed(self) -> None:
        """Accounts were added, changed or removed."""
        self.link.wish(events.Reload())
        self.refresh_folders()

    def open_things(self, what: tuple[str, ...]) -> None:
        """Mail files and mailto: links, from the command line or another start of the program."""
        self.show()
        self.raise_()
        self.activateWindow()
        paths = [Path(item) for item in what if not item.lower().startswith("mailto:")]
        for url in what:
            if url.lower().startswith("mailto:"):
                self.composing.mailto(url)
        if paths:
            self.folder_acts.take_in(paths, None)

    def _took_in(self, folder: FolderId, show: bool) -> None:
        """Messages were imported: servers are to get them too, where the folder has one."""
        self.link.wish(events.Wake())
        self.refresh_folders()
        self.list.refresh(folder)
        if not show:
            return
        self.open_folder(folder)
        ids = self.mail.ids([folder])
        if ids:
            self.list.select(RowId(max(ids)))

    def update_actions(self, _count: int = 0) -> None:
        """What is selected, listed or open changed: look again at what can be done."""
        folder = self.open_folder_entry()
        place = self.list.place
        context = Context(
            selected=1 if self.pages.front else self.list.selected_count(),
            listed=self.list.count,
            editable=not self.pages.front and self.current_is_draft(),
            has_accounts=bool(self.accounts),
            in_folder=place is not None and not self.list.search_text,
            own_folder=folder is not None and folder.role is Role.NONE,
            undo=self.mail.undo_label(),
            forbidden=forbidden(folder) if not self.list.search_text else {},
        )
        self.actions_.update_enabled(context)
        show_checks(self)

    # The end

    def dispose(self) -> None:
        """The orderly end: remember, save what is being written, stop the thread. May be called twice."""
        if self._disposed:
            return
        self.arrangement.save()
        self._disposed = True
        self._refresh_soon.stop()
        self.new_mail.stop()
        self.outbox.stop()
        self.link.heard.disconnect(self.hear)
        self.mail.hurry(AT_THE_END_S)
        self.doing.end()
        self.composing.save_all()
        self.pages.shut()
        self.reading.end()
        self.panel.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.mail.hurry(AT_THE_END_S)
        if not self._disposed and not self.composing.may_end(ask_user(self)):
            self.mail.hurry(PATIENCE_S)
            event.ignore()
            return
        self.dispose()
        super().closeEvent(event)
