"""The tour, second part: a mail to the other account, its answer with an attachment, and a draft that is kept."""

from pathlib import Path

from qtmail.model import Flag, Role
from qtmail.ui.actions import Act
from qtmail.ui.composer import ComposerWindow
from qtmail.ui.reader.content import BodyKind
from qtmail.ui.tour.pictures import ink
from qtmail.ui.tour.stage import Missing, Stage
from qtmail.ui.tour.step import Step
from qtmail.ui.tour.steps_reading import is_read

SUBJECT = "Tonight, on the roof"
ANSWER = f"Re: {SUBJECT}"
DRAFT = "Packing list for the boat"
NOBODY = "nobody@demo.example"


def composer(stage: Stage) -> ComposerWindow:
    """The one that is open."""
    windows = stage.window.composing.windows
    if not windows:
        raise Missing("an open composer")
    return windows[-1]


def write(stage: Stage) -> None:
    """A formatted mail from one account to the other."""
    stage.open_folder("Work", Role.INBOX)
    stage.do(Act.COMPOSE)
    window = composer(stage)
    _to(window, "alma@demo.example")
    window.fields.subject.setText(SUBJECT)
    editor = window.editor
    editor.insertPlainText("The key fits. ")
    editor.toggle("bold")
    editor.insertPlainText("We open the roof at nine")
    editor.toggle("bold")
    editor.insertPlainText(", whatever the forecast says. Please bring:\n")
    editor.toggle_list("ul")
    editor.insertPlainText("the small telescope\ntwo blankets, one to sit on and one for Bosse\n日本酒 🍶, warm")


def _to(window: ComposerWindow, address: str) -> None:
    window.fields.to.typing.setText(address)
    window.fields.to.commit()


def written(stage: Stage) -> str:
    """It is in the window as HTML, and in the journal of drafts, where a crash cannot take it."""
    draft = composer(stage).draft()
    if [person.address for person in draft.to] != ["alma@demo.example"] or draft.subject != SUBJECT:
        return "recipient and subject"
    if draft.from_.address != stage.account("Work").address:
        return "the sender of the account that is open"
    if not ("<b>" in draft.html or "<strong>" in draft.html) or "<li>" not in draft.html:
        return "bold words and a list"
    kept = [saved.subject for saved in stage.mail.open_drafts()]
    return "" if SUBJECT in kept else "the draft in the journal"


def send(stage: Stage) -> None:
    window = composer(stage)
    window.send()
    if said := window.banner.text():
        raise Missing(f"way to send it: {said}")


def arrived(stage: Stage) -> str:
    """The outbox is empty, a copy is in Sent, and the other account has it, unread, without anyone having asked."""
    if stage.window.composing.windows:
        return "a closed composer"
    if waiting := stage.mail.outbox():
        return f"an empty outbox; one is {waiting[0].state} {waiting[0].reply}"
    stage.find("Work", Role.SENT, SUBJECT)
    row = stage.find("Alma", Role.INBOX, SUBJECT)
    if not row.has_body:
        return "the body of what arrived"
    if row.id not in stage.listed():
        stage.once("arrived", lambda: stage.open_folder("Alma", Role.INBOX))
        return "the message in the list"
    return "" if row.unread else "a message that counts as new"


def read_arrived(stage: Stage) -> None:
    stage.read("Alma", Role.INBOX, SUBJECT)
    stage.kept["answered"] = stage.kept["read"]


def answer(stage: Stage) -> None:
    """A reply with a file: a picture of this very tour."""
    stage.do(Act.REPLY)
    window = composer(stage)
    window.editor.insertPlainText("I am coming, with both blankets. Here is what I am looking at:\n")
    window.attach_files([_file(stage)])


def _file(stage: Stage) -> Path:
    found = next(iter(sorted(stage.folder.glob("*-inline-picture.png"))), None)
    if found is None:
        raise Missing("a picture to attach")
    return found


def answered(stage: Stage) -> str:
    """To the right person, with subject, quotation and the file, whole."""
    draft = composer(stage).draft()
    if [person.address for person in draft.to] != [stage.account("Work").address] or draft.subject != ANSWER:
        return "recipient and subject of the answer"
    if "We open the roof" not in draft.text or "blockquote" not in draft.html:
        return "the quotation"
    files = composer(stage).attached.files()
    if [ref.name for ref in files] != [_file(stage).name]:
        return "the attachment"
    return "" if stage.mail.content(files[0].content) == _file(stage).read_bytes() else "the attachment's bytes"


