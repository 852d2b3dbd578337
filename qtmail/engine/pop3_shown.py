"""What the window and the commands are told of a message on a POP3 server."""

from dataclasses import dataclass

from qtmail.store.values import LedgerEntry, Proof


@dataclass(frozen=True, slots=True)
class OnPopServer:
    """One message on a POP3 server, as its ledger has it. Times are epoch seconds, sizes octets."""

    uidl: str
    state: str
    """"kept", "asked" (DELE sent, QUIT not answered), "deleted", "gone" (not listed any more)."""
    decided: str
    """Why it stays or goes, in words."""
    wish: str
    """The user's word, above the policy: "", "keep", "remove"."""
    whole: bool
    """Else only its header and first lines are here."""
    wanted: bool
    """Its rest comes at the next check."""
    size: int
    stored_at: int
    asked_at: int | None
    answered_at: int | None
    ended_at: int | None

    @property
    def there(self) -> bool:
        """On the server, for all we know."""
        return self.state in ("kept", "asked")


def shown(entry: LedgerEntry) -> OnPopServer:
    """Of its ledger entry."""
    return OnPopServer(
        *(entry.uidl, entry.state, entry.decided, entry.wish.value, entry.proof is not Proof.PART, entry.wanted),
        *(entry.size or entry.stored or 0, entry.stored_at, entry.asked_at, entry.answered_at, entry.ended_at),
    )
