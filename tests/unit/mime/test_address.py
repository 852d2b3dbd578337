"""Mailboxes from headers and from the keyboard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.address import (
    check_address,
    display,
    display_address,
    display_list,
    parse_addresses,
    parse_typed,
    to_header,
    wire_address,
)
from qtmail.model import Address
from tests.unit.mime.samples import SOON


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Bo <bo@x>", [("Bo", "bo@x")]),
        ("bo@x", [("", "bo@x")]),
        ('"Doe, Jane" <j@x>, Bo <bo@x>', [("Doe, Jane", "j@x"), ("Bo", "bo@x")]),
        ("Doe, Jane <j@x>", [("Doe, Jane", "j@x")]),
        ('"a \\"b\\" c" <q@x>', [('a "b" c', "q@x")]),
        ("bo@x (Bo Smith)", [("Bo Smith", "bo@x")]),
        ("Bo (at (home)) <bo@x>", [("Bo", "bo@x")]),
        ("undisclosed-recipients:;", []),
        ("Us: a@b, C <c@d>;, e@f", [("", "a@b"), ("C", "c@d"), ("", "e@f")]),
        ("=?utf-8?q?Bo_=3Cgood=40x=3E?= <evil@y>", [("Bo <good@x>", "evil@y")]),
        ("=?utf-8?b?QSwgQiA8eEB5Pg==?=, z@z", [("A, B <x@y>", ""), ("", "z@z")]),
        ("good@x <evil@y>", [("good@x", "evil@y")]),
        ("Bo <bo@x", [("Bo", "bo@x")]),
        ('"Bo <bo@x>', [("Bo", "bo@x")]),
        ("<bo@x>, <>", [("", "bo@x")]),
        (",,;,", []),
    ],
)
def test_headers(header: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.name, one.address) for one in parse_addresses(header)] == expected


def test_typed_recipients_in_all_their_spellings() -> None:
    found, errors = parse_typed("Bo <bo@x.test>, 'a, b' <c@d.test>; e@f.test\nO'Neil <o@n.test>, Jane j@x.test")
    assert errors == ()
    assert found == (
        Address("Bo", "bo@x.test"),
        Address("a, b", "c@d.test"),
        Address("", "e@f.test"),
        Address("O'Neil", "o@n.test"),
        Address("Jane", "j@x.test"),
    )


def test_each_mistake_is_told_and_the_rest_is_kept() -> None:
    found, errors = parse_typed("bo, ok@x.test, @x.test, a b c@, x@-bad.test")
    assert found == (Address("", "ok@x.test"),)
    assert len(errors) == 4
    assert errors[0] == "“bo” is no mail address: it has no “@”."


@pytest.mark.parametrize("good", ["a@b", "a.b+c@x.example", "jürgen@bücher.example", '"a b"@x.test', "a@[127.0.0.1]"])
def test_good_addresses(good: str) -> None:
    assert check_address(good) is None


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a",
        "a@",
        "@b",
        "a b@c",
        "a..b@c",
        ".a@b",
        "a@b..c",
        "a@b c",
        "a@-b",
        "a@b\r\nBcc: x@y",
        "a,b@c",
        "a@" + "b" * 300,
    ],
)
def test_bad_addresses(bad: str) -> None:
    assert check_address(bad)


_NAMES = st.text(st.characters(codec="utf-8"), max_size=30)


@SOON
@given(st.lists(st.tuples(_NAMES, st.sampled_from(["a@b.test", "x.y@z.test", "jürgen@bücher.test"])), max_size=5))
def test_what_is_displayed_can_be_typed_back(pairs: list[tuple[str, str]]) -> None:
    before = [
        Address(" ".join(parse_addresses(to_header(Address(name, at)))[0].name.split()), at) for name, at in pairs
    ]
    after, errors = parse_typed(display_list(before))
    assert errors == ()
    assert list(after) == before


@SOON
@given(_NAMES)
def test_a_name_travels_through_a_header(name: str) -> None:
    (back,) = parse_addresses(to_header(Address(name, "a@b.test")))
    assert back.address == "a@b.test"
    again = parse_addresses(to_header(back))
    assert again == (back,)
    visible = "".join(letter for letter in name if letter.isprintable() and not letter.isspace())
    assert "".join(back.name.split()) == visible or not name.isprintable()


@SOON
@given(st.text(max_size=80))
def test_reading_never_raises(text: str) -> None:
    parse_addresses(text)
    parse_typed(text)
    check_address(text)
    assert "\n" not in display(Address(text, text))
    assert "\r" not in to_header(Address(text, text))
    assert "\n" not in to_header(Address(text, text))


def test_international_domains() -> None:
    assert wire_address("a@bücher.example") == "a@xn--bcher-kva.example"
    assert display_address("a@xn--bcher-kva.example") == "a@bücher.example"
    assert display_address("a@xn--wgv71a119e.jp") == "a@日本語.jp"


@pytest.mark.parametrize("disguised", ["аррӏе.com", "раураl.com"])
def test_a_domain_in_disguise_stays_encoded(disguised: str) -> None:
    encoded = wire_address(f"a@{disguised}")
    assert encoded.startswith("a@xn--")
    assert display_address(encoded) == encoded
