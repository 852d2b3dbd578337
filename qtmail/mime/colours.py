"""Colours as CSS writes them, their lightness as eyes see it, and their contrast."""

import re
from dataclasses import dataclass

_NAMED = {
    name: value
    for pair in """
    black:000000 silver:c0c0c0 gray:808080 grey:808080 white:ffffff maroon:800000 red:ff0000 purple:800080
    fuchsia:ff00ff magenta:ff00ff green:008000 lime:00ff00 olive:808000 yellow:ffff00 navy:000080 blue:0000ff
    teal:008080 aqua:00ffff cyan:00ffff orange:ffa500 aliceblue:f0f8ff antiquewhite:faebd7 azure:f0ffff
    beige:f5f5dc bisque:ffe4c4 brown:a52a2a burlywood:deb887 cadetblue:5f9ea0 chocolate:d2691e coral:ff7f50
    cornflowerblue:6495ed cornsilk:fff8dc crimson:dc143c darkblue:00008b darkcyan:008b8b darkgoldenrod:b8860b
    darkgray:a9a9a9 darkgrey:a9a9a9 darkgreen:006400 darkkhaki:bdb76b darkmagenta:8b008b darkolivegreen:556b2f
    darkorange:ff8c00 darkorchid:9932cc darkred:8b0000 darksalmon:e9967a darkslateblue:483d8b darkslategray:2f4f4f
    darkturquoise:00ced1 darkviolet:9400d3 deeppink:ff1493 deepskyblue:00bfff dimgray:696969 dimgrey:696969
    dodgerblue:1e90ff firebrick:b22222 floralwhite:fffaf0 forestgreen:228b22 gainsboro:dcdcdc ghostwhite:f8f8ff
    gold:ffd700 goldenrod:daa520 greenyellow:adff2f honeydew:f0fff0 hotpink:ff69b4 indianred:cd5c5c indigo:4b0082
    ivory:fffff0 khaki:f0e68c lavender:e6e6fa lavenderblush:fff0f5 lightblue:add8e6 lightcoral:f08080
    lightcyan:e0ffff lightgray:d3d3d3 lightgrey:d3d3d3 lightgreen:90ee90 lightpink:ffb6c1 lightsalmon:ffa07a
    lightseagreen:20b2aa lightskyblue:87cefa lightslategray:778899 lightsteelblue:b0c4de lightyellow:ffffe0
    limegreen:32cd32 linen:faf0e6 mediumblue:0000cd midnightblue:191970 mintcream:f5fffa mistyrose:ffe4e1
    moccasin:ffe4b5 oldlace:fdf5e6 olivedrab:6b8e23 orangered:ff4500 orchid:da70d6 palegreen:98fb98
    peachpuff:ffdab9 peru:cd853f pink:ffc0cb plum:dda0dd powderblue:b0e0e6 rebeccapurple:663399 rosybrown:bc8f8f
    royalblue:4169e1 saddlebrown:8b4513 salmon:fa8072 sandybrown:f4a460 seagreen:2e8b57 seashell:fff5ee
    sienna:a0522d skyblue:87ceeb slateblue:6a5acd slategray:708090 slategrey:708090 snow:fffafa springgreen:00ff7f
    steelblue:4682b4 tan:d2b48c thistle:d8bfd8 tomato:ff6347 turquoise:40e0d0 violet:ee82ee wheat:f5deb3
    whitesmoke:f5f5f5 yellowgreen:9acd32 windowtext:000000 window:ffffff
    """.split()  # noqa: SIM905
    for name, value in [pair.split(":")]
}
COLOUR = re.compile(
    r"#[0-9a-f]{8}\b|#[0-9a-f]{6}\b|#[0-9a-f]{3,4}\b|\b(?:rgb|hsl)a?\([^()]{1,80}\)|(?<![\w#.-])(?:"
    + "|".join(sorted(_NAMED, key=len, reverse=True))
    + r")(?![\w-])",
    re.IGNORECASE,
)
"""A colour inside a declaration's value."""


@dataclass(frozen=True, slots=True)
class Colour:
    """sRGB, each part 0 to 1, with its opacity."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def css(self) -> str:
        parts = tuple(round(max(0.0, min(1.0, part)) * 255) for part in (self.red, self.green, self.blue))
        if self.alpha >= 1:
            return "#{:02x}{:02x}{:02x}".format(*parts)
        return "rgba({},{},{},{:.3g})".format(*parts, self.alpha)

    def over(self, ground: "Colour") -> "Colour":
        """What is seen where this lies on an opaque ground."""
        mine, theirs = self.alpha, 1 - self.alpha
        return Colour(
            self.red * mine + ground.red * theirs,
            self.green * mine + ground.green * theirs,
            self.blue * mine + ground.blue * theirs,
        )


def parse(text: str) -> Colour | None:
    """A CSS colour; None for what is none (or means another's: inherit, transparent)."""
    text = text.strip().lower()
    if text in _NAMED:
        text = "#" + _NAMED[text]
    if text.startswith("#"):
        return _hex(text[1:])
    name, _, inner = text.partition("(")
    numbers = re.findall(r"[+-]?[\d.]+%?", inner)
    if name not in ("rgb", "rgba", "hsl", "hsla") or len(numbers) < 3:
        return None
    try:
        alpha = _part(numbers[3], 1.0) if len(numbers) > 3 else 1.0
        if name.startswith("rgb"):
            red, green, blue = (_part(number, 255.0) for number in numbers[:3])
            return Colour(red, green, blue, alpha)
        return _hsl(float(numbers[0].rstrip("%")), _part(numbers[1], 100.0), _part(numbers[2], 100.0), alpha)
    except ValueError:
        return None


def _hex(digits: str) -> Colour | None:
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in (6, 8):
        return None
    try:
        return Colour(*(int(digits[at : at + 2], 16) / 255 for at in range(0, len(digits), 2)))
    except ValueError:
        return None


def _part(number: str, whole: float) -> float:
    value = float(number.rstrip("%")) / (100.0 if number.endswith("%") else whole)
    return max(0.0, min(1.0, value))


def _hsl(hue: float, saturation: float, light: float, alpha: float) -> Colour:
    import colorsys

    red, green, blue = colorsys.hls_to_rgb(hue / 360 % 1, light, saturation)
    return Colour(red, green, blue, alpha)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * float(max(part, 0.0) ** (1 / 2.4)) - 0.055


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2's ratio of two opaque colours, 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    return 0.2126 * _linear(colour.red) + 0.7152 * _linear(colour.green) + 0.0722 * _linear(colour.blue)


def oklab(colour: Colour) -> tuple[float, float, float]:
    """Lightness 0 to 1, and the two axes of colour (Ottosson's Oklab)."""
    red, green, blue = _linear(colour.red), _linear(colour.green), _linear(colour.blue)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def from_oklab(light: float, a: float, b: float, alpha: float = 1.0) -> Colour:
    """Back to sRGB; what a screen cannot show loses colour until it can."""
    for _ in range(8):
        long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
        parts = (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )
        if all(-0.001 <= part <= 1.001 for part in parts):
            break
        a, b = a * 0.85, b * 0.85
    red, green, blue = (max(0.0, min(1.0, _gamma(part))) for part in parts)
    return Colour(red, green, blue, alpha)
