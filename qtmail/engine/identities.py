"""Which of the user's selves answers: the one a message came for, in the account where it lies if that can be."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from qtmail.model import Account, Address, Identity


@dataclass(frozen=True, slots=True)
class Self:
    """Who writes: `mailbox` is what From says, which may be an address that only a pattern knows."""

    account: Account
    identity: Identity
    mailbox: Address

    @property
    def reply_to(self) -> tuple[Address, ...]:
        """For the Reply-To header; empty where answers come to From."""
        wanted = self.identity.reply_to
        return (Address("", wanted),) if wanted and wanted.casefold() != self.mailbox.address.casefold() else ()


def own(account: Account) -> Self:
    """The account's own identity."""
    identity = account.identities[0]
    return Self(account, identity, identity.mailbox)


def named(account: Account, address: str) -> Self | None:
    """The identity of this account that has this address, or answers for it."""
    wanted = address.casefold()
    for identity in account.identities:
        if identity.address.casefold() == wanted:
            return Self(account, identity, identity.mailbox)
    for identity in account.identities:
        if any(answers_for(pattern, wanted) for pattern in identity.patterns):
            return Self(account, identity, Address(identity.name, address))
    return None


def answering(of: Account, others: Iterable[Account], came_for: Sequence[str], authors: Collection[str] = ()) -> Self:
    """The self for an answer to a message in `of`, written for these addresses by these authors (lower case).

    One's own mail is answered by the self that wrote it; what came for nobody known, by the account's own identity.
    """
    for account in (of, *(one for one in others if one.enabled and one.key != of.key)):
        for address in (*came_for, *(authors if account.key == of.key else ())):
            found = named(account, address)
            if found is not None:
                return found
    return own(of)


def addresses(accounts: Iterable[Account]) -> Iterator[str]:
    """Every address of every identity."""
    for account in accounts:
        for identity in account.identities:
            yield identity.address


def answers_for(pattern: str, address: str) -> bool:
    """ "*" stands for any part of an address; case does not count."""
    parts = (re.escape(part) for part in pattern.casefold().split("*"))
    return re.fullmatch("[^@]*".join(parts), address.casefold()) is not None
