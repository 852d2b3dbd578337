"""The menus of the reader: the dots above a message, and a right click on its body."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from qtmail.ui.reader.pane import ReaderPane
    from qtmail.ui.theme import Theme


def more_menu(pane: "ReaderPane", theme: "Theme") -> QMenu:
    """Behind the dots; how the message is to be seen stands at its end."""
    menu = QMenu(pane)
    for icon, words, act in (
        ("search", "Find in message", pane.find_text),
        ("printer", "Print …", pane.print_),
        ("eye", "Print preview", pane.papers.preview),
        ("file-type-pdf", "Save as PDF …", pane.papers.save_pdf),
        ("device-floppy", "Save attachments …", pane.save_attachments),
        ("code", "View source", pane.view_source),
        ("stack-2", "All parts of this message", pane.show_parts),
        ("history", "Story of this message", pane.show_story),
    ):
        theme.dress(menu.addAction(words, act), icon)
    copies = menu.addMenu("Copy the message")
    theme.dress(copies, "copy")
    copies.addAction("As plain text", partial(pane.papers.copy, markdown=False))
    copies.addAction("As Markdown", partial(pane.papers.copy, markdown=True))
    lists = menu.addMenu("Mailing list")
    theme.dress(lists, "news")
    menu.aboutToShow.connect(lambda: pane.beyond.leaving.fill(lists, pane.shown))
    theme.dress(menu.addMenu(pane.view_menu), "eye")
    return menu


def open_thread_menu(pane: "ReaderPane", theme: "Theme", where: QPoint) -> None:
    """The dots of a message in a conversation: also what else the header offers for a single one."""
    menu = more_menu(pane, theme)
    first = menu.actions()[0]
    for icon, words, signal in (
        ("arrow-back-up-double", "Reply to all", pane.reply_all_requested),
        ("arrow-forward-up", "Forward", pane.forward_requested),
    ):
        action = QAction(words, menu)
        action.triggered.connect(partial(pane.ask, signal))
        theme.dress(action, icon)
        menu.insertAction(first, action)
    menu.insertSeparator(first)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(where)


def open_body_menu(pane: "ReaderPane", where: QPoint, link: str) -> None:
    """For a right click; `link` is what is under the mouse (empty: none)."""
    if pane.threads.open_part_menu(link):
        return
    body = pane.bodies.current
    menu = QMenu(pane)
    pane.links.fill(menu, link)
    menu.addAction("Copy", body.copy).setEnabled(bool(body.selected_text()))
    menu.addAction("Select all", body.select_all)
    menu.addAction("Copy message as Markdown", partial(pane.papers.copy, markdown=True))
    menu.addSeparator()
    menu.addAction("Find in message", pane.find_text)
    menu.addAction("Print …", pane.print_)
    menu.addAction("View source", pane.view_source)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(where)
