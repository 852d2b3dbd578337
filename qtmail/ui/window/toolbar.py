"""The bar at the top: few things, each with icon and tooltip; the search box in the middle grows to 480 px."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from qtmail.ui.actions import ACTIONS, MENUS, Act, Actions, fill_menu
from qtmail.ui.searching.box import SearchBox
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

GROUPS: tuple[tuple[Act, ...], ...] = (
    (Act.REPLY, Act.REPLY_ALL, Act.FORWARD),
    (Act.ARCHIVE, Act.DELETE, Act.JUNK, Act.MOVE),
)


class MainToolBar(QToolBar):
    """Made from the table of actions; `search` is its box."""

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget) -> None:
        super().__init__("Toolbar", parent)
        self._theme = theme
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(Size.ICON_BAR, Size.ICON_BAR))
        mark(self, surface="bar")
        self._compose(actions)
        for group in GROUPS:
            self._gap(Space.S)
            for act in group:
                self.addAction(actions[act])
                self._named(actions, act)
        self._stretch()
        self.search = SearchBox(theme, self)
        self.addWidget(self.search)
        self._stretch()
        self.addAction(actions[Act.LAYOUT])
        self._named(actions, Act.LAYOUT)
        self.addWidget(self._menu_button(actions))

    def _compose(self, actions: Actions) -> None:
        action = actions[Act.COMPOSE]
        button = QPushButton("Compose", self)
        button.setAutoDefault(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName("Compose")
        button.setIconSize(QSize(Size.ICON, Size.ICON))
        mark(button, kind="accent")
        self._theme.dress(button, "pencil-plus", Tone.ON_ACCENT, on=Tone.ON_ACCENT, size=Size.ICON)
        button.clicked.connect(action.trigger)

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setToolTip(action.toolTip())

        action.changed.connect(follow)
        follow()
        self.compose = button
        self.addWidget(button)

    def _named(self, actions: Actions, act: Act) -> None:
        button = self.widgetForAction(actions[act])
        if isinstance(button, QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(actions[act].text().replace("&", "").rstrip("…"))

    def _menu_button(self, actions: Actions) -> QToolButton:
        """Everything in one menu, for those who hide the menu bar or never look at it."""
        button = QToolButton(self)
        self._theme.dress(button, "dots-vertical")
        button.setToolTip("Menu")
        button.setAccessibleName("Menu")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for title in MENUS:
            fill_menu(menu.addMenu(title), (spec for spec in ACTIONS if spec.menu == title), actions)
        button.setMenu(menu)
        return button

    def _gap(self, width: int) -> None:
        gap = QWidget(self)
        gap.setFixedWidth(width)
        self.addWidget(gap)

    def _stretch(self) -> None:
        gap = QWidget(self)
        gap.setMinimumWidth(Space.S)
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
