"""Every action of the main window, declared once: menu bar, toolbar, palette, tooltips and the shortcuts sheet are
made from this table. Shortcuts can be replaced (`Actions.set_shortcuts`); a handler is given with `Actions.on`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from qtmail.model import Right
from qtmail.ui.theme import Theme, Tone


@dataclass(frozen=True, slots=True)
class Context:
    """What decides whether an action makes sense now."""

    selected: int = 0
    listed: int = 0
    editable: bool = False
    """The one selected row is a draft or waits in the Outbox."""
    has_accounts: bool = True
    in_folder: bool = False
    """The list shows a folder, not a search."""
    own_folder: bool = False
    """That folder is the user's own: it can be renamed and deleted."""
    undo: str = ""
    forbidden: Mapping[Right, str] = field(default_factory=dict)
    """What the server does not allow in that folder, each with a sentence."""


When = Callable[[Context], bool]


def _always(_: Context) -> bool:
    return True


def _selection(context: Context) -> bool:
    return context.selected > 0


def _one(context: Context) -> bool:
    return context.selected == 1


def _several(context: Context) -> bool:
    return context.selected > 1


def _accounts(context: Context) -> bool:
    return context.has_accounts


def _own_folder(context: Context) -> bool:
    return context.own_folder


class Act(StrEnum):
    """The ids: what shortcuts are remembered by."""

    COMPOSE = "compose"
    REPLY = "reply"
    REPLY_ALL = "reply-all"
    FORWARD = "forward"
    FORWARD_ATTACHED = "forward-attached"
    EDIT_DRAFT = "edit-draft"
    ARCHIVE = "archive"
    DELETE = "delete"
    DELETE_FOR_GOOD = "delete-for-good"
    JUNK = "junk"
    MOVE = "move"
    COPY = "copy"
    STAR = "star"
    READ = "read"
    MARK_ALL_READ = "mark-all-read"
    SOURCE = "source"
    STORY = "story"
    SAVE_ATTACHMENTS = "save-attachments"
    PRINT = "print"
    CHECK = "check"
    OFFLINE = "offline"
    OUTBOX = "outbox"
    ACCOUNTS = "accounts"
    PREFERENCES = "preferences"
    IMPORT = "import"
    EXPORT = "export"
    BACKUP = "backup"
    STORAGE = "storage"
    NETWORK = "network"
    CLOSE = "close"
    QUIT = "quit"
    UNDO = "undo"
    SELECT_ALL = "select-all"
    SEARCH = "search"
    FIND_TEXT = "find-text"
    QUICK_FILTER = "quick-filter"
    NEXT_UNREAD = "next-unread"
    READ_ON = "read-on"
    NEXT_PANE = "next-pane"
    PREVIOUS_PANE = "previous-pane"
    PALETTE = "palette"
    CONVERSATION = "conversation"
    NEXT_MESSAGE = "next-message"
    PREVIOUS_MESSAGE = "previous-message"
    OPEN_TAB = "open-tab"
    OPEN_WINDOW = "open-window"
    NEXT_TAB = "next-tab"
    PREVIOUS_TAB = "previous-tab"
    NEXT_IN_THREAD = "next-in-thread"
    PREVIOUS_IN_THREAD = "previous-in-thread"
    LAYOUT = "layout"
    SIDEBAR = "sidebar"
    LARGER = "larger"
    SMALLER = "smaller"
    USUAL_SIZE = "usual-size"
    LIGHT = "light"
    DARK = "dark"
    SYSTEM_SCHEME = "system-scheme"
    GROUPED = "grouped"
    CONVERSATIONS = "conversations"
    SPLIT = "split"
    JOIN = "join"
    MUTE = "mute"
    COMPACT = "compact"
    NORMAL = "normal"
    RELAXED = "relaxed"
    NEW_FOLDER = "new-folder"
    RENAME_FOLDER = "rename-folder"
    DELETE_FOLDER = "delete-folder"
    ACTIVITY = "activity"
    SHORTCUTS = "shortcuts"
    LOGS = "logs"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Spec:
    """One action. `menu`: the menu it is in; `section` starts a new group there. `group`: one of these is checked."""

    id: Act
    text: str
    menu: str
    icon: str = ""
    keys: str = ""
    tip: str = ""
    when: When = _always
    section: bool = False
    checkable: bool = False
    group: str = ""
    tone: Tone = Tone.MUTED


