"""Joins the table of actions to what the main window's parts can do: the one place where ids meet handlers."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from qtmail.model import RowId
from qtmail.settings import Density, Layout, OpenIn, Scheme
from qtmail.ui.actions import Act, scope_to
from qtmail.ui.window.dialogs import SHOWN_BACKUP

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow


def connect_actions(window: "MainWindow") -> None:
    """Give every action its handler; a test sees to it that none is forgotten."""
    _messages(window)
    _going(window)
    _view(window)
    _program(window)
    scope_to(window.actions_[Act.READ_ON], window.list, window.reader)


def _answered(window: "MainWindow", act: Act, handler: Callable[[], object]) -> None:
    """By the message page in front where there is one that can; else by the main page."""
    window.actions_.on(act, lambda: window.pages.do(act) or handler())


def _messages(window: "MainWindow") -> None:
    on, acts, composing = partial(_answered, window), window.acts, window.composing

    def selected() -> list[RowId]:
        return window.list.selected()

    def here() -> RowId:
        """The one message: in a conversation the one that is read."""
        read = window.reader.row
        return read if read is not None and window.reader.threads.active else selected()[0]

    on(Act.COMPOSE, lambda: composing.new(window.list.place.account if window.list.place else None))
    on(Act.REPLY, lambda: composing.reply(here()))
    on(Act.REPLY_ALL, lambda: composing.reply(here(), to_all=True))
    on(Act.FORWARD, lambda: composing.forward(selected(), inline=True))
    on(Act.FORWARD_ATTACHED, lambda: composing.forward(selected(), inline=False))
    on(Act.EDIT_DRAFT, lambda: composing.edit(selected()[0]))
    on(Act.ARCHIVE, acts.archive)
    on(Act.DELETE, acts.delete)
    on(Act.DELETE_FOR_GOOD, acts.delete_for_good)
    on(Act.JUNK, acts.junk)
    on(Act.MOVE, window.dialogs.move)
    on(Act.COPY, window.dialogs.copy)
    on(Act.STAR, acts.toggle_star)
    on(Act.SPLIT, acts.split)
    on(Act.JOIN, acts.join)
    on(Act.MUTE, acts.mute)
    on(Act.READ, acts.toggle_read)
    on(Act.MARK_ALL_READ, lambda: window.mark_all_read(window.list.place.folders if window.list.place else ()))
    on(Act.UNDO, acts.undo)
    on(Act.SELECT_ALL, window.list.view.selectAll)
    on(Act.SOURCE, window.reader.view_source)
    on(Act.STORY, window.reader.show_story)
    on(Act.SAVE_ATTACHMENTS, window.reader.save_attachments)
    on(Act.PRINT, window.reader.print_)
    on(Act.FIND_TEXT, window.reader.find_text)


def _going(window: "MainWindow") -> None:
    on, pages = partial(_answered, window), window.pages

    def next_unread() -> None:
        window.list.find_unread(lambda row: window.list.select(row) if row is not None else _all_read())

    def _all_read() -> None:
        window.toast.say("No more unread messages here.")

    def read_on() -> None:
        if not window.list.selected() or not window.reader.scroll_page():
            next_unread()

    on(Act.NEXT_MESSAGE, lambda: pages.step_list(1))
    on(Act.PREVIOUS_MESSAGE, lambda: pages.step_list(-1))
    on(Act.NEXT_TAB, lambda: pages.tabs.step(1))
    on(Act.PREVIOUS_TAB, lambda: pages.tabs.step(-1))
    on(Act.OPEN_TAB, lambda: pages.open(pages.rows()[0], OpenIn.TAB))
    on(Act.OPEN_WINDOW, lambda: pages.open(pages.rows()[0], OpenIn.WINDOW))
    on(Act.NEXT_IN_THREAD, partial(window.reader.threads.view.jump, 1))
    on(Act.PREVIOUS_IN_THREAD, partial(window.reader.threads.view.jump, -1))
    on(Act.NEXT_UNREAD, next_unread)
    on(Act.READ_ON, read_on)
    on(Act.NEXT_PANE, lambda: cycle_panes(window, 1))
    on(Act.PREVIOUS_PANE, lambda: cycle_panes(window, -1))
    on(Act.SEARCH, window.search.start)
    on(Act.QUICK_FILTER, window.list.turn_quick_filter)
    window.list.filtering.connect(window.actions_[Act.QUICK_FILTER].setChecked)
    on(Act.PALETTE, window.dialogs.palette)


def _view(window: "MainWindow") -> None:
    on, keep = partial(_answered, window), window.change_setting

    def turn_layout() -> None:
        keep("layout", Layout.BELOW if window.settings.layout is Layout.RIGHT else Layout.RIGHT)

    on(Act.LAYOUT, turn_layout)
    on(Act.CONVERSATION, lambda: keep("conversation", not window.settings.conversation))
    on(Act.SIDEBAR, lambda: window.arrangement.turn_sidebar())
    on(Act.LARGER, lambda: window.reader.zoom(1))
    on(Act.SMALLER, lambda: window.reader.zoom(-1))
    on(Act.USUAL_SIZE, lambda: window.reader.zoom(0))
    for act, scheme in ((Act.SYSTEM_SCHEME, Scheme.SYSTEM), (Act.LIGHT, Scheme.LIGHT), (Act.DARK, Scheme.DARK)):
        on(act, partial(keep, "scheme", scheme))
    for act, density in (
        (Act.COMPACT, Density.COMPACT),
        (Act.NORMAL, Density.NORMAL),
        (Act.RELAXED, Density.RELAXED),
    ):
        on(act, partial(keep, "density", density))
    on(Act.GROUPED, lambda: keep("group_by_date", not window.settings.group_by_date))
    window.settings_changed.connect(lambda settings: window.list.set_grouped(settings.group_by_date))
    window.list.grouped = window.settings.group_by_date
    on(Act.CONVERSATIONS, window.list.turn_conversations)
    window.list.listed.connect(lambda _: window.actions_[Act.CONVERSATIONS].setChecked(window.list.shows_conversations))
    on(Act.ACTIVITY, lambda: window.panel.open_above(window.status))


def _program(window: "MainWindow") -> None:
    on, dialogs = window.actions_.on, window.dialogs
    on(Act.CHECK, lambda: window.check())
    on(Act.OUTBOX, dialogs.outbox)
    on(Act.OFFLINE, lambda: window.set_offline(not window.settings.offline))
    on(Act.IMPORT, lambda: window.dialogs.files.take_in(window.open_folder_entry()))
    on(
        Act.EXPORT,
        lambda: dialogs.files.export(window.open_folder_entry(), window.list.selected(), window.search.text()),
    )
    on(Act.BACKUP, lambda: dialogs.preferences(SHOWN_BACKUP))
    on(Act.ACCOUNTS, dialogs.accounts)
    on(Act.STORAGE, dialogs.storage)
    on(Act.NETWORK, dialogs.network)
    on(Act.PREFERENCES, dialogs.preferences)
    on(Act.CLOSE, lambda: window.pages.close_front() or window.close())
    on(Act.QUIT, QApplication.closeAllWindows)
    on(Act.NEW_FOLDER, dialogs.new_folder)
    on(Act.RENAME_FOLDER, lambda: window.sidebar.edit_line(window.list.place.key if window.list.place else ""))
    on(Act.DELETE_FOLDER, lambda: _delete_open_folder(window))
    on(Act.SHORTCUTS, dialogs.shortcuts)
    on(Act.LOGS, dialogs.logs)
    on(Act.ABOUT, dialogs.about)


def _delete_open_folder(window: "MainWindow") -> None:
    folder = window.open_folder_entry()
    if folder is not None:
        window.folder_acts.delete(folder)


def cycle_panes(window: "MainWindow", step: int) -> None:
    """F6: folders, messages, reader, and round again."""
    every: tuple[QWidget, ...] = (window.sidebar, window.list.view, window.reader)
    panes = [pane for pane in every if pane.isVisible()]
    focus = QApplication.focusWidget()
    here = next((i for i, pane in enumerate(panes) if focus is pane or (focus and pane.isAncestorOf(focus))), -1)
    target = panes[(here + step) % len(panes)] if here >= 0 else window.list.view
    target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def show_checks(window: "MainWindow") -> None:
    """Checkable actions say what is in force."""
    settings, actions = window.settings, window.actions_
    actions[Act.OFFLINE].setChecked(settings.offline)
    actions[Act.LAYOUT].setChecked(settings.layout is Layout.BELOW)
    actions[Act.CONVERSATION].setChecked(settings.conversation)
    actions[Act.SIDEBAR].setChecked(not window.side.isHidden())
    actions[Act.GROUPED].setChecked(settings.group_by_date)
    actions[Act.CONVERSATIONS].setChecked(window.list.shows_conversations)
    actions[Act.QUICK_FILTER].setChecked(not window.list.quick.isHidden())
    for act, scheme in ((Act.SYSTEM_SCHEME, Scheme.SYSTEM), (Act.LIGHT, Scheme.LIGHT), (Act.DARK, Scheme.DARK)):
        actions[act].setChecked(settings.scheme is scheme)
    for act, density in ((Act.COMPACT, Density.COMPACT), (Act.NORMAL, Density.NORMAL), (Act.RELAXED, Density.RELAXED)):
        actions[act].setChecked(settings.density is density)
