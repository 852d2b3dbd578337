"""How long to wait."""

from qtmail.engine.backoff import pause


def test_longer_each_time_up_to_a_limit_and_never_the_same() -> None:
    for attempts, plain in ((1, 10), (2, 20), (4, 80), (30, 300)):
        waits = {pause(attempts, first=10, longest=300) for _ in range(50)}
        assert all(plain * 0.75 <= wait <= plain * 1.25 for wait in waits)
        assert len(waits) > 10
