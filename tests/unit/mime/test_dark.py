"""Light mails made dark can be read, or stay light."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from qtmail.mime.colours import Colour, contrast, from_oklab, oklab, parse
from qtmail.mime.dark import ENOUGH, GROUND, WORDS, darkened, turned
from qtmail.mime.html import sanitise
from qtmail.mime.parse import parse as parse_mail
from tests.unit.mime.samples import SOON, raw


@pytest.mark.parametrize(
    ("text", "css"),
    [
        ("#FFF", "#ffffff"), ("#0a0b0c", "#0a0b0c"), ("White", "#ffffff"), ("rgb(1, 2,3)", "#010203"),
        ("rgba(10,20,30,.5)", "rgba(10,20,30,0.5)"), ("hsl(120,100%,25%)", "#008000"),
        ("#12345680", "rgba(18,52,86,0.502)"),
    ],
)  # fmt: skip
def test_colours_are_read(text: str, css: str) -> None:
    colour = parse(text)
    assert colour is not None
    assert colour.css() == css


@pytest.mark.parametrize("text", ["", "inherit", "transparent", "#12", "rgb(1)", "url(x)", "currentcolor", "#ggg"])
def test_what_is_no_colour(text: str) -> None:
    assert parse(text) is None


@given(*(st.floats(0, 1) for _ in range(3)))
@SOON
def test_oklab_and_back(red: float, green: float, blue: float) -> None:
    back = from_oklab(*oklab(Colour(red, green, blue)))
    assert max(abs(back.red - red), abs(back.green - green), abs(back.blue - blue)) < 0.02


def test_white_and_black_become_the_themes() -> None:
    assert contrast(turned(Colour(1, 1, 1)), GROUND) < 1.05
    assert contrast(turned(Colour(0, 0, 0)), WORDS) < 1.05


def colours(html: str, tag: str) -> tuple[Colour | None, Colour | None]:
    """(ground, words) that an element says."""
    node = LexborHTMLParser(html).css_first(tag)
    assert node is not None
    style = node.attributes.get("style") or ""
    said = dict(piece.partition(":")[::2] for piece in style.split(";"))
    return parse(said.get("background-color") or said.get("background") or ""), parse(said.get("color", ""))


def test_light_grounds_turn_and_strong_ones_stay() -> None:
    html = darkened(
        '<table bgcolor="#f4f4f4"><tr><td style="color:#222">x</td></tr></table>'
        '<a style="background:#0a7d32;color:#fff">Buy</a><p>plain words</p>'
        '<h1 style="background:#111;color:white">y</h1>'
    )
    assert html is not None
    ground, _ = colours(html, "table")
    assert ground is not None
    assert oklab(ground)[0] < 0.3
    _, words = colours(html, "td")
    assert words is not None
    assert contrast(words, ground) > ENOUGH
    assert colours(html, "a") == (parse("#0a7d32"), parse("#fff"))
    assert colours(html, "h1") == (parse("#111"), parse("white"))


def test_words_too_weak_are_mended() -> None:
    html = darkened('<p style="color:#1a0dab">a blue</p>')
    assert html is not None
    _, words = colours(html, "p")
    assert words is not None
    assert contrast(words, GROUND) >= ENOUGH - 0.05


def test_words_on_a_picture_stay_light() -> None:
    assert darkened('<div style="background-image:url(mail-remote:/x)"><p>Words on a picture</p></div>') is None
    assert darkened('<table background="mail-body:/cid/1/x"><tr><td>Words</td></tr></table>') is None
    assert (
        darkened('<div style="background-image:url(mail-remote:/x)"><p style="background:#fff">Words</p></div>')
        is not None
    )
    assert darkened("<p>x</p>" * 30_000) is None


def test_sheets_turn_too() -> None:
    html = darkened(
        "<style>.a{background:#ffffff;color:#000000}.b{background:#224466;color:#fff}"
        "@media print{p{color:#111}}</style><p class='a'>x</p>"
    )
    assert html is not None
    assert turned(Colour(1, 1, 1)).css() in html
    assert ".b{background:#224466;color:#fff}" in html
    assert re.search(r"@media print\{p\{color:#[c-f]", html)


def test_a_newsletter_can_be_read_in_the_dark() -> None:
    safe = sanitise(parse_mail(raw("html-newsletter")).html)
    dark = darkened(safe.html)
    assert dark is not None
    assert len(LexborHTMLParser(dark).css("*")) == len(LexborHTMLParser(safe.html).css("*"))
    assert "#f4f4f4" not in dark
