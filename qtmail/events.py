"""What the engine says: that something changed, by id, never what it is now. The reader re-reads.

Losing an event costs a refresh, never data. `encode` and `decode` are the JSON lines between the two processes,
the wishes of the window (`Wake`, `FetchBody`, `Stop`) included.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, get_args

import msgspec

from qtmail.model import Account, AccountKey, AccountState, FolderId, MessageId, OutboxId, RowId, Server


@dataclass(frozen=True, slots=True)
class FoldersChanged:
    """The set of folders, their names or their counts changed in this account."""

    account: AccountKey


@dataclass(frozen=True, slots=True)
class FolderChanged:
    """Rows came, went or changed in this folder."""

    folder: FolderId
    arrived: int = 0
    """How many of them are new unread mail in an inbox: what a notification may tell of."""


@dataclass(frozen=True, slots=True)
class BodiesArrived:
    """These messages now have their content."""

    messages: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class ServersSearched:
    """What came of SearchServers of the same number: rows that the servers found, newest first, and how it went."""

    number: int
    rows: tuple[RowId, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class SearchServers:
    """Window to engine: look on the servers for what this search finds in texts that are not here; offline it says
    so."""

    number: int
    query: str


@dataclass(frozen=True, slots=True)
class SearchesChanged:
    """Saved searches came, went or changed."""


@dataclass(frozen=True, slots=True)
class RoomMade:
    """How MakeRoom ended: messages whose content was dropped here, their octets, those that stay because no server
    proved to have them, and sentences about servers that could not be asked."""

    messages: int = 0
    octets: int = 0
    unproven: int = 0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MakeRoom:
    """Window to engine: drop the content of mail older than so many days that its IMAP server has, asked now; with
    `stop`, end that early. RoomMade follows."""

    days: int
    stop: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentsRead:
    """What more attachments say can be found now; those of so many messages are still to be read."""

    left: int


@dataclass(frozen=True, slots=True)
class OutboxChanged:
    item: OutboxId


@dataclass(frozen=True, slots=True)
class StateChanged:
    """How an account is doing: a state, one line of words, and how far it is (`total` 0: unknown)."""

    account: AccountKey
    state: AccountState
    words: str = ""
    done: int = 0
    total: int = 0
    octets: int = 0
    """Of `octets_total` (0: unknown)."""
    octets_total: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the user should know, said once: what happened, what to do, the server's own words."""

    account: AccountKey
    what: str
    hint: str = ""
    server_words: str = ""
    retry: bool = False
    item: OutboxId | None = None
    """It is about this message in the Outbox, whose state says the same for as long as it holds."""


