"""The passphrase of the vault: asked for when the program starts, and chosen where there is no keyring."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from qtmail import events, secrets
from qtmail.engine.vaulting import into_keyring, into_vault
from qtmail.errors import MailError
from qtmail.paths import Profile
from qtmail.ui.accounts.server_fields import PasswordField
from qtmail.ui.link import Link
from qtmail.ui.storage.task import Task
from qtmail.ui.theme import Size, Space, Theme, mark
from qtmail.vault import SHORTEST

_WHY_NEW = (
    "Your passwords are kept in a file that opens with this passphrase alone. qtmail asks for it when it starts. "
    "Nobody can tell you a forgotten one: the passwords would have to be typed again, your mail stays."
)
_WHY_OPEN = "Your passwords are in a vault. Without its passphrase what is stored can be read; nothing is fetched."


class PassphraseDialog(QDialog):
    """One passphrase, typed once to open or twice to make. `passphrase` is right when it was accepted."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, new: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle("Vault")
        self._new = new
        self.passphrase = ""
        self.first = PasswordField(theme, self)
        self.again = PasswordField(theme, self)
        self.problem = QLabel(self)
        mark(self.problem, tone="danger")
        self.go_on = QPushButton("Make the vault" if new else "Open", self)
        self.not_now = QPushButton("Cancel" if new else "Not now", self)
        self._lay_out()
        self.go_on.clicked.connect(self._try)
        self.not_now.clicked.connect(self.reject)
        self.first.setFocus()

    def _lay_out(self) -> None:
        title = QLabel("Choose a passphrase" if self._new else "Open the vault", self)
        mark(title, tone="title")
        why = QLabel(_WHY_NEW if self._new else _WHY_OPEN, self)
        mark(why, tone="muted")
        form = QFormLayout()
        form.setSpacing(Space.S)
        form.addRow("Passphrase", self.first)
        form.addRow("Once more", self.again)
        form.setRowVisible(self.again, self._new)
        self.first.setAccessibleName("Passphrase")
        self.again.setAccessibleName("Passphrase, once more")
        for label in (why, self.problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.hide()
        mark(self.go_on, kind="accent")
        self.go_on.setDefault(True)
        self.not_now.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addStretch(1)
        buttons.addWidget(self.not_now)
        buttons.addWidget(self.go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(title)
        column.addWidget(why)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addLayout(buttons)
        self.setFixedWidth(Size.SEARCH)
        self._fit()

    def _try(self) -> None:
        typed = self.first.text()
        if self._new and typed != self.again.text():
            self._complain("The two are not the same.")
            return
        if self._new and len(typed) < SHORTEST:
            self._complain(f"It is too short: {SHORTEST} characters at least. Several words are easy to remember.")
            return
        if not self._new:
            vault = secrets.vault()
            assert vault is not None
            QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
            try:
                vault.open(typed)
            except MailError as error:
                self._complain(error.sentence())
                self.first.selectAll()
                return
            finally:
                QGuiApplication.restoreOverrideCursor()
            secrets.reset()
        self.passphrase = typed
        self.accept()

    def _complain(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.show()
        self._fit()
        self.first.setFocus()

    def _fit(self) -> None:
        """As high as the wrapped words need at this width; adjustSize does not ask them."""
        layout = self.layout()
        assert layout is not None
        self.setFixedHeight(layout.totalHeightForWidth(self.width()))


class SecretsRow(QWidget):
    """Where the passwords are kept, and moving them: a line of the accounts' page. The keyring is asked beside the
    window's thread."""

    def __init__(self, profile: Profile, link: Link, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profile, self._link, self._theme = profile, link, theme
        self._task: Task | None = None
        self.words = QLabel("Passwords: …", self)
        self.words.setWordWrap(True)
        mark(self.words, tone="muted")
        self.move_button = QPushButton(self)
        self.move_button.setAutoDefault(False)
        self.move_button.hide()
        self.move_button.clicked.connect(self._move)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, Space.S, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.words, 1)
        row.addWidget(self.move_button)

    def refresh(self) -> None:
        """Ask where they are now."""
        self._begin(secrets.place, self._say)

    def finish(self) -> None:
        """The page is closed: wait for what is under way."""
        if self._task is not None:
            self._task.finish()
            self._task = None

    def _begin(self, work: Callable[[], object], then: Callable[[object], None]) -> None:
        if self._task is not None:
            return
        self.move_button.setEnabled(False)
        task = Task(lambda _tell: work(), self)

        def ended(result: object) -> None:
            self._task = None
            self.move_button.setEnabled(True)
            then(result)

        task.ended.connect(ended)
        self._task = task
        task.start()

    def _say(self, where: object) -> None:
        vault = secrets.vault()
        inside = vault is not None and vault.exists()
        self.words.setText(f"Passwords: {where}")
        self.move_button.setText("Move them into the keyring …" if inside else "Move them into a vault …")
        self.move_button.show()

    def _move(self) -> None:
        vault = secrets.vault()
        if vault is not None and vault.exists():
            self._begin(lambda: into_keyring(self._profile), self._moved)
            return
        dialog = PassphraseDialog(self._theme, self, new=True)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._begin(lambda: into_vault(self._profile, dialog.passphrase), self._moved)

    def _moved(self, result: object) -> None:
        if isinstance(result, MailError):
            self.words.setText(result.sentence())
            return
        self._link.wish(events.Entrust(secrets.handed_down()))
        self._link.wish(events.Reload())
        self.refresh()
