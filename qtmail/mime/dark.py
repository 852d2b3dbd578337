"""A light HTML mail made dark: every colour's lightness turned round, strong grounds kept, and each text's contrast
measured afterwards. What cannot be measured (words on a picture) makes the mail stay as its author meant it.
"""

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from qtmail.mime.colours import COLOUR, Colour, contrast, from_oklab, oklab, parse

GROUND = Colour(0x18 / 255, 0x19 / 255, 0x1B / 255)
WORDS = Colour(0xED / 255, 0xEE / 255, 0xF0 / 255)
"""The theme's dark surface and text: what white and black become."""
LINK = Colour(0x84 / 255, 0x9D / 255, 1.0)
ENOUGH = 4.5
"""The contrast every text gets, unless its author gave it less."""
_BAD_PART = 0.02
"""The part of a mail's characters that may be unreadable before it is shown light."""
_MOST_NODES = 20_000
_WHITE, _BLACK = Colour(1, 1, 1), Colour(0, 0, 0)
_LIGHTEST, _DARKEST = oklab(WORDS)[0], oklab(GROUND)[0]
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SIMPLE = re.compile(r"^([a-z][a-z0-9]*)?(?:\.([\w-]+)|#([\w-]+))?$", re.IGNORECASE)
_SHEET = re.compile(r"^(<style>)(.*?)(</style>)", re.DOTALL)
_GROUNDS = frozenset({"background", "background-color"})
_PICTURES = ("background", "background-image")


@dataclass(frozen=True, slots=True)
class _Here:
    """What holds where the walk is: the colours written, and those shown."""

    ground: Colour = _WHITE
    words: Colour = _BLACK
    new_ground: Colour = GROUND
    new_words: Colour = WORDS
    kept: bool = False
    """On a strong ground: colours stay as they are."""
    pictured: bool = False
    """On a picture: nobody knows what is behind the words."""


@dataclass(slots=True)
class _Count:
    characters: int = 0
    unreadable: int = 0


def darkened(html: str) -> str | None:
    """A sanitised fragment in dark colours; None where its words could not be read then, or it is too large."""
    found = _SHEET.match(html)
    sheet, body = (found[2], html[found.end() :]) if found else ("", html)
    try:
        tree = LexborHTMLParser(f"<body>{body}</body>")
    except (SelectolaxError, ValueError, MemoryError):
        return None
    if tree.body is None:
        return None
    count = _Count()
    rules = _simple_rules(sheet)
    waiting: list[tuple[LexborNode, _Here]] = [(tree.body, _Here())]
    nodes = 0
    while waiting:
        node, here = waiting.pop()
        child = node.child
        while child is not None:
            nodes += 1
            if nodes > _MOST_NODES:
                return None
            if child.tag == "-text":
                _measure(child, node, here, count)
            elif child.tag and not child.tag.startswith(("-", "!")):
                waiting.append((child, _enter(child, here, rules)))
            child = child.next
    if count.unreadable > count.characters * _BAD_PART:
        return None
    style = f"<style>{_RULE.sub(_rule, sheet)}</style>" if sheet else ""
    return style + (tree.body.inner_html or "")


@lru_cache(maxsize=4_096)
def turned(colour: Colour) -> Colour:
    """A colour of a light design in the dark one: black words become light, white grounds dark, hues stay."""
    light, a, b = oklab(colour)
    strength = math.hypot(a, b)
    # Dark greys are words: they come out brighter than a straight line would make them. A marker's yellow stays seen.
    new = _LIGHTEST - (_LIGHTEST - _DARKEST) * light**1.25 + (0.9 * strength if light > 0.8 else 0)
    return from_oklab(new, a * 0.95, b * 0.95, colour.alpha)


def _is_strong(colour: Colour) -> bool:
    """Whether a ground is dark or coloured enough to stay: a button, a dark banner."""
    light, a, b = oklab(colour)
    return colour.alpha > 0.5 and (light < 0.45 or (light < 0.72 and (a * a + b * b) > 0.01))


def _measure(text: LexborNode, around: LexborNode, here: _Here, count: _Count) -> None:
    """Count a text's characters, and mend its colour where it is too weak on its ground."""
    length = len((text.text_content or "").strip())
    if not length:
        return
    count.characters += length
    if here.pictured:
        count.unreadable += length
        return
    wanted = min(ENOUGH, contrast(here.words.over(here.ground), here.ground))
    if contrast(here.new_words.over(here.new_ground), here.new_ground) >= wanted - 0.05:
        return
    if (mended := _mended(here.new_words, here.new_ground, wanted)) is None:
        count.unreadable += length
    else:
        _set_style(around, {"color": mended.css()})


