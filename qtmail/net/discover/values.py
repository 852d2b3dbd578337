"""What the search for servers finds."""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from qtmail.model import Security

_HOST = re.compile(r"(?=.{1,253}$)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{2,63}(?<!-)")


class Service(StrEnum):
    IMAP = "imap"
    POP3 = "pop3"
    SMTP = "smtp"


class Via(IntEnum):
    """Where an answer comes from, the most trusted first."""

    BUILT_IN = 1
    AUTOCONFIG = 2
    WELL_KNOWN = 3
    SRV = 4
    ISPDB = 5
    MX = 6
    GUESS = 7


@dataclass(frozen=True, slots=True)
class Offer:
    """One server that can be used. Its security is never NONE."""

    service: Service
    host: str
    port: int
    security: Security
    username: str
    """Filled in for the address that was asked about."""
    oauth: bool = False
    """Signing in with the provider's own page is offered."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the user has to know or do before it works, and the provider's page on it ("": none)."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The servers for an address, the best first of each service; possibly none, and a note why."""

    provider: str
    via: Via
    offers: tuple[Offer, ...]
    notes: tuple[Note, ...] = ()

    def of(self, *services: Service) -> tuple[Offer, ...]:
        """The offers of these services, in the order of the services."""
        return tuple(offer for service in services for offer in self.offers if offer.service is service)

    @property
    def complete(self) -> bool:
        """Mail can come in and go out, or there is a word why it cannot."""
        return bool(self.of(Service.IMAP, Service.POP3) and self.of(Service.SMTP)) or bool(
            self.notes and not self.offers
        )


def host_name(said: str) -> str:
    """A host name in lower case and ASCII; "" for what is none (an address in digits is none)."""
    try:
        name = said.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return name if _HOST.fullmatch(name) and not name.rpartition(".")[2].isdigit() else ""


def username(pattern: str, address: str) -> str:
    """Autoconfig's placeholders, filled in."""
    local, _, domain = address.rpartition("@")
    for placeholder, value in (("%EMAILADDRESS%", address), ("%EMAILLOCALPART%", local), ("%EMAILDOMAIN%", domain)):
        pattern = pattern.replace(placeholder, value)
    return pattern
