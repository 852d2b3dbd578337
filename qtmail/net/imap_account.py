"""What concerns the account rather than messages: quota, rights, and the line to it."""

from collections.abc import Sequence

from qtmail.errors import Refused
from qtmail.net.imap_adding import AddingCommands
from qtmail.net.imap_answers import Reply
from qtmail.net.imap_replies import only
from qtmail.net.imap_tokens import Malformed, Token, parse
from qtmail.net.imap_values import Quota, Rights

_FAST = 5_000_000
"""Octets a second from which on compressing gains nothing: Dovecot and we together unpack some 13 million."""


class AccountCommands(AddingCommands):
    """Commands asked now and then. Where an extension is missing they answer that nothing is known."""

    def quota(self, wire_name: bytes = b"INBOX") -> tuple[Quota, ...]:
        """The limits that hold for this folder (GETQUOTAROOT, RFC 9208); () where there are none."""
        if not self._use("QUOTA"):
            return ()
        reply = self._run(b"GETQUOTAROOT", self._mailbox(wire_name))
        return tuple(quota for text in only(reply, b"QUOTA") for quota in _quotas(text))

    def rights_of(self, wire_names: Sequence[bytes]) -> dict[bytes, Rights | None]:
        """What we may do in these folders (MYRIGHTS, RFC 4314), in few round trips; None for those that are gone, and
        where the server cannot tell."""
        if not wire_names or not self._use("ACL"):
            return dict.fromkeys(wire_names)
        self._before_names()
        replies = self._ask_many([(b"MYRIGHTS", self._mailbox(name)) for name in wire_names])
        return {name: _rights(reply) for name, reply in zip(wire_names, replies, strict=True)}

    @property
    def speed(self) -> int | None:
        """Octets a second this line brings, as far as fetched messages tell; None: they do not yet."""
        return self._stream.body_pace.speed

    @property
    def worth_compressing(self) -> bool:
        """True on a slow line to a server that offers it, where it is not done yet."""
        speed = self.speed
        return speed is not None and speed < _FAST and self.supports("COMPRESS=DEFLATE") and not self.compressed

    @property
    def compressed(self) -> bool:
        return self._client.wire.compressed

    def compress(self) -> bool:
        """DEFLATE in both directions for the rest of the session (RFC 4978). False: not offered, or refused."""
        if self.compressed or not self._use("COMPRESS=DEFLATE"):
            return self.compressed
        try:
            self._run(b"COMPRESS DEFLATE")
        except Refused as error:
            self._ledger.give_up("COMPRESS=DEFLATE", f"The server refused it: {error.server_words}")
            return False
        self._client.wire.compress()
        return True


def _rights(reply: Reply) -> Rights | None:
    for text in only(reply, b"MYRIGHTS"):
        try:
            match parse(text):
                case [_, bytes(), bytes(letters), *_]:
                    return Rights(frozenset(letters.decode("ascii", "replace")))
        except Malformed:
            continue
    return None


def _quotas(text: tuple[bytes, ...]) -> list[Quota]:
    """Of one QUOTA reply: QUOTA root (resource used limit ...)."""
    try:
        match parse(text):
            case [_, bytes(root), [*items]]:
                triples = zip(items[::3], items[1::3], items[2::3], strict=False)
                return [quota for triple in triples if (quota := _quota(root, *triple))]
    except Malformed:
        pass
    return []


def _quota(root: bytes, name: Token, used: Token, limit: Token) -> Quota | None:
    if not (isinstance(name, bytes) and isinstance(used, bytes) and isinstance(limit, bytes)):
        return None
    if not (used.isdigit() and limit.isdigit()):
        return None
    resource = name.decode("ascii", "replace").upper()
    unit = 1024 if resource == "STORAGE" else 1
    return Quota(root.decode("utf-8", "replace"), resource, int(used) * unit, int(limit) * unit)
