"""The three sections of the Storage window below the bars: making room, checking, encryption."""

from typing import Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from qtmail.engine.protecting import Protection
from qtmail.ui.parts.labels import WrappedText
from qtmail.ui.storage.bars import octets
from qtmail.ui.theme import Size, Space, mark

AGES = ((90, "3 months"), (182, "6 months"), (365, "1 year"), (730, "2 years"), (1825, "5 years"))
SHRINKABLE = 50_000_000
"""Octets of unused room from which on giving it back is offered."""
LINES = 12
"""Problems shown before the list scrolls."""
_ROOM = (
    "Old mail can be dropped from this computer and stay on its server. It is listed and found as before, and fetched "
    "again when you open it. Each server is asked first, and only what it really has is dropped; mail from POP3 "
    "servers, mail on this computer alone, drafts and mail not sent yet always stay."
)
_CHECK = "Reads every message and compares all lists, counts and the search index with it. Nothing is changed."
_ENCRYPTION = {
    Protection.OFF: "The mail on this disk can be read by whoever gets hold of it. Encrypted, it cannot: the key is in "
    "the system's keyring, and you get a recovery key to print. Reading and searching stay as quick, fetching much "
    "mail takes a tenth longer. qtmail restarts and writes the store anew, which needs room for a second copy; what "
    "was on the disk may be recoverable until it is overwritten. Saved attachments, exports and backups stay plain.",
    Protection.ON: "Everything qtmail keeps of your mail is encrypted. Its key is in the system's keyring.",
    Protection.PARTLY: "Changing over was interrupted. Everything works; a part of the store is not encrypted yet.",
}
_TURN = {
    Protection.OFF: "Encrypt …",
    Protection.ON: "Stop encrypting and restart",
    Protection.PARTLY: "Go on and restart",
}


def heading(text: str, parent: QWidget) -> QLabel:
    """Over a section."""
    label = QLabel(text, parent)
    mark(label, tone="heading")
    return label


class Section(QWidget):
    """A sentence, a row of buttons, and what came of them."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLabel(words, self)
        self.words.setWordWrap(True)
        mark(self.words, tone="muted")
        self.outcome = WrappedText("", self, most=LINES)
        self.outcome.hide()
        self.row = QHBoxLayout()
        self.row.setSpacing(Space.S)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(Space.S)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.stop = QPushButton("Stop", self)
        self.stop.setAutoDefault(False)
        self.stop.hide()
        self.column.addWidget(self.words)
        self.column.addLayout(self.row)
        self.column.addWidget(self.bar)
        self.column.addWidget(self.outcome)

    def button(self, words: str, *, accent: bool = False) -> QPushButton:
        """One more, at the right end of the row so far."""
        made = QPushButton(words, self)
        made.setAutoDefault(False)
        if accent:
            mark(made, kind="accent")
        self.row.addWidget(made)
        return made

    def set_working(self, working: bool) -> None:
        """Whether what is under way was begun here."""
        self.bar.setMaximum(0)
        self.bar.setVisible(working)
        self.stop.setVisible(working)

    def progress(self, done: int, total: int) -> None:
        """So far."""
        self.bar.setMaximum(max(1, total))
        self.bar.setValue(done)
        self.bar.setAccessibleName(f"{done:,} of {total:,}")

    def say(self, words: str) -> None:
        """What came of it."""
        self.outcome.setText(words)
        self.outcome.setVisible(bool(words))


class RoomSection(Section):
    """How old, how much, drop it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_ROOM, parent)
        self.age = QComboBox(self)
        self.age.setAccessibleName("Mail older than")
        for days, words in AGES:
            self.age.addItem(f"Older than {words}", days)
        self.age.setCurrentIndex(2)
        self.age.setFixedWidth(Size.SIDEBAR - Space.XL)
        self.age.currentIndexChanged.connect(self._forget)
        self.row.addWidget(self.age)
        self.ask = self.button("See how much")
        self.drop = self.button("Drop it here", accent=True)
        self.drop.hide()
        self.row.addWidget(self.stop)
        self.row.addStretch(1)
        self.shrink = QPushButton(self)
        self.shrink.setAutoDefault(False)
        self.shrink.hide()
        self.unused = QLabel(self)
        self.unused.setWordWrap(True)
        mark(self.unused, tone="small")
        self.unused.hide()
        self.column.addWidget(self.unused)
        line = QHBoxLayout()
        line.addWidget(self.shrink)
        line.addStretch(1)
        self.column.addLayout(line)

    def days(self) -> int:
        """How old mail has to be."""
        return int(self.age.currentData())

    def counted(self, found: Any) -> None:
        """Before anything is done (engine.freeing.Freed)."""
        if not found.messages:
            self.say("There is nothing that old to drop.")
            return
        what = "1 message" if found.messages == 1 else f"{found.messages:,} messages"
        self.say(f"{what} ({octets(found.octets)}) can be dropped, as far as their servers have them.")
        self.drop.show()

    def freed(self, found: Any) -> None:
        """Afterwards (events.RoomMade)."""
        what = "1 message was" if found.messages == 1 else f"{found.messages:,} messages were"
        lines = []
        if found.messages or not found.remarks:
            lines.append(f"{what} dropped here ({octets(found.octets)}). They come back when you open them.")
        if found.unproven:
            stays = "1 stays" if found.unproven == 1 else f"{found.unproven:,} stay"
            lines.append(f"{stays}, because the server does not show them as they are here.")
        self.say("\n".join([*lines, *found.remarks]))
        self.drop.hide()

    def tell_unused(self, unused: int) -> None:
        """The truth about the size of the files."""
        self.unused.setVisible(unused >= SHRINKABLE)
        self.shrink.setVisible(unused >= SHRINKABLE)
        self.unused.setText(
            f"{octets(unused)} inside the files are unused: new mail goes there before they grow. To give them back to "
            "the disk now, qtmail restarts and writes the store anew."
        )
        self.shrink.setText("Give the room back and restart")

    def set_busy(self, busy: bool) -> None:
        for widget in (self.age, self.ask, self.drop, self.shrink):
            widget.setEnabled(not busy)

    def _forget(self) -> None:
        self.say("")
        self.drop.hide()


