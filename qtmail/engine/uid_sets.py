"""Sets of UIDs as ascending arrays: a million of them take 8 MB, and stretches are compared without Python objects."""

from array import array
from bisect import bisect_left

BLOCK = 4096


def without(uids: "array[int]", others: "array[int]") -> "array[int]":
    """Those of `uids` that are not in `others`, ascending: array('q'). Both ascending, of whatever typecode."""
    left, right = _wide(uids), _wide(others)
    found = array("q")
    here = there = 0
    while here < len(left) and there < len(right):
        if left[here] < right[there]:
            end = bisect_left(left, right[there], here)
            found.extend(left[here:end])
            here = end
        elif right[there] < left[here]:
            there = bisect_left(right, left[here], there)
        else:
            same = _same(left, here, right, there)
            here += same
            there += same
    found.extend(left[here:])
    return found


def _same(left: "array[int]", here: int, right: "array[int]", there: int) -> int:
    """Of how many the two are equal from these places on; at least one is."""
    step, same = 1, 0
    while step:
        first = left[here + same : here + same + step]
        if first and first == right[there + same : there + same + step]:
            same += len(first)
            step = min(step * 2, BLOCK)
        else:
            step = step // 2 if step > 1 else 0
    return same


def _wide(uids: "array[int]") -> "array[int]":
    return uids if uids.typecode == "q" else array("q", uids)
