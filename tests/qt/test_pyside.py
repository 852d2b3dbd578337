"""The binding itself: what we rely on in PySide6, so that a bad version is found here and not by a crash."""

import sys

from PySide6.QtCore import QObject, Signal


class _Emitter(QObject):
    happened = Signal(object)


def test_emitting_and_disconnecting_keeps_the_references_of_true() -> None:
    """6.12.0 on Python 3.11 drops one per emit() and disconnect(), until the interpreter aborts."""
    emitter = _Emitter()
    heard: list[object] = []
    before = sys.getrefcount(True)
    for _ in range(1000):
        connection = emitter.happened.connect(heard.append)
        emitter.happened.emit(1)
        emitter.happened.disconnect(connection)
    assert len(heard) == 1000
    assert abs(sys.getrefcount(True) - before) < 100


def test_a_signal_of_object_carries_large_numbers() -> None:
    """Signal(int) overflows at 2**31; UIDs are unsigned 32 bit."""
    emitter = _Emitter()
    heard: list[object] = []
    emitter.happened.connect(heard.append)
    emitter.happened.emit(2**32 - 1)
    assert heard == [2**32 - 1]
