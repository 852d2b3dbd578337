"""One line of the table: what was measured, what came of it, and whether that is within its bound."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`bound` empty: told for comparison."""

    what: str
    value: str
    bound: str = ""
    verdict: str = ""


def at_most(bound: float, value: float, processor: float | None = None) -> str:
    """`processor`: the processor time of the same work, for when others kept the machine busy."""
    if value <= bound:
        return "ok"
    return "cpu" if processor is not None and processor <= bound else "over"


def at_least(bound: float, value: float) -> str:
    return "ok" if value >= bound else "over"


def ms(milliseconds: float) -> str:
    """ "3.2 ms", "140 ms"."""
    return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:,.0f} ms"


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """A line each, in columns."""
    for figure in figures:
        yield f"{figure.what:<52} {figure.value:>34}  {figure.bound:>14}  {figure.verdict}".rstrip()
