"""The window around the form: try both servers, say in plain words what is wrong, save."""

import contextlib
import itertools

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail import accounts, events
from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.model import CERTIFICATE_AUTH, NO_AUTH, TOKEN_AUTH, Account, AccountKey, Protocol, Server
from qtmail.paths import Profile
from qtmail.secrets import Service
from qtmail.ui.accounts.certificate import CertificateLook
from qtmail.ui.accounts.form import AccountForm
from qtmail.ui.accounts.saving import Saver
from qtmail.ui.accounts.server_fields import ServerFields
from qtmail.ui.accounts.sign_in import SignIns
from qtmail.ui.link import Link
from qtmail.ui.parts.page import Page, open_at
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

_numbers = itertools.count(1)
_WITHOUT_SECRET = (NO_AUTH, CERTIFICATE_AUTH)
PREFERRED = QSize(600, 720)


class Verdict(QWidget):
    """What came of the test: one line a server with a mark, its words, what to do, and the server's own reply."""

    look = Signal(int)
    """The certificate of the server on this line is to be shown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, edge: int = 0) -> None:
        """`edge`: room at its sides, in pixels."""
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(edge, Space.S, edge, 0)
        self._grid.setHorizontalSpacing(Space.S)
        self._grid.setColumnStretch(1, 1)
        self.hide()

    def clear(self) -> None:
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.hide()

    def say(self, lines: tuple[tuple[str, events.Tried], ...]) -> None:
        """(name of the server, result) each."""
        self.clear()
        for row, (name, tried) in enumerate(lines):
            icon = QLabel(self)
            tone = Tone.SUCCESS if tried.ok else Tone.DANGER
            name_icon = "circle-check" if tried.ok else "alert-circle"
            icon.setPixmap(self._theme.pixmap(name_icon, tone, Size.ICON_BAR, self.devicePixelRatioF()))
            words = tried.words + (f" {tried.hint}" if tried.hint else "")
            if tried.server_words:
                words += f"\nThe server said: {tried.server_words}"
            text = QLabel(f"{name}: {words}", self)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(icon, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)
            if tried.certificate:
                button = QPushButton("Look at it …", self)
                button.setAccessibleName(f"Look at the certificate for {name.lower()}")
                button.setAutoDefault(False)
                button.clicked.connect(lambda _checked=False, row=row: self.look.emit(row))
                self._grid.addWidget(button, row, 2, Qt.AlignmentFlag.AlignTop)
        self.show()


class AccountDialog(QDialog):
    """Add an account, or edit one. `saved` carries it once it is in accounts.toml."""

    saved = Signal(object)

    def __init__(
        self, profile: Profile, link: Link, theme: Theme, account: Account | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Account {account.name}" if account else "Add an account")
        self._profile, self._link, self._number, self._old = profile, link, 0, account
        self._saver = Saver(self)
        self.form = AccountForm(theme, account, self)
        self._tell_of_pop(account)
        self.verdict = Verdict(theme, self, edge=Space.XL)
        self.problem = QLabel(self)
        mark(self.problem, tone="danger")
        self.problem.setWordWrap(True)
        self.problem.setContentsMargins(Space.XL, Space.S, Space.XL, 0)
        self.problem.hide()
        self.test_button = QPushButton("Test", self)
        self.test_button.setToolTip("Try both servers with what is typed above")
        self.save_button = QPushButton("Save" if account else "Add account", self)
        mark(self.save_button, kind="accent")
        self.save_button.setDefault(True)
        self._lay_out()
        self.test_button.clicked.connect(self.test)
        self.save_button.clicked.connect(self.save)
        self.form.edited.connect(self._edited)
        self._sign_ins = SignIns(link, self)
        self._signing_in = self.form.incoming.sign_in
        for server in (self.form.incoming, self.form.outgoing):
            server.sign_in.wanted.connect(lambda server=server: self._sign_in(server))
            server.sign_in.cancelled.connect(self._sign_ins.cancel)
        self._sign_ins.opened.connect(lambda provider: self._signing_in.waiting(provider))
        self._sign_ins.done.connect(lambda secret: self._signing_in.signed_in(secret))
        self._sign_ins.failed.connect(lambda words: self._signing_in.failed(words))
        self._certificate = CertificateLook(link, theme, self)
        self._certificate.accepted.connect(self._take_certificate)
        self.verdict.look.connect(self._look)
        link.heard.connect(self._hear)
        self._saver.saved.connect(self._done)
        self._saver.failed.connect(self._complain)
        self._saver.no_keyring.connect(self._offer_session)
        self.form.display_name.setFocus()
        open_at(self, PREFERRED)

    def _tell_of_pop(self, account: Account | None) -> None:
        """What only the profile knows: other inboxes, and what a policy would do to the mail on the server."""
        with contextlib.suppress(MailError):  # a damaged file, a busy store: the form works without
            self.form.pop.offer_inboxes(accounts.load(self._profile.accounts))
            if account and account.protocol is Protocol.POP3:
                with contextlib.closing(Mail(self._profile)) as mail:
                    self.form.pop.tell_forecast(mail.pop_forecaster(account.key))

    def _lay_out(self) -> None:
        cancel = QPushButton("Cancel", self)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(Space.XL, Space.M, Space.XL, Space.L)
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.test_button)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Page(self.form, self), 1)
        column.addWidget(self.verdict)
        column.addWidget(self.problem)
        column.addLayout(buttons)

    def test(self) -> None:
        """Ask the engine to try both servers; the answer comes as an event."""
        account = self._checked()
        if account is None:
            return
        incoming, outgoing = self.form.passwords()
        if not incoming and not account.key and account.incoming.auth not in _WITHOUT_SECRET:
            self._complain(MailError("The test needs the password, or a sign-in."))
            return
        self._number = next(_numbers)
        self.test_button.setEnabled(False)
        self.test_button.setText("Testing...")
        self._link.wish(events.TestAccount(self._number, account, incoming, incoming if outgoing is None else outgoing))

    def save(self) -> None:
        """Write the account and put its password into the keyring."""
        account = self._checked()
        if account is None:
            return
        incoming, outgoing = self.form.passwords()
        if account.incoming.auth == TOKEN_AUTH and not incoming and self._was(account) != TOKEN_AUTH:
            self._complain(MailError("The account is not signed in yet.", hint="Sign in at the provider's page."))
            self.form.incoming.sign_in.setFocus()
            return
        if not incoming and not account.key and account.incoming.auth not in _WITHOUT_SECRET:
            self._complain(MailError("The account needs its password."))
            self.form.incoming.password.setFocus()
            return
        self.save_button.setEnabled(False)
        self._saver.save(self._profile, account, incoming, outgoing)

    def _look(self, row: int) -> None:
        """At the certificate of the first or the second server."""
        account = self._checked()
        if account is not None and row == 0:
            self._certificate.look(account.protocol.value, account.incoming)
        elif account is not None and account.outgoing is not None:
            self._certificate.look("smtp", account.outgoing)

    def _take_certificate(self, service: str, server: Server) -> None:
        (self.form.outgoing if service == "smtp" else self.form.incoming).take_certificate(server.certificate)
        self.test()

    def _was(self, account: Account) -> str:
        """How it got in before; "" for a new one."""
        return self._old.incoming.auth if self._old is not None and account.key else ""

    def _sign_in(self, server: ServerFields) -> None:
        self._signing_in = server.sign_in
        self._sign_ins.begin(server.server(), server.username.text().strip() or self.form.address.text().strip())

    def done(self, result: int) -> None:
        """However it ends, nobody waits for a sign-in any more."""
        self._sign_ins.cancel()
        super().done(result)

    def _checked(self) -> Account | None:
        self.problem.hide()
        try:
            return self.form.account()
        except MailError as error:
            self._complain(error)
            return None

    def _complain(self, error: MailError) -> None:
        self.save_button.setEnabled(True)
        self.problem.setText(error.sentence())
        self.problem.show()

    def _edited(self) -> None:
        self.verdict.clear()
        self.problem.hide()
        self._ready_to_test()

    def _ready_to_test(self) -> None:
        self._number = 0
        self.test_button.setEnabled(True)
        self.test_button.setText("Test")

    def _hear(self, event: object) -> None:
        if isinstance(event, events.AccountTested) and event.number == self._number:
            self._ready_to_test()
            self.verdict.say((("Receiving", event.incoming), ("Sending", event.outgoing)))

    def _offer_session(self, account: Account, error: MailError) -> None:
        offer_session(self, self._link, account, error, self.form.passwords())
        self._done(account)

    def _done(self, account: Account) -> None:
        self._link.wish(events.Reload((account.key,)))  # by name: a new password alone shows nowhere in the account
        self.saved.emit(account)
        self.accept()


def offer_session(
    parent: QWidget, link: Link, account: Account, error: MailError, passwords: tuple[str, str | None]
) -> None:
    """No keyring takes the passwords (incoming, outgoing): they can serve until the program ends, if the user wants."""
    asked = QMessageBox(parent)
    asked.setWindowTitle("Password")
    asked.setText("The password cannot be stored safely on this computer.")
    asked.setInformativeText(
        f"{error.sentence()}\n\nUse it until qtmail is closed, and ask again next time? Under Accounts in the "
        "preferences, a vault for passwords can be made, behind a passphrase."
    )
    asked.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel)
    asked.button(QMessageBox.StandardButton.Yes).setText("Use it for now")
    if asked.exec() == QMessageBox.StandardButton.Yes:
        unlock(link, account.key, *passwords)


def unlock(link: Link, account: AccountKey, incoming: str, outgoing: str | None) -> None:
    """Give the engine these passwords for this session alone."""
    link.wish(events.Unlock(account, Service.INCOMING, incoming))
    link.wish(events.Unlock(account, Service.OUTGOING, outgoing or incoming))
