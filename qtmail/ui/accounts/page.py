"""The accounts page of the preferences: a list in the user's order, and what can be done with the one chosen."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail import accounts, events
from qtmail.errors import MailError
from qtmail.model import Account, AccountKey, AccountState
from qtmail.paths import Profile
from qtmail.ui.accounts.adding import add_account, edit_account
from qtmail.ui.accounts.removal import Remover
from qtmail.ui.accounts.vault import SecretsRow
from qtmail.ui.link import Link
from qtmail.ui.sidebar.delegate import STATE_ICONS
from qtmail.ui.sidebar.entries import Health
from qtmail.ui.theme import Space, Theme, mark
from qtmail.ui.window.status import STATE_WORDS

KEY = Qt.ItemDataRole.UserRole


class AccountsPage(QWidget):
    """Add, edit, disable, order and remove accounts. `changed` after anything was saved."""

    changed = Signal()

    def __init__(self, profile: Profile, link: Link, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profile, self._link, self._theme = profile, link, theme
        self._health: Callable[[], Mapping[AccountKey, Health]] = dict
        self._remover = Remover(self)
        self._remover.done.connect(self._saved)
        self._remover.failed.connect(self._complain)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Accounts")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.empty = QLabel("No account yet. Add one to read and write mail.", self)
        mark(self.empty, tone="muted")
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        mark(self.problem, tone="danger")
        self.problem.hide()
        self.buttons: dict[str, QPushButton] = {}
        self.secrets = SecretsRow(profile, link, theme, self)
        self._lay_out()
        self.list.currentItemChanged.connect(self._adapt)
        self.list.itemDoubleClicked.connect(self.edit)
        self.list.model().rowsMoved.connect(self._reordered)
        self.reload()

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(Space.S)
        for name, text, act in (
            ("add", "Add...", self.add),
            ("edit", "Edit...", self.edit),
            ("enable", "Disable", self.toggle),
            ("up", "Move up", lambda: self.shift(-1)),
            ("down", "Move down", lambda: self.shift(1)),
            ("remove", "Remove...", self.remove),
        ):
            button = QPushButton(text, self)
            button.clicked.connect(lambda _on=False, act=act: act())
            self.buttons[name] = button
            side.addWidget(button)
        mark(self.buttons["add"], kind="accent")
        side.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        row.addWidget(self.list, 1)
        row.addLayout(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.empty)
        column.addLayout(row, 1)
        column.addWidget(self.problem)
        column.addWidget(self.secrets)

    def showEvent(self, event: QShowEvent) -> None:
        """Where the passwords are is asked when somebody looks."""
        super().showEvent(event)
        self.secrets.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for the answer any more."""
        self.secrets.finish()
        super().hideEvent(event)

    def reload(self) -> None:
        """Read accounts.toml again; the chosen account stays chosen."""
        chosen = self._chosen_key()
        self.list.clear()
        try:
            self._accounts = {account.key: account for account in accounts.load(self._profile.accounts)}
        except MailError as error:
            self._accounts = {}
            self._complain(error)
        for account in self._accounts.values():
            item = QListWidgetItem()
            item.setData(KEY, account.key)
            self._describe(item, account)
            item.setSizeHint(QSize(0, 2 * self.list.fontMetrics().height() + 2 * Space.S))
            self.list.addItem(item)
            if account.key == chosen:
                self.list.setCurrentItem(item)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self.empty.setVisible(not self._accounts)
        self._adapt()

    def follow(self, health: Callable[[], Mapping[AccountKey, Health]], changed: SignalInstance) -> None:
        """Say how each account is doing, now and whenever `changed` is emitted."""
        self._health = health
        changed.connect(self._tell_states)
        self._tell_states()

    def _tell_states(self) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if account := self._accounts.get(item.data(KEY)):
                self._describe(item, account)

    def _describe(self, item: QListWidgetItem, account: Account) -> None:
        """Name, address and state in words; what the engine said of it as its tip."""
        health = self._health().get(account.key) if account.enabled else Health(AccountState.DISABLED)
        words, icon = account.protocol.value.upper(), "mailbox" if account.enabled else "mail-off"
        if health is not None:
            words = f"{words} · {STATE_WORDS.get(health.state) or health.words}"
            icon = STATE_ICONS[health.state][0] if health.state in STATE_ICONS and account.enabled else icon
        item.setText(f"{account.name}\n{account.address} · {words}")
        item.setIcon(self._theme.icon(icon))
        item.setToolTip(health.words if health else "")

    def chosen(self) -> Account | None:
        key = self._chosen_key()
        return self._accounts.get(key) if key else None

    def add(self) -> None:
        self._open(None)

    def edit(self) -> None:
        if account := self.chosen():
            self._open(account)

    def toggle(self) -> None:
        """Disabled: nothing is fetched or sent, everything stays readable."""
        if account := self.chosen():
            self._keep(replace(account, enabled=not account.enabled))

    def shift(self, by: int) -> None:
        """Move the chosen account up or down."""
        keys = list(self._accounts)
        account = self.chosen()
        if account is None:
            return
        at = keys.index(account.key)
        to = min(max(at + by, 0), len(keys) - 1)
        keys.insert(to, keys.pop(at))
        self._order(keys)

    def remove(self) -> None:
        """Ask once, saying what stays and what goes."""
        account = self.chosen()
        if account is None:
            return
        asked = QMessageBox(self)
        asked.setIcon(QMessageBox.Icon.Warning)
        asked.setWindowTitle("Remove account")
        asked.setText(f"Remove the account “{account.name}” from this computer?")
        asked.setInformativeText(
            "Its password is forgotten and its folders leave the window. On the server nothing changes. "
            "Mail that is only on this computer stays in the store and comes back when the account is added again."
        )
        yes = asked.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        mark(yes, kind="danger")
        asked.setDefaultButton(asked.addButton(QMessageBox.StandardButton.Cancel))
        asked.exec()
        if asked.clickedButton() is yes:
            self._remover.remove(self._profile, account.key)

    def _open(self, account: Account | None) -> None:
        if account is None:
            add_account(self._profile, self._link, self._theme, self, self._kept)
        else:
            edit_account(self._profile, self._link, self._theme, account, self, self._kept)

    def _keep(self, account: Account) -> None:
        try:
            accounts.put(self._profile.accounts, account)
        except MailError as error:
            self._complain(error)
            return
        self._saved()

    def _order(self, keys: list[AccountKey]) -> None:
        try:
            accounts.reorder(self._profile.accounts, tuple(keys))
        except MailError as error:
            self._complain(error)
        self._saved()

    def _reordered(self) -> None:
        self._order([AccountKey(self.list.item(row).data(KEY)) for row in range(self.list.count())])

    def _kept(self, _account: Account) -> None:
        self._saved()

    def _saved(self) -> None:
        self.problem.hide()
        self.reload()
        self._link.wish(events.Reload())
        self.changed.emit()

    def _complain(self, error: MailError) -> None:
        self.problem.setText(error.sentence())
        self.problem.show()

    def _chosen_key(self) -> AccountKey | None:
        item = self.list.currentItem()
        return AccountKey(item.data(KEY)) if item else None

    def _adapt(self) -> None:
        account, row = self.chosen(), self.list.currentRow()
        for name in ("edit", "enable", "remove"):
            self.buttons[name].setEnabled(account is not None)
        self.buttons["up"].setEnabled(account is not None and row > 0)
        self.buttons["down"].setEnabled(account is not None and row < self.list.count() - 1)
        self.buttons["enable"].setText("Enable" if account and not account.enabled else "Disable")
