"""Bodies that are not here yet: the engine is asked for them, and the reader says meanwhile what it waits for."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from qtmail.engine.mail import Mail
from qtmail.events import Event, FetchBody, StateChanged
from qtmail.model import AccountKey, AccountState, MessageId
from qtmail.ui.link import Link

_NO_NETWORK = frozenset({AccountState.OFFLINE, AccountState.DISABLED})


class Arriving(QObject):
    """Knows which accounts can be reached."""

    turned = Signal(object)
    """AccountKey: it can be reached again, or no more."""

    def __init__(self, mail: Mail, link: Link, offline: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._mail, self._link, self._offline = mail, link, offline
        self._states: dict[AccountKey, AccountState] = {}

    def hear(self, event: Event) -> None:
        """Any event of the engine."""
        if not isinstance(event, StateChanged):
            return
        before = self._states.get(event.account)
        self._states[event.account] = event.state
        if (before in _NO_NETWORK) != (event.state in _NO_NETWORK):
            self.turned.emit(event.account)

    def ask(self, account: AccountKey, message: MessageId) -> tuple[str, str]:
        """Ask for its body where that makes sense -> a sentence to show meanwhile, and its icon."""
        if self._offline() or self._states.get(account) in _NO_NETWORK:
            why = "is not kept on this computer, as you chose" if self._mail.left_out(message) else _NOT_HERE
            return f"This message {why}. It comes when you are online again.", "cloud-off"
        self._link.wish(FetchBody((message,)))
        return "Downloading this message …", "download"


_NOT_HERE = "is not downloaded yet"
