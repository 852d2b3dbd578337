"""From a row to what is shown: reads, parses and sanitises. Runs on the worker's thread; knows no widget."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from PySide6.QtCore import QUrl

from qtmail.engine import pictures
from qtmail.engine.answering import Beyond
from qtmail.engine.mail import BodyMissing, Mail
from qtmail.engine.picture_cache import PictureCache
from qtmail.engine.pop3_shown import OnPopServer
from qtmail.engine.searching import Marks
from qtmail.engine.viewing import Choices, Standing
from qtmail.errors import BadInput
from qtmail.mime import folding, links, rich
from qtmail.mime import html as mime_html
from qtmail.mime import parse as mime_parse
from qtmail.mime import shown as mime_shown
from qtmail.mime.dark import darkened
from qtmail.mime.marked import marked
from qtmail.mime.shadow import isolated
from qtmail.mime.text import text_to_html
from qtmail.model import AccountKey, Address, Message, OutboxItem, Part, Role, Row, RowId
from qtmail.settings import MailForm
from qtmail.ui.reader.content import BodyKind, Content, Picture
from qtmail.ui.reader.textdoc import text_document, text_paragraphs


class Frame(Enum):
    """What a body is made for."""

    PAGE = "page"
    """A document of its own."""
    SHADOW = "shadow"
    """A piece of a web page, in a shadow tree."""
    PARAGRAPHS = "paragraphs"
    """A piece of a text document."""


@dataclass(frozen=True, slots=True)
class Look:
    """How documents are made."""

    text_css: str
    """The theme's rules for plain text mails."""
    html_css: str = ""
    """The rules an HTML mail starts from."""
    dark_css: str = ""
    """Those of one that is shown dark; empty: none is."""
    form: MailForm = MailForm.DESIGNED
    fold: bool = False
    """Long quotes are folded away."""
    frame: Frame = Frame.PAGE
    marks: Marks = Marks()
    """What a search looked for, to be marked."""
    mark_css: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """All the pane needs of one message. `message` and `content` are None while the body is not here."""

    row: Row
    role: Role
    account: AccountKey
    own: frozenset[str]
    """The addr-specs of the user's accounts, casefolded."""
    outbox: OutboxItem | None = None
    """How its sending stands; of what is in Sent only where somebody was refused."""
    waits_for_server: bool = False
    """A sent copy that its server is still to be given."""
    there: OnPopServer | None = None
    """Where it came from, if that is a POP3 server."""
    message: Message | None = None
    content: Content | None = None
    attachments: tuple[Part, ...] = ()
    """What the body does not show by itself."""
    remote_count: int = 0
    remote_hosts: tuple[str, ...] = ()
    tracker_count: int = 0
    """How many of those only count readers; they are never fetched."""
    simplified: bool = False
    choices: Choices = Choices()
    form: MailForm = MailForm.DESIGNED
    """How it is shown, by the user's choice for it or by the settings."""
    standing: Standing | None = None
    relatives: int = 0
    """How many more messages its conversation has."""
    beyond: Beyond = Beyond()
    """What it is besides its text: an invitation, mail of a list ..."""
    lying_links: Mapping[str, str] = field(default_factory=dict)
    """The host their words name, for links that lead to another; by address as Qt writes it."""

    @property
    def author(self) -> Address:
        if self.message and self.message.from_:
            return self.message.from_[0]
        return Address(self.row.correspondent, self.row.address)

    @property
    def whole(self) -> bool:
        """All of the mail is here."""
        return self.message is not None and (self.there is None or self.there.whole)

    @property
    def trustworthy(self) -> bool:
        """Whether what the user said of its author may be applied to it."""
        return self.role is not Role.JUNK and not (self.standing is not None and self.standing.forged)


def _sending(mail: Mail, row_id: RowId, role: Role) -> OutboxItem | None:
    item = mail.outbox_item(row_id) if role in (Role.OUTBOX, Role.SENT) else None
    return item if role is Role.OUTBOX or (item is not None and item.refused) else None


def load(mail: Mail, row_id: RowId, look: Look) -> Shown:
    """Read and prepare a message. Raises BadInput (the row is gone) or StoreError."""
    row = mail.rows([row_id]).get(row_id)
    if row is None:
        raise BadInput("This message is not here any more.", hint="It was moved or deleted meanwhile.")
    folder = mail.folder(row.folder)
    shown = Shown(
        row,
        folder.role,
        mail.account_of([row_id])[0],
        frozenset(account.address.casefold() for account in mail.accounts()),
        outbox=_sending(mail, row_id, folder.role),
        waits_for_server=folder.role is Role.SENT and mail.waits_for_server(row_id),
        there=mail.pop(row_id),
        relatives=len(mail.thread(row_id)) - 1,
    )
    choices = mail.choices(row_id)
    try:
        message = mail.message_in(row_id, choices.charset, words=_form(choices, look) is MailForm.TEXT)
        shown = replace(shown, message=message, choices=choices)
        shown = replace(shown, standing=mail.standing(row_id, shown.author))
        shown = replace(shown, beyond=mail.beyond(row_id, message, shown.standing))
    except BodyMissing:
        return shown
    return _prepared(mail, shown, look, {})


