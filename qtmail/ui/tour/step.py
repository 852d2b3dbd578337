"""What one step of the tour is."""

from collections.abc import Callable
from dataclasses import dataclass

from qtmail.ui.tour.stage import Stage

SECONDS = 30.0

Act = Callable[[Stage], object]
Check = Callable[[Stage], str]
"""-> what is still missing, in words; empty when it has happened."""


def no_act(_: Stage) -> None:
    """For a step that only waits."""


@dataclass(frozen=True, slots=True)
class Step:
    """`act` is done once; `missing` is asked until it says nothing more is, or `seconds` are over."""

    name: str
    """Of the picture: "newsletter" -> 04-newsletter.png."""
    says: str
    """What happens, for whoever watches."""
    act: Act
    missing: Check
    seconds: float = SECONDS
    picture: bool = True
