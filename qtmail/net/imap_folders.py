"""The commands on folders of an IMAP session: list, create, rename, delete, subscribe; capabilities in use."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qtmail import __version__
from qtmail.errors import FolderGone, ProtocolError, Refused
from qtmail.model import Role
from qtmail.net import imap_names, imap_quirks, imap_shared
from qtmail.net.imap_answers import Reply, refusal
from qtmail.net.imap_extensions import NOT_TRUSTED, Extensions, Ledger
from qtmail.net.imap_fetch import FetchStream
from qtmail.net.imap_names import Namespace
from qtmail.net.imap_replies import named_fields, numbers, only
from qtmail.net.imap_shared import SHARED
from qtmail.net.imap_tokens import Malformed
from qtmail.net.imap_transport import SMALL, ImapClient, Literal, astring
from qtmail.net.imap_unasked import Unasked
from qtmail.net.imap_values import FolderStatus, RemoteFolder, Selected

_TO_ENABLE = ("CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "IMAP4REV2")
"""What ENABLE asks for (RFC 5161). With IMAP4rev2 names are in UTF-8 and SEARCH answers as ESEARCH (RFC 9051, A and
appendix E): the session takes both forms of either."""
_TOGETHER = 200
"""Commands sent before the first answer is read: more could fill the line in both directions."""


class FolderCommands:
    """What a logged-in connection needs for any command, and those that select nothing."""

    capabilities: frozenset[str]
    """As the server said after login, upper case."""

    def __init__(self, client: ImapClient, capabilities: frozenset[str], set_aside: Iterable[str] = ()) -> None:
        """For `connect` and tests; the client is logged in. `set_aside`: extensions not to be used here."""
        self._client = client
        self.capabilities = capabilities
        self._ledger = Ledger(capabilities, set_aside)
        self.enabled: frozenset[str] | None = None
        """What ENABLE was granted; None before it was asked (by the first `folders` or `select`)."""
        self.server_id: Mapping[str, str] = {}
        """What the server calls itself (ID, RFC 2971), once it was asked: "name", "version"; keys in lower case."""
        self._always_rev2 = "IMAP4REV2" in capabilities and "IMAP4REV1" not in capabilities
        self._utf8 = self._always_rev2
        """Names of folders go and come in UTF-8 (RFC 6855, and IMAP4rev2); outside of this class they are in modified
        UTF-7 all the same."""
        self._namespace: Namespace | None = None
        self._wire_names: dict[str, bytes] = {}
        self._unasked = Unasked()
        self._unasked.utf8 = self._utf8
        self._stream = FetchStream(client, self._unasked)
        self._selected: Selected | None = None
        client.on_untagged = self._unasked.note  # type: ignore[method-assign]
        if self._use("LITERAL+"):
            client.without_waiting = SMALL
        elif self._use("LITERAL-"):
            client.without_waiting = 4096

    @property
    def bytes_in(self) -> int:
        """Octets received so far (inside TLS)."""
        return self._client.wire.bytes_in

    @property
    def bytes_out(self) -> int:
        return self._client.wire.bytes_out

    def supports(self, name: str) -> bool:
        """True if the capability was offered after login, e.g. "CONDSTORE", "MOVE", "UIDPLUS"."""
        return self._ledger.usable(name.upper())

    def extensions(self) -> Extensions:
        """What is advertised, and what this session really used so far."""
        return self._ledger.standing()

    def distrust(self, name: str, why: str) -> None:
        """Use this extension no more in this session; `why`: a sentence for people, shown in "Server details"."""
        self._ledger.give_up(name.upper(), why)

    def _use(self, name: str) -> bool:
        return self._ledger.use(name)

    def folders(self) -> tuple[RemoteFolder, ...]:
        """Every mailbox; with its status in the same round trip where LIST-STATUS is offered."""
        asked: list[tuple[bytes | Literal, ...]] = [(b"LIST", b'""', b'"*"', *self._list_return())]
        lsub = not self._use("LIST-EXTENDED")
        if lsub:
            asked.append((b"LSUB", b'""', b'"*"'))
        replies = self._ask(asked)
        if replies[0].status != "OK" and self._listing_less(replies[0].words):
            return self.folders()
        if replies[0].status != "OK":
            raise refusal(replies[0], self._client.wire.where)
        first = len(replies)
        replies += self._ask(self._of_others(self._listed(replies[0], b"LIST"), lsub=lsub))
        lists = [replies[0], *replies[first :: 2 if lsub else 1]]
        listed = list({one.wire_name: one for reply in lists for one in self._listed(reply, b"LIST")}.values())
        found = (one for reply in lists for text in only(reply, b"STATUS") if (one := imap_names.parse_status(text)))
        status = {self._kept_name(name): told for name, told in found}
        subscribed = [one.wire_name for reply in replies for one in self._listed(reply, b"LSUB")] if lsub else None
        found_folders = imap_names.arrange(listed, subscribed, status, self._namespace or Namespace())
        self._wire_names = {folder.path: folder.wire_name for folder in found_folders}
        return found_folders

    def _of_others(self, listed: list[imap_names.Listed], *, lsub: bool) -> list[tuple[bytes | Literal, ...]]:
        """What is to be asked for the namespaces whose folders "*" does not bring (RFC 2342 leaves that open)."""
        foreign = (self._namespace or Namespace()).foreign
        there = {imap_shared.space_of(imap_names.decode(one.wire_name), foreign) for one in listed}
        asked: list[tuple[bytes | Literal, ...]] = []
        for space in foreign:
            if space not in there:
                pattern = self._mailbox(imap_names.encode(space.prefix) + b"*")
                asked.append((b"LIST", b'""', pattern, *self._list_return()))
                asked += [(b"LSUB", b'""', pattern)] if lsub else []
        return asked

    def _listed(self, reply: Reply, kind: bytes) -> list[imap_names.Listed]:
        found = (one for text in only(reply, kind) if (one := imap_names.parse_list(text)))
        return [replace(one, wire_name=self._kept_name(one.wire_name)) for one in found]

    def _kept_name(self, name: bytes) -> bytes:
        return imap_names.from_utf8(name) if self._utf8 else name

    def _mailbox(self, wire_name: bytes) -> bytes | Literal:
        """A wire name of ours as an argument."""
        told = imap_names.to_utf8(wire_name) if self._utf8 else None
        return told or astring(wire_name)

    def _before_names(self) -> None:
        """What names look like is agreed before the first of them is sent."""
        if self.enabled is None:
            self._ask([])

    def wire_name(self, path: str) -> bytes:
        """The server's name for a folder path of ours that may not exist yet (to create or rename).

        Raises Refused for a name this server cannot have.
        """
        if path in self._wire_names:
            return self._wire_names[path]
        if self._namespace is None:
            self._ask([])
        namespace = self._namespace or Namespace()
        above, _, name = path.rpartition("/")
        if f"{path}/".startswith(f"{SHARED}/") and namespace.foreign:
            return self._wire_name_below(above, name, namespace)
        return imap_names.wire_path(path, namespace)

    def _wire_name_below(self, above: str, name: str, namespace: Namespace) -> bytes:
        """Of a folder within one of others, which is known. Raises Refused."""
        parent = self._wire_names.get(above)
        space = imap_shared.space_of(imap_names.decode(parent), namespace.foreign) if parent else None
        if parent is None or space is None or (space.of_users and imap_names.decode(parent) == space.root):
            raise Refused(
                "A folder of your own cannot be made among those of others.", hint="Make it inside one of theirs."
            )
        own = imap_names.wire_path(name, Namespace("", space.delimiter))
        return parent.removesuffix(space.delimiter.encode()) + space.delimiter.encode() + own

    def _listing_less(self, words: str) -> bool:
        """A server that chokes on what it offers for LIST is asked without it -> whether there is less to ask for."""
        offered = [name for name in ("OBJECTID", "APPENDLIMIT", "LIST-STATUS", "LIST-EXTENDED") if self.supports(name)]
        if offered and self.supports("LIST-EXTENDED"):
            self._ledger.give_up(offered[0], f"The server did not do it right: {words}")
            return True
        return False

    def _list_return(self) -> tuple[bytes, ...]:
        if not self.supports("LIST-EXTENDED"):
            return ()
        options = [b"SUBSCRIBED"]
        if self._use("SPECIAL-USE"):
            options.append(b"SPECIAL-USE")
        if self._use("LIST-STATUS"):
            options.append(b"STATUS " + self._status_items())
        return (b"RETURN (" + b" ".join(options) + b")",)

    def _status_items(self) -> bytes:
        more = b" HIGHESTMODSEQ" if self._condstore() else b""
        more += b" MAILBOXID" if self._use("OBJECTID") else b""
        more += b" APPENDLIMIT" if "APPENDLIMIT" in self.capabilities and self._use("APPENDLIMIT") else b""
        return b"(MESSAGES UIDNEXT UIDVALIDITY UNSEEN" + more + b")"

    def _condstore(self) -> bool:
        return self._use("CONDSTORE") or self.supports("QRESYNC")

    def _ask(self, commands: list[tuple[bytes | Literal, ...]]) -> list[Reply]:
        """These commands in one round trip; the first time with ENABLE and NAMESPACE before them."""
        self._stream.settle()
        first: dict[str, tuple[bytes, ...]] = {}
        if self.enabled is None:
            wanted = [name for name in _TO_ENABLE if self.supports(name)]
            if self._always_rev2:
                self._ledger.note(wanted.pop())
            if wanted and self._use("ENABLE"):
                first["ENABLE"] = (" ".join(wanted).encode(),)
            if self._use("ID"):
                first["ID"] = (b'("name" "qtmail" "version" "%s")' % __version__.encode(),)
        if self._namespace is None and self._use("NAMESPACE"):
            first["NAMESPACE"] = ()
        replies = list(self._client.run_all([*((name.encode(), *args) for name, args in first.items()), *commands]))
        self._introduced(dict(zip(first, replies, strict=False)))
        return replies[len(first) :]

    def _ask_many(self, commands: list[tuple[bytes | Literal, ...]]) -> list[Reply]:
        """As many as may be, in few round trips."""
        parts = [commands[start : start + _TOGETHER] for start in range(0, len(commands), _TOGETHER)]
        return [reply for part in parts for reply in self._ask(part)]

    def _introduced(self, replies: Mapping[str, Reply]) -> None:
        """Keep what the first commands of a session brought."""
        granted: set[str] = set()
        if enabled := replies.get("ENABLE"):
            for text in only(enabled, b"ENABLED"):
                granted.update(text[0].decode("ascii", "replace").upper().split()[1:])
        if self.enabled is None:
            self.enabled = frozenset(granted)
            self._ledger.note(*granted & {"CONDSTORE", "UTF8=ACCEPT", "IMAP4REV2"})
            self._utf8 = self._unasked.utf8 = self._always_rev2 or bool(granted & {"UTF8=ACCEPT", "IMAP4REV2"})
        if named := replies.get("ID"):
            self.server_id = named_fields(named, b"ID")
            for name in imap_quirks.set_aside(imap_quirks.of_software(self.server_id)):
                self._ledger.give_up(name, NOT_TRUSTED)
        if spaces := replies.get("NAMESPACE"):
            for text in only(spaces, b"NAMESPACE"):
                self._namespace = imap_names.parse_namespace(text)
        if self._namespace is None:
            self._namespace = Namespace()

    def status(self, wire_name: bytes) -> FolderStatus:
        """Raises FolderGone."""
        reply = self._run(b"STATUS", self._mailbox(wire_name), self._status_items())
        found = [one for text in only(reply, b"STATUS") if (one := imap_names.parse_status(text))]
        if not found:
            raise ProtocolError(f"{self._client.wire.where} did not tell the folder's state.")
        return found[-1][1]

    def statuses_of(self, wire_names: Sequence[bytes]) -> dict[bytes, FolderStatus | None]:
        """The same of many, in few round trips; None for those that cannot be asked."""
        self._before_names()
        found: dict[bytes, FolderStatus | None] = {}
        replies = self._ask_many([(b"STATUS", self._mailbox(name), self._status_items()) for name in wire_names])
        for name, reply in zip(wire_names, replies, strict=True):
            told = [one for text in only(reply, b"STATUS") if (one := imap_names.parse_status(text))]
            found[name] = told[-1][1] if told and reply.status == "OK" else None
        return found

    def sizes_of(self, wire_names: Sequence[bytes]) -> dict[bytes, int | None]:
        """The octets of all messages in each (STATUS=SIZE, RFC 8438), in few round trips; None for those that are gone,
        and where the server cannot tell. The first time it may take the server long."""
        if not wire_names or not self._use("STATUS=SIZE"):
            return dict.fromkeys(wire_names)
        self._before_names()
        replies = self._ask_many([(b"STATUS", self._mailbox(name), b"(SIZE)") for name in wire_names])
        return {
            name: next(
                (size for text in only(reply, b"STATUS") if (size := imap_names.status_size(text)) is not None), None
            )
            for name, reply in zip(wire_names, replies, strict=True)
        }

    def create(self, wire_name: bytes, role: Role = Role.NONE) -> None:
        """CREATE and SUBSCRIBE; that it already exists is no error. `role`: told to the server where it can be."""
        self._before_names()
        special = imap_names.special_use(role)
        if special and self._use("CREATE-SPECIAL-USE"):
            created, subscribed = self._create(wire_name, b"(USE (" + special + b"))")
            if created.status == "OK":
                return
            self._ledger.give_up("CREATE-SPECIAL-USE", "The server did not take it.")
        created, subscribed = self._create(wire_name)
        if created.status != "OK" and created.code != "ALREADYEXISTS" and subscribed.status != "OK":
            raise refusal(created, self._client.wire.where)
        if created.status != "OK" and created.code != "ALREADYEXISTS":
            self.status(wire_name)

    def _create(self, wire_name: bytes, *use: bytes) -> list[Reply]:
        return self._ask([(b"CREATE", self._mailbox(wire_name), *use), (b"SUBSCRIBE", self._mailbox(wire_name))])

    def rename(self, old: bytes, new: bytes, along: Mapping[bytes, bytes] | None = None) -> None:
        """RENAME, with those below it. `along`: names whose subscriptions go along, and what they become; None: this
        one's. Raises FolderGone, Refused."""
        self._before_names()
        self._run(b"RENAME", self._mailbox(old), self._mailbox(new))
        self._wire_names = {path: name for path, name in self._wire_names.items() if name != old}
        self.carry_subscriptions({old: new} if along is None else along)

    def carry_subscriptions(self, along: Mapping[bytes, bytes]) -> None:
        """From names that are not there any more to what they became; a server that will not is let be."""
        self._ask_many(
            [
                (command, self._mailbox(name))
                for old, new in along.items()
                for command, name in ((b"SUBSCRIBE", new), (b"UNSUBSCRIBE", old))
            ]
        )

    def delete(self, wire_name: bytes) -> None:
        """DELETE and UNSUBSCRIBE; that it is gone already is no error."""
        self._before_names()
        deleted, _ = self._ask([(b"DELETE", self._mailbox(wire_name)), (b"UNSUBSCRIBE", self._mailbox(wire_name))])
        self._wire_names = {path: name for path, name in self._wire_names.items() if name != wire_name}
        if deleted.status != "OK":
            error = refusal(deleted, self._client.wire.where)
            if not isinstance(error, FolderGone):
                raise error

    def subscribe(self, wishes: Mapping[bytes, bool]) -> None:
        """SUBSCRIBE or UNSUBSCRIBE each of these folders, in few round trips; one that is gone needs no UNSUBSCRIBE.
        Raises what the first that is refused says, after all were asked."""
        self._before_names()
        commands = [(b"SUBSCRIBE" if on else b"UNSUBSCRIBE", self._mailbox(name)) for name, on in wishes.items()]
        for on, reply in zip(wishes.values(), self._ask_many([*commands]), strict=True):
            if reply.status != "OK":
                error = refusal(reply, self._client.wire.where)
                if on or not isinstance(error, FolderGone):
                    raise error

    def _run(self, *arguments: bytes | Literal) -> Reply:
        self._stream.settle()
        return self._client.run(*arguments)

    def _found(self, reply: Reply) -> "array[int]":
        """The UIDs of a SEARCH reply. Raises ProtocolError."""
        try:
            return numbers(reply)
        except Malformed as error:
            raise ProtocolError(f"{self._client.wire.where} sent a search result that makes no sense.") from error
