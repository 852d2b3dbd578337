"""The commands on folders of an IMAP session: list, create, rename, delete, subscribe; capabilities in use."""

from array import array

from qtmail.errors import FolderGone, ProtocolError
from qtmail.net import imap_names
from qtmail.net.imap_fetch import FetchStream
from qtmail.net.imap_names import Namespace
from qtmail.net.imap_replies import numbers, only
from qtmail.net.imap_tokens import Malformed
from qtmail.net.imap_transport import ImapClient, Literal, Reply, astring, refusal
from qtmail.net.imap_unasked import Unasked
from qtmail.net.imap_values import FolderStatus, RemoteFolder, Selected

_REV2 = frozenset(
    (
        *("NAMESPACE", "UIDPLUS", "ESEARCH", "ENABLE", "IDLE", "LIST-EXTENDED", "LIST-STATUS", "MOVE"),
        *("LITERAL-", "SPECIAL-USE"),
    )
)
"""What IMAP4rev2 (RFC 9051) includes without saying so."""


class FolderCommands:
    """What a logged-in connection needs for any command, and those that select nothing."""

    capabilities: frozenset[str]
    """As the server said after login, upper case."""

    def __init__(self, client: ImapClient, capabilities: frozenset[str]) -> None:
        """For `connect` and tests; the client is logged in."""
        self._client = client
        self.capabilities = capabilities
        self.enabled: frozenset[str] | None = None
        """What ENABLE was granted; None before it was asked (by the first `folders` or `select`)."""
        self._namespace: Namespace | None = None
        self._wire_names: dict[str, bytes] = {}
        self._unasked = Unasked()
        self._stream = FetchStream(client, self._unasked)
        self._selected: Selected | None = None
        client.on_untagged = self._unasked.note  # type: ignore[method-assign]

    @property
    def bytes_in(self) -> int:
        """Octets received so far (inside TLS)."""
        return self._client.wire.bytes_in

    @property
    def bytes_out(self) -> int:
        return self._client.wire.bytes_out

    def supports(self, name: str) -> bool:
        """True if the capability was offered after login, e.g. "CONDSTORE", "MOVE", "UIDPLUS"."""
        return name.upper() in self.capabilities or (name.upper() in _REV2 and "IMAP4REV2" in self.capabilities)

    def folders(self) -> tuple[RemoteFolder, ...]:
        """Every mailbox; with its status in the same round trip where LIST-STATUS is offered."""
        asked: list[tuple[bytes | Literal, ...]] = [(b"LIST", b'""', b'"*"', *self._list_return())]
        lsub = not self.supports("LIST-EXTENDED")
        if lsub:
            asked.append((b"LSUB", b'""', b'"*"'))
        replies = self._ask(asked)
        if replies[0].status != "OK":
            raise refusal(replies[0], self._client.wire.where)
        listed = [one for text in only(replies[0], b"LIST") if (one := imap_names.parse_list(text))]
        status = dict(found for text in only(replies[0], b"STATUS") if (found := imap_names.parse_status(text)))
        subscribed = (
            [one.wire_name for text in only(replies[1], b"LSUB") if (one := imap_names.parse_list(text))]
            if lsub
            else None
        )
        found_folders = imap_names.arrange(listed, subscribed, status, self._namespace or Namespace())
        self._wire_names = {folder.path: folder.wire_name for folder in found_folders}
        return found_folders

    def wire_name(self, path: str) -> bytes:
        """The server's name for a folder path of ours that may not exist yet (to create or rename).

        Raises Refused for a name this server cannot have.
        """
        if path in self._wire_names:
            return self._wire_names[path]
        if self._namespace is None:
            self._ask([])
        return imap_names.wire_path(path, self._namespace or Namespace())

    def _list_return(self) -> tuple[bytes, ...]:
        if not self.supports("LIST-EXTENDED"):
            return ()
        options = [b"SUBSCRIBED"]
        if self.supports("SPECIAL-USE"):
            options.append(b"SPECIAL-USE")
        if self.supports("LIST-STATUS"):
            options.append(b"STATUS " + self._status_items())
        return (b"RETURN (" + b" ".join(options) + b")",)

    def _status_items(self) -> bytes:
        modseq = b" HIGHESTMODSEQ" if self._condstore() else b""
        return b"(MESSAGES UIDNEXT UIDVALIDITY UNSEEN" + modseq + b")"

    def _condstore(self) -> bool:
        return self.supports("CONDSTORE") or self.supports("QRESYNC")

    def _ask(self, commands: list[tuple[bytes | Literal, ...]]) -> list[Reply]:
        """These commands in one round trip; the first time with ENABLE and NAMESPACE before them."""
        self._stream.settle()
        first: list[tuple[bytes | Literal, ...]] = []
        wanted = [name for name in ("CONDSTORE", "QRESYNC") if name in self.capabilities]
        enable = self.enabled is None and bool(wanted) and self.supports("ENABLE")
        if enable:
            first.append((b"ENABLE", " ".join(wanted).encode()))
        namespace = self._namespace is None and self.supports("NAMESPACE")
        if namespace:
            first.append((b"NAMESPACE",))
        replies = list(self._client.run_all([*first, *commands]))
        granted: set[str] = set()
        if enable:
            for text in only(replies.pop(0), b"ENABLED"):
                granted.update(text[0].decode("ascii", "replace").upper().split()[1:])
        if self.enabled is None:
            self.enabled = frozenset(granted)
        if namespace:
            for text in only(replies.pop(0), b"NAMESPACE"):
                self._namespace = imap_names.parse_namespace(text)
        if self._namespace is None:
            self._namespace = Namespace()
        return replies

    def status(self, wire_name: bytes) -> FolderStatus:
        """Raises FolderGone."""
        reply = self._run(b"STATUS", astring(wire_name), self._status_items())
        found = [one for text in only(reply, b"STATUS") if (one := imap_names.parse_status(text))]
        if not found:
            raise ProtocolError(f"{self._client.wire.where} did not tell the folder's state.")
        return found[-1][1]

    def create(self, wire_name: bytes) -> None:
        """CREATE and SUBSCRIBE; that it already exists is no error."""
        created, subscribed = self._ask([(b"CREATE", astring(wire_name)), (b"SUBSCRIBE", astring(wire_name))])
        if created.status != "OK" and created.code != "ALREADYEXISTS" and subscribed.status != "OK":
            raise refusal(created, self._client.wire.where)
        if created.status != "OK" and created.code != "ALREADYEXISTS":
            self.status(wire_name)

    def rename(self, old: bytes, new: bytes) -> None:
        """RENAME, with those below it; the subscription goes along. Raises FolderGone, Refused."""
        self._run(b"RENAME", astring(old), astring(new))
        self._wire_names = {path: name for path, name in self._wire_names.items() if name != old}
        self._ask([(b"SUBSCRIBE", astring(new)), (b"UNSUBSCRIBE", astring(old))])

    def delete(self, wire_name: bytes) -> None:
        """DELETE and UNSUBSCRIBE; that it is gone already is no error."""
        deleted, _ = self._ask([(b"DELETE", astring(wire_name)), (b"UNSUBSCRIBE", astring(wire_name))])
        self._wire_names = {path: name for path, name in self._wire_names.items() if name != wire_name}
        if deleted.status != "OK":
            error = refusal(deleted, self._client.wire.where)
            if not isinstance(error, FolderGone):
                raise error

    def subscribe(self, wire_name: bytes, on: bool = True) -> None:
        """SUBSCRIBE or UNSUBSCRIBE."""
        self._run(b"SUBSCRIBE" if on else b"UNSUBSCRIBE", astring(wire_name))

    def _run(self, *arguments: bytes | Literal) -> Reply:
        self._stream.settle()
        return self._client.run(*arguments)

    def _found(self, reply: Reply) -> "array[int]":
        """The UIDs of a SEARCH reply. Raises ProtocolError."""
        try:
            return numbers(reply)
        except Malformed as error:
            raise ProtocolError(f"{self._client.wire.where} sent a search result that makes no sense.") from error
