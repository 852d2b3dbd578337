"""What a conversation's page looks like: the theme's tokens as CSS for Qt WebEngine."""

from base64 import b64encode

from PySide6.QtGui import QFontInfo

from qtmail.ui import icons
from qtmail.ui.theme import DARK, LIGHT, TYPE_SCALE, Radius, Size, Space, Theme, Tone, Type

_ICONS = (
    ("star", "star", Tone.MUTED),
    ("starred", "star-filled", Tone.STAR),
    ("reply", "arrow-back-up", Tone.MUTED),
    ("more", "dots", Tone.MUTED),
    ("clip", "paperclip", Tone.MUTED),
)
_FOLDED_AVATAR = 24


def css(theme: Theme) -> str:
    """The page's own rules; those of the mails are inside them."""
    colours = theme.palette
    font = QFontInfo(theme.font())
    small = round(font.pixelSize() * TYPE_SCALE[Type.SMALL], 1)
    pictures = "".join(f".{name}{{background-image:url({picture(theme, icon, tone)})}}" for name, icon, tone in _ICONS)
    return f"""
:root{{color-scheme:{"dark" if theme.dark else "light"}}}
body{{margin:0;padding:{Space.S}px {Space.L}px {Space.XL}px;background:{colours.surface};color:{colours.text};
 font:{font.pixelSize()}px '{font.family()}',sans-serif;line-height:1.35}}
a{{color:inherit;text-decoration:none}}
a:focus-visible{{outline:2px solid {colours.accent};outline-offset:-2px;border-radius:{Radius.CONTROL}px}}
.entry{{border:1px solid {colours.line};border-radius:{Radius.CARD}px;margin-bottom:{Space.S}px;overflow:clip}}
.line{{display:flex;align-items:center;gap:{Space.M}px;padding:{Space.S}px {Space.M}px}}
.line:hover{{background:{colours.row_hover}}}
.line .name{{flex:none;max-width:30%}}
.name,.preview,.address,.whom,.trust{{overflow:hidden;white-space:nowrap;text-overflow:ellipsis;unicode-bidi:isolate}}
.preview{{flex:1;min-width:0}}
.preview,.address,.date,.whom,.size,.trust{{color:{colours.muted}}}
.date{{flex:none;font-variant-numeric:tabular-nums;white-space:nowrap}}
.unread .name,.open .name,.avatar{{font-weight:600}}
.unread .line .date{{color:{colours.accent};font-weight:600}}
.avatar{{flex:none;display:grid;place-items:center;border-radius:50%;line-height:1}}
.line .avatar{{width:{_FOLDED_AVATAR}px;height:{_FOLDED_AVATAR}px;font-size:{_FOLDED_AVATAR * 0.4:.0f}px}}
.head .avatar{{width:{Size.AVATAR_READER}px;height:{Size.AVATAR_READER}px;font-size:{Size.AVATAR_READER * 0.38:.0f}px}}
.head{{display:flex;align-items:flex-start;gap:{Space.M}px;padding:{Space.M}px}}
.who{{display:flex;flex:1;min-width:0;gap:{Space.M}px}}
.people{{min-width:0;flex:1}}
.first{{display:flex;gap:{Space.S}px;min-width:0}}
.first .name{{flex:none;max-width:60%}}
.whom,.trust{{font-size:{small}px}}
.trust.success{{color:{colours.success}}} .trust.danger{{color:{colours.danger}}}
.acts{{display:flex;align-items:center;gap:{Space.XS}px;flex:none}}
.acts .date{{margin-right:{Space.XS}px}}
.when{{display:none}}
@media (max-width:560px){{
 body{{padding:{Space.XS}px {Space.S}px {Space.L}px}}
 .acts .date{{display:none}} .when{{display:inline}} .first{{flex-wrap:wrap;gap:0 {Space.S}px}}
 .first .name{{max-width:100%}} .line .name{{max-width:50%}}
}}
.icon{{width:{Size.ICON_BAR}px;height:{Size.ICON_BAR}px;padding:{Space.XS}px;border-radius:{Radius.CONTROL}px;
 background:center/{Size.ICON_BAR}px no-repeat}}
a.icon:hover{{background-color:{colours.hover}}}
.clip{{width:{Size.ICON}px;height:{Size.ICON}px;padding:0;background-size:{Size.ICON}px;flex:none}}
.notice{{margin:0 {Space.M}px {Space.S}px;padding:{Space.S}px {Space.M}px;border-radius:{Radius.CARD}px;
 background:{colours.accent_soft}}}
.notice.warning,.notice.danger{{background:{colours.warning_soft}}}
.notice a{{color:{colours.accent};margin-left:{Space.S}px;font-weight:600;white-space:nowrap}}
.frame{{contain:layout paint;overflow-x:auto;overflow-y:hidden;padding:{Space.XS}px {Space.L}px {Space.L}px}}
.frame>div{{display:block;min-height:1em}}
.light{{background:{LIGHT.surface};color:{LIGHT.text};color-scheme:light}}
.page-dark .light{{margin:0 {Space.S}px {Space.S}px;border-radius:{Radius.CARD}px;padding:{Space.M}px}}
.waiting{{color:{colours.muted};padding:{Space.M}px {Space.L}px {Space.XL}px}}
.files{{display:flex;flex-wrap:wrap;gap:{Space.S}px;padding:{Space.M}px;border-top:1px solid {colours.line}}}
.file{{display:flex;align-items:center;gap:{Space.S}px;max-width:260px;padding:{Space.XS}px {Space.M}px;
 border:1px solid {colours.line};border-radius:{Radius.CARD}px;background:{colours.raised}}}
.file:hover{{background:{colours.hover}}}
.file b{{font-weight:400;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}}
.file i{{flex:none;width:{Size.ICON}px;height:{Size.ICON}px;background:center/{Size.ICON}px no-repeat}}
.size{{flex:none;font-size:{small}px}}
::-webkit-scrollbar{{width:{Space.L}px;height:{Space.L}px}}
::-webkit-scrollbar-thumb{{background:{colours.line};border-radius:{Space.M}px;
 border:{Space.XS}px solid {colours.surface}}}
.current .entry{{border-color:{colours.accent}}}
{pictures}"""


def picture(theme: Theme, icon: str, tone: Tone = Tone.MUTED) -> str:
    """An icon as a data: URL."""
    return "data:image/svg+xml;base64," + b64encode(icons.drawing(icon, theme.hex(tone)).encode()).decode()


def ground(theme: Theme) -> str:
    """What the page stands on."""
    return (DARK if theme.dark else LIGHT).surface
