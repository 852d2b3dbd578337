"""Ctrl+C during `qtmail sync`."""

import _thread
import threading

import pytest

from qtmail.engine import passes


class Endless:
    """A pass that goes on until it is stopped."""

    def __init__(self, interrupts: bool) -> None:
        self.interrupts = interrupts
        self.account = type("Account", (), {"key": "k"})
        self.stopped = threading.Event()
        self.ended = False

    def work(self) -> None:
        if self.interrupts:
            _thread.interrupt_main()
        assert self.stopped.wait(20)
        self.ended = True

    def stop(self) -> None:
        self.stopped.set()


def test_an_interrupt_ends_every_pass_that_began_whenever_it_comes():
    for _ in range(50):  # it hits the main thread while it starts threads, or while it waits for them
        all_ = [Endless(number == 0) for number in range(3)]
        with pytest.raises(KeyboardInterrupt):
            passes._run(all_, Endless.work)
        assert all_[0].ended
        assert all(one.ended or one.stopped.is_set() for one in all_)
