"""Names of flags as people write them."""

import argparse

import pytest

from qtmail.commands import flag
from qtmail.commands.flag import flag_of
from qtmail.commands.shapes import row_ids
from qtmail.errors import BadInput


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("seen", "\\Seen"),
        ("\\Seen", "\\Seen"),
        ("FLAGGED", "\\Flagged"),
        ("forwarded", "$Forwarded"),
        ("$Junk", "$Junk"),
        ("work", "work"),
        ("$Label1", "$Label1"),
    ],
)
def test_known_flags_and_keywords(word, meant):
    assert flag_of(word) == meant


@pytest.mark.parametrize("word", ["", "\\Other", "two words", "a]b", "ü", "a*", 'a"', "\\Deleted"])
def test_what_cannot_be_a_flag(word):
    with pytest.raises(BadInput):
        flag_of(word)


@pytest.mark.parametrize("word", ["x", "-1", "1.5", "٣", "", "9" * 19])
def test_what_cannot_be_an_id(word):
    with pytest.raises(BadInput):
        row_ids([word])


def test_ids():
    assert row_ids(["7", "07", "123456789"]) == (7, 7, 123456789)


def test_a_flag_cannot_be_put_on_and_taken_off_at_once():
    options = argparse.Namespace(ids=["1"], on=["seen"], off=["\\Seen"], json=False)
    with pytest.raises(BadInput, match="both"):
        flag.run(None, options)
