"""What the user says about mail on a POP3 server: keep, remove, download the rest; answers to what was asked."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from qtmail import events
from qtmail.engine.mail import Done, Mail
from qtmail.engine.pop3_doubt import ANSWERS, Answer
from qtmail.errors import MailError
from qtmail.model import AccountKey, RowId
from qtmail.ui.link import Link
from qtmail.ui.parts.banner import Button

WORDS: dict[Answer, str] = {
    Answer.MATCH: "Compare first",
    Answer.FETCH: "Download all again",
    Answer.ACCEPT: "Go on",
}
_MARK = "pop"
MOST = 2000
"""Of more selected messages than this only the first are looked at for the menu."""


class PopActs(QObject):
    """Acts on rows that came by POP3. Done at the next check; the rest of a message at once where that can be."""

    done = Signal(object)
    """Done: apply it."""
    said = Signal(str)
    """What was noted, for a toast."""
    failed = Signal(str)
    """A sentence for the user."""

    def __init__(self, mail: Mail, link: Link, parent: QObject) -> None:
        super().__init__(parent)
        self._mail, self._link = mail, link

    def add_to(self, menu: QMenu, rows: Sequence[RowId]) -> None:
        """A submenu, where some of these are on a POP3 server still."""
        there = {row: one for row, one in self._mail.pops(rows[:MOST]).items() if one.there}
        if not there:
            return
        chosen = rows if len(rows) > MOST else tuple(there)
        inside = menu.addMenu("On the &server")
        wishes = {one.wish for one in there.values()}
        keep = inside.addAction("&Keep there", partial(self._wish, self._mail.keep_on_server, chosen))
        remove = inside.addAction("&Remove from there", partial(self._wish, self._mail.remove_from_server, chosen))
        for action, wish in ((keep, "keep"), (remove, "remove")):
            action.setCheckable(True)
            action.setChecked(wishes == {wish})
        if begun := tuple(row for row, one in there.items() if not one.whole):
            inside.addAction("&Download the rest", partial(self._download, begun))

    def question(self, account: AccountKey) -> tuple[str, list[Button]] | None:
        """What the engine asks about this account, and a button for each answer; None: nothing."""
        asked = self._mail.pop_question(account)
        if asked is None:
            return None
        buttons = [Button(f"{_MARK}:{account}:{answer}", WORDS[answer]) for answer in ANSWERS[asked.doubt]]
        return f"{asked.what()} {asked.hint()}", buttons

    def pressed(self, button: str) -> bool:
        """One of those buttons; False: it is another one."""
        mark, _, rest = button.partition(":")
        if mark != _MARK:
            return False
        account, _, answer = rest.partition(":")
        try:
            self._mail.answer_pop(AccountKey(account), Answer(answer))
        except MailError as error:
            self.failed.emit(error.sentence())
            return True
        self._link.wish(events.Wake((AccountKey(account),), check=True))
        return True

    def _wish(self, act: Callable[[Sequence[RowId]], Done], rows: Sequence[RowId]) -> None:
        try:
            done = act(rows)
        except MailError as error:
            self.failed.emit(error.sentence())
            return
        self.done.emit(done)
        self.said.emit(f"{done.label}: done at the next check")

    def _download(self, rows: Sequence[RowId]) -> None:
        self._wish(self._mail.download_rest, rows)
        messages = tuple(row.message for row in self._mail.rows(rows).values())
        self._link.wish(events.FetchBody(messages))
