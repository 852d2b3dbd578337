"""Network receipts: which hosts this program talked to, by host and purpose, from the ledger of net/contacts."""

from dataclasses import dataclass

from qtmail.net import contacts
from qtmail.net.contacts import Contact, Why
from qtmail.paths import Profile

WORDS: dict[Why, str] = {
    Why.IMAP: "Receiving mail (IMAP)",
    Why.POP3: "Receiving mail (POP3)",
    Why.SMTP: "Sending mail (SMTP)",
    Why.SERVERS: "Finding the servers of an address",
    Why.DNS: "Finding the servers of an address (DNS)",
    Why.SIGN_IN: "Signing in",
    Why.PICTURE: "Pictures you wanted to see",
    Why.UNSUBSCRIBE: "Unsubscribing",
    Why.CERTIFICATE: "Looking at a certificate",
}


@dataclass(frozen=True, slots=True)
class Host:
    """All contacts with one host for one purpose. Times are seconds since 1970."""

    host: str
    port: int
    why: Why
    times: int
    failed: int
    first: int
    last: int
    octets_in: int
    octets_out: int

    @property
    def purpose(self) -> str:
        return WORDS[self.why]


@dataclass(frozen=True, slots=True)
class Receipts:
    """`hosts`: the one contacted last first; `every`: each contact, the newest first."""

    hosts: tuple[Host, ...]
    every: tuple[Contact, ...]

    @property
    def since(self) -> int | None:
        """The oldest contact that is known; None: there was none."""
        return min((one.at for one in self.every), default=None)


def receipts(profile: Profile) -> Receipts:
    """Read the ledger. A file that is not there, or damaged, gives what can be read."""
    every = contacts.read(profile.network)
    grouped: dict[tuple[str, int, Why], list[Contact]] = {}
    for one in every:
        grouped.setdefault((one.host, one.port, one.why), []).append(one)
    hosts = (
        Host(
            *key,
            times=len(those),
            failed=sum(bool(one.trouble) for one in those),
            first=min(one.at for one in those),
            last=max(one.at for one in those),
            octets_in=sum(one.octets_in for one in those),
            octets_out=sum(one.octets_out for one in those),
        )
        for key, those in grouped.items()
    )
    return Receipts(tuple(sorted(hosts, key=lambda one: one.last, reverse=True)), tuple(every))
