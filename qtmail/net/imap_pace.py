"""How much to ask for in one FETCH: enough to keep the line busy, little enough to be interrupted within a second."""

FIRST = 512 * 1024
LEAST = 32 * 1024
MOST = 4 * 1024 * 1024
QUICK_S = 0.1
SLOW_S = 0.4
MOST_MESSAGES = 5000
"""In one command: more gain nothing."""
ENOUGH = 256 * 1024
"""Octets received before the speed of the line is believed."""


class Pace:
    """Octets to ask for in one command. Learns from how long each kept us waiting: on a fast line and behind a slow
    reader that is next to nothing, so commands grow; on a slow line they shrink. One for each kind of fetch."""

    def __init__(self) -> None:
        self.octets = FIRST
        self._received = 0
        self._waited = 0.0
        self._all_received = 0
        self._all_waited = 0.0

    def learn(self, waited: float, octets: int, *, first: bool = False) -> None:
        """A command that brought `octets` kept us waiting so many seconds. `first`: nothing was on the way before it,
        so the time includes the way there and back, and says nothing of the speed."""
        self._all_received += octets
        self._all_waited += waited
        if not first:
            self._received += octets
            self._waited += waited
        if waited > SLOW_S and octets >= LEAST:
            self.octets = max(LEAST, self.octets // 2)
        elif waited < QUICK_S and octets * 2 >= self.octets:
            self.octets = min(MOST, self.octets * 2)

    @property
    def slowest(self) -> int:
        """Octets a second, the time there and back counted as well: the line is at least as fast. 0: nothing came."""
        return int(self._all_received / max(self._all_waited, 0.001))

    @property
    def speed(self) -> int | None:
        """Octets a second while we waited for nothing else; None: too little was seen to tell."""
        if self._received < ENOUGH:
            return None
        return int(self._received / max(self._waited, 0.001))
