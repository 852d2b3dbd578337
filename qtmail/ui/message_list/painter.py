"""Paints the lines of the message list: a row of a table where there is room, a card where there is not."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPen

from qtmail.engine.searching import Marks as SearchMarks
from qtmail.model import Flag, Row
from qtmail.settings import Density
from qtmail.ui import dates
from qtmail.ui.actions import Act
from qtmail.ui.message_list.columns import size_words, who
from qtmail.ui.message_list.fold_marks import GUTTER, STEP, Marks
from qtmail.ui.message_list.heads import Sight
from qtmail.ui.parts.avatar import paint_avatar
from qtmail.ui.searching.marking import paint_marks
from qtmail.ui.theme import Size, Space, Theme, Tone, Type

LONGEST = 240
"""Characters of a text that are looked at when it is elided."""
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)

HOVER_ACTS: tuple[tuple[Act, str], ...] = (
    (Act.ARCHIVE, "archive"),
    (Act.DELETE, "trash"),
    (Act.READ, "mail-opened"),
    (Act.STAR, "star"),
)
_BUTTON = 28


@dataclass(frozen=True, slots=True)
class Cell:
    """A column in sight: its key, left edge and width."""

    key: str
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class Looks:
    """In what state a line is painted."""

    selected: bool = False
    current: bool = False
    focused: bool = False
    hovered: bool = False
    under: Act | None = None
    """The hover action under the mouse."""
    place: str = ""
    """The name of its folder, told in search results."""
    sight: Sight | None = None
    """In a list of conversations."""


class RowPainter:
    """One painter for both forms; fonts and colours are looked up once a theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._marks = Marks(theme)
        self.cards = False
        self.marks: SearchMarks | None = None
        """What a search looked for."""
        self.adopt()

    def adopt(self) -> None:
        """The theme changed: look everything up again."""
        theme = self._theme
        self._body = theme.font()
        self._strong = theme.font(strong=True)
        self._small = theme.font(Type.SMALL)
        self._small_strong = theme.font(Type.SMALL, strong=True)
        self._numbers = theme.font(Type.SMALL, tabular=True)
        self._numbers_strong = theme.font(Type.SMALL, strong=True, tabular=True)
        fonts = (self._body, self._strong, self._small, self._small_strong, self._numbers, self._numbers_strong)
        self._metrics = {id(font): QFontMetrics(font) for font in fonts}
        self._colours = {tone: theme.colour(tone) for tone in Tone}

    @property
    def row_height(self) -> int:
        line = QFontMetrics(self._body).height()
        padding = self._theme.row_padding
        if not self.cards:
            return line + 2 * padding + 2
        small = QFontMetrics(self._small).height()
        if self._theme.density is Density.COMPACT:
            return 2 * line + 2 * Space.XS + 2 * padding
        return max(2 * line + small + Space.S + 2 * padding, Size.AVATAR + 2 * padding)

    @property
    def heading_height(self) -> int:
        return QFontMetrics(self._small).height() + Space.L

    def paint_row(self, painter: QPainter, rect: QRect, row: Row, cells: list[Cell], looks: Looks) -> None:
        """One message in `rect`; `cells` are the columns of the table form."""
        self._ground(painter, rect, looks)
        if self.cards:
            self._card(painter, rect, row, looks)
        else:
            for cell in cells:
                self._cell(painter, QRect(cell.left, rect.top(), cell.width, rect.height()), cell.key, row, looks)
        if looks.hovered:
            self._actions(painter, rect, row, looks)

    def paint_heading(self, painter: QPainter, rect: QRect, title: str) -> None:
        painter.setFont(self._small_strong)
        painter.setPen(self._colours[Tone.MUTED])
        inner = rect.adjusted(Space.M, Space.XS, -Space.M, 0)
        painter.drawText(inner, LEFT, title)

    def paint_skeleton(self, painter: QPainter, rect: QRect, number: int) -> None:
        """Where a message will be; widths vary so that it does not look like a table of nothing."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours[Tone.LINE])
        bar = Space.S
        left = rect.left() + Space.XL
        share = 0.35 + 0.4 * ((number * 7) % 10) / 10
        if self.cards:
            circle = QRectF(left, rect.center().y() - Size.AVATAR / 2, Size.AVATAR, Size.AVATAR)
            painter.drawEllipse(circle)
            left += Size.AVATAR + Space.M
            width = rect.right() - left - Space.M
            for line, part in enumerate((0.4, share, min(share + 0.15, 1.0))):
                y = rect.center().y() - bar * 2 + line * (bar + Space.XS + 2)
                painter.drawRoundedRect(QRectF(left, y, width * part, bar), bar / 2, bar / 2)
            return
        top = rect.center().y() - bar / 2
        painter.drawRoundedRect(QRectF(left + 60, top, rect.width() * 0.14, bar), bar / 2, bar / 2)
        painter.drawRoundedRect(
            QRectF(left + 60 + rect.width() * 0.22, top, rect.width() * 0.5 * share, bar), bar / 2, bar / 2
        )

    def action_rects(self, rect: QRect) -> list[tuple[Act, QRect]]:
        """Where the hover actions of a line are, left to right."""
        height = min(_BUTTON, rect.height())
        top = rect.top() + (Space.XS if self.cards else (rect.height() - height) // 2)
        left = rect.right() - Space.S - len(HOVER_ACTS) * _BUTTON
        return [(act, QRect(left + place * _BUTTON, top, _BUTTON, height)) for place, (act, _) in enumerate(HOVER_ACTS)]

    def _ground(self, painter: QPainter, rect: QRect, looks: Looks) -> None:
        if looks.selected:
            painter.fillRect(rect, self._colours[Tone.ACCENT_SOFT if looks.focused else Tone.HOVER])
            edge = self._colours[Tone.ACCENT if looks.focused else Tone.FAINT]
            painter.fillRect(QRect(rect.left(), rect.top(), Size.EDGE, rect.height()), edge)
        elif looks.hovered:
            painter.fillRect(rect, self._colours[Tone.ROW_HOVER])
        if self.cards:
            painter.fillRect(
                QRect(rect.left() + Space.M, rect.bottom(), rect.width() - Space.M, Size.LINE), self._colours[Tone.LINE]
            )
        if looks.current and looks.focused:
            painter.setPen(QPen(self._colours[Tone.ACCENT], 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))

    def _cell(self, painter: QPainter, rect: QRect, key: str, row: Row, looks: Looks) -> None:
        inner = rect.adjusted(Space.S, 0, -Space.S, 0)
        match key:
            case "unread":
                self._unread_mark(painter, QPointF(rect.center()) + QPointF(1, 1), row)
            case "star":
                if row.starred:
                    self._icon(painter, "star-filled", Tone.STAR, rect)
            case "attachment":
                if row.attachments:
                    self._icon(painter, "paperclip", Tone.MUTED, rect)
            case "correspondent":
                if looks.sight is not None:
                    inner = self._beside_marks(painter, inner, looks.sight)
                self._text(
                    painter, inner, who(row), self._strong if row.unread else self._body, Tone.TEXT, column="sender"
                )
            case "subject":
                self._subject_and_preview(painter, inner, row, looks.place)
            case "size":
                self._text(painter, inner, size_words(row.size), self._numbers, Tone.MUTED, RIGHT)
            case "date":
                font = self._numbers_strong if row.unread else self._numbers
                tone = Tone.TEXT if row.unread else Tone.MUTED
                self._text(painter, inner.adjusted(-Space.XS, 0, 0, 0), dates.short(row.date), font, tone, RIGHT)

    def fold_rect(self, rect: QRect, cells: list[Cell], sight: Sight) -> QRect:
        """Where a click opens or closes the conversation of this line; empty where there is none."""
        if sight.open is None:
            return QRect()
        if self.cards:
            line = self._metrics[id(self._body)].height()
            top = rect.top() + self._card_top(rect) + line
            width = self._marks.width(sight, arrow=True)
            return QRect(rect.right() - Space.M - width, top, width + Space.M, line + Space.S)
        left = next((cell.left for cell in cells if cell.key == "correspondent"), -GUTTER)
        return QRect(left, rect.top(), GUTTER + Space.S, rect.height())

    def _beside_marks(self, painter: QPainter, rect: QRect, sight: Sight) -> QRect:
        """The marks around the names. -> what is left for them."""
        self._marks.triangle(painter, QRect(rect.left() - Space.XS, rect.top(), Size.ICON, rect.height()), sight)
        left = GUTTER - Space.XS + (STEP if sight.below else 0)
        return rect.adjusted(left, 0, -self._marks.paint(painter, rect, sight, arrow=False), 0)

    def _subject_and_preview(self, painter: QPainter, rect: QRect, row: Row, place: str) -> None:
        font = self._strong if row.unread else self._body
        subject = row.subject or "(no subject)"
        if place:
            rect = self._tag(painter, rect, place)
        used = self._text(painter, rect, subject, font, Tone.TEXT, column="subject")
        left = rect.left() + used + Space.S
        if row.preview and left < rect.right() - Space.XXL:
            spot = QRect(left, rect.top(), rect.right() - left, rect.height())
            self._text(painter, spot, row.preview, self._body, Tone.MUTED, column="body")

    def _tag(self, painter: QPainter, rect: QRect, text: str) -> QRect:
        """The folder of a search result, at the right end. -> what is left of the cell."""
        metrics = self._metrics[id(self._small)]
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width() // 3)
        width = metrics.horizontalAdvance(shown) + 2 * Space.S
        height = metrics.height() + 2
        box = QRectF(rect.right() - width, rect.center().y() - height / 2 + 0.5, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours[Tone.HOVER])
        painter.drawRoundedRect(box, height / 2, height / 2)
        painter.setFont(self._small)
        painter.setPen(self._colours[Tone.MUTED])
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
        return rect.adjusted(0, 0, -int(width) - Space.S, 0)

    def _card(self, painter: QPainter, rect: QRect, row: Row, looks: Looks) -> None:
        compact = self._theme.density is Density.COMPACT
        line = self._metrics[id(self._body)].height()
        self._unread_mark(
            painter, QPointF(rect.left() + Space.M + 1, rect.top() + self._card_top(rect) + line / 2), row
        )
        left = rect.left() + Space.XL + (STEP if looks.sight is not None and looks.sight.below else 0)
        if not compact:
            circle = QRectF(left, rect.top() + self._card_top(rect) + 2, Size.AVATAR, Size.AVATAR)
            face = (looks.sight.face if looks.sight is not None else "") or row.correspondent
            paint_avatar(painter, circle, face, row.address, self._theme)
            left += Size.AVATAR + Space.M
        right = rect.right() - Space.M
        top = rect.top() + self._card_top(rect)
        self._card_head(painter, QRect(left, top, right - left, line), row)
        top += line + Space.XS // 2
        marks = self._card_marks(painter, QRect(left, top, right - left, line), row, looks)
        subject_font = self._strong if row.unread else self._body
        tone = Tone.TEXT
        subject = QRect(left, top, right - left - marks, line)
        self._text(painter, subject, row.subject or "(no subject)", subject_font, tone, column="subject")
        if not compact:
            top += line + Space.XS // 2
            small = self._metrics[id(self._small)].height()
            spot = QRect(left, top, right - left, small)
            if looks.place:
                spot = self._tag(painter, spot, looks.place)
            self._text(painter, spot, row.preview, self._small, Tone.MUTED, column="body")

    def _card_top(self, rect: QRect) -> int:
        line = self._metrics[id(self._body)].height()
        small = 0 if self._theme.density is Density.COMPACT else self._metrics[id(self._small)].height() + 2
        return max((rect.height() - 2 * line - small - 2) // 2, 0)

    def _card_head(self, painter: QPainter, rect: QRect, row: Row) -> None:
        date = dates.short(row.date)
        font = self._numbers_strong if row.unread else self._numbers
        width = self._metrics[id(font)].horizontalAdvance(date) + 2
        self._text(painter, rect, date, font, Tone.ACCENT if row.unread else Tone.MUTED, RIGHT)
        name = rect.adjusted(0, 0, -width - Space.S, 0)
        text = who(row)
        self._text(painter, name, text, self._strong if row.unread else self._body, Tone.TEXT, column="sender")

    def _card_marks(self, painter: QPainter, rect: QRect, row: Row, looks: Looks) -> int:
        """Star and paper clip at the right of the subject. -> the width they take."""
        used = self._marks.paint(painter, rect, looks.sight, arrow=True) if looks.sight is not None else 0
        for shown, name, tone in (
            (row.starred, "star-filled", Tone.STAR),
            (row.attachments > 0, "paperclip", Tone.MUTED),
        ):
            if shown:
                used += Size.ICON + Space.XS
                spot = QRect(rect.right() - used + Space.XS, rect.top(), Size.ICON, rect.height())
                self._icon(painter, name, tone, spot)
        return used + Space.XS if used else 0

    def _unread_mark(self, painter: QPainter, centre: QPointF, row: Row) -> None:
        """A dot; for read mail an arrow where it was answered or forwarded."""
        if row.unread:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colours[Tone.ACCENT])
            painter.drawEllipse(centre, Size.DOT / 2, Size.DOT / 2)
            return
        answered, forwarded = Flag.ANSWERED in row.flags, Flag.FORWARDED in row.flags
        if answered or forwarded:
            side = Size.ICON - 2
            image = self._theme.pixmap(
                "arrow-back-up" if answered else "arrow-forward-up",
                Tone.FAINT,
                side,
                painter.device().devicePixelRatio(),
            )
            painter.drawPixmap(QPointF(centre.x() - side / 2, centre.y() - side / 2), image)

    def _actions(self, painter: QPainter, rect: QRect, row: Row, looks: Looks) -> None:
        rects = self.action_rects(rect)
        ground = self._colours[Tone.ROW_HOVER]
        if looks.selected:
            ground = self._colours[Tone.ACCENT_SOFT if looks.focused else Tone.HOVER]
        box = QRect(rects[0][1].left(), rects[0][1].top(), rect.right() - rects[0][1].left() + 1, rects[0][1].height())
        fade = QLinearGradient(QPointF(box.left() - Space.XXL, 0), QPointF(box.left(), 0))
        clear = QColor(ground)
        clear.setAlpha(0)
        fade.setColorAt(0, clear)
        fade.setColorAt(1, ground)
        inset = box.adjusted(-Space.XXL, 1, 0, -1) if not self.cards else box.adjusted(-Space.XXL, 0, 0, 0)
        painter.fillRect(inset, fade)
        for (act, spot), (_, name) in zip(rects, HOVER_ACTS, strict=True):
            if act is looks.under:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._colours[Tone.LINE])
                painter.drawRoundedRect(QRectF(spot).adjusted(2, 1, -2, -1), Space.XS, Space.XS)
            self._action_icon(painter, act, name, spot, row)

    def _action_icon(self, painter: QPainter, act: Act, name: str, spot: QRect, row: Row) -> None:
        if act is Act.STAR and row.starred:
            self._icon(painter, "star-filled", Tone.STAR, spot)
        elif act is Act.READ and not row.unread:
            self._icon(painter, "mail", Tone.MUTED, spot)
        else:
            self._icon(painter, name, Tone.MUTED, spot)

    def _icon(self, painter: QPainter, name: str, tone: Tone, rect: QRect) -> None:
        image = self._theme.pixmap(name, tone, Size.ICON, painter.device().devicePixelRatio())
        corner = QPoint(rect.left() + (rect.width() - Size.ICON) // 2, rect.top() + (rect.height() - Size.ICON) // 2)
        painter.drawPixmap(corner, image)

    def _text(
        self, painter: QPainter, rect: QRect, text: str, font: QFont, tone: Tone, align: int = LEFT, column: str = ""
    ) -> int:
        """One elided line. -> its width. `column`: what of a message it is, to mark in it what was looked for."""
        metrics = self._metrics[id(font)]
        shown = metrics.elidedText(text[:LONGEST], Qt.TextElideMode.ElideRight, rect.width())
        if column and self.marks and (spans := self.marks.spans(shown, column)):
            paint_marks(painter, rect, metrics, shown, spans, self._colours[Tone.FOUND])
        painter.setFont(font)
        painter.setPen(self._colours[tone])
        painter.drawText(rect, align, shown)
        return metrics.horizontalAdvance(shown)
