"""The short cuts of a first sync find what the careful way finds."""

import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.mime import bodies, charset, headers, parts, summary
from tests.unit.mime.samples import SOON, names, raw
from tests.unit.mime.torture import made, mails

_PIECES = st.sampled_from(
    [
        *(b"\r\n", b"\r", b"\n", b"a", b"Bo", b" ", b"\xc3\xa9", b"\xe9", b"\xef\xbb\xbf", b"\0", b"\x07"),
        *(b"\x1b$B", b"\x81", "東京".encode(), "東京".encode("gbk"), "ж".encode("koi8-r"), "é".encode("utf-16")),
    ]
)
_LABELS = st.sampled_from(
    ["", "utf-8", "us-ascii", "latin1", "gb2312", "koi8-r", "utf-16", "utf-7", "x-unknown", "cp037"]
)
_IDS = st.sampled_from(
    ["<a@b>", "<a@b>", "<c.d@e>", " ", "  ", "<", ">", "x@y", "<ü@b>", "<a b@c>", "\t", "<>", "nobody"]
)


def carefully(work: Callable[[], object]) -> object:
    """Without the short cuts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charset, "plain_utf8", lambda data, declared="": "")
        patch.setattr(headers, "_PLAIN_IDS", re.compile(r"(?!)"))
        patch.setattr(parts, "_USUAL", -1)
        patch.setattr(summary, "_FIRST", 0)
        return work()


def corpus() -> Iterator[bytes]:
    yield from map(raw, names())
    yield from made()
    yield from mails(300, 11)


def test_the_same_is_found_in_every_sample() -> None:
    for mail in corpus():
        found = summary.summarise(mail)
        assert carefully(lambda: summary.summarise(mail)) == found, mail[:300]  # noqa: B023
        assert carefully(lambda: parts.cut(mail)) == parts.cut(mail), mail[:300]  # noqa: B023


@SOON
@given(st.lists(_PIECES, max_size=12).map(b"".join), _LABELS)
def test_characters(data: bytes, label: str) -> None:
    leaf = parts.Leaf("text/plain", {"charset": label} if label else {}, "", "", "", "", 0, len(data), -1)
    assert carefully(lambda: bodies.characters(data, leaf)) == bodies.characters(data, leaf)


@SOON
@given(st.lists(_IDS, max_size=6).map("".join))
def test_message_ids(value: str) -> None:
    value = " ".join(value.split())
    assert carefully(lambda: headers.ids(value)) == headers.ids(value)


_LINES = st.sampled_from(
    ["", "> quoted", "-- ", "On Monday, Bo wrote:", "words " * 30, "short", "é" * 70, "\u200b\u200b", " ", "x" * 900]
)


@SOON
@given(st.lists(_LINES, max_size=60).map("\n".join))
def test_previews(text: str) -> None:
    assert carefully(lambda: summary.preview(text)) == summary.preview(text)
