"""The values every layer speaks in: frozen, slotted, without behaviour that needs a store or a socket.

May import nothing of qtmail. Times are whole seconds since the epoch (UTC); sizes are octets.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

AccountKey = NewType("AccountKey", str)
"""What the store knows an account by: random, never shown, survives renaming. `LOCAL` belongs to nobody."""
FolderId = NewType("FolderId", int)
RowId = NewType("RowId", int)
"""A placement: one message in one folder. Stable over moves; it is the id that commands print and take."""
MessageId = NewType("MessageId", int)
"""A message as parsed, wherever it is placed. Not the Message-ID header, which is `Row.message_id`."""
OperationId = NewType("OperationId", int)
GestureId = NewType("GestureId", int)
"""What the user did with one click: one or more operations, undone together."""
DraftId = NewType("DraftId", int)
OutboxId = NewType("OutboxId", int)
ContentHash = NewType("ContentHash", bytes)
"""SHA-256 of immutable bytes in the content database (32 octets)."""

LOCAL = AccountKey("")


class Role(StrEnum):
    """What a folder is for (RFC 6154 special use, plus INBOX and our outbox); NONE for the user's own."""

    NONE = ""
    INBOX = "inbox"
    OUTBOX = "outbox"
    DRAFTS = "drafts"
    SENT = "sent"
    ARCHIVE = "archive"
    JUNK = "junk"
    TRASH = "trash"
    ALL = "all"
    FLAGGED = "flagged"


ROLE_ORDER: tuple[Role, ...] = (
    Role.INBOX,
    Role.OUTBOX,
    Role.DRAFTS,
    Role.SENT,
    Role.ARCHIVE,
    Role.JUNK,
    Role.TRASH,
    Role.ALL,
    Role.FLAGGED,
    Role.NONE,
)


class Flag(StrEnum):
    """System flags (RFC 9051, 2.3.2) and the two registered keywords we act on. Other keywords stay strings."""

    SEEN = "\\Seen"
    ANSWERED = "\\Answered"
    FLAGGED = "\\Flagged"
    DELETED = "\\Deleted"
    DRAFT = "\\Draft"
    FORWARDED = "$Forwarded"
    JUNK = "$Junk"


class Right(StrEnum):
    """What one may do in a folder of others or of several (RFC 4314); the value is its letter there."""

    ADD = "i"
    MARK_READ = "s"
    FLAG = "w"
    REMOVE = "t"
    CREATE_BELOW = "k"
    REMOVE_FOLDER = "x"
    """Rename it, too."""


class Protocol(StrEnum):
    IMAP = "imap"
    POP3 = "pop3"


class Security(StrEnum):
    """How a connection is protected. STARTTLS is never skipped when asked for."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox (RFC 5322, 3.4): display name (decoded, may be empty) and addr-spec as written."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


PASSWORD_AUTH, TOKEN_AUTH, CERTIFICATE_AUTH, NO_AUTH = "password", "oauth2", "certificate", "none"
"""`Server.auth`: how to get in. A token is got at the provider's own page (OAuth 2); the certificate is ours."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to reach one service. `host` is also the name the certificate must carry."""

    host: str
    port: int
    security: Security = Security.TLS
    username: str = ""
    auth: str = PASSWORD_AUTH
    ca_file: str = ""
    """An extra trust root for this server (PEM), absolute path; empty for the system's alone."""
    clear_text_allowed: bool = False
    """The user's explicit word that a password may travel unprotected to this (non-loopback) host."""
    certificate: str = ""
    """SHA-256 (hexadecimal) of the one certificate that is taken, whoever signed it: the user has seen it."""
    client_certificate: str = ""
    """Ours (PEM, with its key), absolute path; empty: none is shown."""
    proxy: str = ""
    """"" (none), "system", or a URL such as socks5://127.0.0.1:1080."""


@dataclass(frozen=True, slots=True)
class PopPolicy:
    """What happens to mail on a POP3 server once its content is proven stored here."""

    keep_on_server: bool = True
    delete_after_days: int | None = None
    """None: no limit (keep for ever, or remove at once when `keep_on_server` is false). 0: at once."""
    delete_when_deleted: bool = False
    keep_newest: int | None = None
    """At most so many messages stay on the server, the newest; None: no limit."""
    keep_newest_mb: int | None = None
    """At most so many megabytes (of 1,000,000 octets) stay there, the newest."""
    deliver_to: str = ""
    """The key of the POP3 account whose inbox new mail goes to, or `LOCAL_INBOX`; empty: to its own."""


LOCAL_INBOX = "local"
"""`PopPolicy.deliver_to`: the inbox of the local folders."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Of which messages the whole content is kept on this computer; the headers of all always are.

    As a word (`str`, `Keep.of`): "everything", "headers", or the number of days.
    """

    days: int | None = None
    """None: of all; 0: of none until it is opened; else of those dated within so many days."""

    @classmethod
    def of(cls, word: str | int) -> "Keep":
        """Raises ValueError for what is none of the words."""
        if word in _KEEP_WORDS:
            return cls(_KEEP_WORDS[str(word)])
        days = int(word)
        if not 0 < days < 100_000:
            raise ValueError(f"{days} is not a number of days")
        return cls(days)

    def __str__(self) -> str:
        return next((word for word, days in _KEEP_WORDS.items() if days == self.days), str(self.days))