MENUS: tuple[str, ...] = ("&File", "&Edit", "&View", "&Go", "&Message", "F&older", "&Help")
_FILE, _EDIT, _VIEW, _GO, _MESSAGE, _FOLDER, _HELP = MENUS

ACTIONS: tuple[Spec, ...] = (
    Spec(Act.COMPOSE, "&New message", _FILE, "pencil-plus", "Ctrl+N", "Write a new message", _accounts,
         tone=Tone.ON_ACCENT),
    Spec(Act.CHECK, "&Check for mail", _FILE, "refresh", "F5", "Ask the servers for new mail", _accounts, section=True),
    Spec(Act.OFFLINE, "Work &offline", _FILE, "cloud-off", "", "Make no connections; changes wait", checkable=True),
    Spec(Act.OUTBOX, "O&utbox…", _FILE, "outbound", "", "Mail waiting to be sent: order it, hold it, send it later"),
    Spec(Act.IMPORT, "&Import messages…", _FILE, "file-import", "", "Take in mail files, or another program's mail",
         section=True),
    Spec(Act.EXPORT, "E&xport messages…", _FILE, "file-export", "", "Write mail as mbox, Maildir, .eml or PDF files"),
    Spec(Act.BACKUP, "&Backup…", _FILE, "shield-check", "", "Back up all mail, rehearse a restore, restore"),
    Spec(Act.PRINT, "&Print…", _FILE, "printer", "Ctrl+P", "Print this message", _one),
    Spec(Act.ACCOUNTS, "&Accounts…", _FILE, "users", "", "Add, change and remove accounts", section=True),
    Spec(Act.PREFERENCES, "P&references…", _FILE, "settings", "Ctrl+,", "How qtmail looks and works"),
    Spec(Act.STORAGE, "S&torage…", _FILE, "server", "", "Room your mail takes, checking it, encryption"),
    Spec(Act.CLOSE, "Close tab or &window", _FILE, "x", "Ctrl+W", "Close this tab; else the window", section=True),
    Spec(Act.QUIT, "&Quit", _FILE, "door-exit", "Ctrl+Q", "End qtmail"),
    Spec(Act.UNDO, "&Undo", _EDIT, "arrow-back-up", "Ctrl+Z", "Take back the last thing done", lambda c: bool(c.undo)),
    Spec(Act.SELECT_ALL, "Select &all messages", _EDIT, "", "Ctrl+A", "", lambda c: c.listed > 0, section=True),
    Spec(Act.SEARCH, "&Search", _EDIT, "search", "Ctrl+K", "Search all mail", section=True),
    Spec(Act.QUICK_FILTER, "&Quick filter", _EDIT, "filter", "Ctrl+Shift+K", "Show only some of these messages",
         checkable=True),
    Spec(Act.FIND_TEXT, "&Find in message", _EDIT, "", "Ctrl+F", "Find words in the open message", _one),
    Spec(Act.LAYOUT, "Re&ader below the list", _VIEW, "layout-bottombar", "F8", "Show messages below the list",
         checkable=True),
    Spec(Act.SIDEBAR, "Show the sid&ebar", _VIEW, "layout-sidebar", "F9", "Accounts and folders at the left",
         checkable=True),
    Spec(Act.CONVERSATION, "Whole con&versations", _VIEW, "message", "Ctrl+Shift+O",
         "Show a message with all of its conversation", checkable=True),
    Spec(Act.LARGER, "&Larger text", _VIEW, "zoom-in", "Ctrl++", "Show messages larger", section=True),
    Spec(Act.SMALLER, "&Smaller text", _VIEW, "zoom-out", "Ctrl+-", "Show messages smaller"),
    Spec(Act.USUAL_SIZE, "&Usual size", _VIEW, "", "Ctrl+0", "Show messages at their usual size"),
    Spec(Act.SYSTEM_SCHEME, "Colours of the s&ystem", _VIEW, section=True, checkable=True, group="scheme"),
    Spec(Act.LIGHT, "L&ight", _VIEW, checkable=True, group="scheme"),
    Spec(Act.DARK, "&Dark", _VIEW, checkable=True, group="scheme"),
    Spec(Act.GROUPED, "&Group by date", _VIEW, "calendar", "", "Headings in lists by date: Today, Yesterday, ...",
         section=True, checkable=True),
    Spec(Act.CONVERSATIONS, "List c&onversations", _VIEW, "messages", "Ctrl+Shift+G",
         "One line for each conversation in this folder", checkable=True),
    Spec(Act.COMPACT, "&Compact lists", _VIEW, section=True, checkable=True, group="density"),
    Spec(Act.NORMAL, "&Normal lists", _VIEW, checkable=True, group="density"),
    Spec(Act.RELAXED, "&Relaxed lists", _VIEW, checkable=True, group="density"),
    Spec(Act.ACTIVITY, "Ac&tivity", _VIEW, "history", "", "What is going on with each account", section=True),
    Spec(Act.NEXT_UNREAD, "Next &unread message", _GO, "", "N", "Go to the next unread message"),
    Spec(Act.NEXT_MESSAGE, "Ne&xt message", _GO, "chevron-down", "F", "The message after this one", _one),
    Spec(Act.PREVIOUS_MESSAGE, "Previous messa&ge", _GO, "chevron-up", "B", "The message before this one", _one),
    Spec(Act.READ_ON, "&Read on", _GO, "", "Space", "Scroll, then go to the next unread message"),
    Spec(Act.NEXT_IN_THREAD, "Next in the c&onversation", _GO, "", "Alt+Down", "The next message of this conversation",
         _one),
    Spec(Act.PREVIOUS_IN_THREAD, "Previous in the &conversation", _GO, "", "Alt+Up", "", _one),
    Spec(Act.NEXT_PANE, "Next &pane", _GO, "", "F6", "Folders, messages, reader", section=True),
    Spec(Act.PREVIOUS_PANE, "Pre&vious pane", _GO, "", "Shift+F6"),
    Spec(Act.NEXT_TAB, "Next &tab", _GO, "", "Ctrl+Tab", "", section=True),
    Spec(Act.PREVIOUS_TAB, "Previous ta&b", _GO, "", "Ctrl+Shift+Tab"),
    Spec(Act.PALETTE, "Command p&alette…", _GO, "command", "Ctrl+Shift+P", "Find any action, folder, person or setting",
         section=True),
    Spec(Act.OPEN_TAB, "&Open in a tab", _MESSAGE, "plus", "Ctrl+Return", "Open this message in a tab", _one),
    Spec(Act.OPEN_WINDOW, "Open in a &window", _MESSAGE, "external-link", "Shift+Return",
         "Open this message in a window of its own", _one),
    Spec(Act.REPLY, "&Reply", _MESSAGE, "arrow-back-up", "Ctrl+R", "Reply to the sender", _one,
         section=True),
    Spec(Act.REPLY_ALL, "Reply &all", _MESSAGE, "arrow-back-up-double", "Ctrl+Shift+R", "Reply to everyone", _one),
    Spec(Act.FORWARD, "&Forward", _MESSAGE, "arrow-forward-up", "Ctrl+L", "Forward to someone", _selection),
    Spec(Act.FORWARD_ATTACHED, "Forward as a&ttachment", _MESSAGE, "paperclip", "", "Forward, the message attached",
         _selection),
    Spec(Act.EDIT_DRAFT, "&Edit draft", _MESSAGE, "pencil", "Ctrl+E", "Go on writing", lambda c: c.editable),
    Spec(Act.ARCHIVE, "Arc&hive", _MESSAGE, "archive", "A", "Move to Archive", _selection, section=True),
    Spec(Act.DELETE, "&Delete", _MESSAGE, "trash", "Del", "Move to Trash; from Trash, for good", _selection),
    Spec(Act.DELETE_FOR_GOOD, "Delete for &good…", _MESSAGE, "", "Shift+Del", "Delete without Trash", _selection),
    Spec(Act.JUNK, "&Junk", _MESSAGE, "ban", "J", "Move to Junk; from Junk, back", _selection),
    Spec(Act.MOVE, "&Move to…", _MESSAGE, "folder-symlink", "V", "Move: type to find the folder", _selection),
    Spec(Act.COPY, "&Copy to…", _MESSAGE, "copy", "Shift+V", "Copy: type to find the folder", _selection),
    Spec(Act.STAR, "&Star", _MESSAGE, "star", "S", "Star, or take the star off", _selection, section=True),
    Spec(Act.READ, "Mark read or &unread", _MESSAGE, "mail-opened", "M", "Mark read, or unread again", _selection),
    Spec(Act.MUTE, "Mute who&le conversation", _MESSAGE, "bell-off", "", "New mail in it is read at once; or no longer",
         _selection, section=True),
    Spec(Act.SPLIT, "S&plit conversation here", _MESSAGE, "", "", "This message begins one of its own", _one),
    Spec(Act.JOIN, "Joi&n conversations", _MESSAGE, "", "", "What is selected becomes one conversation", _several),
    Spec(Act.SAVE_ATTACHMENTS, "Sa&ve attachments…", _MESSAGE, "download", "", "Save all attachments", _one,
         section=True),
    Spec(Act.SOURCE, "V&iew source", _MESSAGE, "code", "Ctrl+U", "The message as it came", _one),
    Spec(Act.STORY, "Stor&y of this message…", _MESSAGE, "history", "", "Everything that happened to it", _one),
    Spec(Act.NEW_FOLDER, "&New folder…", _FOLDER, "folder-plus", "", "Make a folder", _accounts),
    Spec(Act.RENAME_FOLDER, "&Rename folder", _FOLDER, "pencil", "", "Give this folder another name", _own_folder),
    Spec(Act.DELETE_FOLDER, "&Delete folder…", _FOLDER, "trash", "", "What is in it goes to Trash", _own_folder),
    Spec(Act.MARK_ALL_READ, "Mark all as r&ead", _FOLDER, "mail-opened", "Shift+M", "Mark all messages here read",
         lambda c: c.in_folder and c.listed > 0, section=True),
    Spec(Act.SHORTCUTS, "&Keyboard shortcuts", _HELP, "keyboard", "Ctrl+/", "All keys on one page"),
    Spec(Act.NETWORK, "&Network", _HELP, "world", "", "Every host that was contacted, when and what for"),
    Spec(Act.LOGS, "&Logs", _HELP, "file-text", "", "The folder with what a report about a problem needs"),
    Spec(Act.ABOUT, "&About qtmail", _HELP, "info-circle", section=True),
)  # fmt: skip

