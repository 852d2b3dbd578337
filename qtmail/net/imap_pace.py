"""How much to ask for in one FETCH: enough to keep the line busy, little enough to be interrupted within a second."""

FIRST = 128 * 1024
LEAST = 32 * 1024
MOST = 4 * 1024 * 1024
QUICK_S = 0.1
SLOW_S = 0.4
MOST_MESSAGES = 2000
"""In one command: more gain nothing, and the set of UIDs must fit into a line."""


class Pace:
    """Octets to ask for in one command. Learns from how long each kept us waiting: on a fast line and behind a slow
    reader that is next to nothing, so commands grow; on a slow line they shrink. One for each kind of fetch."""

    def __init__(self) -> None:
        self.octets = FIRST

    def learn(self, waited: float, octets: int) -> None:
        """A command of `octets` kept us waiting so many seconds (its latency may be in there)."""
        if waited > SLOW_S and octets >= LEAST:
            self.octets = max(LEAST, self.octets // 2)
        elif waited < QUICK_S and octets * 2 >= self.octets:
            self.octets = min(MOST, self.octets * 2)
