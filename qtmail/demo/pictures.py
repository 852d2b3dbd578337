"""Pictures for the sample mail, drawn by code: no display, no image library, a few hundredths of a second each."""

import math
import random
import struct
import zlib
from collections.abc import Callable, Sequence

Colour = tuple[float, float, float]
"""Red, green, blue, each from 0 to 255."""
Painter = Callable[[float, float], Colour]
"""(x, y), both from 0 to 1, y downwards -> the colour there."""


def dusk() -> bytes:
    """Hills under an evening sky with the first stars. -> PNG, 400 x 225."""
    return _png(
        400, 225, _hills(_sky((38, 40, 92), (238, 130, 110), (252, 210, 150)), seed=7, tint=(46, 38, 78), stars=70)
    )


def fjord() -> bytes:
    """A cold morning over water. -> PNG, 400 x 225."""
    return _png(
        400, 225, _hills(_sky((120, 168, 206), (214, 228, 234), (246, 240, 226)), seed=3, tint=(40, 78, 104), stars=0)
    )


def garden_plan() -> bytes:
    """Six beds, a path and a pond, seen from above. -> PNG, 420 x 280."""
    beds = (
        (0.06, 0.10, 0.24, 0.42, (122, 168, 96)),
        (0.28, 0.10, 0.46, 0.42, (176, 196, 110)),
        (0.50, 0.10, 0.68, 0.42, (214, 132, 92)),
        (0.06, 0.56, 0.24, 0.90, (148, 122, 178)),
        (0.28, 0.56, 0.46, 0.90, (232, 188, 96)),
        (0.50, 0.56, 0.68, 0.90, (104, 150, 120)),
    )

    def paint(x: float, y: float) -> Colour:
        if math.hypot((x - 0.84) * 1.5, y - 0.72) < 0.17:
            return (132, 186, 208)
        for left, top, right, bottom, colour in beds:
            if left < x < right and top < y < bottom:
                furrow = 10 if int(y * 56) % 2 else 0
                return (colour[0] - furrow, colour[1] - furrow, colour[2] - furrow)
        return (228, 214, 186) if 0.45 < y < 0.53 or 0.70 < x < 0.74 else (196, 214, 168)

    return _png(420, 280, paint)


def bars(values: Sequence[float], colour: Colour = (62, 99, 221)) -> bytes:
    """A bar chart with a quiet grid, the last bar stronger. -> PNG, 480 x 200."""
    top = max(values) * 1.15

    def paint(x: float, y: float) -> Colour:
        place = (x - 0.03) / 0.94 * len(values)
        which = int(place) if place >= 0 else -1
        if 0 <= which < len(values) and 0.16 < place % 1 < 0.84 and 0.94 > y > 0.94 - 0.9 * values[which] / top:
            share = 1.0 if which == len(values) - 1 else 0.45
            return _mix((255, 255, 255), colour, share)
        return (230, 233, 238) if int(y * 200) % 36 == 8 and 0.03 < x < 0.97 else (255, 255, 255)

    return _png(480, 200, paint)


def moon(lit: float) -> bytes:
    """The moon as seen when `lit` (0 new, 1 full) of it is bright, waxing. -> PNG, 160 x 160."""

    def paint(x: float, y: float) -> Colour:
        u, v = (x - 0.5) / 0.38, (y - 0.5) / 0.38
        if u * u + v * v > 1:
            return (20, 24, 44)
        edge = math.sqrt(1 - v * v) * (1 - 2 * lit)
        shade = 18 * math.sin(u * 9 + v * 4) * math.sin(v * 11)
        return (236 + shade, 230 + shade, 208 + shade) if u > edge else (46, 50, 74)

    return _png(160, 160, paint)


def badge(letter_colour: Colour, ground: Colour) -> bytes:
    """A round emblem with a rising star, for letterheads. -> PNG, 96 x 96."""

    def paint(x: float, y: float) -> Colour:
        u, v = x - 0.5, y - 0.5
        if math.hypot(u, v) > 0.48:
            return (255, 255, 255)
        star = abs(u) ** 0.55 + abs(v + 0.06) ** 0.55
        return letter_colour if star < 0.62 else ground

    return _png(96, 96, paint)


def _sky(high: Colour, middle: Colour, low: Colour) -> Painter:
    def paint(x: float, y: float) -> Colour:
        return _mix(high, middle, y / 0.55) if y < 0.55 else _mix(middle, low, min(1, (y - 0.55) / 0.35))

    return paint


def _hills(sky: Painter, seed: int, tint: Colour, stars: int) -> Painter:
    chance = random.Random(seed)  # noqa: S311 - it only places hills and stars
    waves = [(chance.uniform(3, 9), chance.uniform(0, 6), chance.uniform(0.015, 0.05)) for _ in range(9)]
    places = {(chance.randrange(400), chance.randrange(105)) for _ in range(stars)}

    ridges: dict[float, list[float]] = {}

    def ridges_at(x: float) -> list[float]:
        if x not in ridges:
            ridges[x] = [
                0.62
                + 0.13 * layer
                + sum(height * math.sin(x * pace + start) for pace, start, height in waves[layer * 3 : layer * 3 + 3])
                for layer in range(3)
            ]
        return ridges[x]

    def paint(x: float, y: float) -> Colour:
        for back, ridge in enumerate(reversed(ridges_at(x))):
            if y > ridge:
                return _mix(tint, sky(x, 0.8), back * 0.3)
        colour = sky(x, y)
        return _mix(colour, (255, 255, 255), 0.8) if (int(x * 400), int(y * 225)) in places else colour

    return paint


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    rest = 1 - share
    return (
        one[0] * rest + other[0] * share,
        one[1] * rest + other[1] * share,
        one[2] * rest + other[2] * share,
    )


def _png(width: int, height: int, paint: Painter) -> bytes:
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes(map(int, paint(x / width, y / height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
