"""What is marked in what was found: the same that the index takes for the same."""

import pytest

from qtmail.store import search


@pytest.mark.parametrize(
    ("typed", "text", "marked"),
    [
        ("plan ", "The plan, plans and a Plan.", ["plan", "Plan"]),
        ("pla", "The plan, plans", ["pla", "pla"]),
        ("pla* x", "The plan; no explanation", ["pla"]),
        ('"building plan"', "Building – plan building; plan", ["Building – plan", "building; plan"]),
        ("angstrom ", "Der Ångström und A\u030angstro\u0308m", ["Ångström", "A\u030angstro\u0308m"]),
        ("strasse ", "Straße, STRASSE", ["Straße", "STRASSE"]),
        ("Straße ", "strasse", ["strasse"]),
        ("東京", "明日、東京の会議 東 京", ["東京", "東 京"]),
        ("iphone手機", "新iPhone 手機と iPhone", ["iPhone 手機"]),
        ("abc ", "東abc京 abcd", ["abc"]),
        ("회의", "회의는 내일", ["회의"]),
        ("-plan tea ", "plan tea", ["tea"]),
        ("(tea OR plan) -x ", "plan tea", ["plan", "tea"]),
        ("from:ann tea ", "ann tea", ["tea"]),
        ("is:unread before:2024 ", "unread 2024", []),
        ('" ', "anything", []),
        ("a_b ", "a_b a b", ["a_b", "a b"]),
    ],
)
def test_marked(typed: str, text: str, marked: list[str]) -> None:
    spans = search.marks(typed).spans(text, "body")
    assert [text[start:end] for start, end in spans] == marked


def test_columns_and_terms() -> None:
    marks = search.marks('from:ann subject:(tea OR "green tea") plan')
    assert [marks.spans("ann plan tea", column) for column in ("sender", "subject", "body")] == [
        [(0, 3), (4, 8)],
        [(4, 8), (9, 12)],
        [(4, 8)],
    ]
    assert marks.terms("body") == ("plan",)
    assert not search.marks("before:nonsense")