def answer_arrived(stage: Stage) -> str:
    """It came through the outbox and both servers into the other inbox; what it answers is marked so."""
    if stage.window.composing.windows or stage.mail.outbox():
        return "an empty outbox"
    sent = stage.find("Alma", Role.SENT, ANSWER)
    row = stage.find("Work", Role.INBOX, ANSWER)
    if Flag.ANSWERED not in stage.row(stage.kept["answered"]).flags:
        return "the mark of the answered message"
    if sent.message_id != row.message_id:
        return "the same message in Sent and inbox"
    if not row.has_body:
        return "the body of the answer"
    if row.id not in stage.listed():
        stage.once("answer", lambda: stage.open_folder("Work", Role.INBOX))
        return "the answer in the list"
    return ""


def read_answer(stage: Stage) -> None:
    stage.read("Work", Role.INBOX, ANSWER)


def answer_read(stage: Stage) -> str:
    """The file that arrived is the file that was attached, to the octet."""
    missing = is_read(stage, "both blankets", kind=BodyKind.HTML)
    if missing:
        return missing
    row = stage.kept["read"]
    parts = stage.mail.message(row).parts
    if len(parts) != 1 or not stage.window.reader.strip.isVisible():
        return "the attachment"
    came = stage.mail.part(row, parts[0].index)
    return "" if came == _file(stage).read_bytes() else "the attachment's bytes, unchanged"


def begin_draft(stage: Stage) -> None:
    """Begin a mail and close its window."""
    stage.open_folder("Alma", Role.DRAFTS)
    stage.do(Act.COMPOSE)
    window = composer(stage)
    _to(window, "mira@lindqvist.example")
    window.fields.subject.setText(DRAFT)
    window.editor.insertPlainText("Rope. Green paint (a very small tin).")
    window.close()


def draft_kept(stage: Stage) -> str:
    """It is in Drafts, here and on the server, and the list shows it."""
    if stage.window.composing.windows:
        return "a closed composer"
    row = stage.find("Alma", Role.DRAFTS, DRAFT)
    stage.kept["draft"] = row.id
    if row.id not in stage.listed():
        return "the draft in the list"
    waiting = stage.mail.waiting()
    return f"{waiting} changes on the server" if waiting else ""


def go_on_writing(stage: Stage) -> None:
    """Open the draft again, as Enter on it does."""
    stage.window.composing.edit(stage.kept["draft"])


def draft_reopened(stage: Stage) -> str:
    draft = composer(stage).draft()
    there = draft.subject == DRAFT and "Green paint" in draft.text and draft.to[:1] != ()
    return "" if there and draft.replaces == stage.kept["draft"] else "what was written"


def send_nowhere(stage: Stage) -> None:
    """To somebody whom the server does not know."""
    stage.provoked = DRAFT
    window = composer(stage)
    window.fields.to.set_people(())
    _to(window, NOBODY)
    window.send()


def is_refused(stage: Stage) -> str:
    """It waits in the Outbox with the server's own words, and can be edited."""
    if stage.window.composing.windows:
        return "a closed composer"
    items = [item for item in stage.mail.outbox() if item.state == "refused"]
    if not items:
        return "the refusal"
    if "Nobody called" not in items[0].reply + "".join(one.reply for one in items[0].recipients):
        return "the server's words"
    row = stage.kept["refused"] = items[0].row
    if stage.window.list.selected() != [row]:
        stage.once("outbox", lambda: stage.window.open_folder(stage.row(row).folder))
        stage.window.list.select(row)
        return "the message in the Outbox, opened"
    if stage.displayed != row or not ink(stage.window.reader.bodies):
        return "its text in the reader"
    return "" if stage.window.reader.banner.text() else "the banner that says what to do"


def take_back(stage: Stage) -> None:
    """Delete it from the Outbox: the banner that told of it goes too."""
    stage.do(Act.DELETE)


def taken_back(stage: Stage) -> str:
    try:
        stage.row(stage.kept["refused"])
    except Missing:
        if stage.mail.outbox():
            return "an empty outbox"
        return "" if not stage.window.outbox.banner.text() else "the end of the banner that told of it"
    return "the message, taken out of the Outbox"


WRITING = (
    Step("compose", "a formatted mail is written, and journalled", write, written),
    Step("arrived", "it is sent, and arrives in the other account by itself", send, arrived),
    Step(
        "arrived-read", "it is read there", read_arrived, lambda s: is_read(s, "We open the roof", kind=BodyKind.HTML)
    ),
    Step("answer", "it is answered, with a file", answer, answered),
    Step("answer-arrived", "the answer arrives in the first account", send, answer_arrived),
    Step("answer-read", "its attachment is the file to the octet", read_answer, answer_read),
    Step("draft", "a draft is kept when its window is closed", begin_draft, draft_kept),
    Step("draft-reopened", "and can be gone on with", go_on_writing, draft_reopened),
    Step("refused", "what a server refuses stays in the Outbox, with its words", send_nowhere, is_refused),
    Step("taken-back", "and can be taken out of it", take_back, taken_back, picture=False),
)
