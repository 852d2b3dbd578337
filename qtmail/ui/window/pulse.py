"""How the accounts are doing, gathered from what the engine says: what sidebar, status line and panel are told."""

import time
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from qtmail import events
from qtmail.model import Account, AccountKey, AccountState
from qtmail.ui.sidebar.entries import Health
from qtmail.ui.window.status import Situation

_WORKING = frozenset({AccountState.CONNECTING, AccountState.SYNCING})


class Pulse(QObject):
    """Feed it events with `hear`; `changed` when there is something to draw anew."""

    changed = Signal()
    recovered = Signal(object)
    """AccountKey: in order again after a problem."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.situation = Situation(health={})
        self._health: dict[AccountKey, Health] = {}

    @property
    def health(self) -> dict[AccountKey, Health]:
        return self._health

    def hear(self, event: events.StateChanged) -> None:
        before = self._health.get(event.account, Health()).state
        self._health[event.account] = Health(
            *(event.state, event.words, event.done, event.total, event.octets, event.octets_total)
        )
        checked = self.situation.checked_at
        if event.state is AccountState.IDLE:
            checked = time.time()
            if before in (
                AccountState.PROBLEM,
                AccountState.WRONG_PASSWORD,
                AccountState.SIGN_IN,
                AccountState.CERTIFICATE,
                AccountState.OFFLINE,
            ):
                self.recovered.emit(event.account)
        self._put(checked_at=checked)

    def set_accounts(self, accounts: tuple[Account, ...]) -> None:
        known = {account.key for account in accounts}
        self._health = {key: health for key, health in self._health.items() if key in known}
        self._put(accounts=accounts)

    def set_offline(self, offline: bool) -> None:
        self._put(offline=offline)

    def set_waiting(self, waiting: int) -> None:
        self._put(waiting=waiting)

    def set_hint(self, hint: str) -> None:
        """A word for now: the target of the link under the mouse."""
        self._put(hint=hint)

    def engine_gone(self) -> None:
        """The engine ended; nobody is connected until the next one says so."""
        self._health = {
            key: Health(AccountState.CONNECTING, "Starting again") if health.state in _WORKING else health
            for key, health in self._health.items()
        }
        self._put()

    def _put(self, **fields: object) -> None:
        now = replace(self.situation, health=dict(self._health), **fields)  # type: ignore[arg-type]
        if now != self.situation:
            self.situation = now
            self.changed.emit()
