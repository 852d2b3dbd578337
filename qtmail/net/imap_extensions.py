"""Which IMAP extensions a server offers, what each is good for, and which of them a session really used."""

from collections.abc import Iterable
from dataclasses import dataclass

PURPOSES = {
    "IDLE": "New mail is told at once.",
    "NOTIFY": "New mail in other folders is told at once as well.",
    "ENABLE": "Extensions can be switched on.",
    "CONDSTORE": "Only flags that changed are fetched.",
    "QRESYNC": "What changed and what went is told when a folder is opened.",
    "ESEARCH": "Lists of messages come in short form.",
    "SEARCHRES": "Results of a search can be used again on the server.",
    "LIST-EXTENDED": "Folders and subscriptions come in one answer.",
    "LIST-STATUS": "The state of all folders comes in one answer.",
    "SPECIAL-USE": "The server says which folder is for sent mail, drafts and so on.",
    "CREATE-SPECIAL-USE": "New folders for sent mail, drafts and so on are marked as such.",
    "NAMESPACE": "The server says where own and shared folders are.",
    "UIDPLUS": "Exactly the right message is removed, and the place of a new one is told.",
    "MOVE": "Messages are moved in one step.",
    "MULTIAPPEND": "Several messages are added in one step.",
    "LITERAL+": "Less waiting when something is sent.",
    "LITERAL-": "Less waiting when something small is sent.",
    "SASL-IR": "One wait less at login.",
    "COMPRESS=DEFLATE": "Less is transferred on slow lines.",
    "BINARY": "Messages with any octets can be added.",
    "UTF8=ACCEPT": "Addresses and folder names in any script.",
    "IMAP4REV2": "The newer form of IMAP.",
    "OBJECTID": "A message is known again wherever it was moved.",
    "PREVIEW": "The first words of a message without the whole of it.",
    "QUOTA": "How full the mailbox is.",
    "ID": "Server and program tell each other their names.",
    "ACL": "What may be done in a folder is known before it is tried.",
    "UNSELECT": "A folder is left without side effects.",
    "X-GM-EXT-1": "Gmail's labels, and its own ids of messages.",
    "STATUS=SIZE": "How much a folder holds.",
    "APPENDLIMIT": "How large a message may be is known before it is sent.",
    "REPLACE": "A draft is replaced in one step.",
}
"""The extensions this program knows how to use, with what each gives to people."""

NOT_TRUSTED = "It is not trusted on this server."
"""The trouble with what was set aside from the start."""
_REV2 = frozenset(
    (
        *("NAMESPACE", "UNSELECT", "UIDPLUS", "ESEARCH", "SEARCHRES", "ENABLE", "IDLE", "SASL-IR", "LIST-EXTENDED"),
        *("LIST-STATUS", "MOVE", "LITERAL-", "SPECIAL-USE", "STATUS=SIZE"),
    )
)
"""What IMAP4rev2 (RFC 9051) includes without saying so."""
_BY_PREFIX = {"APPENDLIMIT": "APPENDLIMIT=", "QUOTA": "QUOTA="}
"""Extensions that may be announced only with a value or a part."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One line of "Server details"."""

    name: str
    purpose: str
    """A sentence for people; empty for what this program has no use for."""
    advertised: bool
    used: bool
    """This session used it, and the server did what it should."""
    trouble: str = ""
    """Why it is not used though it is advertised; empty where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Extensions:
    """What a server offers and what a session made of it so far: those we know in a fixed order, then the others."""

    rows: tuple[Extension, ...]

    def __getitem__(self, name: str) -> Extension:
        """By name, any case. Raises KeyError for what is neither known nor advertised."""
        for row in self.rows:
            if row.name == name.upper():
                return row
        raise KeyError(name)

    @property
    def advertised(self) -> tuple[str, ...]:
        return tuple(row.name for row in self.rows if row.advertised)

    @property
    def used(self) -> tuple[str, ...]:
        return tuple(row.name for row in self.rows if row.used)


class Ledger:
    """Capabilities of one session, and what became of them.

    Nothing that is in `set_aside` is offered to the session's own code, whatever the server says.
    """

    def __init__(self, capabilities: Iterable[str], set_aside: Iterable[str] = ()) -> None:
        self.capabilities = frozenset(capabilities)
        self._trouble = dict.fromkeys((name.upper() for name in set_aside), NOT_TRUSTED)
        self._used: set[str] = set()

    def offered(self, name: str) -> bool:
        """True if the server says so, or its version of IMAP includes it."""
        prefix = _BY_PREFIX.get(name)
        return (
            name in self.capabilities
            or (name in _REV2 and "IMAP4REV2" in self.capabilities)
            or (prefix is not None and any(one.startswith(prefix) for one in self.capabilities))
        )

    def usable(self, name: str) -> bool:
        return name not in self._trouble and self.offered(name)

    def use(self, name: str) -> bool:
        """As `usable`, and remember that it was used."""
        if not self.usable(name):
            return False
        self._used.add(name)
        return True

    def note(self, *names: str) -> None:
        """These were used."""
        self._used.update(names)

    def give_up(self, name: str, why: str) -> None:
        """From now on it is not used in this session; `why` is a sentence for people."""
        self._trouble[name] = why
        self._used.discard(name)

    def value(self, name: str) -> int | None:
        """The number after NAME= in the capabilities."""
        told = [one[len(name) + 1 :] for one in self.capabilities if one.startswith(name + "=")]
        return next((int(one) for one in told if one.isdigit() and len(one) < 20), None)

    def standing(self) -> Extensions:
        others = sorted(self.capabilities - PURPOSES.keys())
        return Extensions(
            tuple(
                Extension(
                    name,
                    PURPOSES.get(name, ""),
                    self.offered(name),
                    name in self._used,
                    self._trouble.get(name, "") if self.offered(name) else "",
                )
                for name in (*PURPOSES, *others)
            )
        )
