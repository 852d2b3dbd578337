"""A Dovecot of one's own: IMAP and POP3 (plain, STARTTLS, TLS), LMTP and SASL for a Postfix, mail in Maildirs."""

import itertools
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from imapclient import imap_utf7

from qtmail.model import Account, AccountKey, PopPolicy, Protocol, Security, Server
from tests.servers.authority import Authority
from tests.servers.process import HOST, Directory, Process, free_ports, listening, server_user, wait_until

if TYPE_CHECKING:
    from tests.servers.postfix import Postfix

DOMAIN = "example.test"
PASSWORDS = {"alice": "wonderland", "bob": 'b"ui\\lder', "carol": "chrístmas"}
"""User -> password: a plain one, one that must be escaped, one beyond ASCII."""
SPARE_PASSWORD = "secret"

_CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
listen = {host}
protocols = imap pop3 lmtp
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_process_limit = 200
first_valid_uid = 1
ssl = yes
ssl_cert = <{chain}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-256 scram-sha-1
auth_failure_delay = 0
mail_location = maildir:{root}/mail/%u/Maildir
mail_fsync = never
mail_max_userip_connections = 100
postmaster_address = postmaster@{domain}
recipient_delimiter =
auth_username_format = %Ln
{capability}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {root}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = subscribe
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = {host}
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener sasl {{
    address = {host}
    port = {sasl}
  }}
}}
service stats {{
  chroot =
}}
{extra}
"""


SHARING = """
mail_plugins = acl quota notify
protocol imap {
  mail_plugins = acl quota notify imap_acl imap_quota
}
namespace shared {
  type = shared
  separator = @SEPARATOR@
  prefix = shared@SEPARATOR@%%u@SEPARATOR@
  location = maildir:@ROOT@/mail/%%u/Maildir
  subscriptions = no
  list = children
}
namespace public {
  type = public
  separator = @SEPARATOR@
  prefix = Public@SEPARATOR@
  location = maildir:@ROOT@/public
  subscriptions = no
  list = children
}
plugin {
  acl = vfile
  acl_shared_dict = file:@ROOT@/state/shared
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=1M
}
"""
"""For `extra`: users share folders with SETACL (ACL), everybody sees Public, and nobody has more than 1 MB (QUOTA)."""


class Dovecot:
    """Serves alice, bob and carol from `start()` to `stop()`; both may be called again (an outage, same ports).

    capability: what IMAP says of itself after login, in place of the truth (the commands work all the same).
    separator, prefix: of the one personal namespace, e.g. "." and "INBOX.".
    extra: more lines of configuration.
    """

    def __init__(self, *, capability: str = "", separator: str = "/", prefix: str = "", extra: str = "") -> None:
        self._directory = Directory("dovecot")
        root = self._directory.path
        self.host = HOST
        self.imap, self.imaps, self.pop3, self.pop3s, self.lmtp, self.sasl = free_ports(6)
        self.authority = Authority(root)
        self.ca_file = str(self.authority.ca_file)
        chain, key = self.authority.files()
        self.certificate, self.private_key = chain, key
        user, uid, gid = server_user()
        for name in ("run", "state", "mail"):
            self._directory.make(name)
        spare = [f"user{number}" for number in range(1, 1000)]
        self._spare = iter(spare)
        everybody = PASSWORDS | dict.fromkeys(spare, SPARE_PASSWORD)
        self._directory.write("users", "".join(f"{user}:{password}\n" for user, password in everybody.items()))
        config = _CONFIG.format(
            root=root,
            host=HOST,
            user=user,
            group=_group_name(gid),
            uid=uid,
            gid=gid,
            chain=chain,
            key=key,
            domain=DOMAIN,
            separator=separator,
            prefix=prefix,
            extra=extra.replace("@ROOT@", str(root)).replace("@SEPARATOR@", separator),
            capability=f"imap_capability = {capability}" if capability else "",
            **{name: getattr(self, name) for name in ("imap", "imaps", "pop3", "pop3s", "lmtp", "sasl")},
        )
        self._config = self._directory.write("dovecot.conf", config)
        self._separator = separator
        self.capability = capability
        self._process: Process | None = None
        self._numbers = itertools.count(1)

    def __enter__(self) -> "Dovecot":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._directory.remove()

    @property
    def root(self) -> Path:
        return self._directory.path

    @property
    def log(self) -> str:
        """Everything Dovecot logged so far."""
        path = self.root / "dovecot.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def start(self) -> None:
        process = self._process = Process(["dovecot", "-F", "-c", str(self._config)], as_user=True)

        def up() -> bool:
            assert process.alive(), f"Dovecot ended at once:\n{self.log}"
            return all(listening(port) for port in (self.imap, self.pop3, self.lmtp))

        try:
            wait_until(up, "Dovecot to listen")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Every connection is cut, nobody listens any more; the mail stays."""
        if self._process:
            self._process.stop()
            self._process = None

    def doveadm(self, *words: str) -> str:
        """Run its administration tool. -> what it says."""
        command = ["doveadm", "-c", str(self._config), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout

    def add_user(self) -> str:
        """A user nobody else was given, with an empty mailbox; the password is SPARE_PASSWORD. -> the name."""
        return next(self._spare)

    def server(self, user: str, protocol: Protocol, security: Security = Security.NONE) -> Server:
        plain, tls = (self.imap, self.imaps) if protocol is Protocol.IMAP else (self.pop3, self.pop3s)
        port = tls if security is Security.TLS else plain
        return Server(self.host, port, security, user, ca_file=self.ca_file)

    def account(
        self,
        user: str,
        protocol: Protocol = Protocol.IMAP,
        security: Security = Security.NONE,
        *,
        outgoing: "Postfix | None" = None,
        outgoing_security: Security = Security.STARTTLS,
        pop: PopPolicy | None = None,
    ) -> Account:
        """An account for this user; its key is the user's name. The password is `PASSWORDS[user]` for both servers."""
        return Account(
            key=AccountKey(user),
            name=user.capitalize(),
            address=f"{user}@{DOMAIN}",
            display_name=f"{user.capitalize()} Example",
            protocol=protocol,
            incoming=self.server(user, protocol, security),
            outgoing=outgoing.server(user, outgoing_security) if outgoing else None,
            pop=pop or PopPolicy(),
        )

    def folder(self, user: str, path: str = "INBOX") -> Path:
        """The Maildir of a folder (levels separated by "/"), made if it is not there."""
        base = f"mail/{user}/Maildir"
        name = imap_utf7.encode(path).decode("ascii").replace("/", ".")
        maildir = base if path == "INBOX" else f"{base}/.{name}"
        for part in ("cur", "new", "tmp"):
            self._directory.make(f"{maildir}/{part}")
        return self.root / maildir

    def fill(
        self,
        user: str,
        messages: Iterable[bytes],
        path: str = "INBOX",
        *,
        flags: str = "S",
        first_date: int = 1_700_000_000,
    ) -> int:
        """Put messages straight into the Maildir; -> how many. INTERNALDATE grows by a minute a message.

        flags: Maildir letters (S seen, R replied, F flagged, D draft, T deleted); "" for unseen.
        """
        count = 0
        cur = self.folder(user, path) / "cur"
        for content in messages:
            date = first_date + 60 * count
            file = cur / f"{date}.M{next(self._numbers):06}P1.test,S={len(content)}:2,{flags}"
            file.write_bytes(content)
            os.utime(file, (date, date))
            self._directory.own(file)
            count += 1
        return count

    def messages(self, user: str, path: str = "INBOX") -> list[bytes]:
        """What is in the Maildir now, read from the disk, oldest file name first; lines end as stored."""
        folder = self.folder(user, path)
        while True:
            files = [file for part in ("new", "cur") for file in (folder / part).iterdir()]
            try:
                return [file.read_bytes() for file in sorted(files, key=lambda file: file.name)]
            except FileNotFoundError:  # Dovecot renamed or moved one meanwhile
                continue


def _group_name(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name
