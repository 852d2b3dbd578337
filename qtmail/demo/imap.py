"""The demo's IMAP server: pymap with its in-memory backend, filled before it serves.

pymap has no special use, so LIST says it here (RFC 6154, 2: attributes may come without being asked for).
"""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import Iterable, Sequence
from datetime import datetime

from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.config import BackendCapability
from pymap.imap import IMAPServer
from pymap.listtree import ListEntry, ListTree
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import ObjectId
from pymap.parsing.specials.flag import Flag
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

SPECIAL_USE = {
    "Drafts": b"Drafts",
    "Sent": b"Sent",
    "Archive": b"Archive",
    "Junk": b"Junk",
    "Trash": b"Trash",
}
"""Folder -> the attribute LIST gives it (RFC 6154)."""
KEYWORDS = frozenset({Flag("$Forwarded"), Flag("$Junk"), Flag("$NotJunk"), Flag("$MDNSent")})


class ImapServer:
    """All mailboxes of all demo accounts. Everything here runs in one asyncio loop."""

    def __init__(self) -> None:
        self._config = _config()
        self._config.apply_context()
        self._login = Login(self._config)

    def add_account(self, user: str, password: str, folders: Iterable[str]) -> None:
        """Make an account that can log in, with INBOX and these folders, all empty."""
        mailboxes = _Mailboxes()
        self._config.set_cache[user] = (mailboxes, FilterSet())
        self._login.users_dict[user] = UserMetadata(self._config, user, password=password)
        for folder in folders:
            mailboxes.create(folder)

    def knows(self, user: str) -> bool:
        return user in self._login.users_dict

    def password_fits(self, user: str, password: str) -> bool:
        return self.knows(user) and self._login.users_dict[user].password == password

    async def put(self, user: str, folder: str, content: bytes, when: datetime, flags: Iterable[str] = ()) -> None:
        """Place a message; connections in IDLE are told at once. KeyError if there is no such account or folder."""
        mailboxes, _ = self._config.set_cache[user]
        mailbox = await mailboxes.get_mailbox(folder)
        await mailbox.append(AppendMessage(content, when, frozenset(Flag(flag) for flag in flags)))

    async def serve(self, host: str) -> asyncio.Server:
        """Listen on a free port of `host`. Closing the returned server ends it."""
        reader = ProxyProtocolReader(ProxyProtocolVersion.get(None))
        return await asyncio.start_server(reader.get_callback(IMAPServer(self._login, self._config)), host, 0)


class _Config(Config):
    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=True, object_id=True, multi_append=True, custom=[b"SPECIAL-USE"])

    @property
    def greeting(self) -> bytes:
        return b"The qtmail demo is ready"


def _config() -> _Config:
    return _Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host="",
        port=0,
        demo_data=False,
        demo_user="",
        demo_password="",
        tls_enabled=False,
        ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        hash_context=Cleartext(),
        reject_dnsbl=False,
    )


class _Mailbox(MailboxData):
    @property
    def permanent_flags(self) -> frozenset[Flag]:
        return super().permanent_flags | KEYWORDS


class _Mailboxes(MailboxSet):
    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Mailbox(self._content_cache, self._thread_cache)

    def create(self, name: str) -> MailboxData:
        self._set[name] = mailbox = _Mailbox(self._content_cache, self._thread_cache)
        self._subscribed[name] = True
        return mailbox

    async def list_mailboxes(self) -> ListTree:
        return _Tree(self.delimiter).update("INBOX", *self._set)

    async def add_mailbox(self, name: str) -> ObjectId:
        if name in self._set:
            raise ValueError(name)
        return self.create(name).mailbox_id


class _Entry(ListEntry):
    @property
    def attributes(self) -> Sequence[bytes]:
        attributes = list(super().attributes)
        if self.name in SPECIAL_USE:
            attributes.append(SPECIAL_USE[self.name])
        return attributes


class _Tree(ListTree):
    def list_matching(self, ref_name: str, filter_: str) -> Iterable[ListEntry]:
        for entry in super().list_matching(ref_name, filter_):
            yield _Entry(entry.name, entry.exists, entry.marked, entry.has_children)
