"""Which view shows a body: plain text in QTextBrowser, HTML in Qt WebEngine, or again the first where that is not."""

import logging
from collections.abc import Mapping

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from qtmail.ui.parts.empty import EmptyState
from qtmail.ui.reader.content import Body, BodyKind, Content
from qtmail.ui.reader.textview import TextBody
from qtmail.ui.reader.web import NoWebEngine, web_body_class
from qtmail.ui.theme import DARK, LIGHT, Space, Theme, mark

log = logging.getLogger(__name__)

LATE_MS = 200
"""A body that is not there by then is announced by a word."""


class Bodies(QWidget):
    """Holds the views; makes the one for HTML when it is first needed, and keeps it."""

    shown = Signal(object)
    """The Content is on screen."""
    link_clicked = Signal(str)
    link_hovered = Signal(str)
    scrolled = Signal()
    menu_wanted = Signal(QPoint, str)

    def __init__(self, theme: Theme, *, simple: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, surface="surface")
        self._theme = theme
        self._simple = simple
        self._percent = 100
        self._wanted: Content | None = None
        self._web: Body | None = None
        self.empty = EmptyState(theme, self)
        """Over the views, not beside them: Chromium does not finish a large page in a view that is hidden."""
        mark(self.empty, surface="surface")
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._late.timeout.connect(self._say_late)
        self.text = TextBody(theme, self)
        self._card = QWidget(self)
        self._card_room = QVBoxLayout(self._card)
        self._stack = QStackedWidget(self)
        for page in (self.text, self._card):
            self._stack.addWidget(page)
        self._connect(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        theme.changed.connect(self._recolour)
        self._recolour()

    @property
    def current(self) -> Body:
        """The view that shows the mail now."""
        web = self._stack.currentWidget() is self._card and self.empty.isHidden()
        return self._web if self._web is not None and web else self.text

    def say(self, text: str, icon: str) -> None:
        """A sentence in the body's place."""
        self._wanted = None
        self._late.stop()
        self._cover(text, icon)

    def _cover(self, text: str, icon: str) -> None:
        self.empty.say(text, icon)
        self.empty.show()
        self.empty.raise_()

    def _say_late(self) -> None:
        """The view takes its time: nobody shall take what was there before for it."""
        if self._wanted is not None:
            self._cover("Opening …", "mail-opened")
            self._stack.setCurrentWidget(self.text if self._view_for(self._wanted) is self.text else self._card)

    def show_content(self, content: Content) -> None:
        """Show it in the right view; what was shown stays until it is there."""
        self._wanted = content
        view = self._view_for(content)
        self._recolour()
        view.set_percent(self._percent)
        self._late.start()
        view.show_content(content)

    def amend(self, content: Content, pieces: Mapping[str, str]) -> None:
        """See Body.amend."""
        self._wanted = content
        self.current.amend(content, pieces)

    @property
    def draws_html(self) -> bool:
        """Whether HTML is drawn by Qt WebEngine, which is loaded for the answer."""
        return self._html_view() is not self.text

    def set_percent(self, percent: int) -> None:
        self._percent = percent
        self.current.set_percent(percent)

    def clear(self) -> None:
        """Forget the mail."""
        self.say("", "mail")
        self.text.clear()
        if self._web is not None:
            self._web.clear()

    def shut(self) -> None:
        """The program ends: take the views down in order."""
        self._wanted = None
        self._late.stop()
        self.text.clear()
        self._theme.changed.disconnect(self._recolour)
        if self._web is not None:
            self._web.shut()

    def _view_for(self, content: Content) -> Body:
        return self.text if content.kind is BodyKind.TEXT else self._html_view()

    def _html_view(self) -> Body:
        if self._web is None and not self._simple:
            try:
                self._web = web_body_class()(self)
            except NoWebEngine as error:
                log.info("%s The simple view is used.", error)
                self._simple = True
                return self.text
            self._connect(self._web)
            self._card_room.addWidget(self._web)
            self._recolour()
        return self._web or self.text

    def _connect(self, view: Body) -> None:
        view.shown.connect(self._arrived)
        view.failed.connect(self._failed)
        view.link_clicked.connect(self.link_clicked)
        view.link_hovered.connect(self.link_hovered)
        view.menu_wanted.connect(self.menu_wanted)
        view.scrolled.connect(self.scrolled)

    def _arrived(self, content: Content) -> None:
        if content is not self._wanted:
            return
        self._late.stop()
        had_focus = self.focusWidget() is not None and self.focusWidget().hasFocus()
        self._stack.setCurrentWidget(self.text if self.sender() is self.text else self._card)
        self.empty.hide()
        self.setFocusProxy(self.current)
        if had_focus:
            self.current.setFocus()
        self.shown.emit(content)

    def _failed(self, content: Content) -> None:
        """The renderer cannot draw this one: the simple view can."""
        if content is self._wanted:
            self.text.set_percent(self._percent)
            self.text.show_content(content)

    def _recolour(self) -> None:
        """HTML mails that keep their author's colours lie on a light card in the dark."""
        dark = self._wanted is not None and self._wanted.dark
        edge = Space.S if self._theme.dark and not dark else 0
        self._card_room.setContentsMargins(edge, edge, edge, edge)
        if self._web is not None:
            self._web.set_ground(QColor(DARK.surface if dark else LIGHT.surface))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.empty.setGeometry(self.rect())
