"""Arrays of UIDs are subtracted as sets are, and without much memory."""

import tracemalloc
from array import array

from hypothesis import given
from hypothesis import strategies as st

from qtmail.engine import uid_sets
from qtmail.engine.uid_sets import without

UIDS = st.lists(st.integers(1, 2**32 - 1) | st.integers(1, 60), unique=True).map(sorted)


@given(UIDS, UIDS, st.integers(1, 9))
def test_as_sets_are(uids: list[int], others: list[int], block: int) -> None:
    before, uid_sets.BLOCK = uid_sets.BLOCK, block
    try:
        assert list(without(array("I", uids), array("q", others))) == sorted(set(uids) - set(others))
        assert list(without(array("q", uids + others[:0]), array("q", uids))) == []
    finally:
        uid_sets.BLOCK = before


def test_half_a_million_cost_no_objects() -> None:
    listed, known = array("I", range(1, 500_001)), array("q", range(200_001, 500_001))
    tracemalloc.start()
    try:
        missing = without(listed, known)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert missing == array("q", range(1, 200_001))
    assert peak < 16 * 500_000
