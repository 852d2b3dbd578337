"""Adding an account in a minute: name, address, password; the servers are found, shown, tried, and kept.

    asking --Continue--> looking --found--> choosing --Add account--> trying --both let us in--> saved
       ^                    |  nothing found, or "By hand": the form, with all that is known filled in
       +------- Back -------+

No password leaves before the user has seen the servers that will get it.
"""

import itertools
from enum import Enum, auto

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from qtmail import accounts, events
from qtmail.errors import MailError
from qtmail.model import TOKEN_AUTH, Account, AccountKey, Protocol, Server
from qtmail.paths import Profile
from qtmail.ui.accounts.begun import Begun
from qtmail.ui.accounts.certificate import CertificateLook
from qtmail.ui.accounts.dialog import Verdict, offer_session
from qtmail.ui.accounts.found import FoundPage
from qtmail.ui.accounts.saving import Saver
from qtmail.ui.accounts.server_fields import PasswordField
from qtmail.ui.accounts.sign_in import SignIns
from qtmail.ui.link import Link
from qtmail.ui.theme import Space, Theme, mark

_numbers = itertools.count(1_000_000)
"""Apart from those of the account dialog: both hear the same link."""
PREFERRED = QSize(560, 560)


class Stage(Enum):
    ASKING = auto()
    LOOKING = auto()
    CHOOSING = auto()
    TRYING = auto()


