"""Bytes to text with right, wrong, odd and missing labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime.charset import codec, decode
from tests.unit.mime.samples import SOON


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        ("smart “quotes” – and €", "cp1252", "iso-8859-1"),
        ("“quotes”", "cp1252", "us-ascii"),
        ("สวัสดี", "cp874", "windows-874"),
        ("Привет", "koi8-r", "koi8r"),
        ("朱镕基", "gb18030", "gb2312"),
        ("①株式会社", "cp932", "Shift_JIS"),
        ("똠방각하", "cp949", "ks_c_5601-1987"),
        ("ελληνικά", "iso8859-7", "iso-8859-7"),
        ("Grüße", "utf-8", '"UTF-8"'),
        ("Grüße", "utf-8", "iso-8859-1"),
        ("Grüße", "utf-8", "no-such-charset"),
        ("Grüße aus Köln", "cp1252", "utf-8"),
        ("Grüße aus Köln", "cp1252", ""),
        ("שלום", "iso8859-8", "iso-8859-8-i"),
        ("日本語", "iso2022_jp", "iso-2022-jp"),
        ("hello", "utf-16", "utf-16"),
    ],
)
def test_labels(text: str, encoding: str, label: str) -> None:
    assert decode(text.encode(encoding), label) == text


def test_a_few_broken_octets_do_not_change_the_alphabet() -> None:
    text = decode("Это довольно длинное письмо о погоде. ".encode() * 20 + b"\xff", "utf-8")
    assert text.startswith("Это довольно")
    assert text.endswith("\ufffd")


@pytest.mark.parametrize("label", ["rot13", "base64", "hex", "zip", "idna", "../x", "x" * 500, "\0", "ü"])
def test_what_is_no_character_set_is_not_used(label: str) -> None:
    assert decode("Grüße aus Köln".encode("cp1252"), label) == "Grüße aus Köln"
    assert codec(label) == ""


@SOON
@given(
    st.binary(max_size=200), st.one_of(st.text(max_size=20), st.sampled_from(["utf-7", "utf-16", "gbk", "hz", "big5"]))
)
def test_never_raises_and_can_be_stored(data: bytes, label: str) -> None:
    decode(data, label).encode("utf-8")
