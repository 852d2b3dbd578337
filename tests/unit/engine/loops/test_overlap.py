"""Reading and writing at the same time."""

import threading

import pytest

from qtmail.engine.overlap import Overlap


def test_everything_is_written_in_order() -> None:
    written: list[int] = []
    with Overlap(written.append, "writer") as writer:
        for number in range(100):
            writer.put(number)
    assert written == list(range(100))


def test_only_so_much_waits() -> None:
    gate = threading.Event()
    begun: list[int] = []

    def write(number: int) -> None:
        begun.append(number)
        gate.wait(10)

    writer = Overlap(write, "writer", ahead=2)
    with writer:
        writer.put(1)
        writer.put(2)
        blocked = threading.Thread(target=writer.put, args=(3,))
        blocked.start()
        blocked.join(0.05)
        assert blocked.is_alive()
        gate.set()
        blocked.join(10)
    assert begun == [1, 2, 3]


def test_what_the_reader_got_is_written_though_it_failed() -> None:
    written: list[int] = []
    with pytest.raises(KeyError), Overlap(written.append, "writer") as writer:
        writer.put(1)
        writer.put(2)
        raise KeyError("the reader")
    assert written == [1, 2]


def test_a_failure_of_the_writer_reaches_the_reader() -> None:
    def write(_number: int) -> None:
        raise ValueError("the writer")

    with pytest.raises(ValueError, match="the writer"), Overlap(write, "writer") as writer:
        writer.put(1)
