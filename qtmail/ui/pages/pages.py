"""Opens messages in tabs and windows, and sends the main window's actions to the page in front."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from qtmail.events import Event
from qtmail.model import FolderId, RowId
from qtmail.settings import OpenIn, Settings
from qtmail.ui.actions import ACTIONS, Act, scope_to
from qtmail.ui.pages.page import MessagePage
from qtmail.ui.pages.tabs import Tabs
from qtmail.ui.pages.window import MessageWindow
from qtmail.ui.reader import ReaderPane

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow

_BUTTONS: tuple[Act | None, ...] = (
    *(Act.REPLY, Act.REPLY_ALL, Act.FORWARD, Act.ARCHIVE, Act.DELETE, Act.JUNK, Act.STAR, None),
    *(Act.PREVIOUS_MESSAGE, Act.NEXT_MESSAGE),
)
_REMOVING = frozenset({Act.ARCHIVE, Act.DELETE, Act.DELETE_FOR_GOOD, Act.JUNK})


class Pages(QObject):
    """One for a main window."""

    def __init__(self, window: "MainWindow", main: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.tabs = Tabs(main, window.theme)
        self.tabs.close_wanted.connect(self.close)
        self.tabs.turned.connect(self._turned)
        self.windows: list[MessageWindow] = []
        self._does = self._table()
        self._waiting: dict[QWidget, RowId] = {}
        """Tabs of the last time that nobody has looked at yet: an empty widget each, until it comes to the front."""

    # Opening

    def open(self, row: RowId, where: OpenIn | None = None) -> None:
        """As the settings say, or there."""
        match where or self._window.settings.open_in:
            case OpenIn.TAB:
                self.open_tab(row)
            case OpenIn.WINDOW:
                self.open_window(row)
            case OpenIn.READER:
                self._window.reader.setFocus()

    def open_tab(self, row: RowId, *, front: bool = True) -> None:
        """In a tab; the one that shows it already, if there is one."""
        known = next((one for one in self._tab_pages() if one.row == row), None)
        page = known or self._tab_page(row)
        if front:
            self.tabs.bring(page)

    def open_window(self, row: RowId) -> MessageWindow:
        """In a window of its own."""
        actions = {spec.id: QAction(spec.text) for spec in ACTIONS if spec.id in self._does or spec.id is Act.CLOSE}
        window = MessageWindow(self._page, actions)
        for act, action in actions.items():
            model = self._window.actions_[act]
            action.setIcon(model.icon())
            action.setShortcuts(model.shortcuts())
            action.setToolTip(model.toolTip())
            run = window.close if act is Act.CLOSE else partial(self._do_on, window.page, act)
            action.triggered.connect(lambda _on=False, run=run: run())
        self.windows.append(window)
        window.closed.connect(self._window_closed)
        window.page.show_row(row, self._window.list.ids())
        window.show()
        return window

    def close(self, page: QWidget) -> None:
        """This tab."""
        self.tabs.remove(page)
        self._waiting.pop(page, None)
        self._end(page)

    def close_front(self) -> bool:
        """The tab in front. -> False: that is the main page."""
        page = self.tabs.front
        if page is not None:
            self.close(page)
        return page is not None

    # Actions of the main window

    @property
    def front(self) -> MessagePage | None:
        """The message page in front; None: the main page is."""
        page = self.tabs.front
        return page if isinstance(page, MessagePage) else None

    def do(self, act: Act) -> bool:
        """-> whether the page in front answers for it."""
        page = self.front
        return page is not None and self._do_on(page, act)

    def rows(self) -> list[RowId]:
        """What actions are about: the message of the page in front, or what is selected in the list."""
        page = self.front
        if page is None:
            return self._window.list.selected()
        return [page.row] if page.row is not None else []

    def step_list(self, steps: int) -> None:
        """Select the message below (1) or above (-1), wherever the focus is."""
        messages = self._window.list
        action = messages.view.CursorAction.MoveDown if steps > 0 else messages.view.CursorAction.MoveUp
        line = messages.view.moveCursor(action, Qt.KeyboardModifier.NoModifier).row()
        if (row := messages.listing.id_at(line)) is not None:
            messages.select(row)

    @property
    def reader(self) -> ReaderPane:
        """The one in front."""
        return self.front.reader if self.front else self._window.reader

    def _do_on(self, page: MessagePage, act: Act) -> bool:
        row = page.row
        if act not in self._does or row is None:
            return False
        before = self._folder(row)
        self._does[act](page)
        if act in _REMOVING and self._folder(row) != before:
            page.leave_row()
        return True

    def _table(self) -> dict[Act, Callable[[MessagePage], object]]:
        """What a message page answers for; all else is the main window's."""
        window = self._window
        return {
            Act.REPLY: lambda page: window.composing.reply(_read(page)),
            Act.REPLY_ALL: lambda page: window.composing.reply(_read(page), to_all=True),
            Act.FORWARD: lambda page: window.composing.forward([_read(page)], inline=True),
            Act.FORWARD_ATTACHED: lambda page: window.composing.forward([_read(page)], inline=False),
            Act.ARCHIVE: lambda page: window.acts.archive(_there(page)),
            Act.DELETE: lambda page: window.acts.delete(_there(page)),
            Act.DELETE_FOR_GOOD: lambda page: window.acts.delete_for_good(_there(page)),
            Act.JUNK: lambda page: window.acts.junk(_there(page)),
            Act.STAR: lambda page: window.acts.toggle_star(_there(page)),
            Act.READ: lambda page: window.acts.toggle_read(_there(page)),
            Act.SOURCE: lambda page: page.reader.view_source(),
            Act.STORY: lambda page: page.reader.show_story(),
            Act.SAVE_ATTACHMENTS: lambda page: page.reader.save_attachments(),
            Act.PRINT: lambda page: page.reader.print_(),
            Act.FIND_TEXT: lambda page: page.reader.find_text(),
            Act.LARGER: lambda page: page.reader.zoom(1),
            Act.SMALLER: lambda page: page.reader.zoom(-1),
            Act.USUAL_SIZE: lambda page: page.reader.zoom(0),
            Act.NEXT_MESSAGE: lambda page: page.step(1),
            Act.PREVIOUS_MESSAGE: lambda page: page.step(-1),
            Act.NEXT_IN_THREAD: lambda page: page.reader.threads.view.jump(1),
            Act.PREVIOUS_IN_THREAD: lambda page: page.reader.threads.view.jump(-1),
            Act.READ_ON: lambda page: page.reader.scroll_page() or page.step(1),
            Act.OPEN_WINDOW: lambda page: window.pages.open_window(_read(page)),
        }

    def _folder(self, row: RowId) -> FolderId | None:
        """Where it is; None: gone for good."""
        found = self._window.mail.rows([row]).get(row)
        return found.folder if found else None

    # All readers

    def _readers(self) -> list[ReaderPane]:
        pages = [*self._tab_pages(), *(window.page for window in self.windows)]
        return [self._window.reader, *(page.reader for page in pages)]

    def hear(self, event: Event) -> None:
        """Something was done here."""
        for reader in self._readers():
            reader.hear(event)

    def apply_settings(self, settings: Settings) -> None:
        """These are in force now."""
        for reader in self._readers():
            reader.apply_settings(settings)

    def join(self, reader: ReaderPane) -> None:
        """What a reader asks for is done by the main window."""
        window, composing = self._window, self._window.composing
        reader.done.connect(window.apply)
        reader.acted.connect(window.apply)
        reader.acted.connect(window.acts.tell)
        reader.status.connect(window.pulse.set_hint)
        reader.reply_requested.connect(composing.reply)
        reader.reply_all_requested.connect(lambda row: composing.reply(row, to_all=True))
        reader.forward_requested.connect(lambda row: composing.forward([row], inline=True))
        reader.edit_requested.connect(composing.edit)
        reader.mailto_requested.connect(composing.mailto)
        if reader is window.reader:
            reader.pictures.keep_in(window.profile.pictures)
        else:
            reader.pictures.share(window.reader.pictures)
        reader.remember.connect(window.change_setting)

    # From one start to the next

    def kept(self) -> tuple[tuple[int, ...], int]:
        """The rows of the tabs, and which tab is in front (0: the main page)."""
        rows = [self._waiting.get(tab) or (tab.row if isinstance(tab, MessagePage) else None) for tab in self._tabs()]
        return tuple(row for row in rows if row is not None), self.tabs.bar.currentIndex()

    def restore(self, rows: Sequence[int], front: int) -> None:
        """The tabs of the last time, of what is still there; each is filled when it is looked at."""
        found = self._window.mail.rows([RowId(row) for row in rows])
        for row in rows:
            if known := found.get(RowId(row)):
                place = QWidget()
                self._waiting[place] = known.id
                self.tabs.add(place, known.subject or "(no subject)")
        if 0 < front <= len(found) == len(rows):
            self.tabs.bar.setCurrentIndex(front)

    def shut(self) -> None:
        """The program ends."""
        for window in list(self.windows):
            window.close()
        for page in self._tab_pages():
            page.reader.close_windows()
        self._window.reader.close_windows()

    # How

    def _tabs(self) -> list[QWidget]:
        return self.tabs.opened

    def _tab_pages(self) -> list[MessagePage]:
        return [page for page in self._tabs() if isinstance(page, MessagePage)]

    def _page(self, actions: Mapping[Act, QAction]) -> MessagePage:
        window = self._window
        buttons = (actions[act] if act is not None else None for act in _BUTTONS if actions)
        page = MessagePage(window.mail, window.link, window.theme, window.settings, buttons)
        self.join(page.reader)
        return page

    def _tab_page(self, row: RowId, at: int | None = None) -> MessagePage:
        page = self._page({})  # the toolbar above serves it
        scope_to(self._window.actions_[Act.READ_ON], page)
        page.show_row(row, self._window.list.ids())
        self.tabs.add(page, page.title, at=at)
        page.moved_on.connect(lambda: self.tabs.entitle(page, page.title))
        page.emptied.connect(lambda: self.close(page))
        return page

    def _turned(self) -> None:
        place = self.tabs.pages.currentWidget()
        if place in self._waiting:
            at = self.tabs.pages.currentIndex()
            page = self._tab_page(self._waiting.pop(place), at)
            self.tabs.remove(place)
            place.deleteLater()
            self.tabs.bring(page)
        self._window.update_actions()

    def _window_closed(self, window: MessageWindow) -> None:
        self.windows.remove(window)
        self._end(window.page)
        window.deleteLater()

    def _end(self, page: QWidget) -> None:
        if isinstance(page, MessagePage):
            page.reader.close_windows()
        page.deleteLater()


def _there(page: MessagePage) -> list[RowId]:
    return [page.row] if page.row is not None else []


def _read(page: MessagePage) -> RowId:
    """In a conversation the message that is read."""
    row = page.reader.row or page.row
    assert row is not None
    return row
