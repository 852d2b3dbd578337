"""How flags are kept: sorted, one space between, the system's own in their canonical case, without \\Recent."""

from functools import lru_cache

from qtmail.model import Flag

_CANONICAL = {flag.value.casefold(): flag.value for flag in Flag}


@lru_cache(maxsize=4096)
def pack(flags: frozenset[str]) -> str:
    """As a column holds them."""
    kept = {_CANONICAL.get(flag.casefold(), str(flag)) for flag in flags}
    return " ".join(sorted(flag for flag in kept if flag and " " not in flag and flag.casefold() != "\\recent"))


@lru_cache(maxsize=4096)
def unpack(column: str) -> frozenset[str]:
    """As everybody else sees them."""
    return frozenset(column.split())


def canonical(flag: str) -> str:
    """One flag as it is kept: "\\seen" is "\\Seen"."""
    return _CANONICAL.get(flag.casefold(), str(flag))