class SetUpDialog(QDialog):
    """`saved` carries the account once it is in accounts.toml; `by_hand` what is known of it so far."""

    saved = Signal(object)
    by_hand = Signal(object)
    """Begun: the user, or an address that nobody knows, wants the whole form."""

    def __init__(self, profile: Profile, link: Link, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add an account")
        self._profile, self._link, self._theme = profile, link, theme
        self._number = 0
        self._token = ""
        self._saver = Saver(self)
        self._sign_ins = SignIns(link, self)
        self._certificate = CertificateLook(link, theme, self)
        self.display_name = QLineEdit(self)
        self.address = QLineEdit(self)
        self.password = PasswordField(theme, self)
        self.problem = QLabel(self)
        self.found = FoundPage(theme, self)
        self.verdict = Verdict(theme, self)
        self.hand_button = QPushButton("Set up by hand …", self)
        self.back_button = QPushButton("Back", self)
        self.next_button = QPushButton("Continue", self)
        self.pages = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self._enter(Stage.ASKING)

    def _lay_out(self) -> None:
        for field, name, example in (
            (self.display_name, "Your name", "As others see it"),
            (self.address, "E-mail address", "name@example.org"),
            (self.password, "Password", ""),
        ):
            field.setAccessibleName(name)
            field.setPlaceholderText(example)
        asking = QWidget(self)
        form = QFormLayout(asking)
        form.setContentsMargins(0, Space.M, 0, 0)
        form.setSpacing(Space.M)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Your name", self.display_name)
        form.addRow("E-mail address", self.address)
        form.addRow("Password", self.password)
        words = QLabel(
            "qtmail looks for the servers of this address. The password stays here until you have seen them.", self
        )
        words.setWordWrap(True)
        form.addRow("", mark(words, tone="small"))
        self.pages.addWidget(asking)
        self.pages.addWidget(self.found)
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        mark(self.problem, tone="danger")
        mark(self.next_button, kind="accent")
        self.next_button.setDefault(True)
        cancel = QPushButton("Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.hand_button)
        buttons.addStretch(1)
        for button in (cancel, self.back_button, self.next_button):
            buttons.addWidget(button)
        title = mark(QLabel("Add an account", self), tone="title")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.S)
        column.addWidget(title)
        column.addWidget(self.pages, 1)
        column.addWidget(self.verdict)
        column.addWidget(self.problem)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.next_button.clicked.connect(self._go_on)
        self.back_button.clicked.connect(lambda: self._enter(Stage.ASKING))
        self.hand_button.clicked.connect(self._hand_over)
        self.found.chosen.connect(self._forget_test)
        self._link.heard.connect(self._hear)
        self._saver.saved.connect(self._done)
        self._saver.failed.connect(self._complain)
        self._saver.no_keyring.connect(self._offer_session)
        self._certificate.accepted.connect(self._take_certificate)
        self.verdict.look.connect(self._look_at_certificate)
        self._sign_ins.opened.connect(self._page_opened)
        self._sign_ins.done.connect(self._signed_in)
        self._sign_ins.failed.connect(lambda words: self._enter(Stage.CHOOSING, words))
        self.found.again.connect(self._sign_ins.open_again)

    def sizeHint(self) -> QSize:
        return PREFERRED

    def _enter(self, stage: Stage, words: str = "") -> None:
        """Show what this stage needs; `words`: what went wrong before."""
        self.stage = stage
        if stage is not Stage.TRYING:
            self._sign_ins.cancel()
            self.found.waiting("")
        if stage is Stage.ASKING:
            self._number = 0
            self._token = ""
        self.pages.setCurrentIndex(0 if stage is Stage.ASKING else 1)
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        if stage is not Stage.CHOOSING:
            self.verdict.clear()
        self.back_button.setVisible(stage is not Stage.ASKING)
        self.next_button.setEnabled(stage in (Stage.ASKING, Stage.CHOOSING))
        texts = {Stage.CHOOSING: "Add account", Stage.TRYING: "Signing in …"}
        self.next_button.setText(texts.get(stage, "Continue"))
        if stage is Stage.ASKING:
            (self.address if self.display_name.text() else self.display_name).setFocus()

    def _go_on(self) -> None:
        if self.stage is Stage.ASKING:
            self._look()
        elif self.stage is Stage.CHOOSING:
            self._try()

    def _look(self) -> None:
        address = self.address.text().strip()
        local, _, domain = address.rpartition("@")
        if not local or "." not in domain or any(letter.isspace() for letter in address):
            words = f"“{address}” is not an e-mail address. It looks like name@example.org."
            self._enter(Stage.ASKING, words if address else "The address is missing.")
            self.address.setFocus()
            return
        self._number = next(_numbers)
        self.found.begin(domain)
        self._enter(Stage.LOOKING)
        self._link.wish(events.FindServers(self._number, address))

    def _try(self) -> None:
        """The user has seen the servers: now the password may go there."""
        account = self._account()
        if account is None:
            return
        if account.incoming.auth == TOKEN_AUTH and not self._token:
            self._enter(Stage.TRYING)
            self._sign_ins.begin(account.incoming, account.address)
            return
        if not self._secret():
            self._enter(Stage.ASKING, "The password is missing.")
            self.password.setFocus()
            return
        self._number = next(_numbers)
        self._enter(Stage.TRYING)
        self._link.wish(events.TestAccount(self._number, account, self._secret(), self._secret()))

    def _secret(self) -> str:
        incoming = self.found.incoming()
        token = incoming is not None and incoming.server.auth == TOKEN_AUTH
        return self._token if token else self.password.text()

    def _page_opened(self, provider: str) -> None:
        self.next_button.setText(f"Waiting for {provider} …")
        self.found.waiting(provider)

    def _signed_in(self, secret: str) -> None:
        self._token = secret
        self._enter(Stage.CHOOSING)
        self._try()

    def done(self, result: int) -> None:
        """However it ends, nobody waits for a sign-in any more."""
        self._sign_ins.cancel()
        super().done(result)

    def _account(self) -> Account | None:
        """As it would be kept; None where no server for receiving is known."""
        incoming, outgoing = self.found.incoming(), self.found.outgoing()
        if incoming is None:
            return None
        address = self.address.text().strip()
        account = Account(
            key=AccountKey(""),
            name=self._free_name(address),
            address=address,
            display_name=self.display_name.text().strip(),
            protocol=Protocol(incoming.service),
            incoming=incoming.server,
            outgoing=outgoing.server if outgoing else None,
        )
        try:
            return accounts.check(account)
        except MailError as error:
            self._complain(error)
            return None

    def _look_at_certificate(self, row: int) -> None:
        """At the certificate of the first or the second server."""
        offer = self.found.outgoing() if row else self.found.incoming()
        if offer is not None:
            self._certificate.look(offer.service, offer.server)

    def _take_certificate(self, service: str, server: Server) -> None:
        self.found.take_certificate(service, server.certificate)
        self._try()

    def _free_name(self, address: str) -> str:
        """The domain's name; the whole address where another account has that."""
        name = address.rpartition("@")[2].split(".")[0].capitalize()
        try:
            taken = {account.name.casefold() for account in accounts.load(self._profile.accounts)}
        except MailError:
            return name
        return address if name.casefold() in taken else name

    def _hand_over(self) -> None:
        known = self._account() if self.stage is Stage.CHOOSING else None
        begun = Begun(self.display_name.text(), self.address.text().strip(), self.password.text(), known)
        self._number = 0
        self.by_hand.emit(begun)
        self.reject()

    def _hear(self, event: object) -> None:
        match event:
            case events.AskedForServers() if event.number == self._number:
                self.found.note(event)
            case events.ServersFound() if event.number == self._number:
                self._found(event)
            case events.AccountTested() if event.number == self._number:
                self._tested(event)

    def _found(self, event: events.ServersFound) -> None:
        self._number = 0
        self.found.show_servers(event)
        self._enter(Stage.CHOOSING)
        usable = self.found.incoming() is not None
        self.next_button.setEnabled(usable)
        (self.next_button if usable else self.hand_button).setFocus()

    def _tested(self, event: events.AccountTested) -> None:
        self._number = 0
        self._enter(Stage.CHOOSING)
        self.verdict.say((("Receiving", event.incoming), ("Sending", event.outgoing)))
        self.next_button.setFocus()
        account = self._account()
        if event.incoming.ok and event.outgoing.ok and account is not None:
            self.next_button.setEnabled(False)
            self._saver.save(self._profile, account, self._secret(), None)

    def _forget_test(self) -> None:
        """Other servers were chosen."""
        self._number = 0
        self._enter(Stage.CHOOSING)
        self.verdict.clear()

    def _complain(self, error: MailError) -> None:
        self._enter(Stage.CHOOSING, error.sentence())

    def _offer_session(self, account: Account, error: MailError) -> None:
        offer_session(self, self._link, account, error, (self._secret(), None))
        self._done(account)

    def _done(self, account: Account) -> None:
        self._link.wish(events.Reload((account.key,)))
        self.saved.emit(account)
        self.accept()
