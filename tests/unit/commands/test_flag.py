"""Names of flags as people write them."""

import pytest

from qtmail.commands.flag import flag_of
from qtmail.commands.shapes import row_ids
from qtmail.errors import BadInput


@pytest.mark.parametrize(
    ("word", "flag"),
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
def test_known_flags_and_keywords(word, flag):
    assert flag_of(word) == flag


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
