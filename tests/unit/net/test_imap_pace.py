"""How much is asked for in one command, and how fast a line is taken to be."""

from qtmail.net.imap_pace import FIRST, LEAST, MOST, Pace


def test_a_fast_line_gets_ever_larger_commands_up_to_a_limit() -> None:
    pace = Pace()
    for _ in range(20):
        pace.learn(0.01, pace.octets)
    assert pace.octets == MOST


def test_a_slow_line_gets_smaller_ones_down_to_a_limit() -> None:
    pace = Pace()
    for _ in range(20):
        pace.learn(2.0, pace.octets)
    assert pace.octets == LEAST


def test_small_answers_say_nothing() -> None:
    """The last command of a folder, or one of few small messages: neither quick nor slow."""
    pace = Pace()
    pace.learn(0.01, 1000)
    pace.learn(3.0, 1000)
    assert pace.octets == FIRST


def test_speed_leaves_out_the_way_there_and_back() -> None:
    pace = Pace()
    pace.learn(1.0, 500_000, first=True)
    assert pace.speed is None
    pace.learn(0.5, 500_000)
    assert pace.speed == 1_000_000
