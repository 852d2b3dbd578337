"""An account that is being added."""

from dataclasses import dataclass, field

from qtmail.model import Account


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a new account before its form is opened."""

    display_name: str
    address: str
    password: str = field(repr=False)
    found: Account | None = None
    """With the servers that were found."""