def load_with_pictures(
    mail: Mail,
    shown: Shown,
    look: Look,
    stop: threading.Event,
    *,
    cache: PictureCache | None = None,
    private_allowed: bool = False,
) -> Shown:
    """The same message with its remote pictures, fetched now: the user asked for them."""
    assert shown.message is not None
    allowed = mime_html.sanitise(shown.message.html, remote_allowed=True)
    urls = {
        url: source for url in _urls(allowed.html, mime_html.REMOTE_PREFIX) if (source := mime_html.remote_source(url))
    }
    fetched = pictures.fetch(urls.values(), cache=cache, private_allowed=private_allowed, stop=stop)
    remote = {
        url: Picture(fetched[source].type, fetched[source].data) for url, source in urls.items() if source in fetched
    }
    return _prepared(mail, shown, look, remote, remote_allowed=True)


def _prepared(
    mail: Mail, shown: Shown, look: Look, remote: Mapping[str, Picture], *, remote_allowed: bool = False
) -> Shown:
    message = shown.message
    assert message is not None
    form = _form(shown.choices, look)
    shown = replace(shown, form=form)
    if form is MailForm.TEXT or not message.html:
        content = Content(BodyKind.TEXT, _marked(_text(message.text, look), look))
        return replace(shown, content=content, attachments=message.parts, remote_count=0, tracker_count=0)
    made = mime_shown.safe(message, shown.row.id, remote_allowed=remote_allowed)
    safe, by_cid = made.body, made.inline
    used = {url: mime_html.content_id(url).partition("/")[2] for url in _urls(safe.html, made.prefix)}
    inline = _pictures(mail, shown.row.id, {url: by_cid[cid] for url, cid in used.items() if cid in by_cid})
    seen = {by_cid[cid].index for cid in used.values() if cid in by_cid}
    lying = links.misleading(safe.html)
    document, dark = _html(safe, shown, look)
    return replace(
        shown,
        content=Content(
            BodyKind.HTML,
            _marked(document, look),
            {_as_requested(url): picture for url, picture in (inline | dict(remote)).items()},
            dark=dark,
        ),
        attachments=tuple(part for part in message.parts if part.index not in seen),
        remote_count=safe.remote_count,
        remote_hosts=safe.remote_hosts,
        tracker_count=safe.tracker_count,
        simplified=safe.simplified,
        lying_links={QUrl(url).toString(): named for url, named in lying.items()},
    )


def _form(choices: Choices, look: Look) -> MailForm:
    """The user's choice for it, or what the settings say."""
    return MailForm(choices.form) if choices.form in list(MailForm) else look.form


def _marked(document: str, look: Look) -> str:
    if not look.marks:
        return document
    return marked(document, lambda text: look.marks.spans(text, "body"), look.mark_css)


def _text(text: str, look: Look) -> str:
    match look.frame:
        case Frame.PAGE:
            return text_document(text, look.text_css, fold=look.fold)
        case Frame.PARAGRAPHS:
            return text_paragraphs(text, fold=look.fold)
        case Frame.SHADOW:
            fragment = text_to_html(text.rstrip("\n"))
            return isolated(folding.folded(fragment) if look.fold else fragment, look.text_css)


def _html(safe: mime_html.SafeHtml, shown: Shown, look: Look) -> tuple[str, bool]:
    """What is shown of it, and whether that is dark: where it is wanted and its words can be read then."""
    if look.frame is Frame.PARAGRAPHS:
        return rich.html_of(rich.lines_of_html(safe.html)), False
    if shown.form is MailForm.SIMPLE:
        safe = replace(safe, html=rich.html_of(rich.lines_of_html(safe.html)))
    dark = darkened(safe.html) if look.dark_css and shown.choices.colours != "light" else None
    if dark is not None:
        safe = replace(safe, html=dark)
    if look.fold:
        safe = replace(safe, html=folding.folded(safe.html))
    css = look.dark_css if dark is not None else look.html_css
    if look.frame is Frame.SHADOW:
        return isolated(safe.html, css), dark is not None
    title = shown.message.subject if shown.message else ""
    return mime_html.document(safe, dark=dark is not None, css=css, title=title), dark is not None


def _pictures(mail: Mail, row: RowId, wanted: Mapping[str, Part]) -> dict[str, Picture]:
    if not wanted:
        return {}
    raw = mail.raw(row)
    return {url: Picture(part.type, mime_parse.part_bytes(raw, part.index)) for url, part in wanted.items()}


def _urls(html: str, prefix: str) -> tuple[str, ...]:
    """Each URL with this prefix that the document refers to."""
    return tuple(dict.fromkeys(re.findall(re.escape(prefix) + r"[^\"'\s<>)&]*", html)))


def _as_requested(url: str) -> str:
    """As a view asks for it."""
    return QUrl(url).toString(QUrl.ComponentFormattingOption.FullyEncoded)
