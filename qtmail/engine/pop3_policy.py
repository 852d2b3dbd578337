"""What a POP3 account's policy means for each message on its server: which may go, and why. Pure decisions.

Whoever acts on them proves first that the content is here, whole (`pop3_removal`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.model import PopPolicy
from qtmail.store.values import LedgerEntry, PopWish, Proof

DAY = 86_400
MEGABYTE = 1_000_000
ASKED_FOR = "you asked for it"
DELETED_HERE = "deleted here"
STORED = "stored here"


@dataclass(frozen=True, slots=True)
class OnServer:
    """One message of the server's list. `entry` None: it is not here yet. `size`: octets."""

    entry: LedgerEntry | None
    size: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the next check would do on the server: how many go, how many of those that would are not here whole."""

    going: int
    staying: int
    not_whole: int

    def sentence(self) -> str:
        """Plain words, for before it is saved."""
        if not self.going + self.staying:
            return "There is no mail on the server that is known here yet."
        if not self.going:
            words = f"At the next check nothing will be removed from the server: {_messages(self.staying)} stay there."
        else:
            stored = "it is stored here" if self.going == 1 else "all of them are stored here"
            words = f"At the next check {_messages(self.going)} will be removed from the server; {stored}."
        if self.not_whole:
            words += f" {_messages(self.not_whole)} of which only the beginning is here will stay there."
        return words


def due(policy: PopPolicy, listing: Sequence[OnServer], *, now: int) -> dict[str, str]:
    """What may go, by UIDL, with the reason. `listing`: everything the server has, in its order, oldest first."""
    found: dict[str, str] = {}
    octets = 0
    for newer, one in enumerate(reversed(listing)):
        octets += one.size
        if one.entry is not None and (reason := _reason(policy, one.entry, newer, octets, now)):
            found[one.entry.uidl] = reason
    return found


def _reason(policy: PopPolicy, entry: LedgerEntry, newer: int, octets: int, now: int) -> str:
    """Empty: it stays."""
    if entry.wish is PopWish.KEEP or entry.proof is Proof.PART or entry.stored is None:
        return ""
    if entry.wish is PopWish.REMOVE:
        return ASKED_FOR
    if policy.delete_when_deleted and entry.deleted_here:
        return DELETED_HERE
    days = policy.delete_after_days
    if days is not None and now - entry.stored_at >= days * DAY:
        return STORED if days == 0 else f"stored here for {days} days"
    if days is None and not policy.keep_on_server:
        return STORED
    if policy.keep_newest is not None and newer >= policy.keep_newest:
        return f"not among the newest {policy.keep_newest:,}"
    if policy.keep_newest_mb is not None and octets > policy.keep_newest_mb * MEGABYTE:
        return f"not within the newest {policy.keep_newest_mb:,} MB"
    return ""


def staying(entry: LedgerEntry) -> str:
    """Why one stays that no rule lets go, in words."""
    if entry.wish is PopWish.KEEP:
        return "you want it kept there"
    if entry.proof is Proof.PART:
        return "only its beginning is stored here, so it stays there"
    if entry.stored is None:
        return "its copy here was dropped, so it stays there"
    return "stored here, kept there"


def forecast(policy: PopPolicy, entries: Sequence[LedgerEntry], *, now: int) -> Forecast:
    """From what was on the server at the last check, in its order."""
    listing = [OnServer(entry, entry.size or entry.stored or 0) for entry in entries if entry.open]
    going = len(due(policy, listing, now=now))
    incomplete = sum(1 for one in listing if one.entry and one.entry.proof is Proof.PART)
    return Forecast(going, len(listing) - going, incomplete)


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"