class CheckSection(Section):
    """Check, see how far it is, repair."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_CHECK, parent)
        self.start = self.button("Check everything")
        self.repair = self.button("Repair", accent=True)
        self.repair.hide()
        self.rebuild = self.button("Save what is only here, rebuild and restart", accent=True)
        self.rebuild.hide()
        self.row.addWidget(self.stop)
        self.row.addStretch(1)

    def hopeless(self) -> None:
        """The file cannot be repaired in place."""
        self.repair.hide()
        self.rebuild.show()
        self.say(
            "The database file is damaged in a way that cannot be repaired in place. Drafts, the Outbox and mail that "
            "is only on this computer can be saved into a new store, which your servers fill again."
        )

    def checked(self, found: Any) -> None:
        """A store.values.Checked."""
        self.repair.setVisible(bool(found.problems))
        if not found.problems:
            self.say(f"All is well: {found.checked:,} of {found.messages:,} messages are here, and each is as it came.")
            return
        many = "1 problem" if len(found.problems) == 1 else f"{len(found.problems):,} problems"
        self.say("\n".join([f"{many} found. Repairing puts right what can be:", *found.problems]))

    def repaired(self, done: tuple[str, ...]) -> None:
        """What was put right."""
        self.repair.hide()
        self.say("\n".join(done) if done else "There was nothing left to repair.")

    def set_busy(self, busy: bool) -> None:
        self.start.setEnabled(not busy)
        self.repair.setEnabled(not busy)
        self.rebuild.setEnabled(not busy)


class EncryptionSection(Section):
    """On, off, and the recovery key again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.turn = self.button("")
        self.show_key = self.button("Show recovery key …")
        self.row.addStretch(1)

    def tell(self, protection: Protection) -> None:
        """How it is now."""
        self.words.setText(_ENCRYPTION[protection])
        self.turn.setText(_TURN[protection])
        self.show_key.setVisible(protection is not Protection.OFF)

    def set_busy(self, busy: bool) -> None:
        self.turn.setEnabled(not busy)
