"""Marks in a document: around words between tags, and nothing else is touched."""

import re

import pytest

from qtmail.mime.marked import marked


def zebra(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer("zebra|amp", text)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("a zebra b", "a [zebra] b"),
        ("<p title='zebra>'>zebra</p>", "<p title='zebra>'>[zebra]</p>"),
        ('<a href="x>zebra">zebra &amp; zebra</a>', '<a href="x>zebra">[zebra] &amp; [zebra]</a>'),
        ("<style>zebra{}</style><title>zebra</title>zebra", "<style>zebra{}</style><title>zebra</title>[zebra]"),
        (
            "<head><title>zebra</title></head>zebra<!-- zebra -->",
            "<head><title>zebra</title></head>[zebra]<!-- zebra -->",
        ),
        ("<template><style>a>b{}</style><div>zebra</div>", "<template><style>a>b{}</style><div>[zebra]</div>"),
        ("1 < 2 zebra", "1 < 2 [zebra]"),
        ("nothing", "nothing"),
    ],
)
def test_marked(document: str, expected: str) -> None:
    made = marked(document, zebra, "S")
    assert made.replace('<span style="S">', "[").replace("</span>", "]") == expected
    assert re.sub('<span style="S">|</span>', "", made) == document
