"""When the facts are damaged: save what exists only here, then let a new database be made."""

from pathlib import Path

from qtmail.paths import Profile


def rescue(profile: Profile, into: Path, *, now: int) -> int:
    """Write drafts, Outbox and what no server has, as far as it can be read, into a new folder as .eml -> how many;
    then move the damaged database aside (never delete it), so that the next start makes a new one."""
    raise NotImplementedError