_KEEP_WORDS: dict[str, int | None] = {"everything": None, "headers": 0}


@dataclass(frozen=True, slots=True)
class Identity:
    """A face of an account: who writes, by which server, and where the copy is kept."""

    key: str
    """Within its account; empty: the account's own."""
    name: str
    """The display name."""
    address: str
    reply_to: str = ""
    """Where answers shall go instead; empty: to `address`."""
    signature: str = ""
    outgoing: Server | None = None
    """None: the account's."""
    sent_folder: str = ""
    """Path of the folder for copies; empty: the account's Sent."""
    patterns: tuple[str, ...] = ()
    """Further addresses this identity answers for, "*" for any part of one: "*@example.org", "alice+*@example.org"."""

    @property
    def mailbox(self) -> Address:
        return Address(self.name, self.address)


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the user set it up; secrets are in the keyring, never here."""

    key: AccountKey
    name: str
    address: str
    display_name: str
    protocol: Protocol
    incoming: Server
    outgoing: Server | None
    pop: PopPolicy = field(default_factory=PopPolicy)
    enabled: bool = True
    signature: str = ""
    check_minutes: int = 5
    """How often its server is asked for news; 0: only when the user asks."""
    colour: str = ""
    check_at_start: bool = True
    """Whether it is asked as soon as the program starts."""
    keep: Keep = field(default_factory=Keep)
    """Of IMAP folders that have no word of their own (`Folder.keep`)."""
    largest_mb: int = 0
    """Larger messages are fetched when they are opened only, MiB; 0: no limit."""
    connections: int = 3
    """At most so many to the incoming server at a time (IMAP): the second one waits for news, the third serves what the
    user opens and does while the first is busy."""
    reply_to: str = ""
    """As in Identity, as are the next two: of the account's own identity."""
    sent_folder: str = ""
    patterns: tuple[str, ...] = ()
    more_identities: tuple[Identity, ...] = ()

    @property
    def mailbox(self) -> Address:
        return Address(self.display_name, self.address)

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Its own first."""
        name, address = self.display_name, self.address
        own = Identity("", name, address, self.reply_to, self.signature, None, self.sent_folder, self.patterns)
        return (own, *self.more_identities)

    def identity(self, key: str) -> Identity:
        """The one of this key; the account's own where it is gone."""
        return next((one for one in self.identities if one.key == key), self.identities[0])


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as the tree shows it. `path` uses "/" whatever the server's delimiter is."""

    id: FolderId
    account: AccountKey
    path: str
    role: Role
    total: int
    unread: int
    selectable: bool = True
    subscribed: bool = True
    uidvalidity: int = 0
    bodies_missing: int = 0
    verified_at: int | None = None
    """When its UID set was last proven equal to the server's; None: never (or a local folder)."""
    keep: Keep | None = None
    """Its own word about what is kept here; None: the account's."""
    left_out: int = 0
    """Messages whose content is not here because nobody wants it to be (see `keep`); not in `bodies_missing`."""
    shared: bool = False
    """Another user's, or common to several: it never serves as Trash, Sent and the like."""
    owner: str = ""
    """Of a shared one: whose, as the server names them; empty where it belongs to nobody in particular."""
    rights: frozenset[Right] | None = None
    """What may be done in it; None: not known, so everything is tried."""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def may(self, right: Right) -> bool:
        """False only where the server said so."""
        return self.rights is None or right in self.rights

    @property
    def read_only(self) -> bool:
        """Nothing can be changed in it."""
        return self.rights is not None and not self.rights

    @property
    def offline(self) -> str:
        """What can be read without the server, after "complete offline:": "yes", or "214 of 5,000 bodies missing"."""
        counts = ((self.bodies_missing, "bodies missing"), (self.left_out, "left out as you chose"))
        return ", ".join(f"{count:,} of {self.total:,} {what}" for count, what in counts if count) or "yes"


@dataclass(frozen=True, slots=True)
class Row:
    """What one line of the message list needs; cheap to read sixty at a time."""

    id: RowId
    message: MessageId
    folder: FolderId
    subject: str
    correspondent: str
    """The author's name; in Sent, Drafts and Outbox the recipients' names."""
    address: str
    """The addr-spec behind `correspondent` (the first one)."""
    date: int
    """The Date header; the time of arrival where that is absent or absurd."""
    received: int
    size: int
    flags: frozenset[str]
    preview: str
    attachments: int
    message_id: str
    has_body: bool

    @property
    def unread(self) -> bool:
        return Flag.SEEN not in self.flags

    @property
    def starred(self) -> bool:
        return Flag.FLAGGED in self.flags


