"""A conversation as a text document, for QTextBrowser: where Qt WebEngine is not there, or not wanted."""

from collections.abc import Mapping
from html import escape

from qtmail.model import RowId
from qtmail.ui import dates
from qtmail.ui.conversation.thread import Entry
from qtmail.ui.conversation.webpage import NOT_HERE, who
from qtmail.ui.conversation.words import Verb, link, name
from qtmail.ui.parts.attachments import size_words
from qtmail.ui.reader.load import Frame, Shown
from qtmail.ui.reader.looks import line_percent
from qtmail.ui.reader.notices import notices
from qtmail.ui.reader.strip import part_name
from qtmail.ui.reader.textdoc import UNFOLD, text_css
from qtmail.ui.reader.trust import trust_words
from qtmail.ui.theme import Space, Theme


class TextPage:
    """Draws for QTextBrowser, which knows tables, paragraphs and little else."""

    frame = Frame.PARAGRAPHS

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def document(self, boxes: Mapping[RowId, str]) -> str:
        """The whole document of what `entry` made, in this order."""
        colours = self._theme.palette
        css = (
            f"{text_css(colours, line_percent(self._theme))}"
            f".quiet {{ color: {colours.muted}; }} .act {{ color: {colours.accent}; }}\n"
            f".plain {{ color: {colours.text}; text-decoration: none; }}\n"
        )
        return f"<!DOCTYPE html><html><head><style>{css}</style></head><body>{self.together(boxes)}</body></html>"

    def together(self, boxes: Mapping[RowId, str]) -> str:
        """As in WebPage."""
        return "".join(boxes.values())

    def entry(self, entry: Entry, *, offered: bool) -> str:
        """A bar with who and when; below it what an open one says. offered: see WebPage."""
        row = entry.row
        heavy = "600" if entry.shown or (row.unread and not entry.own) else "400"
        preview = "" if entry.shown else f' <span class="quiet">{escape(row.preview[:60])}</span>'
        star = "★ " if row.starred else ""
        bar = (
            f'<table width="100%" cellpadding="{Space.S}" cellspacing="0" bgcolor="{self._theme.palette.window}"><tr>'
            f'<td><a name="{name(row.id)}" class="plain" href="{link(Verb.TOGGLE, row.id)}">'
            f'<span style="font-weight:{heavy}">{star}{escape(who(entry))}</span>{preview}</a></td>'
            f'<td align="right"><span class="quiet">{escape(dates.medium(row.date))}</span></td></tr></table>'
        )
        inside = self._inside(entry.shown, starred=row.starred, offered=offered) if entry.shown else ""
        return f"{bar}{inside}<p><br></p>" if inside else bar

    def _inside(self, shown: Shown, *, starred: bool, offered: bool) -> str:
        row = shown.row.id
        trust = trust_words(shown)
        lines = [f'<span class="quiet">{escape(trust.text)}</span>'] if trust else []
        for notice in notices(shown, pictures_offered=offered):
            buttons = (_act(Verb.PRESS, shown, button.text, button.id) for button in notice.buttons)
            lines.append(" ".join((f"<b>{escape(notice.text)}</b>", *buttons)))
        acts = (
            _act(Verb.REPLY, shown, "Reply"),
            _act(Verb.STAR, shown, "Take the star off" if starred else "Star"),
            _act(Verb.MORE, shown, "More"),
        )
        files = (
            _act(Verb.PART, shown, f"{part_name(part)} ({size_words(part.size)})", part.index)
            for part in shown.attachments[:200]
        )
        content = shown.content.document if shown.content else f'<p class="more">{NOT_HERE}</p>'
        content = content.replace(f'href="{UNFOLD}"', f'href="{link(Verb.UNFOLD, row)}"')
        below = "".join(f"<p>{line}</p>" for line in files)
        above = "".join(f"<p>{line}</p>" for line in (*lines, " &nbsp; ".join(acts)))
        return f"{above}<p><br></p>{content}{below}"


def _act(verb: Verb, shown: Shown, words: str, what: object = "") -> str:
    return f'<a class="act" href="{link(verb, shown.row.id, what)}">{escape(words)}</a>'