@dataclass(frozen=True, slots=True)
class Sending:
    """So many octets of a message have left; `done` equal to `total`: the server's answer is waited for."""

    item: OutboxId
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The engine holds the profile's lock and its threads run."""

    accounts: tuple[AccountKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying one server: in words, with what to do and its own reply."""

    ok: bool
    words: str
    hint: str = ""
    server_words: str = ""
    certificate: bool = False
    """It is about the server's certificate: `LookAtCertificate` shows it."""


@dataclass(frozen=True, slots=True)
class AccountTested:
    """The answer to TestAccount of the same number."""

    number: int
    incoming: Tried
    outgoing: Tried


@dataclass(frozen=True, slots=True)
class AskedForServers:
    """A line of the log of FindServers of the same number: who was asked, and what came of it ("": not known yet)."""

    number: int
    who: str
    outcome: str = ""
    found: bool = False


@dataclass(frozen=True, slots=True)
class ServerOffer:
    """A server that an address can use."""

    service: str
    """"imap", "pop3" or "smtp", as in accounts.STANDARD_PORTS."""
    server: Server


@dataclass(frozen=True, slots=True)
class Advice:
    """What the user has to do before it works; the provider's page on it, or ""."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ServersFound:
    """The answer to FindServers of the same number; the best offer of each service first, possibly none."""

    number: int
    provider: str = ""
    offers: tuple[ServerOffer, ...] = ()
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """The answer to LookAtCertificate of the same number. Times are seconds since 1970; `fingerprint` is the SHA-256
    in hexadecimal, "" where nothing could be seen (`trouble` says why)."""

    number: int
    trouble: str
    fingerprint: str = ""
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    begins: int = 0
    ends: int = 0
    key: str = ""
    weak: bool = False


@dataclass(frozen=True, slots=True)
class SignInAt:
    """Sign-in of this number: the user's browser is to open this page of the provider."""

    number: int
    provider: str
    url: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """How the sign-in of this number ended. `secret` goes into the keyring in the place of a password; empty: it
    failed, and `words` say why. Never logged."""

    number: int
    secret: str = field(default="", repr=False)
    words: str = ""
    hint: str = ""
    server_words: str = ""


@dataclass(frozen=True, slots=True)
class Wake:
    """Window to engine: look for new operations or outbox items; `check` also asks the server for new mail."""

    accounts: tuple[AccountKey, ...] = ()
    """Empty: all."""
    check: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """Window to engine: end the pass under way; what has come stays, the rest comes at the next check."""

    accounts: tuple[AccountKey, ...] = ()
    """Empty: all."""


@dataclass(frozen=True, slots=True)
class CancelSending:
    """Window to engine: stop sending this message, if its end has not left yet; it is held then."""

    item: OutboxId


@dataclass(frozen=True, slots=True)
class FetchBody:
    """Window to engine: the user is looking at these; get their bodies before anything else."""

    messages: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class LookAt:
    """Window to engine: these, without content yet, are on the screen now; they come before others that are to be kept.

    Each wish takes the place of the one before.
    """

    messages: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class Metered:
    """To the engine: this connection is paid for by the octet, or not any more."""

    metered: bool


@dataclass(frozen=True, slots=True)
class Reload:
    """Window to engine: accounts or settings changed; start, stop and restart workers to match."""

    accounts: tuple[AccountKey, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Unlock:
    """Window to engine: a password for this session alone, for accounts the keyring has none for. Never logged."""

    account: AccountKey
    service: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entrust:
    """Window to engine: what opens the vault and the store, as `secrets.handed_down` gave it. Never logged."""

    secrets: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TestAccount:
    """Window to engine: try both servers of these settings, saved or not. Never logged."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    number: int
    account: Account
    incoming_password: str = field(repr=False)
    outgoing_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FindServers:
    """Window to engine: which servers does this address use? Only its domain is asked about."""

    number: int
    address: str


@dataclass(frozen=True, slots=True)
class LookAtCertificate:
    """Window to engine: what does this server show? `service` as in `ServerOffer`."""

    number: int
    service: str
    server: Server


@dataclass(frozen=True, slots=True)
class SignIn:
    """Window to engine: begin a sign-in at the provider of this server. One at a time: an earlier one ends."""

    number: int
    server: Server
    address: str


@dataclass(frozen=True, slots=True)
class CancelSignIn:
    """Window to engine: nobody waits for the sign-in of this number any more."""

    number: int


@dataclass(frozen=True, slots=True)
class GoOffline:
    """Window to engine: close all connections and make none until `offline` is false again."""

    offline: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """Window to engine: finish what is being written, then end."""


Event = (
    FoldersChanged
    | FolderChanged
    | BodiesArrived
    | AttachmentsRead
    | RoomMade
    | SearchesChanged
    | ServersSearched
    | OutboxChanged
    | StateChanged
    | Problem
    | Sending
    | EngineReady
    | AccountTested
    | AskedForServers
    | ServersFound
    | CertificateSeen
    | SignInAt
    | SignedIn
)
Wish = (
    Wake
    | CancelSending
    | Cancel
    | FetchBody
    | LookAt
    | Metered
    | Reload
    | Unlock
    | Entrust
    | TestAccount
    | FindServers
    | LookAtCertificate
    | SignIn
    | CancelSignIn
    | MakeRoom
    | GoOffline
    | SearchServers
    | Stop
)

_KINDS: dict[str, type[Event] | type[Wish]] = {kind.__name__: kind for kind in (*get_args(Event), *get_args(Wish))}


def encode(event: Event | Wish) -> bytes:
    """One line, newline included."""
    return msgspec.json.encode({"is": type(event).__name__, **asdict(event)}) + b"\n"


def decode(line: bytes) -> Event | Wish:
    """The value of one line. Raises ValueError for anything that `encode` did not make."""
    fields: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
    kind = _KINDS.get(fields.pop("is", ""))
    if kind is None:
        raise ValueError(f"not an event: {line[:80]!r}")
    return msgspec.convert(fields, kind)
