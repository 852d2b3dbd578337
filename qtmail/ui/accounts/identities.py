"""The identities of an account: a list in its form, and the dialog for one of them."""

import logging
import secrets as random
import threading
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail import accounts, secrets
from qtmail.errors import BadInput, MailError
from qtmail.model import Account, AccountKey, Identity
from qtmail.secrets import Service
from qtmail.ui.accounts.server_fields import ServerFields
from qtmail.ui.parts.page import Page, open_at
from qtmail.ui.theme import Space, Theme, mark

log = logging.getLogger(__name__)


class IdentityList(QWidget):
    """The account's own identity first; the others can be added and removed. `apply` puts them into an account."""

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._account: Account | None = None
        self._identities: list[Identity] = []
        self.list = QListWidget(self)
        self.list.setAccessibleName("Identities")
        self.list.setFixedHeight(Space.XXL * 3)
        self.buttons = {name: QPushButton(words, self) for name, words in _BUTTONS.items()}
        side = QVBoxLayout()
        side.setSpacing(Space.S)
        for name, button in self.buttons.items():
            button.setAutoDefault(False)
            button.clicked.connect(getattr(self, name))
            side.addWidget(button)
        side.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.list, 1)
        row.addLayout(side)
        self.list.currentRowChanged.connect(self._adapt)
        self.list.itemActivated.connect(lambda _item: self.edit())

    def load(self, account: Account) -> None:
        """Show those of this account."""
        self._account = account
        self._identities = list(account.identities)
        self._draw(0)

    def apply(self, account: Account) -> Account:
        """The account with what is chosen here."""
        if not self._identities:
            return account
        own, *more = self._identities
        return replace(
            account,
            reply_to=own.reply_to,
            sent_folder=own.sent_folder,
            patterns=own.patterns,
            more_identities=tuple(more),
        )

    def add(self) -> None:
        """A new one."""
        fresh = Identity(random.token_hex(4), self._identities[0].name if self._identities else "", "")
        self._open(fresh, len(self._identities))

    def edit(self) -> None:
        """The chosen one."""
        place = self.list.currentRow()
        if place >= 0:
            self._open(self._identities[place], place)

    def remove(self) -> None:
        """The chosen one; the account's own stays."""
        place = self.list.currentRow()
        if place > 0:
            del self._identities[place]
            self._draw(place - 1)
            self.edited.emit()

    def _open(self, identity: Identity, place: int) -> None:
        dialog = IdentityDialog(self._theme, identity, own=place == 0, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._take(dialog, place))
        dialog.open()

    def _take(self, dialog: "IdentityDialog", place: int) -> None:
        self._identities[place : place + 1] = [dialog.identity]
        if dialog.password and self._account is not None:
            keep_password(self._account.key, dialog.identity.key, dialog.password)
        self._draw(place)
        self.edited.emit()

    def _draw(self, place: int) -> None:
        self.list.clear()
        for one in self._identities:
            also = f", also for {', '.join(one.patterns)}" if one.patterns else ""
            self.list.addItem(f"{one.mailbox}{also}")
        self.list.setCurrentRow(place)
        self._adapt()

    def _adapt(self) -> None:
        self.buttons["edit"].setEnabled(self.list.currentRow() >= 0)
        self.buttons["remove"].setEnabled(self.list.currentRow() > 0)


_BUTTONS = {"add": "Add …", "edit": "Edit …", "remove": "Remove"}


class IdentityDialog(QDialog):
    """One identity. `identity` and `password` (of its own server; empty: unchanged) after it was accepted."""

    def __init__(self, theme: Theme, identity: Identity, *, own: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Identity")
        self.identity, self.password, self._own = identity, "", own
        self.display_name = QLineEdit(identity.name, self)
        self.address = QLineEdit(identity.address, self)
        self.address.setPlaceholderText("name@example.org")
        self.reply_to = QLineEdit(identity.reply_to, self)
        self.reply_to.setPlaceholderText("The address above")
        self.patterns = QLineEdit(", ".join(identity.patterns), self)
        self.patterns.setPlaceholderText("*@example.org, name+*@example.org")
        self.sent_folder = QLineEdit(identity.sent_folder, self)
        self.sent_folder.setPlaceholderText("Sent")
        self.signature = QPlainTextEdit(identity.signature, self)
        self.signature.setFixedHeight(Space.XXL * 2 + Space.S)
        self.signature.setTabChangesFocus(True)
        self.own_server = QCheckBox("Send by a server of its own", self)
        self.server = ServerFields("smtp", theme, self)
        if identity.outgoing:
            self.server.load(identity.outgoing)
            self.server.password.setPlaceholderText("Unchanged")
        self.own_server.setChecked(identity.outgoing is not None)
        self.problem = QLabel(self)
        mark(self.problem, tone="danger")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._lay_out()
        self.own_server.toggled.connect(self._adapt)
        self._adapt()

    def _lay_out(self) -> None:
        inside = QWidget(self)
        form = QFormLayout(inside)
        form.setContentsMargins(Space.XL, Space.L, Space.XL, 0)
        form.setSpacing(Space.S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Name", self.display_name),
            ("E-mail address", self.address),
            ("Answers go to", self.reply_to),
            ("Also answers for", self.patterns),
            ("Copies go to folder", self.sent_folder),
            ("Signature", self.signature),
        )
        for words, field in rows:
            field.setAccessibleName(words)
            form.addRow(words, field)
        if self._own:  # its name, address and signature are those of the account, in the form behind
            for field in (self.display_name, self.address, self.signature):
                form.setRowVisible(field, False)
        form.addRow(self.own_server)
        form.addRow(self.server)
        form.setRowVisible(self.own_server, not self._own)
        self.form = form
        keep = QPushButton("Done", self)
        keep.setDefault(True)
        mark(keep, kind="accent")
        keep.clicked.connect(self.accept)
        cancel = QPushButton("Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(Space.XL, Space.M, Space.XL, Space.L)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(keep)
        self.problem.setContentsMargins(Space.XL, Space.S, Space.XL, 0)
        area = Page(inside, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area, 1)
        column.addWidget(self.problem)
        column.addLayout(buttons)
        open_at(self, QSize(Space.XXL * 16, Space.XXL * (9 if self._own else 15)))

    def accept(self) -> None:
        """Checks what is typed first, and says what cannot work."""
        typed = Identity(
            key=self.identity.key,
            name=self.display_name.text().strip(),
            address=self.address.text().strip(),
            reply_to=self.reply_to.text().strip(),
            signature=self.signature.toPlainText().strip(),
            outgoing=self.server.server() if self.own_server.isChecked() else None,
            sent_folder=self.sent_folder.text().strip(),
            patterns=tuple(one for one in self.patterns.text().replace(",", " ").split() if one),
        )
        try:
            accounts.check_identity(typed)
        except BadInput as error:
            self.problem.setText(error.sentence())
            self.problem.show()
            return
        self.identity, self.password = typed, self.server.password.text()
        super().accept()

    def _adapt(self) -> None:
        self.form.setRowVisible(self.server, self.own_server.isChecked() and not self._own)


def keep_password(account: AccountKey, identity: str, password: str) -> None:
    """Into the keyring, off the window's thread: it may be slow. Where it cannot be, sending asks for it."""

    def work() -> None:
        try:
            secrets.put(secrets.of_identity(account, identity), Service.OUTGOING, password)
        except MailError as error:
            log.warning("the password of an identity was not kept: %s", error)

    threading.Thread(target=work, name="keep password", daemon=True).start()
