"""The main window's pages: its folders and list first, then the messages that were opened in tabs."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QToolButton, QVBoxLayout, QWidget

from qtmail.ui.theme import Size, Theme

_MOST_LETTERS = 40


class Tabs(QWidget):
    """A bar of tabs that is hidden while there is only the main page. Tab 0 is the main page and stays."""

    turned = Signal()
    """Another tab is in front."""
    close_wanted = Signal(object)
    """QWidget: the page whose tab is to go."""

    def __init__(self, main: QWidget, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.bar = QTabBar(self)
        self.bar.setDocumentMode(True)
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideRight)
        self.bar.setUsesScrollButtons(True)
        self.bar.setAccessibleName("Open messages")
        self.pages = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.pages, 1)
        self.add(main, "Mail", "inbox")
        self.bar.currentChanged.connect(self._turn)
        self.bar.hide()

    @property
    def front(self) -> QWidget | None:
        """The page in front; None: the main one."""
        return self.pages.currentWidget() if self.pages.currentIndex() > 0 else None

    @property
    def opened(self) -> list[QWidget]:
        """All but the main page, in order."""
        found = (self.pages.widget(at) for at in range(1, self.pages.count()))
        return [page for page in found if page is not None]

    def add(self, page: QWidget, title: str, icon: str = "mail", at: int | None = None) -> None:
        """A tab for it, behind the others or before the one that is `at` now."""
        at = self.pages.count() if at is None else at
        self.pages.insertWidget(at, page)
        self.bar.insertTab(at, "")
        if at:
            self.bar.setTabButton(at, QTabBar.ButtonPosition.RightSide, self._closer(page))
        self.bar.setTabIcon(at, self._theme.icon(icon, size=Size.ICON))
        self.entitle(page, title)
        self.bar.show()

    def _closer(self, page: QWidget) -> QToolButton:
        button = QToolButton(self.bar)
        button.setToolTip("Close this tab")
        button.setAccessibleName("Close this tab")
        button.setIconSize(QSize(Size.ICON, Size.ICON))
        self._theme.dress(button, "x", size=Size.ICON)
        button.clicked.connect(lambda: self.close_wanted.emit(page))
        return button

    def entitle(self, page: QWidget, title: str) -> None:
        """What stands on its tab."""
        at = self.pages.indexOf(page)
        words = " ".join(title.split())
        short = words if len(words) <= _MOST_LETTERS else words[: _MOST_LETTERS - 1] + "…"
        self.bar.setTabText(at, short.replace("&", "&&"))
        self.bar.setTabToolTip(at, words if short != words else "")

    def remove(self, page: QWidget) -> None:
        """Its tab goes; the page is the caller's again."""
        at = self.pages.indexOf(page)
        if at <= 0:
            return
        self.pages.removeWidget(page)
        self.bar.removeTab(at)
        self.bar.setVisible(self.pages.count() > 1)

    def bring(self, page: QWidget) -> None:
        """To the front."""
        self.bar.setCurrentIndex(self.pages.indexOf(page))

    def step(self, steps: int) -> None:
        """To the next or previous tab, round and round."""
        self.bar.setCurrentIndex((self.bar.currentIndex() + steps) % self.bar.count())

    def _turn(self, at: int) -> None:
        self.pages.setCurrentIndex(at)
        if (page := self.pages.currentWidget()) is not None:
            page.setFocus()
        self.turned.emit()
