"""The grammar of replies: what is legal is read right, what is not raises Malformed and nothing else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.net.imap_flags import fast_epoch, flag_set
from qtmail.net.imap_tokens import (
    DEPTH_LIMIT,
    SET_LIMIT,
    Atom,
    Malformed,
    compact,
    epoch,
    expand,
    literal_size,
    parse,
    quoted,
    ranges,
    response_code,
)


@pytest.mark.parametrize(
    ("parts", "tokens"),
    [
        ([b"LIST (\\Seen) NIL {3}\r\n", b"a b", b"\r\n"], [b"LIST", [b"\\Seen"], None, b"a b"]),
        ([b'STATUS "a \\"b\\\\" (X 1)\r\n'], [b"STATUS", b'a "b\\', [b"X", b"1"]]),
        ([b"BODY[HEADER.FIELDS (A B)] {1}\r\n", b"x", b")"], None),
        ([b"(BODY[HEADER.FIELDS (A B)]<0> x)"], [[b"BODY[HEADER.FIELDS (A B)]<0>", b"x"]]),
        ([b"() (())"], [[], [[]]]),
        ([b'"" x'], [b"", b"x"]),
        ([b"(a (b c)d)"], [[b"a", [b"b", b"c"], b"d"]]),
        ([b"foo[bar]baz a]b"], [b"foo[bar]baz", b"a]b"]),
        ([b'"unclosed'], None),
        ([b"(a"], None),
        ([b"a)"], None),
        ([b"(" * (DEPTH_LIMIT + 2) + b")" * (DEPTH_LIMIT + 2)], None),
        ([b"(BODY[] {3}\r\n", b"abc", b"def)\r\n"], None),
    ],
)
def test_tokens(parts: list[bytes], tokens: object) -> None:
    if tokens is None:
        with pytest.raises(Malformed):
            parse(parts)
    else:
        assert parse(parts) == tokens


def test_an_atom_is_told_from_a_string() -> None:
    atom, string = parse([b'ALL "ALL"'])
    assert isinstance(atom, Atom)
    assert not isinstance(string, Atom)
    assert parse([b'"NIL" nil']) == [b"NIL", None]


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=5))
def test_garbage_raises_malformed_only(parts: list[bytes]) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(parse(parts), list)


@given(st.text(alphabet='()"\\ {}[]ab1\r\n', max_size=200))
def test_garbage_made_of_syntax(text: str) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(parse([text.encode()]), list)


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (b"a {12}\r\n", 12),
        (b"a {0+}\r\n", 0),
        (b"a {3}\n", 3),
        (b"a {x}\r\n", None),
        (b"a\r\n", None),
        (b"{1} \r\n", None),
    ],
)
def test_literal_size(line: bytes, size: int | None) -> None:
    assert literal_size(line) == size


def test_response_codes() -> None:
    assert response_code(b"[COPYUID 1 2:3 4:5] done") == ("COPYUID", b"1 2:3 4:5", "done")
    assert response_code(b"[ALERT] beware") == ("ALERT", b"", "beware")
    assert response_code(b"no code [here]") == ("", b"", "no code [here]")
    assert response_code(b"[unfinished") == ("", b"", "[unfinished")


@given(st.sets(st.integers(1, 0xFFFFFFFF), max_size=3000))
def test_sets_name_exactly_these_in_short_lines(uids: set[int]) -> None:
    lines = list(compact(uids))
    assert all(len(line) <= SET_LIMIT for line in lines)
    assert sorted(uid for line in lines for uid in expand(line, 100_000)) == sorted(uids)


def test_ranges_are_as_long_as_they_can_be() -> None:
    assert list(ranges([5, 1, 2, 3, 9, 8, 2])) == [(1, 3), (5, 5), (8, 9)]
    assert list(compact(range(1, 100_001))) == [b"1:100000"]
    assert list(compact([])) == []


@pytest.mark.parametrize("text", [b"1:4294967295", b"0", b"", b"a", b"1:", b"99999999999", b"-1", b"1,,2", b"*"])
def test_sets_that_make_no_sense(text: bytes) -> None:
    with pytest.raises(Malformed):
        expand(text, 1000)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"14-Nov-2023 22:13:20 +0000", 1_700_000_000),
        (b" 4-Nov-2023 22:13:20 +0000", 1_700_000_000 - 864_000),
        (b"4-Nov-2023 22:13:20 +0000", 1_700_000_000 - 864_000),
        (b"15-Nov-2023 00:13:20 +0200", 1_700_000_000),
        (b"14-nov-2023 16:43:20 -0530", 1_700_000_000),
        (b"01-Jan-1969 00:00:00 +0000", -365 * 86400),
        (b"14-Foo-2023 22:13:20 +0000", 0),
        (b"14-Nov-2023 ab:13:20 +0000", 0),
        (b"nonsense", 0),
        (b"", 0),
    ],
)
def test_dates(text: bytes, seconds: int) -> None:
    assert epoch(text) == seconds
    assert fast_epoch(text) == seconds
    assert fast_epoch(text) == seconds


@given(st.binary(max_size=30) | st.binary(min_size=26, max_size=26))
def test_dates_never_fail(text: bytes) -> None:
    assert isinstance(fast_epoch(text), int)


def test_flags() -> None:
    assert flag_set(b"\\SEEN \\Recent $Forwarded NonJunk") == {"\\Seen", "$Forwarded", "NonJunk"}
    assert flag_set(b"") == frozenset()


def test_quoting() -> None:
    assert quoted(b'a "b\\') == b'"a \\"b\\\\"'
    assert quoted(b"a\r\nb") is None
    assert quoted("ä".encode()) is None
