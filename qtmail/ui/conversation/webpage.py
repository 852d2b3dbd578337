"""A conversation as a web page: one box a message, the mails themselves in shadow trees."""

from collections.abc import Mapping
from html import escape

from qtmail.mime.address import display_address
from qtmail.mime.html import POLICY
from qtmail.model import RowId
from qtmail.ui import dates
from qtmail.ui.conversation.look import css, picture
from qtmail.ui.conversation.thread import Entry
from qtmail.ui.conversation.words import ALL, Verb, link, name
from qtmail.ui.parts.attachments import icon_name, size_words
from qtmail.ui.parts.avatar import colours, initials
from qtmail.ui.reader.content import BodyKind
from qtmail.ui.reader.header import recipients_words
from qtmail.ui.reader.load import Frame, Shown
from qtmail.ui.reader.notices import Notice, notices
from qtmail.ui.reader.strip import part_name
from qtmail.ui.reader.trust import trust_words
from qtmail.ui.theme import Theme

NOT_HERE = "This message is not downloaded yet; it comes as soon as its server is reached."


class WebPage:
    """Draws for Qt WebEngine."""

    frame = Frame.SHADOW

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def document(self, boxes: Mapping[RowId, str]) -> str:
        """The whole page of what `entry` made, in this order."""
        dark = "page-dark" if self._theme.dark else ""
        return (
            f'<!DOCTYPE html>\n<html class="{dark}"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            f'<meta name="referrer" content="no-referrer"><title></title><style>{css(self._theme)}</style></head>'
            f'<body><main id="{ALL}">{self.together(boxes)}</main></body></html>'
        )

    def together(self, boxes: Mapping[RowId, str]) -> str:
        """The inside of the element ALL."""
        return "".join(f'<section id="{name(row)}">{box}</section>' for row, box in boxes.items())

    def entry(self, entry: Entry, *, offered: bool) -> str:
        """The inside of a message's element. offered: whether remote pictures can be asked for."""
        state = ("unread " if entry.row.unread and not entry.own else "") + ("open" if entry.shown else "")
        inside = self._open(entry, entry.shown, offered=offered) if entry.shown else self._line(entry)
        return f'<div class="entry {state}">{inside}</div>'

    def _line(self, entry: Entry) -> str:
        row = entry.row
        clip = '<span class="icon clip"></span>' if row.attachments else ""
        star = '<span class="icon clip starred"></span>' if row.starred else ""
        return (
            f'<a class="line" href="{link(Verb.TOGGLE, row.id)}">{self._avatar(entry)}'
            f'<span class="name">{escape(who(entry))}</span><span class="preview">{escape(row.preview)}</span>'
            f'{clip}{star}<span class="date" title="{escape(dates.full(row.date))}">{escape(dates.short(row.date))}'
            f"</span></a>"
        )

    def _avatar(self, entry: Entry) -> str:
        ground, letters = colours((entry.author.address or entry.author.name).casefold(), dark=self._theme.dark)
        text = escape(initials(entry.author.name, entry.author.address))
        return f'<span class="avatar" style="background:{ground.name()};color:{letters.name()}">{text}</span>'

    def _open(self, entry: Entry, shown: Shown, *, offered: bool) -> str:
        said = "".join(self._notice(entry, one) for one in notices(shown, pictures_offered=offered))
        return f"{self._head(entry, shown)}{said}{_body(shown)}{self._files(shown)}"

    def _head(self, entry: Entry, shown: Shown) -> str:
        row, author = entry.row, shown.author
        address = display_address(author.address) if author.name else ""
        people = (*shown.message.to, *shown.message.cc, *shown.message.bcc) if shown.message else ()
        star = "starred" if row.starred else "star"
        acts = "".join(
            f'<a class="icon {icon}" href="{link(verb, row.id)}" title="{words}" aria-label="{words}"></a>'
            for icon, verb, words in (
                (star, Verb.STAR, "Take the star off" if row.starred else "Star"),
                ("reply", Verb.REPLY, "Reply"),
                ("more", Verb.MORE, "More"),
            )
        )
        return (
            f'<div class="head"><a class="who" href="{link(Verb.TOGGLE, row.id)}">{self._avatar(entry)}'
            f'<span class="people"><span class="first"><span class="name">{escape(who(entry))}</span>'
            f'<span class="address">{escape(address)}</span></span>'
            f'<div class="whom">{escape(recipients_words(people, shown.own))}'
            f'<span class="when"> · {escape(dates.medium(row.date))}</span></div>{_trust(shown)}</span></a>'
            f'<span class="acts"><span class="date" title="{escape(dates.full(row.date))}">'
            f"{escape(dates.medium(row.date))}</span>{acts}</span></div>"
        )

    def _notice(self, entry: Entry, notice: Notice) -> str:
        buttons = "".join(
            f'<a href="{link(Verb.PRESS, entry.row.id, button.id)}">{escape(button.text)}</a>'
            for button in notice.buttons
        )
        return f'<div class="notice {notice.kind.value}">{escape(notice.text)}{buttons}</div>'

    def _files(self, shown: Shown) -> str:
        if not shown.attachments:
            return ""
        cards = "".join(
            f'<a class="file" href="{link(Verb.PART, shown.row.id, part.index)}" title="{escape(part_name(part))}">'
            f'<i style="background-image:url({picture(self._theme, icon_name(part.type, part_name(part)))})"></i>'
            f'<b>{escape(part_name(part))}</b><span class="size">{size_words(part.size)}</span></a>'
            for part in shown.attachments[:200]
        )
        return f'<div class="files">{cards}</div>'


def who(entry: Entry) -> str:
    """Its author in one word."""
    return "Me" if entry.own else entry.author.name or entry.author.address or "(no sender)"


def _trust(shown: Shown) -> str:
    words = trust_words(shown)
    if words is None:
        return ""
    return f'<div class="trust {words.tone.value}" title="{escape(words.reasons)}">{escape(words.text)}</div>'


def _body(shown: Shown) -> str:
    content = shown.content
    if content is None:
        return f'<div class="waiting">{NOT_HERE}</div>'
    light = content.kind is BodyKind.HTML and not content.dark
    return f'<div class="frame{" light" if light else ""}"><div>{content.document}</div></div>'
