"""The fields above the text: From, To, Cc, Bcc, Subject; quiet rows with a line below each."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from qtmail.engine.identities import Self
from qtmail.model import Account, Draft
from qtmail.ui.composer.chips import ChipField, Complete
from qtmail.ui.theme import Size, Space, Theme, mark

_LABEL = Size.SIDEBAR // 3


class Fields(QWidget):
    """`changed` is anything; `sender_changed`: somebody else writes now."""

    changed = Signal()
    sender_changed = Signal()

    def __init__(
        self, theme: Theme, accounts: Sequence[Account], complete: Complete, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        mark(self, surface="surface")
        self._accounts = [account for account in accounts if account.enabled] or list(accounts)
        self.sender_box = QComboBox(self)
        self.sender_box.setAccessibleName("From")
        mark(self.sender_box, kind="bare")
        self._selves: list[Self] = []
        for account in self._accounts:
            for identity in account.identities:
                self._offer(Self(account, identity, identity.mailbox))
        self.to = ChipField("To", theme, complete, self)
        self.cc = ChipField("Cc", theme, complete, self)
        self.bcc = ChipField("Bcc", theme, complete, self)
        self.subject = QLineEdit(self)
        self.subject.setAccessibleName("Subject")
        self.subject.setAcceptDrops(False)
        self.subject.setMaxLength(998)
        mark(self.subject, kind="bare")
        self.show_cc = self._button("Cc", "Ctrl+Shift+C")
        self.show_bcc = self._button("Bcc", "Ctrl+Shift+B")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(Space.L, Space.S, Space.L, 0)
        self._column.setSpacing(0)
        self._rows = {
            "from": self._row("From", self.sender_box),
            "to": self._row("To", self.to, self.show_cc, self.show_bcc),
            "cc": self._row("Cc", self.cc),
            "bcc": self._row("Bcc", self.bcc),
            "subject": self._row("Subject", self.subject),
        }
        self._rows["from"].setVisible(len(self._selves) > 1)
        self._connect()

    def _button(self, words: str, keys: str) -> QToolButton:
        """By key, not by Tab: Tab goes from the recipients to the subject and on to the text."""
        button = QToolButton(self)
        button.setText(words)
        button.setShortcut(keys)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(f"Add {words} ({keys})")
        mark(button, kind="line")
        return button

    def _row(self, words: str, field: QWidget, *more: QWidget) -> QWidget:
        row = QWidget(self)
        label = QLabel(words, row)
        label.setFixedWidth(_LABEL)
        mark(label, tone="muted")
        inner = QHBoxLayout()
        inner.setContentsMargins(0, Space.XS, 0, Space.XS)
        inner.setSpacing(Space.S)
        inner.addWidget(label)
        inner.addWidget(field, 1)
        for widget in more:
            inner.addWidget(widget)
        line = QWidget(row)
        line.setFixedHeight(Size.LINE)
        mark(line, surface="line")
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inner)
        column.addWidget(line)
        self._column.addWidget(row)
        return row

    def _connect(self) -> None:
        for field in (self.to, self.cc, self.bcc):
            field.changed.connect(self.changed)
        self.subject.textEdited.connect(self.changed)
        self.sender_box.activated.connect(self._sender_chosen)
        self.show_cc.clicked.connect(lambda: self.reveal("cc"))
        self.show_bcc.clicked.connect(lambda: self.reveal("bcc"))

    def _sender_chosen(self) -> None:
        self.sender_changed.emit()
        self.changed.emit()

    def _offer(self, me: Self) -> None:
        self._selves.append(me)
        self.sender_box.addItem(str(me.mailbox), me.account.key)

    def chosen(self) -> Self | None:
        """Who writes."""
        place = self.sender_box.currentIndex()
        return self._selves[place] if 0 <= place < len(self._selves) else None

    def load(self, draft: Draft) -> None:
        self._choose(draft)
        for field, people in ((self.to, draft.to), (self.cc, draft.cc), (self.bcc, draft.bcc)):
            field.set_people(people)
        self.subject.setText(draft.subject)
        self._show("cc", bool(draft.cc))
        self._show("bcc", bool(draft.bcc))

    def _choose(self, draft: Draft) -> None:
        """The identity of the draft; as the address that only a pattern of it knows, where it came for that one."""
        mine = [i for i, me in enumerate(self._selves) if me.account.key == draft.account]
        same = [i for i in mine if self._selves[i].identity.key == draft.identity]
        exact = [i for i in same if self._selves[i].mailbox.address == draft.from_.address]
        if same and not exact and draft.from_.address:
            me = self._selves[same[0]]
            self._offer(Self(me.account, me.identity, draft.from_))
            self._rows["from"].show()
            exact = [len(self._selves) - 1]
        self.sender_box.setCurrentIndex((exact or same or mine or [0])[0])

    def reveal(self, name: str) -> None:
        """Cc and Bcc are there when they are wanted."""
        self._show(name, True)
        (self.cc if name == "cc" else self.bcc).setFocus()

    def _show(self, name: str, on: bool) -> None:
        self._rows[name].setVisible(on)
        (self.show_cc if name == "cc" else self.show_bcc).setVisible(not on)

    def commit(self) -> None:
        """What is still typed in the fields becomes chips."""
        for field in (self.to, self.cc, self.bcc):
            field.commit()

    def problem(self) -> str:
        """Why this cannot go to everybody named; the field in question gets the focus."""
        for field in (self.to, self.cc, self.bcc):
            words = field.problem()
            if words:
                field.focus_problem()
                return words
        if not (self.to.chips or self.cc.chips or self.bcc.chips):
            self.to.setFocus(Qt.FocusReason.OtherFocusReason)
            return "Nobody is named to send this to. Add a recipient."
        return ""
