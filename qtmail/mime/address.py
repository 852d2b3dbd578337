"""Mailboxes: reading them from headers and from what people type, writing them for eyes and for headers."""

from collections.abc import Iterable

from qtmail.model import Address


def parse_addresses(header: str) -> tuple[Address, ...]:
    """The mailboxes of an address header (RFC 5322, 3.4), names decoded *after* parsing. Never raises.

    Groups are flattened; comments are dropped; a name without an address is kept with an empty `address`.
    """
    raise NotImplementedError


def parse_typed(text: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """What a user typed in To: mailboxes split at commas, semicolons and line ends, and a sentence for each mistake."""
    raise NotImplementedError


def check_address(address: str) -> str | None:
    """Why this addr-spec cannot be written to, as a sentence for the user; None when it can."""
    raise NotImplementedError


def display(address: Address) -> str:
    """For eyes: name and address, the name quoted where needed, the domain in its own script where that is safe."""
    raise NotImplementedError


def display_list(addresses: Iterable[Address]) -> str:
    """For an editable To field: `parse_typed` reads it back to the same mailboxes."""
    raise NotImplementedError


def display_address(address: str) -> str:
    """An addr-spec with its domain in Unicode, unless that domain could be taken for another (mixed scripts)."""
    raise NotImplementedError


def wire_address(address: str) -> str:
    """An addr-spec for envelope and headers: the domain as ASCII (IDNA 2008, UTS 46). Line breaks are removed."""
    raise NotImplementedError


def to_header(address: Address) -> str:
    """One mailbox for a header: name as quoted-string or RFC 2047 words, no line breaks whatever the input."""
    raise NotImplementedError
