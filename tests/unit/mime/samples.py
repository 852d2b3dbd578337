"""The stored messages, and one that holds everything at once."""

from pathlib import Path

from hypothesis import HealthCheck, settings

SOON = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For every property here: a loaded machine is no failure."""
DATA = Path(__file__).parents[2] / "data"


def names() -> list[str]:
    return sorted(path.stem for path in DATA.glob("*.eml"))


def raw(name: str) -> bytes:
    return (DATA / f"{name}.eml").read_bytes()
