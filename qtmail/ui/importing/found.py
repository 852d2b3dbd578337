"""Mail of other programs on this computer, as the import offers it."""

from dataclasses import dataclass
from pathlib import Path

from qtmail.engine.mailfiles import KIND_NAMES, profiles


@dataclass(frozen=True, slots=True)
class Offer:
    """One place with mail in it."""

    title: str
    path: Path


def offers(home: Path | None = None) -> list[Offer]:
    """Thunderbird profiles and Apple Mail; a look at a few directories."""
    return [Offer(f"{KIND_NAMES[kind].removeprefix('A ')}", path) for kind, path in profiles.places(home)]
