"""A Postfix of one's own: submission with AUTH (asked of a Dovecot) and STARTTLS or TLS, delivering to it by LMTP.

Its master insists on being root, so tests that send mail have to run as root (a container will do); Dovecot does not.
"""

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

from qtmail.model import Security, Server
from tests.servers.dovecot import DOMAIN, PASSWORDS, Dovecot
from tests.servers.process import HOST, Directory, Process, free_ports, listening, wait_until

BUSY, NOBODY = f"busy@{DOMAIN}", f"nobody@{DOMAIN}"
"""Recipients answered 450 and 550."""
_PRIVATE = (
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
)

_MAIN = """
compatibility_level = 3.6
queue_directory = {root}/spool
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = {owner}
setgid_group = postdrop
default_privs = nobody
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
myhostname = mail.{domain}
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
mynetworks =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_transport = lmtp:inet:{host}:{lmtp}
lmtp_destination_concurrency_limit = 20
default_transport = discard:
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ {busy} = 450 4.2.1 Mailbox busy }} }}, permit
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_delay_reject = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:{host}:{sasl}
smtpd_sasl_security_options = noanonymous
smtpd_tls_cert_file = {chain}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_loglevel = 0
smtpd_client_connection_count_limit = 0
smtputf8_enable = yes
message_size_limit = {size_limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
header_checks =
always_add_missing_headers = no
{extra}
"""

_MASTER = """
{host}:{smtp} inet n - n - - smtpd
{host}:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Accepts mail from alice, bob and carol (passwords as in Dovecot). Mail for other domains is swallowed.

    size_limit: octets a message may have (SIZE). extra: more lines of main.cf.
    """

    def __init__(self, dovecot: Dovecot, *, size_limit: int = 40_000_000, extra: str = "") -> None:
        if os.getuid() != 0:
            raise PermissionError("Postfix can only be started as root: run the tests in a container, or with sudo")
        self._directory = Directory("postfix")
        root = self._directory.path
        os.chown(root, 0, 0)
        self.host = HOST
        self.smtp, self.smtps = free_ports(2)
        self.ca_file = dovecot.ca_file
        values = {
            "root": root,
            "daemons": subprocess.check_output(["postconf", "-dh", "daemon_directory"], text=True).strip(),
            "owner": "postfix",
            "domain": DOMAIN,
            "mailboxes": ", ".join(f"{{{user}@{DOMAIN} = ok}}" for user in (*PASSWORDS, "busy")),
            "host": HOST,
            "lmtp": dovecot.lmtp,
            "sasl": dovecot.sasl,
            "busy": BUSY,
            "chain": dovecot.certificate,
            "key": dovecot.private_key,
            "size_limit": size_limit,
            "extra": extra,
            "smtp": self.smtp,
            "smtps": self.smtps,
        }
        config = root / "etc"
        config.mkdir()
        (config / "main.cf").write_text(_MAIN.format(**values))
        (config / "master.cf").write_text(_MASTER.format(**values))
        # Postfix waits until main.cf is two seconds old, lest it reads a half-written one.
        os.utime(config / "main.cf", (0, 0))
        self._make_queue(root)
        self._command = [f"{values['daemons']}/master", "-c", str(config), "-d"]
        self._process: Process | None = None

    @staticmethod
    def _make_queue(root: Path) -> None:
        """What `postfix check` would make, in a millisecond instead of half a second."""
        (root / "spool").mkdir()
        for name in ("pid", "public", "maildrop", *_PRIVATE):
            (root / "spool" / name).mkdir(mode=0o755 if name == "pid" else 0o700)
        (root / "data").mkdir()
        for name in ("data", "spool/public", "spool/maildrop", *(f"spool/{name}" for name in _PRIVATE)):
            shutil.chown(root / name, "postfix")

    def __enter__(self) -> "Postfix":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._directory.remove()

    @property
    def log(self) -> str:
        """Everything Postfix logged so far."""
        path = self._directory.path / "postfix.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def start(self) -> None:
        process = self._process = Process(self._command, stderr=subprocess.DEVNULL)

        def up() -> bool:
            assert process.alive(), f"Postfix ended at once:\n{self.log}"
            return listening(self.smtp)

        try:
            wait_until(up, "Postfix to listen")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Nobody listens any more; the queue stays."""
        if self._process:
            self._process.stop()
            self._process = None

    def server(self, user: str, security: Security = Security.STARTTLS) -> Server:
        port = self.smtps if security is Security.TLS else self.smtp
        return Server(self.host, port, security, user, ca_file=self.ca_file)
