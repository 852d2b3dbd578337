"""The fields of one server: host, port, security, how to get in; the port follows the security."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from qtmail.accounts import STANDARD_PORTS, is_loopback
from qtmail.model import CERTIFICATE_AUTH, NO_AUTH, PASSWORD_AUTH, TOKEN_AUTH, Security, Server
from qtmail.ui.accounts.sign_in import SignInField
from qtmail.ui.parts.labels import ElidedLabel
from qtmail.ui.parts.numbers import NumberField
from qtmail.ui.theme import Size, Space, Theme, mark

SECURITY_WORDS: dict[Security, str] = {
    Security.TLS: "TLS (recommended)",
    Security.STARTTLS: "STARTTLS",
    Security.NONE: "None",
}
SYSTEM = "system"
"""`Server.proxy`: as the system's settings say."""
AUTH_WORDS: dict[str, str] = {
    PASSWORD_AUTH: "With a password",
    TOKEN_AUTH: "At the provider's page (OAuth)",
    CERTIFICATE_AUTH: "With a certificate of mine",
    NO_AUTH: "Not at all",
}


class PasswordField(QLineEdit):
    """A password, with an eye that shows it. In editing an empty one means: keep the stored password."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._theme = theme
        self._eye = self.addAction(theme.icon("eye"), QLineEdit.ActionPosition.TrailingPosition)
        self._eye.setCheckable(True)
        self._eye.setToolTip("Show the password")
        self._eye.toggled.connect(self._show)
        theme.dress(self._eye, "eye", size=Size.ICON)

    def _show(self, on: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self._eye.setToolTip("Hide the password" if on else "Show the password")
        self._theme.dress(self._eye, "eye-off" if on else "eye", size=Size.ICON)


class ServerFields(QWidget):
    """One server being edited. `server()` and `password` read it; `edited` tells of every change."""

    edited = Signal()

    def __init__(self, service: str, theme: Theme, parent: QWidget | None = None) -> None:
        """`service`: "imap", "pop3" or "smtp", as in accounts.STANDARD_PORTS."""
        super().__init__(parent)
        self._service = service
        self.host = QLineEdit(self)
        self.port = NumberField(1, 65535, self)
        self.security = QComboBox(self)
        for security, words in SECURITY_WORDS.items():
            self.security.addItem(words, security)
        self.auth = QComboBox(self)
        for auth, words in AUTH_WORDS.items():
            self.auth.addItem(words, auth)
        self.username = QLineEdit(self)
        self.password = PasswordField(theme, self)
        self.sign_in = SignInField(self)
        self._loaded = Server("", 0)
        self._with_login = True
        self.clear_text = QCheckBox("Send the password where anyone can read it", self)
        mark(self.clear_text, tone="danger")
        self.advanced = QToolButton(self)
        self.advanced.setText("Advanced")
        self.advanced.setCheckable(True)
        self.advanced.setToolTip("Certificates of your own, and a proxy")
        self.ca_file = QLineEdit(self)
        self.ca_file.setPlaceholderText("The system's certificates alone")
        self.choose_ca = QPushButton("Choose …", self)
        self.choose_ca.setAutoDefault(False)
        self.own_certificate = QLineEdit(self)
        self.own_certificate.setPlaceholderText("None is shown to the server (PEM, with its key)")
        self.proxy = QComboBox(self)
        self.proxy.setEditable(True)
        self.proxy.addItems(["", SYSTEM])
        line = self.proxy.lineEdit()
        assert line is not None
        line.setPlaceholderText("None; or socks5://host:port, http://host:port")
        self.accepted = QWidget(self)
        self._accepted_words = ElidedLabel("", self.accepted)
        self._forget = QPushButton("Forget", self.accepted)
        self._forget.setToolTip("Ask again when this certificate is met")
        self._forget.setAutoDefault(False)
        row = QHBoxLayout(self.accepted)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._accepted_words, 1)
        row.addWidget(self._forget)
        self._lay_out()
        self._connect()
        self._set_standard_port()
        self._weigh_clear_text()
        self._show_way()
        self._show_accepted()

    def _lay_out(self) -> None:
        for widget, name in (
            (self.host, "Server"),
            (self.port, "Port"),
            (self.security, "Protection"),
            (self.auth, "Signing in"),
            (self.username, "User name"),
            (self.password, "Password"),
            (self.ca_file, "Extra trusted certificate (ca_file)"),
            (self.advanced, "Advanced"),
            (self.own_certificate, "Own certificate (client_certificate)"),
            (self.proxy, "Proxy"),
        ):
            widget.setAccessibleName(name)
        where = QHBoxLayout()
        where.setSpacing(Space.S)
        where.addWidget(self.host, 1)
        self.port.setFixedWidth(Space.XXL * 3)
        where.addWidget(self.port)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(Space.S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Server and port", where)
        form.addRow("Protection", self.security)
        form.addRow("Signing in", self.auth)
        form.addRow("User name", self.username)
        form.addRow("Password", self.password)
        form.addRow("Sign-in", self.sign_in)
        form.addRow("", self.clear_text)
        form.addRow("", self.advanced)
        trust = QWidget(self)
        inner = QHBoxLayout(trust)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(Space.S)
        inner.addWidget(self.ca_file, 1)
        inner.addWidget(self.choose_ca)
        form.addRow("Trusted root (ca_file)", trust)
        form.addRow("Own certificate", self.own_certificate)
        form.addRow("Proxy", self.proxy)
        form.addRow("Accepted certificate", self.accepted)
        self._more = (trust, self.own_certificate, self.proxy)
        self.form = form
        self._show_advanced(on=False)

    def _connect(self) -> None:
        self.security.currentIndexChanged.connect(self._set_standard_port)
        for changed in (self.host.textEdited, self.username.textEdited, self.password.textEdited):
            changed.connect(self.edited)
        for other in (self.port.valueChanged, self.security.currentIndexChanged, self.clear_text.toggled):
            other.connect(self.edited)
        for again in (self.auth.currentIndexChanged, self.sign_in.edited):
            again.connect(self.edited)
        self.auth.currentIndexChanged.connect(self._show_way)
        for more in (self.ca_file.textEdited, self.own_certificate.textEdited, self.proxy.editTextChanged):
            more.connect(self.edited)
        self._forget.clicked.connect(lambda: self.take_certificate(""))
        self.advanced.toggled.connect(self._show_advanced)
        self.choose_ca.clicked.connect(self._choose_ca)
        self.host.textChanged.connect(self._weigh_clear_text)
        self.security.currentIndexChanged.connect(self._weigh_clear_text)

    def set_service(self, service: str) -> None:
        """IMAP or POP3: another standard port."""
        self._service = service
        self._set_standard_port()

    def load(self, server: Server) -> None:
        """Show an existing server."""
        self._loaded = server
        self.auth.setCurrentIndex(self.auth.findData(server.auth))
        self.host.setText(server.host)
        self.security.setCurrentIndex(self.security.findData(server.security))
        self.port.setValue(server.port)
        self.username.setText(server.username)
        self.clear_text.setChecked(server.clear_text_allowed)
        self.ca_file.setText(server.ca_file)
        self.own_certificate.setText(server.client_certificate)
        self.proxy.setEditText(server.proxy)
        self.advanced.setChecked(bool(server.ca_file or server.client_certificate or server.proxy))
        self._show_accepted()

    def server(self) -> Server:
        """What is typed; not checked yet (accounts.check does that)."""
        return replace(
            self._loaded,
            auth=self.auth.currentData(),
            host=self.host.text().strip(),
            port=self.port.value(),
            security=Security(self.security.currentData()),
            username=self.username.text().strip(),
            ca_file=self.ca_file.text().strip(),
            client_certificate=self.own_certificate.text().strip(),
            proxy=self.proxy.currentText().strip(),
            clear_text_allowed=self.clear_text.isVisibleTo(self) and self.clear_text.isChecked(),
        )

    def show_login(self, on: bool) -> None:
        """Ask how to get in, or not."""
        self._with_login = on
        self._show_way()

    def secret(self) -> str:
        """What goes into the keyring: the password that was typed, or what the sign-in gave; empty: unchanged."""
        return self.sign_in.secret if self.auth.currentData() == TOKEN_AUTH else self.password.text()

    def _show_way(self) -> None:
        auth = self.auth.currentData()
        self.form.setRowVisible(self.auth, self._with_login)
        self.form.setRowVisible(self.username, self._with_login and auth != NO_AUTH)
        self.form.setRowVisible(self.password, self._with_login and auth == PASSWORD_AUTH)
        self.form.setRowVisible(self.sign_in, self._with_login and auth == TOKEN_AUTH)

    def take_certificate(self, fingerprint: str) -> None:
        """The user has seen it; "": none any more."""
        self._loaded = replace(self._loaded, certificate=fingerprint)
        self._show_accepted()
        self.edited.emit()

    def _show_accepted(self) -> None:
        fingerprint = self._loaded.certificate.upper()
        self._accepted_words.setText(":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)))
        self.form.setRowVisible(self.accepted, bool(fingerprint))

    def _show_advanced(self, on: bool) -> None:
        for row in self._more:
            self.form.setRowVisible(row, on)

    def _choose_ca(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "Trusted root", "", "Certificates (*.pem *.crt *.cer);;All files (*)"
        )
        if name:
            self.ca_file.setText(name)
            self.edited.emit()

    def _set_standard_port(self) -> None:
        """Unless another was typed: that one stays, whatever the protection."""
        if self.port.value() in (self.port.minimum(), *STANDARD_PORTS.values()):
            self.port.setValue(STANDARD_PORTS[self._service, Security(self.security.currentData())])

    def _weigh_clear_text(self) -> None:
        unprotected = self.security.currentData() == Security.NONE and not is_loopback(self.host.text().strip())
        self.form.setRowVisible(self.clear_text, unprotected and bool(self.host.text().strip()))
