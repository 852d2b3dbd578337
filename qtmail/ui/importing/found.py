"""Mail of other programs on this computer, as the import offers it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Offer:
    """One place with mail in it."""

    title: str
    path: Path


def offers(home: Path | None = None) -> list[Offer]:
    """Thunderbird profiles and Apple Mail; a look at a few directories."""
    # With all that reads mail files, which the window's start need not wait for.
    from qtmail.engine.mailfiles import KIND_NAMES, profiles

    return [Offer(f"{KIND_NAMES[kind].removeprefix('A ')}", path) for kind, path in profiles.places(home)]
