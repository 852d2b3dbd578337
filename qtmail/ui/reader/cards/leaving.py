"""The menu of a mailing list: leave it (asked first), write to it, its archive and help."""

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from qtmail.mime.address import display_address
from qtmail.ui.reader.load import Shown

if TYPE_CHECKING:
    from qtmail.mime.listmail import MailingList


class Leaving(QObject):
    """Asks, then says how the user wants to leave."""

    at_once = Signal()
    """By one request of ours."""
    by_mail = Signal()
    mailto = Signal(str)
    """Write to this mailto: address."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent

    def fill(self, menu: QMenu, shown: Shown | None) -> None:
        """What the list of the message shown offers; nothing where it came from none."""
        menu.clear()
        told = shown.beyond.mailing_list if shown is not None else None
        menu.menuAction().setVisible(told is not None)
        if shown is None or told is None:
            return
        if told.can_be_left:
            menu.addAction("Unsubscribe …", lambda: self.ask(shown))
        for words, url in (("Write to the list", told.post), ("Archive", told.archive), ("Help", told.help)):
            if url:
                menu.addAction(words, partial(self._follow, url))

    def ask(self, shown: Shown) -> None:
        """The user wants to leave its list: say what it takes, and do it only then."""
        told = shown.beyond.mailing_list
        if told is None or not told.can_be_left:
            return
        text, informative, verb = question(told, shown)
        box = QMessageBox(self._window.window())
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsubscribe")
        box.setText(text)
        box.setInformativeText(informative)
        yes = box.addButton(verb, QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        if box.clickedButton() is not yes:
            return
        if told.one_click:
            self.at_once.emit()
        elif told.leave_mail:
            self.by_mail.emit()
        else:
            QDesktopServices.openUrl(QUrl(told.leave_web))

    def _follow(self, url: str) -> None:
        if url.lower().startswith("mailto:"):
            self.mailto.emit(url)
        else:
            QDesktopServices.openUrl(QUrl(url))


def question(told: "MailingList", shown: Shown) -> tuple[str, str, str]:
    """(what will be done, what follows from it, the button that does it)."""
    me = _me(shown)
    if told.one_click:
        host = urlsplit(told.leave_web).hostname or ""
        return (
            f"{host} will be told to take {me} off its list.",
            "It learns that you have read this mail, and from which network. Nothing else is sent.",
            "Unsubscribe",
        )
    if told.leave_mail:
        from qtmail.mime.mailto import mailto

        whom = ", ".join(display_address(one.address) for one in mailto(told.leave_mail).to[:2]) or "the list"
        return (
            f"A mail to {whom} will ask to take {me} off its list.",
            "It goes by your own account, through the Outbox.",
            "Send the mail",
        )
    host = urlsplit(told.leave_web).hostname or ""
    return (
        f"This list is left on a page of {host}, which opens in your browser.",
        "The page learns that you have read this mail. Do this only for lists that you know.",
        "Open the page",
    )


def _me(shown: Shown) -> str:
    message = shown.message
    people = (*message.to, *message.cc) if message is not None else ()
    return next((one.address for one in people if one.address.casefold() in shown.own), "your address")
