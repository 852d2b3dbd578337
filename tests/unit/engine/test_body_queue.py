"""The order in which bodies are fetched."""

from array import array
from collections.abc import Sequence
from itertools import islice

import pytest

from qtmail.engine import body_queue
from qtmail.engine.body_queue import BodyQueue
from qtmail.model import FolderId, MessageId, RowId
from qtmail.store.values import Wanted

FOLDERS = 3


def entry(row: int) -> Wanted:
    """Row n is in folder n % FOLDERS."""
    return Wanted(RowId(row), MessageId(row), FolderId(row % FOLDERS), 1, row, 100, 0)


def queue(rows: Sequence[int], gone: Sequence[int] = ()) -> BodyQueue:
    return BodyQueue(array("q", rows), lambda part: [entry(row) for row in part if row not in gone])


def drained(waiting: BodyQueue) -> list[tuple[int, list[int]]]:
    runs = []
    while (folder := waiting.folder()) is not None:
        runs.append((int(folder), [int(one.row) for one in waiting.run(folder)]))
    return runs


def test_each_folder_has_one_run_in_a_chunk_and_chunks_follow_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_queue, "FIRST_CHUNK", 4)
    rows = list(range(100, 0, -1))
    runs = drained(queue(rows))
    assert runs[:3] == [(1, [100, 97]), (0, [99]), (2, [98])]
    assert sorted(row for _, run in runs for row in run) == sorted(rows)
    newest = [row for _, run in runs for row in run][:4]
    assert set(newest) == {100, 99, 98, 97}
    assert len(runs) <= FOLDERS * 5  # chunks of 4, 8, 16, 32 and 64


def test_one_folder_is_one_run_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_queue, "FIRST_CHUNK", 4)
    assert drained(queue(range(300, 0, -FOLDERS))) == [(0, list(range(300, 0, -FOLDERS)))]


def test_a_run_left_early_goes_on_where_it_was() -> None:
    waiting = queue([9, 6, 3])
    assert [one.row for one in islice(waiting.run(FolderId(0)), 2)] == [9, 6]
    assert drained(waiting) == [(0, [3])]


def test_what_cannot_be_fetched_and_what_is_left_out_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_queue, "FIRST_CHUNK", 2)
    waiting = queue(range(12, 0, -1), gone=[12, 11, 10])
    assert waiting.folder() == FolderId(0)
    waiting.leave_out(FolderId(0))
    assert [folder for folder, _ in drained(waiting)].count(0) == 0
    assert drained(queue([])) == []
    assert drained(queue([1, 2], gone=[1, 2])) == []
