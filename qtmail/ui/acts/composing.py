"""Opens the windows mail is written in, and knows which are open."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from qtmail.engine.mail import BodyMissing, Done, Mail
from qtmail.errors import MailError
from qtmail.events import FetchBody
from qtmail.model import Account, AccountKey, Draft, RowId
from qtmail.settings import Settings
from qtmail.ui.acts.mail import Ask
from qtmail.ui.link import Link
from qtmail.ui.theme import Theme

if TYPE_CHECKING:
    from qtmail.ui.composer import ComposerWindow


class Composing(QObject):
    """One window a draft."""

    done = Signal(object)
    """Done of a window: sent or kept."""
    told = Signal(object)
    """Done, to be said in a toast; the banner of the Outbox says what counts down."""
    failed = Signal(str)
    remember = Signal(str, object)

    def __init__(self, mail: Mail, link: Link, theme: Theme, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._mail = mail
        self._link = link
        self._theme = theme
        self.settings = settings
        self.windows: list[ComposerWindow] = []

    def new(self, account: AccountKey | None = None) -> None:
        """An empty mail, from this account or the usual one."""
        self._open(lambda: self._mail.new_draft(account or self._usual()))

    def reply(self, row: RowId, *, to_all: bool = False) -> None:
        self._open(lambda: self._mail.reply(row, to_all=to_all, html=self.settings.compose_html), [row])

    def forward(self, rows: Sequence[RowId], *, inline: bool) -> None:
        """Inline for one message; several always as attachments."""
        whole = inline and len(rows) == 1
        self._open(lambda: self._mail.forward(rows, inline=whole, html=self.settings.compose_html), rows)

    def edit(self, row: RowId) -> None:
        """Go on with a draft, or with what waits in the Outbox."""
        self._open(lambda: self._mail.edit(row), [row])

    def mailto(self, url: str) -> None:
        """A mailto: link, from a mail or from outside."""
        from qtmail.ui.composer import draft_of_mailto

        self._open(lambda: draft_of_mailto(self._mail, self._usual(), url))

    def reopen(self) -> None:
        """The windows that were open when the program ended: nothing typed is lost."""
        for draft in self._mail.open_drafts():
            self.show(draft)

    def may_end(self, ask: Ask) -> bool:
        """Whether the program can end without losing a word; where the store takes nothing, the user decides."""
        unsafe = [window for window in self.windows if not window.save_now()]
        if not unsafe:
            return True
        for window in unsafe:
            window.raise_()
        return ask(
            "Close qtmail",
            "What you are writing could not be saved, and would be lost. Its window says why.",
            "Close and lose it",
        )

    def save_all(self) -> None:
        """The program ends: bring every journal up to date and close."""
        for window in list(self.windows):
            window.leave()
        self.windows.clear()

    def _usual(self) -> AccountKey:
        accounts = [account for account in self._mail.accounts() if account.enabled] or list(self._mail.accounts())
        if not accounts:
            raise MailError("There is no account to write from yet.", hint="Add one in File > Accounts.")
        named: list[Account] = [a for a in accounts if self.settings.default_account in (a.key, a.name)]
        return (named or accounts)[0].key

    def _open(self, make: Callable[[], Draft], rows: Sequence[RowId] = ()) -> None:
        try:
            draft = make()
        except BodyMissing:
            self._link.wish(FetchBody(tuple(row.message for row in self._mail.rows(rows).values())))
            self.failed.emit("This message is still being fetched. Try again in a moment.")
            return
        except MailError as error:
            self.failed.emit(error.sentence())
            return
        self.show(draft)

    def show(self, draft: Draft) -> None:
        """A window for it."""
        from qtmail.ui.composer import open_composer  # the editor: not before somebody writes

        window = open_composer(self._mail, self._link, self._theme, self.settings, draft)
        self.windows.append(window)
        window.sent.connect(self._sent)
        window.kept.connect(self._finished)
        window.closed.connect(self._gone)
        window.remember.connect(self.remember)

    def _sent(self, done: Done, counts_down: bool) -> None:
        self.done.emit(done)
        if not counts_down:
            self.told.emit(done)

    def _finished(self, done: Done) -> None:
        self.done.emit(done)
        self.told.emit(done)

    def _gone(self, window: object) -> None:
        self.windows = [known for known in self.windows if known is not window]
