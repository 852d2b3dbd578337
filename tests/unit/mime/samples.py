"""The stored messages, and one that holds everything at once."""

from pathlib import Path

DATA = Path(__file__).parents[2] / "data"


def names() -> list[str]:
    return sorted(path.stem for path in DATA.glob("*.eml"))


def raw(name: str) -> bytes:
    return (DATA / f"{name}.eml").read_bytes()
