"""The tour, first part: the first sync, and reading all kinds of mail."""

from qtmail.model import AccountState, Role
from qtmail.ui.places import UNIFIED
from qtmail.ui.reader.content import BodyKind
from qtmail.ui.tour.pictures import colours, ink
from qtmail.ui.tour.stage import Stage
from qtmail.ui.tour.step import Check, Step, no_act

FIRST_SYNC_S = 60.0
LEAST_INK = 0.01
"""A page with a sentence on it has more than this."""
OF_A_PHOTOGRAPH = 300
"""Colours; a page of text has some dozens."""


def synced(stage: Stage) -> str:
    """Everything of both accounts is here and the list shows it."""
    accounts = stage.mail.accounts()
    if len(accounts) < 2:
        return "two accounts"
    for account in accounts:
        if stage.state(account.name) is not AccountState.IDLE:
            return f"{account.name} is still {stage.state(account.name) or 'not heard of'}"
        inbox = stage.place(account.name, Role.INBOX)
        if not inbox.total or inbox.verified_at is None:
            return f"the inbox of {account.name}"
    if missing := sum(folder.bodies_missing for folder in stage.mail.folders()):
        return f"{missing} bodies"
    inboxes = sum(folder.total for folder in stage.mail.folders() if folder.role is Role.INBOX)
    place = stage.window.list.place
    if place is None or place.key != UNIFIED:
        return "the inbox of all accounts, opened"
    shown = stage.window.list.count
    return "" if shown == inboxes else f"{inboxes} messages in the list, it shows {shown}"


def is_read(stage: Stage, *words: str, kind: BodyKind) -> str:
    """The chosen message is in the reader, drawn, and these words are in it."""
    row = stage.kept["read"]
    pane = stage.window.reader
    if stage.window.list.selected() != [row]:
        return "the message, selected in the list"
    if pane.row != row or stage.displayed != row:
        return "the message in the reader"
    message = stage.mail.message(row)
    for word in words:
        if word not in message.text and word not in message.html:
            return f"“{word}” in the message"
    as_text = pane.bodies.current is pane.bodies.text
    if as_text is not (kind is BodyKind.TEXT):
        return f"the view for {kind.value} mails"
    if pane.bodies.grab().toImage() == stage.page_before:
        return "the message on the page, where the one before still is"
    return "" if ink(pane.bodies) > LEAST_INK else "anything but a blank page"


def text_read(stage: Stage) -> str:
    """And it counts as read after a second, without having been clicked."""
    return is_read(stage, "heron", kind=BodyKind.TEXT) or (
        "the message, marked as read" if stage.row(stage.kept["read"]).unread else ""
    )


def picture_seen(stage: Stage, *words: str) -> str:
    """An HTML mail whose picture is really drawn."""
    missing = is_read(stage, *words, kind=BodyKind.HTML)
    if missing:
        return missing
    view = stage.window.reader.bodies.current
    page = getattr(view, "page", None)
    if page is not None and page.contentsSize().width() > view.width():
        return "all of the mail's width in the reader"
    seen = len(colours(stage.window.reader.bodies))
    return "" if seen > OF_A_PHOTOGRAPH else f"the picture in the mail ({seen} colours seen)"


def attachments_seen(stage: Stage) -> str:
    missing = is_read(stage, "apple tree", kind=BodyKind.TEXT)
    strip = stage.window.reader.strip
    parts = stage.mail.message(stage.kept["read"]).parts
    names = [part.name for part in parts]
    if missing or not strip.isVisible():
        return missing or "the attachments"
    if names != ["lease.pdf", "garden-plan.png"] or len(strip.cards) != len(names):
        return f"a card for each of {', '.join(names)}"
    raw = stage.mail.part(stage.kept["read"], parts[0].index)
    return "" if raw.startswith(b"%PDF") else "the document behind the first card"


def blocked(stage: Stage) -> str:
    """The banner says whose pictures were not loaded, and offers them."""
    missing = is_read(stage, "Nordbank", kind=BodyKind.HTML)
    return missing or (
        "" if "free-mailbox.example" in stage.window.reader.banner.text() else "the banner above the mail"
    )


def select_several(stage: Stage) -> None:
    stage.open_folder("Work", "Build reports")


def several(stage: Stage) -> str:
    """All of a folder is selected at once, and the reader sums it up."""
    folder = stage.place("Work", "Build reports")
    listed = stage.listed()
    if listed != {row.id for row in stage.rows(folder.id)}:
        return "the folder in the list"
    messages = stage.window.list
    if set(messages.selected()) != listed:
        messages.view.selectAll()
        return "every message, selected"
    return "" if stage.window.reader.row is None else "the summary in the reader"


def _step(name: str, says: str, account: str, path: str | Role, subject: str, missing: Check) -> Step:
    return Step(name, says, lambda stage: stage.read(account, path, subject), missing)


def _text(*words: str) -> Check:
    return lambda stage: is_read(stage, *words, kind=BodyKind.TEXT)


def _picture(*words: str) -> Check:
    return lambda stage: picture_seen(stage, *words)


_INBOX = ("Alma", Role.INBOX)
_CLEANING = ("Alma", "Lists/Telescopes", "Re: [telescopes] Cleaning")

READING = (
    Step("first-sync", "both accounts are synced, the inbox lists their mail", no_act, synced, FIRST_SYNC_S),
    _step("text", "a text mail is read, and counts as read", *_INBOX, "Question about", text_read),
    _step("newsletter", "a newsletter is drawn with its pictures", *_INBOX, "What to look for", _picture("planets")),
    _step("inline-picture", "a picture inside a mail is shown", *_INBOX, "The boat", _picture("Skärhamn")),
    _step("japanese", "a Japanese mail in ISO-2022-JP is read", *_INBOX, "ご予約の確認", _text("月の間")),
    _step("arabic", "an Arabic mail is read from right to left", *_INBOX, "وصفة جدتي", _text("القدر")),
    _step("attachments", "the attachments are there as cards", *_INBOX, "Plot 14", attachments_seen),
    _step("remote", "pictures from the internet are blocked", *_INBOX, "Urgent: your account", blocked),
    _step("long-names", "long names and subjects fit", *_INBOX, "Minutes of the", _text("tea urn")),
    _step("list-folder", "quotes within quotes in a list's folder", *_CLEANING, _text("refractor")),
    Step("several", "many messages are selected at once", select_several, several),
)
