"""What happens to mail on a POP3 server once it is proven stored here, with the consequence in plain sentences."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QWidget

from qtmail.model import LOCAL_INBOX, Account, AccountKey, PopPolicy, Protocol
from qtmail.ui.parts.numbers import NumberField
from qtmail.ui.theme import Space, mark

FOR_EVER, DAYS, NEWEST, MEGABYTES, FETCHED = "for ever", "days", "newest", "megabytes", "fetched"
_CHOICES = (
    (FOR_EVER, "For ever", "", 0),
    (DAYS, "For a number of days", " days", 14),
    (NEWEST, "The newest messages", " messages", 1000),
    (MEGABYTES, "The newest megabytes", " MB", 500),
    (FETCHED, "Until it is fetched", "", 0),
)
USUAL_MB = 10
Forecast = Callable[[PopPolicy], str]
"""What the next check would do on the server, in a plain sentence."""


class PopFields(QWidget):
    """The policy of an account, where its mail goes, how often it is checked."""

    edited = Signal()

    def __init__(self, account: Account | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._account = account
        self._policy = account.pop if account else PopPolicy()
        self._forecast: Forecast | None = None
        self.keep = QComboBox(self)
        for choice, words, _, _ in _CHOICES:
            self.keep.addItem(words, choice)
        self.number = NumberField(1, 1_000_000, self)
        self.number.setGroupSeparatorShown(True)
        self.when_deleted = QCheckBox("Delete it there when I delete it here", self)
        self.limited = QCheckBox("Fetch only its beginning at first", self)
        self.largest = NumberField(1, 100_000, self)
        self.largest.setPrefix("over ")
        self.largest.setSuffix(" MB")
        self.inbox = QComboBox(self)
        self.inbox.addItem("The account's own inbox", "")
        self.inbox.addItem("Inbox on this computer", LOCAL_INBOX)
        for combo in (self.keep, self.inbox):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.every = NumberField(0, 1440, self)
        self.every.setSuffix(" minutes")
        self.every.setSpecialValueText("Never by itself")
        self.at_start = QCheckBox("And when qtmail starts", self)
        self.sentence = QLabel(self)
        mark(self.sentence, tone="small")
        self.sentence.setWordWrap(True)
        self._lay_out()
        self._load()
        self._connect()
        self._weigh()

    def _lay_out(self) -> None:
        for widget, name in (
            (self.keep, "Keep mail on the server"),
            (self.number, "How much of it"),
            (self.largest, "Size limit"),
            (self.inbox, "Deliver to"),
            (self.every, "Check every"),
        ):
            widget.setAccessibleName(name)
        for field in (self.number, self.largest, self.every):
            field.setFixedWidth(Space.XXL * 5)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(Space.S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Keep on the server", self.keep)
        form.addRow("", self.number)
        form.addRow("", self.when_deleted)
        form.addRow("", self.sentence)
        form.addRow("Large mail", self.limited)
        form.addRow("", self.largest)
        form.addRow("Deliver to", self.inbox)
        form.addRow("Check every", self.every)
        form.addRow("", self.at_start)
        self.form = form

    def _load(self) -> None:
        policy, account = self._policy, self._account
        choice, number = _chosen(policy)
        self.keep.setCurrentIndex(self.keep.findData(choice))
        self._adapt()
        if number:
            self.number.setValue(number)
        self.when_deleted.setChecked(policy.delete_when_deleted)
        self.limited.setChecked(bool(account and account.largest_mb))
        self.largest.setValue(account.largest_mb if account and account.largest_mb else USUAL_MB)
        self.every.setValue(account.check_minutes if account else 5)
        self.at_start.setChecked(account.check_at_start if account else True)
        self.offer_inboxes(())

    def _connect(self) -> None:
        self.keep.currentIndexChanged.connect(self._adapt)
        for changed in (
            *(self.keep.currentIndexChanged, self.number.valueChanged, self.when_deleted.toggled),
            *(self.limited.toggled, self.largest.valueChanged, self.inbox.currentIndexChanged),
            *(self.every.valueChanged, self.at_start.toggled),
        ):
            changed.connect(self._weigh)

    def offer_inboxes(self, accounts: Sequence[Account]) -> None:
        """Those of the other POP3 accounts can be shared."""
        for other in accounts:
            if other.protocol is Protocol.POP3 and (self._account is None or other.key != self._account.key):
                self.inbox.addItem(f"Inbox of {other.name}", other.key)
        self.inbox.setCurrentIndex(max(0, self.inbox.findData(self._policy.deliver_to)))

    def tell_forecast(self, forecast: Forecast) -> None:
        """From now on the sentence says what the next check will do."""
        self._forecast = forecast
        self._weigh()

    def policy(self) -> PopPolicy:
        """As chosen. A policy of several rules, made in an account file, stays as it is until it is changed here."""
        choice, number = str(self.keep.currentData()), self.number.value()
        policy = self._policy
        if (choice, number if _suffix(choice) else 0) != _chosen(policy):
            policy = PopPolicy(
                keep_on_server=choice != FETCHED,
                delete_after_days=number if choice == DAYS else None,
                keep_newest=number if choice == NEWEST else None,
                keep_newest_mb=number if choice == MEGABYTES else None,
            )
        deleted = self.when_deleted.isChecked() and choice != FETCHED
        return replace(policy, delete_when_deleted=deleted, deliver_to=str(self.inbox.currentData()))

    def put_into(self, account: Account) -> Account:
        """The account with what is chosen here."""
        return replace(
            account,
            pop=self.policy(),
            largest_mb=self.largest.value() if self.limited.isChecked() else 0,
            check_minutes=self.every.value(),
            check_at_start=self.at_start.isChecked(),
        )

    @property
    def account_key(self) -> AccountKey | None:
        return self._account.key if self._account else None

    def _adapt(self) -> None:
        """The number belongs to the choice."""
        choice = str(self.keep.currentData())
        self.form.setRowVisible(self.number, bool(_suffix(choice)))
        self.number.setSuffix(_suffix(choice))
        if usual := next(usual for name, _, _, usual in _CHOICES if name == choice):
            self.number.setValue(usual)

    def _weigh(self) -> None:
        choice = str(self.keep.currentData())
        self.when_deleted.setEnabled(choice != FETCHED)
        self.form.setRowVisible(self.largest, self.limited.isChecked())
        number = self.number.value()
        words = {
            FOR_EVER: "Nothing is ever removed from the server by age.",
            DAYS: f"Each mail leaves the server {number:,} days after it was stored on this computer.",
            NEWEST: f"Older mail leaves the server when there are more than {number:,} messages.",
            MEGABYTES: f"Older mail leaves the server when there are more than {number:,} MB.",
            FETCHED: "Each mail is removed from the server as soon as it is proven stored on this computer.",
        }[choice]
        if self.when_deleted.isChecked() and choice != FETCHED:
            words += " What you delete here is removed there too."
        if self._forecast is not None:
            words += f" {self._forecast(self.policy())}"
        self.sentence.setText(words)
        self.edited.emit()


def _chosen(policy: PopPolicy) -> tuple[str, int]:
    """The choice that comes nearest to a policy, and its number."""
    if policy.delete_after_days:
        return DAYS, policy.delete_after_days
    if not policy.keep_on_server or policy.delete_after_days == 0:
        return FETCHED, 0
    if policy.keep_newest is not None:
        return NEWEST, policy.keep_newest
    if policy.keep_newest_mb is not None:
        return MEGABYTES, policy.keep_newest_mb
    return FOR_EVER, 0


def _suffix(choice: str) -> str:
    """Empty: there is no number."""
    return next(suffix for name, _, suffix, _ in _CHOICES if name == choice)
