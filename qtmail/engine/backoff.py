"""How long to wait before trying again: longer each time, never the same for everybody."""

import random

FIRST_S = 5.0
LONGEST_S = 15 * 60.0


def pause(attempts: int, *, first: float = FIRST_S, longest: float = LONGEST_S) -> float:
    """Seconds to wait after so many failures (1: the first), a quarter more or less by chance."""
    plain = min(longest, first * 2.0 ** min(max(attempts - 1, 0), 20))
    return plain * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
