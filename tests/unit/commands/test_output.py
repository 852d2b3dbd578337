"""What commands print: JSON for programs, text that cannot steer a terminal, on any locale."""

import io
import json
import sys

import pytest

from qtmail.commands.output import Output, clip, iso, local_time, octets, one_line, plain


@pytest.fixture
def written(monkeypatch):
    """-> what a function writes to a stdout that knows ASCII alone."""

    def run(write):
        buffer = io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="ascii"))
            write()
            return buffer.getvalue()

    return run


def test_json_is_one_line_of_utf8_whatever_the_locale(written):
    line = written(lambda: Output().json({"subject": "Grüße\nan 山田"}))
    assert line.count(b"\n") == 1
    assert json.loads(line.decode("utf-8")) == {"subject": "Grüße\nan 山田"}


def test_json_survives_half_a_surrogate_pair(written):
    assert json.loads(written(lambda: Output().json(["\ud83d"]))) == ["\ud83d"]


def test_text_gives_way_on_a_poor_locale(written):
    assert written(lambda: Output().text("Grüße")) == b"Gr??e\n"


def test_a_mail_cannot_steer_the_terminal():
    assert plain("a\x1b[31mred\x07\x9b2J\r\nb\tc") == "a\ufffd[31mred\ufffd\ufffd2J\nb\tc"
    assert one_line("a\n b\t\x1b c") == "a b \ufffd c"


def test_stderr_never_fails_for_a_character(monkeypatch):
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(buffer, encoding="ascii"))
    Output().say("Größe")
    assert buffer.getvalue() == b"Gr\\xf6\\xdfe\n"


def test_table_aligns(written):
    lines = [["1", "a", "x"], ["10", "bbb", "y"]]
    assert written(lambda: Output().table(lines, right=frozenset({0}))) == b" 1  a    x\n10  bbb  y\n"


def test_an_empty_table_is_nothing(written):
    assert written(lambda: Output().table([])) == b""


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        (1_795_428_000, 0, "2026-11-23T10:00:00Z"),
        (1_795_428_000, 60, "2026-11-23T11:00:00+01:00"),
        (1_795_428_000, -210, "2026-11-23T06:30:00-03:30"),
        (None, 0, None),
        (10**18, 0, None),
    ],
)
def test_iso(at, zone, expected):
    assert iso(at, zone) == expected


def test_local_time_is_empty_where_there_is_none():
    assert local_time(None) == ""
    assert local_time(10**18) == ""
    assert len(local_time(1_795_428_000)) == len("2026-11-23 10:00")


@pytest.mark.parametrize(
    ("size", "words"), [(812, "812 B"), (46_100, "46.1 kB"), (3_000_000, "3.0 MB"), (2 * 10**9, "2.0 GB")]
)
def test_octets(size, words):
    assert octets(size) == words


def test_clip():
    assert clip("abc", 3) == "abc"
    assert clip("abcd", 3) == "ab…"