DESTRUCTIVE = frozenset({Act.DELETE, Act.DELETE_FOR_GOOD, Act.ARCHIVE, Act.JUNK, Act.MOVE, Act.DELETE_FOLDER})
"""A key held down does these once."""

NEEDS: Mapping[Act, Right] = {
    **dict.fromkeys((Act.ARCHIVE, Act.DELETE, Act.DELETE_FOR_GOOD, Act.JUNK, Act.MOVE), Right.REMOVE),
    Act.STAR: Right.FLAG,
    **dict.fromkeys((Act.READ, Act.MARK_ALL_READ), Right.MARK_READ),
    **dict.fromkeys((Act.RENAME_FOLDER, Act.DELETE_FOLDER), Right.REMOVE_FOLDER),
}
"""What the server must allow in the open folder for an action."""

LIST_MENU: tuple[Act | None, ...] = (
    *(Act.OPEN_TAB, Act.OPEN_WINDOW, None),
    *(Act.EDIT_DRAFT, Act.REPLY, Act.REPLY_ALL, Act.FORWARD, Act.FORWARD_ATTACHED, None),
    *(Act.ARCHIVE, Act.DELETE, Act.JUNK, Act.MOVE, Act.COPY, None),
    *(Act.STAR, Act.READ, None, Act.MUTE, Act.SPLIT, Act.JOIN, None, Act.SOURCE, Act.STORY),
)
"""The context menu of the message list."""