def _mended(words: Colour, ground: Colour, wanted: float) -> Colour | None:
    """The colour nearest in hue that can be read there."""
    light, a, b = oklab(words)
    up = oklab(ground)[0] < 0.6
    for step in range(1, 13):
        moved = light + (1 - light) * step / 12 if up else light * (1 - step / 12)
        tried = from_oklab(moved, a * (1 - step / 13), b * (1 - step / 13))
        if contrast(tried, ground) >= wanted:
            return tried
    return None


def _enter(node: LexborNode, here: _Here, rules: dict[str, dict[str, str]]) -> _Here:
    """What holds inside this element; its own colours are turned on the way."""
    said = node.attributes
    tag = (node.tag or "").lower()
    own = _declared(said.get("style") or "")
    declared = dict(rules.get(tag, {}))
    for name in (said.get("class") or "").split()[:10]:
        declared |= rules.get(f".{name}", {}) | rules.get(f"{tag}.{name}", {})
    declared |= rules.get(f"#{said.get('id') or ''}", {})
    if (colour := said.get("bgcolor")) is not None:
        declared.setdefault("background-color", colour)
        own.setdefault("background-color", colour)
    if tag in ("font", "body") and (colour := said.get("color") or said.get("text")) is not None:
        declared.setdefault("color", colour)
        own.setdefault("color", colour)
    declared |= own
    if said.get("background") is not None:
        here = replace(here, pictured=True)
    inside = _inside(here, declared, link=tag == "a" and "color" not in declared)
    changed = {name: _turned_value(name, value, kept=inside.kept) for name, value in own.items()}
    if changed:
        _set_style(node, changed)
        for name in ("bgcolor", "color", "text"):
            if said.get(name) is not None and not (name == "color" and tag == "hr"):
                del node.attrs[name]
    return inside


def _inside(here: _Here, declared: dict[str, str], *, link: bool) -> _Here:
    found = here
    if any("url(" in declared.get(name, "") for name in _PICTURES):
        found = replace(found, pictured=True)
    for name in sorted(_GROUNDS & declared.keys()):
        value = declared[name]
        if (ground := _first_colour(value)) is not None and ground.alpha > 0:
            seen = ground.over(found.ground)
            kept = _is_strong(ground)
            new = ground if kept else turned(ground)
            found = replace(found, ground=seen, new_ground=new.over(found.new_ground), kept=kept)
            found = replace(found, pictured=found.pictured and "url(" in value)
    if link:
        found = replace(found, words=Colour(0.24, 0.39, 0.87), new_words=LINK)
    if "color" in declared and (words := _first_colour(declared["color"])) is not None:
        found = replace(found, words=words, new_words=words if found.kept else turned(words))
    elif found.kept and not here.kept and not link:
        # Words without a colour of their own keep the one they inherit from the light design.
        found = replace(found, new_words=found.words)
    return found


def _first_colour(value: str) -> Colour | None:
    found = COLOUR.search(value)
    return parse(found[0]) if found else None


def _turned_value(name: str, value: str, *, kept: bool) -> str:
    """A declaration's value with its colours turned; on kept grounds they stay."""
    if kept or "url(" in value or not COLOUR.search(value):
        return value
    keep_strong = name in _GROUNDS

    def turn(found: re.Match[str]) -> str:
        colour = parse(found[0])
        if colour is None or (keep_strong and _is_strong(colour)):
            return found[0]
        return turned(colour).css()

    return COLOUR.sub(turn, value)


def _declared(style: str) -> dict[str, str]:
    pairs = (piece.partition(":") for piece in style.split(";"))
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _set_style(node: LexborNode, changed: dict[str, str]) -> None:
    declared = _declared(node.attributes.get("style") or "") | changed
    node.attrs["style"] = ";".join(f"{name}:{value}" for name, value in declared.items())


def _simple_rules(sheet: str) -> dict[str, dict[str, str]]:
    """The rules whose selectors are an element, a class or an id: what the walk knows of the sheet."""
    found: dict[str, dict[str, str]] = {}
    for selectors, block in _RULE.findall(sheet):
        for selector in selectors.split(","):
            name = selector.strip()
            if _SIMPLE.match(name):
                found[name.lower() if name.isalnum() else name] = found.get(name, {}) | _declared(block)
    return found


def _rule(found: re.Match[str]) -> str:
    declared = _declared(found[2])
    ground = next((_first_colour(declared[name]) for name in sorted(_GROUNDS & declared.keys())), None)
    kept = ground is not None and _is_strong(ground)
    turned_ = ((name, _turned_value(name, value, kept=kept)) for name, value in declared.items())
    return f"{found[1]}{{{';'.join(f'{name}:{value}' for name, value in turned_)}}}"
