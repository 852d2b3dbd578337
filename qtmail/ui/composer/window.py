"""The composer's window: what is written is in the store's journal within three seconds, and goes out from there."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMessageBox, QVBoxLayout

from qtmail.engine.mail import Done, Mail
from qtmail.errors import MailError
from qtmail.events import Wake
from qtmail.mime.rich import is_plain
from qtmail.model import AttachmentRef, Draft, OutboxId
from qtmail.settings import Settings
from qtmail.ui.composer import room
from qtmail.ui.composer.completing import People
from qtmail.ui.composer.delivery import DeliveryDialog
from qtmail.ui.composer.dropping import Dropped, DropWindow
from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.footer import Footer
from qtmail.ui.composer.header import Fields
from qtmail.ui.composer.hints import forgotten
from qtmail.ui.composer.intake import Intake
from qtmail.ui.composer.opening import open_copy
from qtmail.ui.composer.toolbar import FormatBar
from qtmail.ui.link import Link
from qtmail.ui.message_list.drag import ROWS_MIME
from qtmail.ui.outbox.later import LaterDialog
from qtmail.ui.parts.banner import Banner, Button, Kind
from qtmail.ui.reader.files import Copies
from qtmail.ui.theme import Space, Theme, mark
from qtmail.ui.worker import Worker

__all__ = ["ROWS_MIME", "ComposerWindow"]

SAVE_MS = 1000
"""A change is in the journal after this time, whatever happens then."""
_SIZE = (820, 640)
_WIDEST_PICTURE = 640
"""Pixels at which a pasted picture is shown; its own bytes stay."""


class ComposerWindow(DropWindow):
    """Writes one mail. It deletes itself when closed; keep a reference until `closed`."""

    sent = Signal(object, bool)
    """engine.mail.Done: the mail is in the Outbox, the engine is woken; and whether it can be called back for some
    seconds (else: show its toast)."""
    kept = Signal(object)
    """engine.mail.Done: the window was closed, the draft is in Drafts; show its toast."""
    closed = Signal(object)
    """This window, after it has gone."""
    remember = Signal(str, object)
    """(field of Settings, new value): keep it."""

    def __init__(self, mail: Mail, link: Link, theme: Theme, settings: Settings, draft: Draft) -> None:
        super().__init__(theme)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        mark(self, surface="surface")
        self.resize(*_SIZE)
        self._mail, self._link, self._theme, self._settings = mail, link, theme, settings
        self._draft = draft
        self._saved: Draft | None = None
        """What the journal holds of it; None before the first save."""
        self._waived: set[str] = set()
        """Hints the writer has answered with "Send anyway"."""
        self._then = ""
        """"send" or "close", once the attachments under way are in."""
        self._ending = False
        self._counts_down = False
        self._signature = self._signature_of(draft)
        self._when = 0
        """The time chosen in "Send later"."""
        self._copies = Copies()
        self.worker = Worker(self)
        self.intake = Intake(mail, self.worker, self)
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self.save_now)
        self._make_widgets()
        self._lay_out()
        self._load(draft)
        self._connect()

    # Making

    def _make_widgets(self) -> None:
        theme = self._theme
        self.fields = Fields(theme, self._mail.accounts(), People(self._mail, self.worker).look_up, self)
        self.banner = Banner(theme, self)
        self.editor = Editor(theme, self._picture, self)
        self.bar = FormatBar(theme, self.editor, self)
        self.attached = room.attached(theme, self, self.fields, self._mail)
        self.footer = Footer(theme, self)

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.setContentsMargins(Space.L, Space.S, Space.L, 0)
        place.addWidget(self.banner)
        body = QHBoxLayout()
        body.setContentsMargins(Space.XS, 0, Space.XS, 0)
        body.addWidget(self.editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.fields)
        column.addLayout(place)
        column.addWidget(self.bar)
        column.addLayout(body, 1)
        column.addWidget(self.attached)
        column.addWidget(self.footer)

    def _connect(self) -> None:
        self.fields.changed.connect(self._changed)
        self.fields.sender_changed.connect(self._sign)
        self.editor.textChanged.connect(self._changed)
        self.editor.files_pasted.connect(lambda files: self.attach_files([Path(file) for file in files]))
        self.editor.picture_pasted.connect(self.insert_picture)
        self.attached.changed.connect(self._changed)
        self.attached.opened.connect(self._open_attachment)
        self.was_dropped.connect(self._take)
        self.intake.arrived.connect(self._attachment_arrived)
        self.intake.failed.connect(self._attachment_failed)
        self.intake.idle.connect(self._attachments_are_in)
        self.banner.pressed.connect(self._pressed)
        self.footer.send.connect(self.send)
        self.footer.send_later.connect(self.send_later)
        self.footer.delivery.connect(self.choose_delivery)
        self.footer.attach.connect(self.choose_files)
        self.footer.formatted.connect(self.set_rich)
        self.footer.discard.connect(self.discard)
        for keys, act in (
            ("Ctrl+Return", self.send),
            ("Ctrl+Enter", self.send),
            ("Ctrl+Shift+Return", self.send_later),
            ("Ctrl+Shift+Enter", self.send_later),
            ("Esc", self.close),
            ("Ctrl+W", self.close),
            ("Ctrl+S", self.save_now),
            ("Ctrl+Shift+A", self.choose_files),
        ):
            QShortcut(QKeySequence(keys), self, act)

    def _load(self, draft: Draft) -> None:
        fresh = draft.id is None and draft.replaces is None
        rich = bool(draft.html) or (fresh and self._settings.compose_html)
        self.fields.load(draft)
        self.attached.load(draft.attachments)
        self.editor.load(draft.text, draft.html, rich=rich)
        self.bar.setVisible(rich)
        self.footer.set_formatted(rich)
        if draft.id is not None:
            self._saved = draft
            self.footer.say_saved(draft)
        self._opened = self.draft()
        self._title()

    def place_cursor(self) -> None:
        """Where the writer goes on: recipients first where there are none, else the text."""
        if not (self._draft.to or self._draft.cc or self._draft.bcc):
            self.fields.to.setFocus()
            return
        if self._draft.reply_of is not None and self._settings.quote_below and self._draft.id is None:
            self.editor.caret_below_quote()
        self.editor.setFocus()

    # What is written

    def draft(self) -> Draft:
        """What the window holds now."""
        me = self.fields.chosen()
        html = self.editor.html()
        return replace(
            self._draft,
            account=me.account.key if me else self._draft.account,
            identity=me.identity.key if me else self._draft.identity,
            from_=me.mailbox if me else self._draft.from_,
            reply_to=me.reply_to if me else self._draft.reply_to,
            to=self.fields.to.people(),
            cc=self.fields.cc.people(),
            bcc=self.fields.bcc.people(),
            subject=self.fields.subject.text(),
            text=self.editor.text(),
            html=html,
            attachments=tuple(
                ref for ref in self.attached.refs if not ref.content_id or f"cid:{ref.content_id}" in html
            ),
        )

    def is_changed(self) -> bool:
        """Whether anything was written since the window was opened."""
        return self.draft() != self._opened

    def _changed(self) -> None:
        if self._ending:
            return
        self._title()
        if not self._timer.isActive():
            self._timer.start()

    def _title(self) -> None:
        self.setWindowTitle(self.fields.subject.text().strip() or "New message")

    def save_now(self) -> bool:
        """Bring the journal up to date; the window stays as it is. -> whether everything written is safe."""
        self._timer.stop()
        if self._ending or not self.is_changed():
            return True
        now = self.draft()
        if self._saved is not None and replace(now, saved_at=0) == replace(self._saved, saved_at=0):
            return True
        try:
            saved = self._mail.save_draft(now)
        except MailError as error:
            self._complain(error)
            self._timer.start()
            return False
        self._draft = replace(self._draft, id=saved.id, message_id=saved.message_id)
        self._opened = replace(self._opened, id=saved.id, message_id=saved.message_id)
        self._saved = saved
        self.footer.say_saved(saved)
        return True

    def leave(self) -> None:
        """The program ends: what is written is in the journal, and the window is gone without another word."""
        self.save_now()
        self._ending = True
        self._timer.stop()
        self.worker.stop()
        self._copies.remove()
        self.hide()
        self.deleteLater()

    # Sending

    def send(self) -> None:
        """Check, freeze into bytes, put into the Outbox, close. A failure leaves everything as it is."""
        if self._ending:
            return
        self.fields.commit()
        problem = self.fields.problem()
        if problem:
            self.banner.say(problem, Kind.DANGER)
            return
        if self.intake.waiting:
            self._then = "send"
            self.footer.say("Sending when the attachments are in …")
            return
        if self._hint():
            return
        self.save_now()
        self._end("Sending …" if not self._when else "Putting it into the Outbox …")
        draft, at = self.draft(), self._when
        # Offline nothing leaves: there is no hurry, it is undone from the Outbox.
        undo_s = 0 if at or self._settings.offline else self._settings.undo_send_s
        self._counts_down = undo_s > 0
        self.worker.run(lambda: self._mail.send(draft, undo_s=undo_s, at=at), self._was_sent)

    def send_later(self) -> None:
        """Ask when, then do as `send`."""
        dialog = LaterDialog(self, server_may=True)
        if self._ending or dialog.exec() != LaterDialog.DialogCode.Accepted:
            return
        hold_until = dialog.moment() if dialog.by_server.isChecked() else 0
        self._draft = replace(self._draft, delivery=replace(self._draft.delivery, hold_until=hold_until))
        self._when = 0 if hold_until else dialog.moment()
        self.send()

    def choose_delivery(self) -> None:
        """Reports and the like, for this mail."""
        dialog = DeliveryDialog(self._draft.delivery, self)
        if dialog.exec() == DeliveryDialog.DialogCode.Accepted:
            self._draft = replace(self._draft, delivery=dialog.wanted())
            self._changed()

    def _hint(self) -> bool:
        """Ask once where something was forgotten, perhaps."""
        words = f"{self.fields.subject.text()}\n{self.editor.own_words()}"
        for hint in forgotten(self.fields.subject.text(), words, files=len(self.attached.refs)):
            if hint.key not in self._waived:
                self._waived.add(hint.key)
                self.banner.say(hint.text, Kind.WARNING, hint.buttons)
                return True
        return False

    def _was_sent(self, answer: tuple[OutboxId, Done] | MailError) -> None:
        if isinstance(answer, MailError):
            self._go_on(answer)
            return
        self._link.wish(Wake((self.draft().account,)))
        self.sent.emit(answer[1], self._counts_down)
        self.close()

    def _end(self, words: str) -> None:
        """Nothing more is typed: it is being sent, kept or thrown away."""
        self._ending = True
        self._timer.stop()
        self.footer.say(words)
        for widget in (self.fields, self.bar, self.editor, self.attached, self.footer):
            widget.setEnabled(False)

    def _go_on(self, error: MailError) -> None:
        """It did not work: everything is as it was."""
        self._ending = False
        self._when = 0
        for widget in (self.fields, self.bar, self.editor, self.attached, self.footer):
            widget.setEnabled(True)
        self.footer.say_saved(self._saved)
        self._complain(error)
        self.editor.setFocus()

    def _complain(self, error: MailError) -> None:
        self.banner.say(error.sentence(), Kind.DANGER)

    def _pressed(self, button: str) -> None:
        self.banner.clear()
        match button:
            case "send":
                self.send()
            case "attach":
                self.choose_files()
            case "plain":
                self._make_plain()

    # Closing

    def discard(self) -> None:
        """Throw it away, after asking; a copy in Drafts goes to Trash."""
        if self._ending:
            return
        if self.is_changed() or self._saved is not None or self._draft.replaces is not None:
            answer = QMessageBox.question(
                self,
                "Discard",
                "Throw this draft away?",
                QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
                QMessageBox.StandardButton.Cancel,
            )
            if answer != QMessageBox.StandardButton.Discard:
                return
        try:
            if self._draft.id is not None:
                self._mail.discard_draft(self._draft.id)
            if self._draft.replaces is not None:
                self.kept.emit(self._mail.delete((self._draft.replaces,)))
        except MailError as error:
            self._complain(error)
            return
        self._end("")
        self.close()

    def _keep(self) -> None:
        """Into Drafts, then close."""
        self.save_now()
        self._end("Saving in Drafts …")
        draft = self.draft()
        self.worker.run(lambda: self._mail.keep_draft(draft), self._was_kept)

    def _was_kept(self, answer: Done | MailError) -> None:
        if isinstance(answer, MailError):
            self._go_on(answer)
            return
        self._link.wish(Wake((self.draft().account,)))
        self.kept.emit(answer)
        self.close()

    # Attachments

    def choose_files(self) -> None:
        """Ask for files."""
        names, _ = QFileDialog.getOpenFileNames(self, "Attach files", self._settings.save_folder or str(Path.home()))
        self.attach_files([Path(name) for name in names])

    def attach_files(self, paths: list[Path]) -> None:
        """Take these files into the store now, so that they cannot vanish before the mail is sent."""
        self.intake.files(paths)
        self._tell_waiting()

    def insert_picture(self, image: QImage) -> None:
        """A pasted picture: at the cursor of a formatted mail, a file of a plain one."""
        if not image.isNull():
            self.intake.picture(image, inline=self.editor.rich)
            self._tell_waiting()

    def _take(self, what: Dropped, where: QPoint) -> None:
        """What was dropped on the window."""
        self.intake.files(what.files)
        if what.rows:
            self.intake.messages(what.rows)
        if what.text:
            at = self.editor.viewport().mapFrom(self, where)
            self.editor.cursorForPosition(at).insertText(what.text)
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        if self.intake.waiting:
            self.footer.say("Attaching …")

    def _attachment_arrived(self, ref: AttachmentRef) -> None:
        self.attached.add(ref)
        if ref.content_id:
            self.editor.insert_picture(ref.content_id, _WIDEST_PICTURE)

    def _attachment_failed(self, error: MailError) -> None:
        self._then = ""
        self._complain(error)

    def _attachments_are_in(self) -> None:
        self.footer.say_saved(self._saved)
        then, self._then = self._then, ""
        if then == "send":
            self.send()
        elif then == "close":
            self.close()

    def _picture(self, content_id: str) -> QImage | None:
        """What the editor draws for a picture of the text."""
        ref = self.attached.picture(content_id)
        if ref is None:
            return None
        try:
            return QImage.fromData(self._mail.content(ref.content))
        except MailError:
            return None

    def _open_attachment(self, ref: AttachmentRef) -> None:
        try:
            open_copy(self._mail, self._copies, ref)
        except MailError as error:
            self._complain(error)

    # Formatting and account

    def set_rich(self, rich: bool) -> None:
        """Formatted or plain; asks only where formatting would be lost."""
        if rich == self.editor.rich:
            return
        if not rich and not is_plain(self.editor.lines()):
            self.footer.set_formatted(True)
            text = "As plain text this mail loses its formatting."
            self.banner.say(text, Kind.WARNING, (Button("plain", "Make it plain"),))
            return
        if rich:
            self._reload(rich=True)
        else:
            self._make_plain()

    def _make_plain(self) -> None:
        """Pictures of the text become files."""
        used = self.draft().attachments
        self.attached.load([replace(ref, content_id="") for ref in used])
        self._reload(rich=False)

    def _reload(self, *, rich: bool) -> None:
        self.editor.load(self.editor.text(), "", rich=rich)
        self.bar.setVisible(rich)
        self.footer.set_formatted(rich)
        self.editor.setFocus()
        self._changed()

    def _sign(self) -> None:
        """As the self that is chosen now."""
        old, me = self._signature, self.fields.chosen()
        self._signature = me.identity.signature if me else ""
        self.editor.replace_signature(old, self._signature)

    def _signature_of(self, draft: Draft) -> str:
        of = next((account for account in self._mail.accounts() if account.key == draft.account), None)
        return of.identity(draft.identity).signature if of else ""

    # Qt's overrides

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._ending:
            self._gone()
            super().closeEvent(event)
            return
        if self.intake.waiting:
            self._then = "close"
            event.ignore()
            return
        self.fields.commit()
        if not self.is_changed() and self._draft.id is None:
            self._end("")
            self._gone()
            super().closeEvent(event)
            return
        # The window goes when the draft is in Drafts: never before.
        event.ignore()
        self._keep()

    def _gone(self) -> None:
        self.worker.stop()
        self._copies.remove()
        self.closed.emit(self)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.save_now()
        super().changeEvent(event)