class Actions(QObject):
    """The QActions of the table, by id."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._made: dict[Act, QAction] = {}
        self._handled: set[Act] = set()
        self.menus: dict[str, QMenu] = {}
        groups: dict[str, QActionGroup] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, self)
            action.setObjectName(spec.id.value)
            action.setCheckable(spec.checkable)
            action.setAutoRepeat(spec.id not in DESTRUCTIVE)
            if spec.icon:
                theme.dress(action, spec.icon, Tone.MUTED if spec.tone is Tone.ON_ACCENT else spec.tone)
            if spec.group:
                groups.setdefault(spec.group, QActionGroup(self)).addAction(action)
            self._made[spec.id] = action
            if spec.id is not Act.READ_ON:
                window.addAction(action)
        self.set_shortcuts({})

    def __getitem__(self, act: Act) -> QAction:
        return self._made[act]

    def on(self, act: Act, handler: Callable[[], object]) -> None:
        """What happens when it is triggered; one handler an action."""
        if act in self._handled:
            raise ValueError(f"{act} has a handler already")
        self._handled.add(act)
        self._made[act].triggered.connect(lambda _checked=False: handler())

    def unhandled(self) -> set[Act]:
        """Actions nobody answers for: none in a finished window."""
        return set(self._made) - self._handled

    def set_shortcuts(self, chosen: Mapping[str, str]) -> None:
        """The user's keys by action id, over those of the table; an empty text takes the key away."""
        for spec in ACTIONS:
            keys = chosen.get(spec.id.value, spec.keys)
            action = self._made[spec.id]
            wanted = [QKeySequence(keys)] if keys else []
            if spec.id is Act.LARGER and keys == spec.keys:
                wanted.append(QKeySequence("Ctrl+="))
            action.setShortcuts(wanted)
            action.setToolTip(tooltip(spec, action.shortcut()))
            action.setStatusTip(spec.tip)

    def update_enabled(self, context: Context) -> None:
        """Look at every `when` again; Undo says what it would take back."""
        for spec in ACTIONS:
            action = self._made[spec.id]
            why = context.forbidden.get(NEEDS[spec.id], "") if spec.id in NEEDS else ""
            action.setEnabled(spec.when(context) and not why)
            action.setStatusTip(why or spec.tip)
            action.setToolTip(why or tooltip(spec, action.shortcut()))
        self._made[Act.UNDO].setText(f"&Undo {context.undo}" if context.undo else "&Undo")

    def fill_menu_bar(self, bar: QMenuBar) -> None:
        """All menus, in order."""
        for title in MENUS:
            self.menus[title] = bar.addMenu(title)
            fill_menu(self.menus[title], (spec for spec in ACTIONS if spec.menu == title), self)

    def menu(self, acts: Iterable[Act | None], parent: QWidget) -> QMenu:
        """A context menu of these; None is a separator."""
        menu = QMenu(parent)
        for act in acts:
            if act is None:
                menu.addSeparator()
            else:
                menu.addAction(self._made[act])
        return menu


def fill_menu(menu: QMenu, specs: Iterable[Spec], actions: Actions) -> None:
    """Put these into a menu, a separator before each section."""
    for spec in specs:
        if spec.section and not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(actions[spec.id])


def plain(text: str) -> str:
    """A menu text without its mnemonic and dots."""
    return text.replace("&", "").rstrip("…")


def tooltip(spec: Spec, keys: QKeySequence) -> str:
    """“Move to Archive (A)”."""
    words = spec.tip or plain(spec.text)
    shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
    return f"{words} ({shown})" if shown else words


def scope_to(action: QAction, *widgets: QWidget) -> None:
    """Let the keys of an action work only while one of these, or something inside it, has the focus."""
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    for widget in widgets:
        widget.addAction(action)
