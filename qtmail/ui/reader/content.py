"""What a body view is given to show, and what every body view can do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QColor
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QVBoxLayout, QWidget


class BodyKind(Enum):
    TEXT = "text"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of an inline or fetched picture with its MIME type."""

    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """A complete, sanitised document with every picture it may show, by the URL it refers to it with."""

    kind: BodyKind
    document: str
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    """mail-body:/cid/... for parts of the message, mail-remote:/... for pictures the user asked for."""
    dark: bool = False
    """An HTML mail whose colours were turned for the dark theme."""
    fluid: bool = False
    """It fits any width by itself: a page of ours."""


class Body(QWidget):
    """One way to show a body. Subclasses fill all of it; the pane knows only this."""

    shown = Signal(object)
    """The Content is on screen."""
    link_clicked = Signal(str)
    link_hovered = Signal(str)
    scrolled = Signal()
    """What is in sight changed."""
    menu_wanted = Signal(QPoint, str)
    """Right click: where on the screen, and the link under the mouse (empty: none)."""
    failed = Signal(object)
    """This Content cannot be shown in this view: take the other one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)

    def show_content(self, content: Content) -> None:
        """Show it; `shown` or `failed` follows."""
        raise NotImplementedError

    def amend(self, content: Content, pieces: Mapping[str, str]) -> None:
        """`content` is what is shown with other insides of the elements of these ids; what is in sight stays there."""
        raise NotImplementedError

    def go_to(self, name: str) -> None:
        """Scroll to the element of this id."""
        raise NotImplementedError

    def in_sight(self, names: Sequence[str], tell: Callable[[tuple[str, ...]], None]) -> None:
        """Call `tell` with those of these elements that can be read now, later perhaps."""
        raise NotImplementedError

    def set_ground(self, colour: QColor) -> None:
        """What is behind the mail, before it and below it."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show nothing, and hold on to nothing."""
        raise NotImplementedError

    def page_down(self) -> bool:
        """One page on. -> False when the end was already in sight."""
        raise NotImplementedError

    def find_words(self, text: str, *, back: bool = False, found: Callable[[bool], None] = lambda _found: None) -> None:
        """Go to the next place with this text and mark it; an empty text takes the mark away."""
        raise NotImplementedError

    def shut(self) -> None:
        """The program ends."""

    def set_percent(self, percent: int) -> None:
        """The text size, 100 as it was written."""
        raise NotImplementedError

    def selected_text(self) -> str:
        raise NotImplementedError

    def copy(self) -> None:
        raise NotImplementedError

    def select_all(self) -> None:
        raise NotImplementedError

    def print_document(self, document: str, printer: QPrinter, done: Callable[[bool], None]) -> None:
        """Print this document with the pictures of the content shown; nothing is loaded for it.

        `done` gets whether it worked, later perhaps."""
        raise NotImplementedError
