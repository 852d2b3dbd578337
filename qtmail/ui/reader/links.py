"""Links in a mail: where they lead is shown before, and a lie about it is told before it is followed."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QWidget

from qtmail.mime.links import host_of, readable, without_tracking
from qtmail.ui.reader.load import Shown
from qtmail.ui.reader.textdoc import UNFOLD


class Links(QObject):
    """Follows links as the user wants it."""

    mailto = Signal(str)
    said = Signal(str)
    """A word for the status line; empty: nothing any more."""
    unfold = Signal()

    def __init__(self, parent: QWidget, shown: Callable[[], Shown | None], clean: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._window, self._shown, self._clean = parent, shown, clean

    def follow(self, url: str) -> None:
        """Where a click leads: the browser for the web, the composer for mailto:, nowhere for anything else."""
        scheme = QUrl(url).scheme().lower()
        if url.startswith(UNFOLD):
            self.unfold.emit()
        elif scheme == "mailto":
            self.mailto.emit(url)
        elif scheme not in ("http", "https"):
            self.said.emit("This link is not opened: it does not lead to the web.")
        elif not (named := self._named(url)) or self._sure(named, host_of(url)):
            QDesktopServices.openUrl(QUrl(without_tracking(url) if self._clean() else url))

    def hover(self, url: str) -> None:
        """Show where it leads, in words for eyes; and that its own words say otherwise."""
        if url.startswith(UNFOLD):
            url = ""
        named = self._named(url)
        self.said.emit(readable(url) + (f"   – not to {named}, as its words say" if named else "") if url else "")

    def fill(self, menu: QMenu, url: str) -> None:
        """What a right click on it offers."""
        if not url or url.startswith(UNFOLD):
            return
        menu.addAction("Open link", lambda: self.follow(url))
        menu.addAction("Copy link address", lambda: _copy(url))
        if (clean := without_tracking(url)) != url:
            menu.addAction("Copy link without tracking", lambda: _copy(clean))
        menu.addSeparator()

    def _named(self, url: str) -> str:
        """The host that the link's words name, where it leads to another; empty for an honest link."""
        shown = self._shown()
        return shown.lying_links.get(QUrl(url).toString(), "") if shown else ""

    def _sure(self, named: str, host: str) -> bool:
        box = QMessageBox(self._window.window())
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Open link")
        box.setText(f"The words of this link say {named}, but it leads to {host}.")
        box.setInformativeText("Forged mail does this to get passwords. Open it only if you know why.")
        anyway = box.addButton(f"Open {host}", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is anyway


def _copy(text: str) -> None:
    QApplication.clipboard().setText(text)
