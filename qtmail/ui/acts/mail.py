"""What the user does to messages: done in the store at once, told by a toast with Undo, the next message selected."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from qtmail.engine.mail import Done, Mail
from qtmail.errors import MailError
from qtmail.model import Flag, FolderId, GestureId, RowId
from qtmail.ui.actions import Act
from qtmail.ui.acts.doing import Doing
from qtmail.ui.message_list.pane import MessageList
from qtmail.ui.theme import mark
from qtmail.ui.window.toast import Toast

AT_ONCE = 400
"""Acts on more messages than this are done on the reading thread, the window stays free."""
REMEMBERED = 50

Ask = Callable[[str, str, str], bool]
"""(title, question, the button that does it) -> yes."""


def ask_user(parent: QWidget) -> Ask:
    """A question with Cancel as its default."""

    def ask(title: str, question: str, button: str) -> bool:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, question, parent=parent)
        yes = box.addButton(button, QMessageBox.ButtonRole.DestructiveRole)
        mark(yes, kind="danger")
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is yes

    return ask


class MailActs(QObject):
    """Acts on the given rows; on the selected ones when there are none given."""

    done = Signal(object)
    """Done: apply its events, wake the engine."""
    failed = Signal(str)
    """A sentence for the user."""

    def __init__(self, mail: Mail, doing: Doing, messages: MessageList, toast: Toast, ask: Ask) -> None:
        super().__init__(messages)
        self._mail = mail
        self._doing = doing
        self._list = messages
        self._toast = toast
        self._ask = ask
        self._touched: dict[GestureId, tuple[RowId, ...]] = {}
        self._leaving: set[RowId] = set()
        """On their way out of the list, though the store could not take it yet: a second click does nothing more."""

    # Acts that take messages out of the list

    def archive(self, rows: Sequence[RowId] = ()) -> None:
        self._remove(self._mail.archive, self._staying(rows))

    def junk(self, rows: Sequence[RowId] = ()) -> None:
        self._remove(self._mail.junk, self._staying(rows))

    def delete(self, rows: Sequence[RowId] = ()) -> None:
        """To Trash. What is in Trash goes for good, after one question; so does what is in another folder (Sent), below
        an open conversation: to Trash."""
        rows = self._staying(rows)
        if not rows or not self._sure_elsewhere(rows):
            return
        for_good = self._mail.deletes_for_good(rows)
        if not for_good or self._sure(for_good):
            self._remove(self._mail.delete, rows)

    def delete_for_good(self, rows: Sequence[RowId] = ()) -> None:
        rows = self._staying(rows)
        if rows and self._sure(len(rows)):
            self._remove(self._mail.expunge, rows)

    def move(self, rows: Sequence[RowId], to: FolderId) -> None:
        self._remove(lambda chosen: self._mail.move(chosen, to), self._staying(rows))

    # Acts that leave them there

    def copy(self, rows: Sequence[RowId], to: FolderId) -> None:
        rows = rows or self._list.acted()
        self._do(lambda: self._mail.copy(rows, to), rows, say=True)

    def toggle_star(self, rows: Sequence[RowId] = ()) -> None:
        rows = rows or self._list.acted()

        def toggle() -> Done:
            some = self._mail.rows(rows[:AT_ONCE]).values()
            return self._mail.set_flag(rows, Flag.FLAGGED, not all(row.starred for row in some))

        self._do(toggle, rows, say=len(rows) > 1)

    def toggle_read(self, rows: Sequence[RowId] = ()) -> None:
        rows = rows or self._list.acted()

        def toggle() -> Done:
            some = self._mail.rows(rows[:AT_ONCE]).values()
            return self._mail.set_flag(rows, Flag.SEEN, any(row.unread for row in some))

        self._do(toggle, rows, say=len(rows) > 1)

    def mark_read(self, rows: Sequence[RowId], *, on: bool = True) -> None:
        self._do(lambda: self._mail.set_flag(rows, Flag.SEEN, on), rows, say=len(rows) > 1)

    def hover(self, act: Act, row: RowId) -> None:
        """One of the small buttons at a message, or a conversation."""
        rows = self._list.conversing.acting_on([row])
        match act:
            case Act.ARCHIVE:
                self.archive(rows)
            case Act.DELETE:
                self.delete(rows)
            case Act.READ:
                self.toggle_read(rows)
            case Act.STAR:
                self.toggle_star(rows)

    # Conversations

    def split(self) -> None:
        """The selected message begins a conversation of its own."""
        rows = self._list.selected()[:1]
        self._do(lambda: self._mail.split(rows[0]), rows, say=True)

    def join(self) -> None:
        """The selected conversations become one."""
        rows = self._list.selected()
        self._do(lambda: self._mail.join(rows), rows, say=True)

    def mute(self) -> None:
        """The selected conversations, or all of them no longer where each is muted."""
        rows = self._list.selected()
        known = [self._list.model.heads.conversation(row) for row in rows[:AT_ONCE]]
        on = not known or any(one is None or not one.muted for one in known)
        self._do(lambda: self._mail.mute(rows, on), rows, say=True)

    # Undo

    def undo(self, gesture: GestureId | None = None) -> None:
        """Take back this gesture, or the last; what it touched is selected again."""
        rows = self._touched.get(gesture) if gesture is not None else next(reversed(self._touched.values()), None)
        label = self._mail.undo_label() if gesture is None else ""
        then = partial(self._undone, label, rows or ())
        self._doing.do(partial(self._mail.undo, gesture), then, self._failed, large=len(rows or ()) > AT_ONCE)

    def _undone(self, label: str, rows: Sequence[RowId], taken_back: Done) -> None:
        self._toast.say(f"Taken back: {label or taken_back.label}")
        if len(rows) == 1:
            self._list.select(rows[0])
        self.done.emit(taken_back)

    # How

    def tell(self, done: Done) -> None:
        """A toast for something done elsewhere (sent, kept)."""
        if done.gesture is not None:
            self._toast.say(done.label, "Undo", partial(self.undo, done.gesture))

    def _sure(self, count: int) -> bool:
        what = "this message" if count == 1 else f"these {count:,} messages"
        return self._ask(
            "Delete for good",
            f"Delete {what} for good?\n\nThey leave the server too. Edit > Undo can bring them back for some weeks.",
            "Delete for good",
        )

    def _sure_elsewhere(self, rows: Sequence[RowId]) -> bool:
        """A message that an open conversation shows from another folder is not deleted there unasked."""
        others = self._list.conversing.elsewhere(rows)
        if not others:
            return True
        names = " and ".join(sorted({f"“{self._list.folder_names(row.folder)}”" for row in others}))
        what = "This message is" if len(others) == 1 else f"{len(others):,} of these messages are"
        return self._ask("Delete elsewhere", f"{what} in {names}.\n\nDelete there too?", "Delete")

    def _remove(self, act: Callable[[Sequence[RowId]], Done], rows: Sequence[RowId]) -> None:
        if not rows:
            return
        selected = set(self._list.selected())
        following = self._list.neighbour(rows) if selected & set(rows) else next(iter(selected), None)
        self._do(lambda: act(rows), rows, say=True, leaves=True, following=following)

    def _do(
        self,
        act: Callable[[], Done],
        rows: Sequence[RowId],
        *,
        say: bool,
        leaves: bool = False,
        following: RowId | None = None,
    ) -> None:
        if not rows:
            return
        then = partial(self._finished, tuple(rows), say, leaves, following)
        done = self._doing.do(act, then, partial(self._refused, tuple(rows)), large=len(rows) > AT_ONCE)
        if leaves and not done:
            self._leaving.update(rows)
            self._take_off(rows, following)

    def _staying(self, rows: Sequence[RowId]) -> list[RowId]:
        """These, or the selected ones, without those that are leaving already."""
        return [row for row in rows or self._list.acted() if row not in self._leaving]

    def _take_off(self, rows: Sequence[RowId], following: RowId | None) -> None:
        if not self._list.search_text:
            self._list.drop_rows(rows, following)

    def _refused(self, rows: Sequence[RowId], error: MailError) -> None:
        if self._leaving.intersection(rows):
            self._leaving.difference_update(rows)
            self._list.refresh()
        self._failed(error)

    def _failed(self, error: MailError) -> None:
        self.failed.emit(error.sentence())

    def _finished(self, rows: tuple[RowId, ...], say: bool, leaves: bool, following: RowId | None, done: Done) -> None:
        delayed = bool(self._leaving.intersection(rows))
        self._leaving.difference_update(rows)
        if done.gesture is None:
            if delayed:
                self._list.refresh()
            if say:
                self._toast.say("Nothing had to change: they are there already.")
            return
        self._touched[done.gesture] = rows
        while len(self._touched) > REMEMBERED:
            self._touched.pop(next(iter(self._touched)))
        if not leaves or self._list.search_text:
            self._list.repaint_rows(rows)
        elif not delayed:
            self._list.drop_rows(rows, following)
        self.done.emit(done)
        if say:
            self._toast.say(done.label, "Undo", partial(self.undo, done.gesture))
