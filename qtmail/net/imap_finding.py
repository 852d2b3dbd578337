"""Looking for messages by their Message-ID: what an earlier attempt may have put there, and what others did."""

import contextlib
from collections.abc import Iterable, Sequence

from qtmail.net.imap_account import AccountCommands
from qtmail.net.imap_answers import Reply, refusal
from qtmail.net.imap_tokens import Malformed, compact, quoted
from qtmail.net.imap_transport import Literal
from qtmail.net.imap_unasked import record
from qtmail.net.imap_values import FoundMessage

_SIZES = b"(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
_AT_ONCE = 50
"""Message-IDs in one search: it stays a line that servers take."""


class FindingCommands(AccountCommands):
    """In the selected folder."""

    def find_message_id(self, message_id: str) -> tuple[int, ...]:
        """UIDs in the selected folder whose Message-ID header is this."""
        wanted = message_id.encode("utf-8", "replace")
        argument = quoted(wanted) or Literal(wanted)
        return tuple(sorted(self._found(self._run(b"UID SEARCH", b"HEADER", b"MESSAGE-ID", argument))))

    def find_messages(self, message_ids: Sequence[str]) -> dict[str, tuple[FoundMessage, ...]]:
        """The same of many, with the size of each that is found, highest UID first: a round trip for some dozens where
        SEARCHRES (RFC 5182) is offered, else two. Raises what a refusal means: not told is not the same as not there.

        What is found says itself which it is: servers (Dovecot) answer several searches at a time, in any order.
        """
        wanted = {one: quoted(one.encode("utf-8", "replace")) for one in dict.fromkeys(message_ids) if one}
        found: dict[str, tuple[FoundMessage, ...]] = {}
        for one in [one for one, plain in wanted.items() if plain is None]:
            found[one] = tuple(message for message, _ in self._sized(self.find_message_id(one)))
        plain = [(one, name) for one, name in wanted.items() if name is not None]
        for start in range(0, len(plain), _AT_ONCE):
            part = dict(plain[start : start + _AT_ONCE])
            there = self._any_of(list(part.values()))
            for one in part:
                name = one.encode("utf-8", "replace")
                found[one] = tuple(message for message, header in there if name in header.replace(b"\r\n", b""))
        return found

    def find_text(self, criteria: Sequence[bytes | str]) -> tuple[int, ...]:
        """UIDs in the selected folder, rising, for search keys (RFC 9051, 6.4.4) in order: octets are keys as they are,
        characters are looked for. Raises what a refusal means (a server may know no UTF-8: BADCHARSET)."""
        plain = self._utf8 or all(not isinstance(one, str) or one.isascii() for one in criteria)
        arguments: list[bytes | Literal] = [] if plain else [b"CHARSET", b"UTF-8"]
        for one in criteria:
            if isinstance(one, bytes):
                arguments.append(one)
            else:
                value = one.encode("utf-8", "replace")
                arguments.append(quoted(value) or Literal(value))
        return tuple(sorted(self._found(self._agreed([(b"UID SEARCH", *arguments)])[0])))

    def sizes(self, uids: Iterable[int]) -> dict[int, int]:
        """RFC822.SIZE of those of these UIDs that the selected folder has. Raises what a refusal means."""
        return {message.uid: message.size for message, _ in self._sized(uids)}

    def _any_of(self, names: Sequence[bytes]) -> list[tuple[FoundMessage, bytes]]:
        """What has one of these in its Message-ID."""
        criteria = b" ".join([b"OR"] * (len(names) - 1) + [b"HEADER MESSAGE-ID " + name for name in names])
        if self.supports("ESEARCH") and self._use("SEARCHRES"):
            return _told(self._agreed([(b"UID SEARCH RETURN (SAVE)", criteria), (b"UID FETCH", b"$", _SIZES)]))
        return self._sized(self._found(self._agreed([(b"UID SEARCH", criteria)])[0]))

    def _sized(self, uids: Iterable[int]) -> list[tuple[FoundMessage, bytes]]:
        return _told(self._agreed([(b"UID FETCH", part, _SIZES) for part in compact(sorted(set(uids)))]))

    def _agreed(self, commands: list[tuple[bytes | Literal, ...]]) -> list[Reply]:
        replies = self._ask_many(commands)
        for reply in replies:
            if reply.status != "OK":
                raise refusal(reply, self._client.wire.where)
        return replies


def _told(replies: Iterable[Reply]) -> list[tuple[FoundMessage, bytes]]:
    """Of the FETCH replies in these, with their header, highest UID first."""
    found = {}
    for text in (text for reply in replies for text in reply.untagged if b" FETCH " in text[0][:24].upper()):
        with contextlib.suppress(Malformed):
            items = record((b"* " + text[0], *text[1:])).items
            if items.uid and items.size:
                found[items.uid] = (FoundMessage(items.uid, items.size), items.header)
    return [found[uid] for uid in sorted(found, reverse=True)]
