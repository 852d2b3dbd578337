"""The form of one account: who you are, where mail comes in, where it goes out, what happens on a POP3 server."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from qtmail import accounts
from qtmail.model import Account, AccountKey, Protocol, Server
from qtmail.ui.account_colours import ACCOUNT_COLOURS, swatch
from qtmail.ui.accounts.begun import Begun
from qtmail.ui.accounts.identities import IdentityList
from qtmail.ui.accounts.keep_fields import KeepFields
from qtmail.ui.accounts.pop_fields import PopFields
from qtmail.ui.accounts.server_fields import ServerFields
from qtmail.ui.theme import Space, Theme, mark

PROTOCOL_WORDS: dict[Protocol, str] = {
    Protocol.IMAP: "IMAP: folders and marks are the same on all your devices",
    Protocol.POP3: "POP3: mail is fetched into this computer",
}

_EMPTY = Account(AccountKey(""), "", "", "", Protocol.IMAP, Server("", 0), None)
"""What a new account is before anything is typed."""


def ticked(text: str, parent: QWidget) -> QCheckBox:
    """A check box that starts on."""
    box = QCheckBox(text, parent)
    box.setChecked(True)
    return box


class AccountForm(QWidget):
    """All fields of an account. Typing the address fills in what usually follows from it, until it is edited."""

    edited = Signal()

    def __init__(self, theme: Theme, account: Account | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._account = account
        self.display_name = QLineEdit(self)
        self.display_name.setPlaceholderText("As others see it")
        self.address = QLineEdit(self)
        self.address.setPlaceholderText("name@example.org")
        self.name = QLineEdit(self)
        self.name.setPlaceholderText("Work, Home, ...")
        self.colour = QComboBox(self)
        self.colour.addItem("None", "")
        for colour in ACCOUNT_COLOURS:
            self.colour.addItem(swatch(theme, colour), colour.capitalize(), colour)
        self.protocol = QComboBox(self)
        for protocol, words in PROTOCOL_WORDS.items():
            self.protocol.addItem(words, protocol)
        self.incoming = ServerFields("imap", theme, self)
        self.pop = PopFields(account, self)
        self.keep = KeepFields(account, self)
        self.sends = ticked("This account can send", self)
        self.outgoing = ServerFields("smtp", theme, self)
        self.same_login = ticked("Sign in as above", self)
        self.signature = QPlainTextEdit(self)
        self.signature.setFixedHeight(Space.XXL * 2 + Space.S)
        self.signature.setTabChangesFocus(True)
        self.identities = IdentityList(theme, self)
        self._typed: set[QLineEdit] = set()
        self._lay_out()
        self._connect()
        if account:
            self._load(account)
        self._adapt()

    def _lay_out(self) -> None:
        for widget, name in (
            (self.display_name, "Your name"),
            (self.address, "E-mail address"),
            (self.name, "Name of the account"),
            (self.colour, "Colour of the account"),
            (self.protocol, "Kind of account"),
            (self.signature, "Signature"),
        ):
            widget.setAccessibleName(name)
        form = QFormLayout(self)
        form.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        form.setSpacing(Space.S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Your name", self.display_name)
        form.addRow("E-mail address", self.address)
        form.addRow("Name of the account", self.name)
        form.addRow("Colour", self.colour)
        self._section(form, "Receiving")
        form.addRow(self.protocol)
        form.addRow(self.incoming)
        form.addRow(self.pop)
        self.keep_heading = self._section(form, "Keep on this computer")
        form.addRow(self.keep)
        self._section(form, "Sending")
        form.addRow(self.sends)
        form.addRow(self.outgoing)
        form.addRow(self.same_login)
        self._section(form, "Signature")
        form.addRow(self.signature)
        self.identities_heading = self._section(form, "Identities")
        form.addRow(self.identities)
        for part in (self.identities_heading, self.identities):
            form.setRowVisible(part, self._account is not None)
        self.form = form
        _align((form, self.incoming.form, self.pop.form, self.outgoing.form, self.keep.form))

    def _section(self, form: QFormLayout, title: str) -> QWidget:
        label = mark(QLabel(title, self), tone="heading")
        label.setContentsMargins(0, Space.M, 0, 0)
        form.addRow(label)
        return label

    def _connect(self) -> None:
        self.address.textEdited.connect(self._guess)
        fields = (self.name, self.incoming.host, self.incoming.username, self.outgoing.host, self.outgoing.username)
        for field in fields:
            field.textEdited.connect(lambda _text, field=field: self._typed.add(field))
        for text in (self.display_name.textEdited, self.address.textEdited, self.name.textEdited):
            text.connect(self.edited)
        for part in (self.incoming, self.outgoing, self.pop, self.keep, self.identities):
            part.edited.connect(self.edited)
        self.colour.currentIndexChanged.connect(self.edited)
        self.protocol.currentIndexChanged.connect(self._adapt)
        self.sends.toggled.connect(self._adapt)
        self.same_login.toggled.connect(self._adapt)

    def _load(self, account: Account) -> None:
        self.display_name.setText(account.display_name)
        self.address.setText(account.address)
        self.name.setText(account.name)
        self.colour.setCurrentIndex(max(0, self.colour.findData(account.colour)))
        for field in (self.display_name, self.address, self.name):
            field.setCursorPosition(0)
        self.protocol.setCurrentIndex(self.protocol.findData(account.protocol))
        self.protocol.setEnabled(False)  # another kind of account is another account
        self.incoming.set_service(account.protocol.value)
        self.incoming.load(account.incoming)
        self.incoming.password.setPlaceholderText("Unchanged")
        self.incoming.sign_in.known()
        self.sends.setChecked(account.outgoing is not None)
        if account.outgoing:
            self.outgoing.load(account.outgoing)
            self.same_login.setChecked(_same_login(account))
        self.outgoing.password.setPlaceholderText("Unchanged")
        self.signature.setPlainText(account.signature)
        self.identities.load(account)
        self._typed.update((self.name, self.incoming.host, self.incoming.username, self.outgoing.host))

    def begin(self, begun: Begun) -> None:
        """Fill in what is known of a new account."""
        self.display_name.setText(begun.display_name)
        self.address.setText(begun.address)
        self.incoming.password.setText(begun.password)
        if found := begun.found:
            self.name.setText(found.name)
            self.protocol.setCurrentIndex(self.protocol.findData(found.protocol))
            self.incoming.load(found.incoming)
            self.sends.setChecked(found.outgoing is not None)
            if found.outgoing:
                self.outgoing.load(found.outgoing)
                self.same_login.setChecked(_same_login(found))
            self._typed.update((self.name, self.incoming.host, self.incoming.username, self.outgoing.host))
        else:
            self._guess(begun.address)

    def account(self) -> Account:
        """What is typed, checked. Raises BadInput with the first thing that cannot work."""
        incoming = self.incoming.server()
        outgoing = None
        if self.sends.isChecked():
            outgoing = self.outgoing.server()
            if self.same_login.isChecked():
                outgoing = replace(outgoing, username=incoming.username, auth=incoming.auth)
        old = self._account
        address = self.address.text().strip()
        keep, largest_mb, connections = self.keep.values()
        account = replace(
            old or _EMPTY,
            name=self.name.text().strip() or address,
            address=address,
            display_name=self.display_name.text().strip(),
            protocol=Protocol(self.protocol.currentData()),
            incoming=incoming,
            outgoing=outgoing,
            signature=self.signature.toPlainText().strip(),
            colour=self.colour.currentData(),
            keep=keep,
            largest_mb=largest_mb,
            connections=connections,
        )
        if account.protocol is Protocol.POP3:
            account = self.pop.put_into(account)
        return accounts.check(self.identities.apply(account))

    def passwords(self) -> tuple[str, str | None]:
        """(incoming, outgoing) as typed; empty: unchanged. Outgoing None: the same as incoming."""
        own = self.sends.isChecked() and not self.same_login.isChecked()
        return self.incoming.secret(), self.outgoing.secret() if own else None

    def _guess(self, address: str) -> None:
        """What usually follows from an address, in every field nobody has edited."""
        local, _, domain = address.strip().rpartition("@")
        if not local:
            return
        prefix = Protocol(self.protocol.currentData()).value.rstrip("3")
        guesses = {
            self.name: domain.split(".")[0].capitalize(),
            self.incoming.host: f"{prefix}.{domain}",
            self.incoming.username: address.strip(),
            self.outgoing.host: f"smtp.{domain}",
            self.outgoing.username: address.strip(),
        }
        for field, guess in guesses.items():
            if field not in self._typed:
                field.setText(guess)

    def _adapt(self) -> None:
        """Show the fields that matter for what is chosen."""
        protocol = Protocol(self.protocol.currentData())
        if self._account is None:
            self.incoming.set_service(protocol.value)
            self._guess(self.address.text())
        self.form.setRowVisible(self.pop, protocol is Protocol.POP3)
        for part in (self.keep_heading, self.keep):
            self.form.setRowVisible(part, protocol is Protocol.IMAP)
        self.form.setRowVisible(self.outgoing, self.sends.isChecked())
        self.form.setRowVisible(self.same_login, self.sends.isChecked())
        self.outgoing.show_login(not self.same_login.isChecked())
        self.edited.emit()


def _same_login(account: Account) -> bool:
    incoming, outgoing = account.incoming, account.outgoing
    return outgoing is not None and (outgoing.username, outgoing.auth) == (incoming.username, incoming.auth)


def _align(forms: Sequence[QFormLayout]) -> None:
    """One width for the labels of several forms that stand above each other."""
    items = (form.itemAt(row, QFormLayout.ItemRole.LabelRole) for form in forms for row in range(form.rowCount()))
    labels = [widget for item in items if item and (widget := item.widget())]
    width = max(label.sizeHint().width() for label in labels)
    for label in labels:
        label.setMinimumWidth(width)