class SortKey(StrEnum):
    """Columns a list can be ordered by."""

    DATE = "date"
    CORRESPONDENT = "correspondent"
    SUBJECT = "subject"
    SIZE = "size"
    UNREAD = "unread"
    STAR = "star"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the MIME tree, as parsed: enough to show it and to fetch its bytes again by `index`."""

    index: int
    """Position in a depth-first walk of the message's leaves, from 0."""
    name: str
    """File name, decoded, without any folder; empty when the sender gave none."""
    type: str
    size: int
    """Octets after the transfer encoding is undone."""
    inline: bool
    content_id: str = ""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message opened: every header decoded, every part listed. Nothing in here can fail to build."""

    subject: str
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    date: int | None
    date_zone: int
    """Minutes east of UTC the Date header was written in."""
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    parts: tuple[Part, ...]
    """Attachments and inline pictures; not the bodies themselves."""
    text: str
    """The text body; made from the HTML one when the sender wrote only that."""
    html: str
    """The HTML body as written (unsafe: only mime.html.sanitise may hand it on); empty if none."""
    warnings: tuple[str, ...] = ()
    """What was odd about it, in words a reader understands ("Two From headers: ...")."""
    list_post: str = ""
    """Where to write to its mailing list (List-Post, RFC 2369); empty when it came from none."""
    notes: tuple[str, ...] = ()
    """What it reports, in words: what became of a mail, that one was read, that this is a part of a larger one."""


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """A file put into a draft: its bytes are in the content database from that moment on."""

    name: str
    type: str
    size: int
    content: ContentHash
    content_id: str = ""
    """Not empty: an inline picture of the HTML body, referred to as cid:CONTENT_ID."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the author wants of the servers on the way; each only works where it is offered."""

    notify: tuple[str, ...] = ()
    """Reports asked for (DSN, RFC 3461): "success", "failure", "delay"; empty: what servers do by themselves."""
    whole: bool = False
    """Such reports bring the whole message back, not only its headers."""
    within: int = 0
    """Seconds after which the sender shall be told if it is not delivered (DELIVERBY, RFC 2852); 0: no matter."""
    hold_until: int = 0
    """The server keeps it until then (FUTURERELEASE, RFC 4865); 0: it goes at once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer holds; saved as you type, frozen into bytes at Send."""

    id: DraftId | None
    account: AccountKey
    from_: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    """Empty: a plain-text mail."""
    attachments: tuple[AttachmentRef, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    message_id: str = ""
    """Fixed when first saved, so that the copies in Drafts, Outbox and Sent are recognisably one mail."""
    reply_of: RowId | None = None
    forward_of: RowId | None = None
    replaces: RowId | None = None
    """The row in Drafts (or Outbox) this draft was opened from, removed when it is saved or sent."""
    saved_at: int = 0
    identity: str = ""
    """Key of the account's identity that writes."""
    reply_to: tuple[Address, ...] = ()
    delivery: Delivery = Delivery()


class SendState(StrEnum):
    """Where a message in the Outbox is (design 6, SMTP). Only QUEUED, NOT_BEFORE and DEFERRED are ever sent by
    themselves."""

    QUEUED = "queued"
    NOT_BEFORE = "not-before"
    """Waits for `OutboxItem.not_before`: it may still be taken back, or is to be sent later."""
    HELD = "held"
    """Stopped by the user, or too late for the time it was meant for: waits for the user's word."""
    CONNECTING = "connecting"
    ENVELOPE = "envelope"
    DATA = "data"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    """Failed for now (4xx, no network): tried again at `OutboxItem.next_attempt`."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One RCPT TO (RFC 5321) and what the server said of it."""

    address: str
    state: str = "pending"
    """"pending", "accepted", "deferred" (asked again later), "refused", or "noted": refused, and seen to."""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message on its way out: bytes and Message-ID are frozen."""

    id: OutboxId
    account: AccountKey
    row: RowId
    content: ContentHash
    message_id: str
    envelope_from: str
    recipients: tuple[Recipient, ...]
    state: SendState
    attempts: int
    next_attempt: int
    reply: str
    """The server's last words, or ours about why it could not be reached."""
    updated: int
    not_before: int = 0
    """When it may go, in the state NOT_BEFORE; kept afterwards."""
    scheduled: bool = False
    """The author chose that time; else it is the moment in which sending can be undone."""
    identity: str = ""
    delivery: Delivery = Delivery()
    again_of: OutboxId | None = None
    """Goes to the refused recipients of that item only; its copy is in Sent already."""

    @property
    def refused(self) -> tuple[Recipient, ...]:
        """Those whom the server would not take it for."""
        return tuple(one for one in self.recipients if one.state == "refused")


class AccountState(StrEnum):
    """How an account is doing, for the tree and the status line."""

    IDLE = "idle"
    CONNECTING = "connecting"
    SYNCING = "syncing"
    OFFLINE = "offline"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105
    SIGN_IN = "sign-in"
    CERTIFICATE = "certificate"
    PROBLEM = "problem"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a message's biography: when, and what happened, in words."""

    at: int
    what: str
